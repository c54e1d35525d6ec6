/* SPDX-License-Identifier: Apache-2.0 */
#include "session.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "upkeep.h"

#define RECEIVE_BATCH 64
#define LARGEST_TRAIN 65536
#define BROKER_STOPS 2 /* reason in its ERROR, docs/protocol.md */

int session_transmit(struct session *session, const uint8_t *packet, size_t size) {
  session->sent++;
  return send(session->tunnel.fd, packet, size, MSG_DONTWAIT | MSG_NOSIGNAL) < 0 ? -errno : 0;
}

static void finish(struct session *session, enum session_end end) {
  session->state = SESSION_ENDED;
  session->end = end;
}

void session_stop(struct session *session, enum session_end end) {
  uint8_t packet[MAXIMUM_PACKET];
  uint8_t reason = end == END_SHUTDOWN || end == END_MOVED         ? REASON_SHUTDOWN
                   : end == END_NO_ANSWER || end == END_PEER_SILENT ? REASON_TIMEOUT
                                                                    : REASON_FAILURE;
  if (session->state == SESSION_ENDED) return;
  /* Before PREPARE the broker knows nothing of us. */
  if (session->state != SESSION_AWAIT_COOKIE) session_transmit(session, packet, encode_error(packet, reason));
  finish(session, end);
}

/* Handshake. */

static void send_handshake(struct session *session, int64_t now_ms) {
  uint8_t packet[MAXIMUM_PACKET];
  bool prepare = session->state == SESSION_AWAIT_TUNNEL;
  uint32_t features = session->config.without_flags ? 0 : FEATURE_UNIQUE_SESSION_ID;
  size_t size = prepare ? encode_prepare(packet, session->cookie, session->config.uuid, session->config.tunnel_id, features)
                        : encode_cookie_request(packet);
  if (prepare) session->prepares++;
  session_transmit(session, packet, size);
  session->next_ms = now_ms + HANDSHAKE_RETRY_MS;
}

static void tick_handshake(struct session *session, int64_t now_ms) {
  if (now_ms >= session->started_ms + ESTABLISH_LIMIT_MS) {
    session_stop(session, END_NO_ANSWER);
  } else if (now_ms >= session->next_ms) {
    send_handshake(session, now_ms);
  }
}

static void on_cookie(struct session *session, const struct message *message, int64_t now_ms) {
  memcpy(session->cookie, message->payload, COOKIE_SIZE);
  session->state = SESSION_AWAIT_TUNNEL;
  send_handshake(session, now_ms);
}

static void on_refused(struct session *session, const struct message *message, int64_t now_ms) {
  (void)message, (void)now_ms;
  finish(session, END_REFUSED);
}

/* The interface. */

static void become_up(struct session *session, int64_t now_ms) {
  session->state = SESSION_UP;
  upkeep_start(session, now_ms);
  session->owner->up(session->owner, now_ms);
  upkeep_tick(session, now_ms);
}

static void open_interface(struct session *session, int64_t now_ms) {
  if (now_ms < session->next_ms) return;
  int64_t waited_ms = now_ms - session->opening_ms;
  int result = session->owner->open(session->owner, &session->tunnel, waited_ms);
  if (result == 0) {
    become_up(session, now_ms);
  } else if (result != -EEXIST) {
    session_stop(session, END_DATAPATH);
  } else if (waited_ms >= OPEN_LIMIT_MS) {
    session_stop(session, END_ID_TAKEN);
  } else {
    session->next_ms = now_ms + OPEN_RETRY_MS;
  }
}

static void tick_opening(struct session *session, int64_t now_ms) {
  upkeep_tick(session, now_ms);
  if (session->state == SESSION_OPENING) open_interface(session, now_ms);
}

/* The two ends must agree on the session ids: their tunnel ids with the feature flag, 1 without. Some brokers name no flags
 * when they answer a repeated PREPARE, whatever they do; the next attempt asks for none, so that it is clear whatever gets lost. */
