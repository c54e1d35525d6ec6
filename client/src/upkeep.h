/* SPDX-License-Identifier: Apache-2.0 */
/* What a connected session does by itself: keepalives, path MTU, the bandwidth limit, noticing that the way has changed.
 * Part of the session; only session.c calls it. */
#ifndef TD_UPKEEP_H
#define TD_UPKEEP_H

#include "session.h"

typedef void message_handler(struct session *session, const struct message *message, int64_t now_ms);

/* Returns 0 or a negative errno. A lost datagram is the protocol's business, so few callers care. */
int session_transmit(struct session *session, const uint8_t *packet, size_t size);

void upkeep_start(struct session *session, int64_t now_ms); /* the interface is there */
void upkeep_tick(struct session *session, int64_t now_ms);
int64_t upkeep_deadline(const struct session *session);
void upkeep_heard(struct session *session, int64_t now_ms);       /* a sign of life */
void upkeep_port_closed(struct session *session, int64_t now_ms); /* ICMP says so */
message_handler upkeep_on_mtu, upkeep_on_probe_ack, upkeep_on_reliable_ack;

#endif
