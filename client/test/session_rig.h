/* SPDX-License-Identifier: Apache-2.0 */
/* A session with a scripted broker over loopback; the clock is the test's. */
#ifndef TD_TEST_SESSION_RIG_H
#define TD_TEST_SESSION_RIG_H

#include "peer.h"
#include "session.h"

struct rig {
  struct session_owner owner; /* first: callbacks find the rig through it */
  struct peer peer;
  struct session session;
  struct log log;
  int64_t now_ms;
  int open_result;     /* what the interface says */
  bool source_changed; /* what the kernel says */
  unsigned opens, ups, deliveries;
  unsigned delivered_size, delivered_piece; /* the last */
  struct tunnel opened;
  uint16_t mtu;
  unsigned mtu_changes;
};

extern const uint8_t rig_cookie[COOKIE_SIZE];

void rig_start_with(struct rig *rig, bool ipv6, uint32_t limit_kbit, const uint8_t *known_cookie);
void rig_start(struct rig *rig);
/* Lets the session read what the peer has sent. */
void rig_receive(struct rig *rig);
/* Lets time pass as the loop would: to each deadline on the way. */
void rig_pass(struct rig *rig, int64_t ms);
void rig_establish_with(struct rig *rig, bool with_flags);
/* Up, and its first burst of probes acknowledged whole, so that the line is quiet. */
void rig_establish(struct rig *rig);

#endif
