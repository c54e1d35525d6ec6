/* SPDX-License-Identifier: Apache-2.0 */
#include "peer.h"

#include <netinet/udp.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "process.h"
#include "test.h"

static void share_address(const struct peer *peer) {
  CHECK(setsockopt(peer->fd, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int)) == 0);
}

void peer_open(struct peer *peer, bool ipv6, uint16_t port) {
  socklen_t size = sizeof peer->address;
  memset(peer, 0, sizeof *peer);
  peer->fd = socket(ipv6 ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  peer->address.any.sa_family = ipv6 ? AF_INET6 : AF_INET;
  if (ipv6) {
    peer->address.v6.sin6_addr = in6addr_loopback;
    peer->address.v6.sin6_port = htons(port);
  } else {
    peer->address.v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    peer->address.v4.sin_port = htons(port);
  }
  /* A resolver's child may still hold the socket that this one replaces. But among sockets that all let others in, the kernel's
     choice of a port falls on one that is in use now and then. */
  if (port) share_address(peer);
  CHECK(bind(peer->fd, &peer->address.any, endpoint_size(&peer->address)) == 0);
  CHECK(getsockname(peer->fd, &peer->address.any, &size) == 0);
  if (!port) share_address(peer);
}

static bool receive_within(struct peer *peer, int wait_ms) {
  struct pollfd watched = {.fd = peer->fd, .events = POLLIN};
  socklen_t size = sizeof peer->client;
  if (poll(&watched, 1, wait_ms) <= 0) return false;
  ssize_t received = recvfrom(peer->fd, peer->packet, sizeof peer->packet, MSG_DONTWAIT, &peer->client.any, &size);
  if (received < 0) return false;
  peer->size = (size_t)received;
  memset(&peer->message, 0, sizeof peer->message);
  (void)message_decode(peer->packet, peer->size, &peer->message);
  return true;
}

bool peer_receive(struct peer *peer, int wait_ms) { return receive_within(peer, patient(wait_ms)); }

void peer_expect(struct peer *peer, uint8_t type) {
  CHECK(peer_receive(peer, 1000));
  CHECK(peer->size >= MINIMUM_PACKET);
  CHECK_EQUAL(peer->message.type, type);
}

void peer_expect_nothing(struct peer *peer) {
  if (!peer_receive(peer, 0)) return;
  fprintf(stderr, "unexpected message 0x%02x\n", peer->message.type);
  exit(1);
}

bool peer_wait_for(struct peer *peer, uint8_t type, int wait_ms) {
  int64_t until_ms = process_now_ms() + patient(wait_ms);
  for (int64_t left_ms = patient(wait_ms); left_ms > 0; left_ms = until_ms - process_now_ms()) {
    if (receive_within(peer, (int)left_ms) && peer->message.type == type) return true;
  }
  return false;
}

void peer_drain(struct peer *peer) {
  while (peer_receive(peer, 0)) continue;
}

void peer_send_raw(struct peer *peer, const void *bytes, size_t size) {
  CHECK(sendto(peer->fd, bytes, size, 0, &peer->client.any, endpoint_size(&peer->client)) == (ssize_t)size);
  peer->unread++;
}

void peer_send(struct peer *peer, uint8_t type, const void *payload, size_t length) {
  uint8_t packet[MAXIMUM_PACKET];
  peer_send_raw(peer, packet, message_encode(packet, type, payload, length, 0));
}

void peer_send_u16(struct peer *peer, uint8_t type, uint16_t value) {
  uint8_t payload[2];
  put_u16(payload, value);
  peer_send(peer, type, payload, sizeof payload);
}

void peer_send_tunnel(struct peer *peer, uint32_t id, bool with_flags) {
  uint8_t payload[8];
  put_u32(payload, id);
  put_u32(payload + 4, FEATURE_UNIQUE_SESSION_ID);
  peer_send(peer, MESSAGE_TUNNEL, payload, with_flags ? 8 : 4);
}

static bool trains_pass(int fd) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t address_size = sizeof address;
  uint8_t bytes[250] = {0}, control[CMSG_SPACE(sizeof(int))] = {0};
  uint16_t sent_size = 100;
  int piece = 0;
  struct iovec part = {bytes, sizeof bytes};
  struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = control, .msg_controllen = CMSG_SPACE(2)};
  struct cmsghdr *header = CMSG_FIRSTHDR(&message);
  *header = (struct cmsghdr){.cmsg_len = CMSG_LEN(2), .cmsg_level = SOL_UDP, .cmsg_type = UDP_SEGMENT};
  memcpy(CMSG_DATA(header), &sent_size, sizeof sent_size);
  CHECK(bind(fd, (struct sockaddr *)&address, sizeof address) == 0);
  CHECK(getsockname(fd, (struct sockaddr *)&address, &address_size) == 0);
  CHECK(connect(fd, (struct sockaddr *)&address, sizeof address) == 0);
  if (setsockopt(fd, SOL_UDP, UDP_GRO, &(int){1}, sizeof(int)) != 0) return false;
  if (sendmsg(fd, &message, MSG_DONTWAIT) < 0) return false;
  message.msg_controllen = sizeof control;
  if (recvmsg(fd, &message, 0) != sizeof bytes || message.msg_controllen == 0) return false;
  memcpy(&piece, CMSG_DATA(header), sizeof piece);
  return piece == sent_size;
}

void peer_need_trains(void) {
  int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  bool pass = trains_pass(fd);
  close(fd);
  if (pass) return;
  puts("no trains of datagrams here");
  exit(TEST_SKIPPED);
}
