/* SPDX-License-Identifier: Apache-2.0 */
#include "netlink.h"

#include <errno.h>
#include <linux/genetlink.h>
#include <linux/l2tp.h>
#include <linux/netlink.h>
#include <stdalign.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#define ANSWER_SIZE 8192

struct request {
  alignas(4) uint8_t bytes[256];
};

static struct nlmsghdr *header_of(struct request *request) { return (struct nlmsghdr *)(void *)request->bytes; }

static void begin(struct request *request, uint16_t family, uint8_t command, uint16_t flags) {
  memset(request, 0, sizeof *request);
  struct nlmsghdr *header = header_of(request);
  struct genlmsghdr *generic = NLMSG_DATA(header);
  header->nlmsg_len = NLMSG_LENGTH(GENL_HDRLEN);
  header->nlmsg_type = family;
  header->nlmsg_flags = (uint16_t)(NLM_F_REQUEST | flags);
  generic->cmd = command;
  generic->version = 1;
}

static void add(struct request *request, uint16_t type, const void *value, size_t size) {
  struct nlmsghdr *header = header_of(request);
  struct nlattr *attribute = (struct nlattr *)(void *)(request->bytes + NLMSG_ALIGN(header->nlmsg_len));
  if (NLMSG_ALIGN(header->nlmsg_len) + NLA_HDRLEN + NLA_ALIGN(size) > sizeof request->bytes) return;
  attribute->nla_type = type;
  attribute->nla_len = (uint16_t)(NLA_HDRLEN + size);
  memcpy((uint8_t *)attribute + NLA_HDRLEN, value, size);
  header->nlmsg_len = NLMSG_ALIGN(header->nlmsg_len) + NLA_ALIGN(attribute->nla_len);
}

static void add_u8(struct request *request, uint16_t type, uint8_t value) { add(request, type, &value, sizeof value); }
static void add_u16(struct request *request, uint16_t type, uint16_t value) { add(request, type, &value, sizeof value); }
static void add_u32(struct request *request, uint16_t type, uint32_t value) { add(request, type, &value, sizeof value); }
static void add_text(struct request *request, uint16_t type, const char *value) {
  add(request, type, value, strlen(value) + 1);
}

typedef void answer_reader(const struct nlmsghdr *answer, void *context);

static const struct nlattr *find(const struct nlmsghdr *answer, uint16_t type, size_t least_size) {
  size_t at = NLMSG_LENGTH(GENL_HDRLEN);
  while (at + NLA_HDRLEN <= answer->nlmsg_len) {
    const struct nlattr *attribute = (const struct nlattr *)(const void *)((const uint8_t *)answer + at);
    if (attribute->nla_len < NLA_HDRLEN || at + attribute->nla_len > answer->nlmsg_len) return NULL;
    if ((attribute->nla_type & NLA_TYPE_MASK) == type)
      return attribute->nla_len >= NLA_HDRLEN + least_size ? attribute : NULL;
    at += NLA_ALIGN(attribute->nla_len);
  }
  return NULL;
}

static const void *value_of(const struct nlattr *attribute) { return (const uint8_t *)attribute + NLA_HDRLEN; }

/* Reads the messages of one answer datagram: 1 = more to come, else the request's result. */
static int read_datagram(const uint8_t *bytes, size_t size, uint32_t sequence, answer_reader *reader, void *context) {
  for (size_t at = 0; at + sizeof(struct nlmsghdr) <= size;) {
    const struct nlmsghdr *answer = (const struct nlmsghdr *)(const void *)(bytes + at);
    if (answer->nlmsg_len < sizeof *answer || answer->nlmsg_len > size - at) return -EPROTO;
    if (answer->nlmsg_seq == sequence) {
      if (answer->nlmsg_type == NLMSG_DONE) return 0;
      if (answer->nlmsg_type == NLMSG_ERROR) {
        const struct nlmsgerr *result = NLMSG_DATA(answer);
        return answer->nlmsg_len >= NLMSG_LENGTH(sizeof *result) ? result->error : -EPROTO;
      }
      if (reader != NULL) reader(answer, context);
    }
    at += NLMSG_ALIGN(answer->nlmsg_len);
  }
  return 1;
}

static int exchange(struct l2tp *l2tp, struct request *request, answer_reader *reader, void *context) {
  struct nlmsghdr *header = header_of(request);
  alignas(4) uint8_t answer[ANSWER_SIZE];
  header->nlmsg_seq = ++l2tp->sequence;
  if (send(l2tp->fd, request->bytes, header->nlmsg_len, 0) < 0) return -errno;
  for (;;) {
    ssize_t size = recv(l2tp->fd, answer, sizeof answer, 0);
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return -errno;
    int result = read_datagram(answer, (size_t)size, header->nlmsg_seq, reader, context);
    if (result <= 0) return result;
  }
}