static void on_tunnel(struct session *session, const struct message *message, int64_t now_ms) {
  struct tunnel *tunnel = &session->tunnel;
  bool has_flags = message->length >= 8;
  tunnel->peer_id = get_u32(message->payload);
  if (tunnel->peer_id == 0) return;
  if (!has_flags && session->prepares > 1 && !session->config.without_flags) {
    session_stop(session, END_FLAGS_UNKNOWN);
    return;
  }
  bool unique = has_flags && (get_u32(message->payload + 4) & FEATURE_UNIQUE_SESSION_ID) != 0;
  tunnel->session_id = unique ? tunnel->id : 1;
  tunnel->peer_session_id = unique ? tunnel->peer_id : 1;
  session->state = SESSION_OPENING;
  session->opening_ms = session->next_ms = now_ms;
  session->keepalive_ms = now_ms + KEEPALIVE_MS;
  upkeep_heard(session, now_ms);
  open_interface(session, now_ms);
}

/* Connected. */

static void on_peer_error(struct session *session, const struct message *message, int64_t now_ms) {
  (void)now_ms;
  bool stops = message->length > 0 && message->payload[0] == BROKER_STOPS;
  finish(session, stops ? END_PEER_LEAVING : END_PEER_ERROR);
}

static void on_keepalive(struct session *session, const struct message *message, int64_t now_ms) {
  (void)session, (void)message, (void)now_ms; /* being heard is all it is for */
}

/* What is done with each message in which states; what is not listed is ignored. A PMTUD is answered where its size is
 * known. */
#define IN(state) (1u << (state))
#define CONNECTED (IN(SESSION_OPENING) | IN(SESSION_UP))

static const struct rule {
  uint8_t states;
  uint8_t type;
  bool sign_of_life;
  message_handler *handle;
} rules[] = {
    {IN(SESSION_AWAIT_COOKIE), MESSAGE_COOKIE, false, on_cookie},
    {IN(SESSION_AWAIT_TUNNEL), MESSAGE_TUNNEL, false, on_tunnel},
    {IN(SESSION_AWAIT_TUNNEL), MESSAGE_ERROR, false, on_refused},
    {IN(SESSION_AWAIT_TUNNEL), MESSAGE_PMTU_NTFY, false, upkeep_on_mtu}, /* it may overtake the TUNNEL that it follows */
    {CONNECTED, MESSAGE_ERROR, false, on_peer_error},
    {CONNECTED, MESSAGE_KEEPALIVE, true, on_keepalive},
    {CONNECTED, MESSAGE_PMTU_NTFY, true, upkeep_on_mtu},
    {IN(SESSION_UP), MESSAGE_PMTUD_ACK, true, upkeep_on_probe_ack},
    {IN(SESSION_UP), MESSAGE_REL_ACK, true, upkeep_on_reliable_ack},
};

static void (*const ticks[SESSION_STATES])(struct session *session, int64_t now_ms) = {
    [SESSION_AWAIT_COOKIE] = tick_handshake,
    [SESSION_AWAIT_TUNNEL] = tick_handshake,
    [SESSION_OPENING] = tick_opening,
    [SESSION_UP] = upkeep_tick,
};

static void answer_probe(struct session *session, size_t datagram_size, int64_t now_ms) {
  uint8_t packet[MAXIMUM_PACKET];
  if (session->state == SESSION_AWAIT_COOKIE) return;
  upkeep_heard(session, now_ms);
  session_transmit(session, packet, encode_u16(packet, MESSAGE_PMTUD_ACK, (uint16_t)datagram_size));
}

static void handle_control(struct session *session, const uint8_t *datagram, size_t size, int64_t now_ms) {
  struct message message;
  if (message_decode(datagram, size, &message) != DECODE_OK) return;
  session->received++;
  if (message.type == MESSAGE_PMTUD) {
    answer_probe(session, size, now_ms);
    return;
  }
  for (const struct rule *rule = rules; rule < rules + sizeof rules / sizeof *rules; rule++) {
    if (!(rule->states & IN(session->state)) || rule->type != message.type) continue;
    if (rule->sign_of_life) upkeep_heard(session, now_ms);
    rule->handle(session, &message, now_ms);
    return;
  }
}

static void on_port_closed(struct session *session, int64_t now_ms) {
  if (IN(session->state) & CONNECTED) {
    upkeep_port_closed(session, now_ms);
  } else {
    session_stop(session, END_PORT_CLOSED); /* nothing to lose yet */
  }
}

/* A train of datagrams, `piece` bytes each, the last one maybe less; the kernel makes them where the datapath allows it to.
 * Returns its size, or -1. */
