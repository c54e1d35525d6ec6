/* SPDX-License-Identifier: Apache-2.0 */
#include "upkeep.h"

#include <errno.h>

#define MTU_GAP_MS 1000

/* The owner hears of it at most once in a while: whatever the broker says in a row, the interface sees the last of it. */
static void announce_mtu(struct session *session, int64_t now_ms) {
  uint16_t mtu = pmtu_tunnel_mtu(&session->pmtu);
  if (session->state != SESSION_UP || mtu == session->mtu || now_ms < session->mtu_ms) return;
  if (session->mtu != 0) session->mtu_ms = now_ms + MTU_GAP_MS;
  session->mtu = mtu;
  session->owner->mtu_changed(session->owner, mtu);
}

void upkeep_start(struct session *session, int64_t now_ms) {
  session->pmtu.next_ms = now_ms;
  if (session->config.limit_kbit != 0) session->limit = (struct reliable){.tries = 1, .next_ms = now_ms};
  announce_mtu(session, now_ms);
}

/* Signs of life, and of its absence. */

void upkeep_heard(struct session *session, int64_t now_ms) {
  session->heard_ms = now_ms;
  session->closed_ms = 0;
}

/* Anyone may send an ICMP error, so it ends nothing by itself: it brings keepalives sooner, which a broker that has
 * restarted answers with ERROR. A port that stays closed while nothing is heard belongs to a broker that is gone; one that
 * opened again, with nothing heard for twice that time, to a broker that has restarted and doesn't answer strangers. */
void upkeep_port_closed(struct session *session, int64_t now_ms) {
  if (session->closed_ms == 0) session->closed_ms = now_ms;
  if (now_ms >= session->closed_ms + PORT_CLOSED_MS) {
    session_stop(session, END_PORT_CLOSED);
  } else if (session->keepalive_ms > now_ms + KEEPALIVE_SOON_MS) {
    session->keepalive_ms = now_ms + KEEPALIVE_SOON_MS;
  }
}

/* A connected socket keeps its source address, also when the router has another by now. While the broker is heard all is
 * well, so the kernel is asked only when it refuses to send or when silence makes one wonder. */
static void send_keepalive(struct session *session, int64_t now_ms) {
  uint8_t packet[MAXIMUM_PACKET];
  if (now_ms < session->keepalive_ms) return;
  session->keepalive_ms = now_ms + KEEPALIVE_MS;
  int result = session_transmit(session, packet, encode_keepalive(packet, session->keepalive_sequence++));
  if (result == -ECONNREFUSED) {
    upkeep_port_closed(session, now_ms);
    return;
  }
  bool refused = result != 0 && result != -EAGAIN && result != -ENOBUFS;
  if (refused) session->keepalive_ms = now_ms + KEEPALIVE_SOON_MS;
  if ((refused || now_ms >= session->heard_ms + ODD_SILENCE_MS) && session->owner->source_changed(session->owner))
    session_stop(session, END_ADDRESS_CHANGED);
}

/* The bandwidth limit. */

static void send_limit(struct session *session, int64_t now_ms) {
  uint8_t packet[MAXIMUM_PACKET];
  struct reliable *limit = &session->limit;
  if (limit->tries == 0 || now_ms < limit->next_ms) return;
  if (limit->tries > RELIABLE_TRIES) {
    log_often(session->config.log, LOG_WARNING, "the broker does not acknowledge the bandwidth limit");
    limit->tries = 0;
    return;
  }
  session_transmit(session, packet, encode_limit(packet, limit->sequence, session->config.limit_kbit));
  limit->tries++;
  limit->next_ms = now_ms + RELIABLE_RESEND_MS;
}

void upkeep_on_reliable_ack(struct session *session, const struct message *message, int64_t now_ms) {
  (void)now_ms;
  if (get_u16(message->payload) == session->limit.sequence) session->limit.tries = 0;
}

/* Path MTU. */

static void send_probes(struct session *session, uint16_t probes) {
  uint8_t packet[MAXIMUM_PACKET];
  struct pmtu *pmtu = &session->pmtu;
  for (unsigned i = 0; i < pmtu_count(pmtu); i++) {
    if (!(probes & 1u << i)) continue;
    if (session_transmit(session, packet, encode_probe(packet, pmtu_probe_size(pmtu, i))) == -EMSGSIZE)
      pmtu_unsendable(pmtu, i);
  }
}

static void run_pmtu(struct session *session, int64_t now_ms) {
  uint8_t packet[MAXIMUM_PACKET];
  if (now_ms < session->pmtu.next_ms) return;
  struct pmtu_step step = pmtu_step(&session->pmtu, now_ms);
  send_probes(session, step.probe);
  if (step.notify != 0) session_transmit(session, packet, encode_u16(packet, MESSAGE_PMTU_NTFY, step.notify));
  announce_mtu(session, now_ms);
}

void upkeep_on_mtu(struct session *session, const struct message *message, int64_t now_ms) {
  pmtu_notified(&session->pmtu, get_u16(message->payload));
  announce_mtu(session, now_ms);
}

void upkeep_on_probe_ack(struct session *session, const struct message *message, int64_t now_ms) {
  pmtu_acknowledged(&session->pmtu, get_u16(message->payload), now_ms);
  run_pmtu(session, now_ms);
}

/* All of it in time. */

void upkeep_tick(struct session *session, int64_t now_ms) {
  if (now_ms >= session->heard_ms + PEER_SILENCE_MS) {
    session_stop(session, END_PEER_SILENT);
    return;
  }
  if (session->closed_ms != 0 && now_ms >= session->closed_ms + 2 * PORT_CLOSED_MS) {
    session_stop(session, END_PORT_CLOSED);
    return;
  }
  send_keepalive(session, now_ms);
  if (session->state != SESSION_UP) return;
  send_limit(session, now_ms);
  run_pmtu(session, now_ms);
  announce_mtu(session, now_ms);
}

static int64_t earlier(int64_t a, int64_t b) { return a < b ? a : b; }

int64_t upkeep_deadline(const struct session *session) {
  int64_t next_ms = earlier(session->keepalive_ms, session->heard_ms + PEER_SILENCE_MS);
  if (session->closed_ms != 0) next_ms = earlier(next_ms, session->closed_ms + 2 * PORT_CLOSED_MS);
  if (session->state != SESSION_UP) return next_ms;
  if (session->limit.tries != 0) next_ms = earlier(next_ms, session->limit.next_ms);
  if (session->mtu != pmtu_tunnel_mtu(&session->pmtu)) next_ms = earlier(next_ms, session->mtu_ms);
  return earlier(next_ms, session->pmtu.next_ms);
}