static void read_family(const struct nlmsghdr *answer, void *context) {
  const struct nlattr *id = find(answer, CTRL_ATTR_FAMILY_ID, sizeof(uint16_t));
  if (id != NULL) memcpy(context, value_of(id), sizeof(uint16_t));
}

static int resolve_family(struct l2tp *l2tp) {
  struct request request;
  begin(&request, GENL_ID_CTRL, CTRL_CMD_GETFAMILY, NLM_F_ACK);
  add_text(&request, CTRL_ATTR_FAMILY_NAME, L2TP_GENL_NAME);
  int result = exchange(l2tp, &request, read_family, &l2tp->family);
  return result != 0 ? result : l2tp->family == 0 ? -ENOENT : 0;
}

int l2tp_open(struct l2tp *l2tp) {
  *l2tp = (struct l2tp){.fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC)};
  if (l2tp->fd < 0) return -errno;
  /* The kernel answers at once; the limit keeps a surprise from stopping the keepalives. */
  struct timeval limit = {.tv_sec = 2};
  setsockopt(l2tp->fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  int result = resolve_family(l2tp);
  if (result != 0) l2tp_close(l2tp);
  return result;
}

void l2tp_close(struct l2tp *l2tp) {
  if (l2tp->fd >= 0) close(l2tp->fd);
  l2tp->fd = -1;
}

int l2tp_tunnel_create(struct l2tp *l2tp, uint32_t id, uint32_t peer_id, int udp_fd) {
  struct request request;
  begin(&request, l2tp->family, L2TP_CMD_TUNNEL_CREATE, NLM_F_ACK);
  add_u32(&request, L2TP_ATTR_CONN_ID, id);
  add_u32(&request, L2TP_ATTR_PEER_CONN_ID, peer_id);
  add_u8(&request, L2TP_ATTR_PROTO_VERSION, 3);
  add_u16(&request, L2TP_ATTR_ENCAP_TYPE, L2TP_ENCAPTYPE_UDP);
  add_u32(&request, L2TP_ATTR_FD, (uint32_t)udp_fd);
  return exchange(l2tp, &request, NULL, NULL);
}

int l2tp_tunnel_delete(struct l2tp *l2tp, uint32_t id) {
  struct request request;
  begin(&request, l2tp->family, L2TP_CMD_TUNNEL_DELETE, NLM_F_ACK);
  add_u32(&request, L2TP_ATTR_CONN_ID, id);
  return exchange(l2tp, &request, NULL, NULL);
}

int l2tp_session_create(struct l2tp *l2tp, uint32_t tunnel_id, uint32_t session_id, uint32_t peer_session_id,
                        const char *interface) {
  struct request request;
  begin(&request, l2tp->family, L2TP_CMD_SESSION_CREATE, NLM_F_ACK);
  add_u32(&request, L2TP_ATTR_CONN_ID, tunnel_id);
  add_u32(&request, L2TP_ATTR_SESSION_ID, session_id);
  add_u32(&request, L2TP_ATTR_PEER_SESSION_ID, peer_session_id);
  add_u16(&request, L2TP_ATTR_PW_TYPE, L2TP_PWTYPE_ETH);
  add_text(&request, L2TP_ATTR_IFNAME, interface);
  return exchange(l2tp, &request, NULL, NULL);
}

int l2tp_session_delete(struct l2tp *l2tp, uint32_t tunnel_id, uint32_t session_id) {
  struct request request;
  begin(&request, l2tp->family, L2TP_CMD_SESSION_DELETE, NLM_F_ACK);
  add_u32(&request, L2TP_ATTR_CONN_ID, tunnel_id);
  add_u32(&request, L2TP_ATTR_SESSION_ID, session_id);
  return exchange(l2tp, &request, NULL, NULL);
}

struct search {
  const char *interface;
  bool found;
  uint32_t tunnel_id;
};

static void read_session(const struct nlmsghdr *answer, void *context) {
  struct search *search = context;
  const struct nlattr *name = find(answer, L2TP_ATTR_IFNAME, 1);
  const struct nlattr *id = find(answer, L2TP_ATTR_CONN_ID, sizeof(uint32_t));
  if (name == NULL || id == NULL) return;
  size_t size = (size_t)name->nla_len - NLA_HDRLEN; /* with the final zero */
  if (strlen(search->interface) + 1 != size || memcmp(search->interface, value_of(name), size) != 0) return;
  search->found = true;
  memcpy(&search->tunnel_id, value_of(id), sizeof search->tunnel_id);
}

int l2tp_find_interface(struct l2tp *l2tp, const char *interface, uint32_t *tunnel_id) {
  struct request request;
  struct search search = {.interface = interface};
  begin(&request, l2tp->family, L2TP_CMD_SESSION_GET, NLM_F_DUMP);
  int result = exchange(l2tp, &request, read_session, &search);
  if (result != 0) return result;
  if (!search.found) return -ENOENT;
  *tunnel_id = search.tunnel_id;
  return 0;
}