static ssize_t receive_train(int fd, uint8_t train[LARGEST_TRAIN], unsigned *piece) {
  int given;
  union {
    struct cmsghdr header;
    uint8_t bytes[CMSG_SPACE(sizeof given)];
  } control = {.bytes = {0}}; /* UDP_GRO's is the only one that may come */
  struct iovec part = {train, LARGEST_TRAIN};
  struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
  ssize_t size = recvmsg(fd, &message, MSG_DONTWAIT);
  memcpy(&given, CMSG_DATA(&control.header), sizeof given);
  *piece = given > 0 ? (unsigned)given : (unsigned)size;
  return size;
}

/* Data goes to the interface as it came, behind the control messages. */
static void handle_train(struct session *session, uint8_t *train, unsigned size, unsigned piece, int64_t now_ms) {
  bool has_data = false;
  for (unsigned at = 0, length = piece; at < size; at += piece) {
    if (length > size - at) length = size - at;
    if (!(train[at] & 0x80)) {
      has_data = true;
    } else if (session->state != SESSION_ENDED) {
      handle_control(session, train + at, length, now_ms);
    }
  }
  if (has_data) session->owner->deliver(session->owner, train, size, piece);
}

void session_receive(struct session *session, int64_t now_ms) {
  for (int i = 0; i < RECEIVE_BATCH && session->state != SESSION_ENDED; i++) {
    uint8_t train[LARGEST_TRAIN];
    unsigned piece;
    ssize_t size = receive_train(session->tunnel.fd, train, &piece);
    if (size < 0 && (errno == EAGAIN || errno == EBADF)) return;
    if (size < 0 && errno == ECONNREFUSED) on_port_closed(session, now_ms);
    if (size > 0) handle_train(session, train, (unsigned)size, piece, now_ms);
  }
}

void session_start(struct session *session, const struct session_config *config, struct session_owner *owner, int fd,
                   bool ipv6, const uint8_t *cookie, int64_t now_ms) {
  *session = (struct session){
      .config = *config,
      .owner = owner,
      .tunnel = {.fd = fd, .ipv6 = ipv6, .id = config->tunnel_id},
      .state = SESSION_AWAIT_COOKIE,
      .started_ms = now_ms,
      .heard_ms = now_ms,
      .received = session->received,
      .sent = session->sent,
  };
  pmtu_start(&session->pmtu, ipv6, now_ms);
  if (cookie != NULL) {
    memcpy(session->cookie, cookie, COOKIE_SIZE);
    session->state = SESSION_AWAIT_TUNNEL;
  }
  send_handshake(session, now_ms);
}

void session_tick(struct session *session, int64_t now_ms) {
  if (ticks[session->state] != NULL) ticks[session->state](session, now_ms);
}

int64_t session_deadline(const struct session *session) {
  int64_t give_up_ms = session->state == SESSION_OPENING ? upkeep_deadline(session) : session->started_ms + ESTABLISH_LIMIT_MS;
  switch (session->state) {
    case SESSION_AWAIT_COOKIE:
    case SESSION_AWAIT_TUNNEL:
    case SESSION_OPENING: return session->next_ms < give_up_ms ? session->next_ms : give_up_ms;
    case SESSION_UP: return upkeep_deadline(session);
    case SESSION_ENDED:
    case SESSION_STATES: break;
  }
  return INT64_MAX;
}

void session_release(struct session *session) {
  if (session->tunnel.fd >= 0) close(session->tunnel.fd);
  session->tunnel.fd = -1;
}

const char *session_end_text(enum session_end end) {
  static const char texts[][36] = { /* no pointers: each would need a relocation */
      [END_NONE] = "",
      [END_REFUSED] = "refused by the broker",
      [END_NO_ANSWER] = "no answer to the handshake",
      [END_PEER_ERROR] = "closed by the broker",
      [END_PEER_LEAVING] = "the broker stops",
      [END_PEER_SILENT] = "broker silent",
      [END_PORT_CLOSED] = "nobody listens at the broker's port",
      [END_ADDRESS_CHANGED] = "our address has changed",
      [END_FLAGS_UNKNOWN] = "the broker's answer was lost",
      [END_ID_TAKEN] = "tunnel id or interface name in use",
      [END_DATAPATH] = "interface failed",
      [END_MOVED] = "moving to a broker with less usage",
      [END_SHUTDOWN] = "shutdown",
  };
  return texts[end];
}
