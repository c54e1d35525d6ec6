/* SPDX-License-Identifier: Apache-2.0 */
#include "session.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "log.h"

#define RECEIVE_BATCH 64
#define RECEIVE_BUFFER 2048
#define MTU_GAP_MS 1000

/* A lost datagram is the protocol's business (retries), so the result matters to probes alone. */
static int transmit(struct session *session, const uint8_t *packet, size_t size) {
  session->sent++;
  return send(session->tunnel.fd, packet, size, MSG_DONTWAIT | MSG_NOSIGNAL) < 0 ? -errno : 0;
}

static void finish(struct session *session, enum session_end end) {
  session->state = SESSION_ENDED;
  session->end = end;
}

void session_stop(struct session *session, enum session_end end) {
  uint8_t packet[MAXIMUM_PACKET];
  uint8_t reason = end == END_SHUTDOWN                                   ? REASON_SHUTDOWN
                   : end == END_NO_ANSWER || end == END_PEER_SILENT ? REASON_TIMEOUT
                                                                         : REASON_FAILURE;
  if (session->state == SESSION_ENDED) return;
  /* Before PREPARE the broker knows nothing of us. */
  if (session->state != SESSION_AWAIT_COOKIE) transmit(session, packet, encode_error(packet, reason));
  finish(session, end);
}

/* At most once in a while: whatever the broker says in a row, the interface and the log see the last of it. */
static void announce_mtu(struct session *session, int64_t now_ms) {
  uint16_t mtu = pmtu_tunnel_mtu(&session->pmtu);
  if (session->state != SESSION_UP || mtu == session->mtu || now_ms < session->mtu_ms) return;
  if (session->mtu != 0) session->mtu_ms = now_ms + MTU_GAP_MS;
  session->mtu = mtu;
  session->owner->mtu_changed(session->owner, mtu);
}

/* Handshake. */

static void send_handshake(struct session *session, int64_t now_ms) {
  uint8_t packet[MAXIMUM_PACKET];
  size_t size = session->state == SESSION_AWAIT_COOKIE
                    ? encode_cookie_request(packet)
                    : encode_prepare(packet, session->cookie, session->config.uuid, session->config.tunnel_id,
                                     FEATURE_UNIQUE_SESSION_ID);
  transmit(session, packet, size);
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

static void tick_opening(struct session *session, int64_t now_ms);

static void on_tunnel(struct session *session, const struct message *message, int64_t now_ms) {
  struct tunnel *tunnel = &session->tunnel;
  uint32_t features = message->length >= 8 ? get_u32(message->payload + 4) : 0;
  tunnel->peer_id = get_u32(message->payload);
  if (tunnel->peer_id == 0) return;
  /* A broker without the feature expects session 1 at both ends. */
  bool unique = (features & FEATURE_UNIQUE_SESSION_ID) != 0;
  tunnel->session_id = unique ? tunnel->id : 1;
  tunnel->peer_session_id = unique ? tunnel->peer_id : 1;
  session->state = SESSION_OPENING;
  session->opening_ms = session->next_ms = session->heard_ms = now_ms;
  session->keepalive_ms = now_ms + KEEPALIVE_MS;
  tick_opening(session, now_ms);
}

/* The interface. */

static void tick_connected(struct session *session, int64_t now_ms);

static void become_up(struct session *session, int64_t now_ms) {
  session->state = SESSION_UP;
  session->pmtu.next_ms = now_ms;
  if (session->config.limit_kbit != 0) session->limit = (struct reliable){.tries = 1, .next_ms = now_ms};
  announce_mtu(session, now_ms);
  session->owner->up(session->owner, now_ms);
  tick_connected(session, now_ms);
}

static void tick_opening(struct session *session, int64_t now_ms) {
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

/* Connected. */

static void send_limit(struct session *session, int64_t now_ms) {
  uint8_t packet[MAXIMUM_PACKET];
  struct reliable *limit = &session->limit;
  if (limit->tries == 0 || now_ms < limit->next_ms) return;
  if (limit->tries > RELIABLE_TRIES) {
    log_warning("the broker does not acknowledge the bandwidth limit");
    limit->tries = 0;
    return;
  }
  transmit(session, packet, encode_limit(packet, limit->sequence, session->config.limit_kbit));
  limit->tries++;
  limit->next_ms = now_ms + RELIABLE_RESEND_MS;
}

static void send_keepalive(struct session *session, int64_t now_ms) {
  uint8_t packet[MAXIMUM_PACKET];
  if (now_ms < session->keepalive_ms) return;
  transmit(session, packet, encode_keepalive(packet, session->keepalive_sequence++));
  session->keepalive_ms = now_ms + KEEPALIVE_MS;
}

static void send_probes(struct session *session, uint16_t probes) {
  uint8_t packet[MAXIMUM_PACKET];
  struct pmtu *pmtu = &session->pmtu;
  for (unsigned i = 0; i < pmtu_count(pmtu); i++) {
    if (!(probes & 1u << i)) continue;
    if (transmit(session, packet, encode_probe(packet, pmtu_probe_size(pmtu, i))) == -EMSGSIZE) pmtu_unsendable(pmtu, i);
  }
}

static void run_pmtu(struct session *session, int64_t now_ms) {
  uint8_t packet[MAXIMUM_PACKET];
  if (now_ms < session->pmtu.next_ms) return;
  struct pmtu_step step = pmtu_step(&session->pmtu, now_ms);
  send_probes(session, step.probe);
  if (step.notify != 0) transmit(session, packet, encode_u16(packet, MESSAGE_PMTU_NTFY, step.notify));
  announce_mtu(session, now_ms);
}

static void tick_connected(struct session *session, int64_t now_ms) {
  if (now_ms >= session->heard_ms + PEER_SILENCE_MS) {
    session_stop(session, END_PEER_SILENT);
    return;
  }
  send_keepalive(session, now_ms);
  if (session->state == SESSION_OPENING) {
    tick_opening(session, now_ms);
  } else {
    send_limit(session, now_ms);
    run_pmtu(session, now_ms);
    announce_mtu(session, now_ms);
  }
}

static void on_peer_error(struct session *session, const struct message *message, int64_t now_ms) {
  (void)now_ms;
  log_info("the broker ended the tunnel, reason %d", message->length > 0 ? message->payload[0] : -1);
  finish(session, END_PEER_ERROR);
}

static void on_keepalive(struct session *session, const struct message *message, int64_t now_ms) {
  (void)session, (void)message, (void)now_ms; /* being heard is all it is for */
}

static void on_notified(struct session *session, const struct message *message, int64_t now_ms) {
  pmtu_notified(&session->pmtu, get_u16(message->payload));
  announce_mtu(session, now_ms);
}

static void on_probe_acknowledged(struct session *session, const struct message *message, int64_t now_ms) {
  pmtu_acknowledged(&session->pmtu, get_u16(message->payload), now_ms);
  run_pmtu(session, now_ms);
}

static void on_reliable_acknowledged(struct session *session, const struct message *message, int64_t now_ms) {
  (void)now_ms;
  if (get_u16(message->payload) == session->limit.sequence) session->limit.tries = 0;
}

/* What each state does with each message; what is not listed is ignored. A PMTUD is answered where its size is known. */
typedef void handler(struct session *session, const struct message *message, int64_t now_ms);

static const struct rule {
  enum session_state state;
  uint8_t type;
  bool sign_of_life;
  handler *handle;
} rules[] = {
    {SESSION_AWAIT_COOKIE, MESSAGE_COOKIE, false, on_cookie},
    {SESSION_AWAIT_TUNNEL, MESSAGE_TUNNEL, false, on_tunnel},
    {SESSION_AWAIT_TUNNEL, MESSAGE_ERROR, false, on_refused},
    /* These may overtake the TUNNEL that they follow. */
    {SESSION_AWAIT_TUNNEL, MESSAGE_PMTU_NTFY, false, on_notified},
    {SESSION_OPENING, MESSAGE_ERROR, false, on_peer_error},
    {SESSION_OPENING, MESSAGE_KEEPALIVE, true, on_keepalive},
    {SESSION_OPENING, MESSAGE_PMTU_NTFY, true, on_notified},
    {SESSION_UP, MESSAGE_ERROR, false, on_peer_error},
    {SESSION_UP, MESSAGE_KEEPALIVE, true, on_keepalive},
    {SESSION_UP, MESSAGE_PMTU_NTFY, true, on_notified},
    {SESSION_UP, MESSAGE_PMTUD_ACK, true, on_probe_acknowledged},
    {SESSION_UP, MESSAGE_REL_ACK, true, on_reliable_acknowledged},
};

static void (*const ticks[SESSION_STATES])(struct session *session, int64_t now_ms) = {
    [SESSION_AWAIT_COOKIE] = tick_handshake,
    [SESSION_AWAIT_TUNNEL] = tick_handshake,
    [SESSION_OPENING] = tick_connected,
    [SESSION_UP] = tick_connected,
};

static void answer_probe(struct session *session, size_t datagram_size, int64_t now_ms) {
  uint8_t packet[MAXIMUM_PACKET];
  if (session->state == SESSION_AWAIT_COOKIE) return;
  session->heard_ms = now_ms;
  transmit(session, packet, encode_u16(packet, MESSAGE_PMTUD_ACK, (uint16_t)datagram_size));
}

static void handle_control(struct session *session, const uint8_t *datagram, size_t size, int64_t now_ms) {
  struct message message;
  if (message_decode(datagram, size, &message) != DECODE_OK) return;
  session->received++;
  if (message.type == MESSAGE_PMTUD) {
    answer_probe(session, size, now_ms);
    return;
  }
  for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
    if (rules[i].state != session->state || rules[i].type != message.type) continue;
    if (rules[i].sign_of_life) session->heard_ms = now_ms;
    rules[i].handle(session, &message, now_ms);
    return;
  }
}

void session_receive(struct session *session, int64_t now_ms) {
  uint8_t datagram[RECEIVE_BUFFER];
  for (int i = 0; i < RECEIVE_BATCH && session->state != SESSION_ENDED; i++) {
    ssize_t size = recv(session->tunnel.fd, datagram, sizeof datagram, MSG_DONTWAIT);
    /* ICMP errors come up here and prove nothing: anyone may send them. */
    if (size < 0 && (errno == EAGAIN || errno == EBADF)) return;
    if (size < HEADER_SIZE) continue;
    if (datagram[0] & 0x80) {
      handle_control(session, datagram, (size_t)size, now_ms);
    } else {
      session->owner->deliver(session->owner, datagram, (size_t)size);
    }
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

static int64_t earlier(int64_t a, int64_t b) { return a < b ? a : b; }

int64_t session_deadline(const struct session *session) {
  int64_t silent_ms = session->heard_ms + PEER_SILENCE_MS;
  int64_t connected_ms = earlier(session->keepalive_ms, silent_ms);
  switch (session->state) {
    case SESSION_AWAIT_COOKIE:
    case SESSION_AWAIT_TUNNEL: return earlier(session->next_ms, session->started_ms + ESTABLISH_LIMIT_MS);
    case SESSION_OPENING: return earlier(connected_ms, session->next_ms);
    case SESSION_UP:
      if (session->limit.tries != 0) connected_ms = earlier(connected_ms, session->limit.next_ms);
      if (session->mtu != pmtu_tunnel_mtu(&session->pmtu)) connected_ms = earlier(connected_ms, session->mtu_ms);
      return earlier(connected_ms, session->pmtu.next_ms);
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
  static const char *const texts[] = {
      [END_NONE] = "",
      [END_REFUSED] = "refused by the broker",
      [END_NO_ANSWER] = "no answer to the handshake",
      [END_PEER_ERROR] = "closed by the broker",
      [END_PEER_SILENT] = "broker silent",
      [END_ID_TAKEN] = "tunnel id or interface name in use",
      [END_DATAPATH] = "interface failed",
      [END_SHUTDOWN] = "shutdown",
  };
  return texts[end];
}
