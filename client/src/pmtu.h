/* SPDX-License-Identifier: Apache-2.0 */
/* Decides the tunnel MTU from acknowledged probes and the peer's word. Pure: time comes in, what to send comes out.
 *
 * All sizes go out in one burst and are judged once a burst, so that acknowledgements (smallest first) make one MTU
 * change, not six. Sizes not acknowledged are tried again in later bursts of the same cycle; cycles repeat. */
#ifndef TD_PMTU_H
#define TD_PMTU_H

#include <stdbool.h>
#include <stdint.h>

#define PMTU_FLOOR 1280
#define PMTU_JUDGE_MS 400   /* after a burst */
#define PMTU_BURST_MS 1000  /* between bursts */
#define PMTU_BURSTS 4       /* in a cycle */
#define PMTU_REPEAT_MIN_MS 30000
#define PMTU_REPEAT_MAX_MS 600000

enum pmtu_phase { PMTU_RESTING, PMTU_JUDGING, PMTU_BETWEEN_BURSTS };

struct pmtu {
  const uint16_t *sizes; /* IP packet sizes, largest first, 0 at the end */
  uint16_t ip_udp;       /* bytes of IP and UDP header: 28 or 48 */
  uint16_t overhead;     /* IP packet minus inner packet: 54 or 74 */
  enum pmtu_phase phase;
  int64_t next_ms;       /* when pmtu_step has something to do */
  int64_t burst_ms;
  int64_t repeat_ms;
  unsigned burst;        /* 1… in this cycle */
  uint16_t in_flight;    /* bit i: sizes[i] was sent in this cycle */
  uint16_t acknowledged; /* bit i, in this cycle */
  uint16_t too_big;      /* bit i: the local link refused it in this cycle */
  bool first_cycle;
  bool ever_acknowledged;
  uint16_t own;          /* measured tunnel MTU; 0 = not measured */
  uint16_t peer;         /* peer's PMTU_NTFY; 0 = none */
  uint16_t told;         /* last value sent as PMTU_NTFY */
};

struct pmtu_step {
  uint16_t probe;  /* bit i: send a probe of pmtu_probe_size(i) */
  uint16_t notify; /* send PMTU_NTFY with this value; 0 = don't */
};

void pmtu_start(struct pmtu *pmtu, bool ipv6, int64_t now_ms);
struct pmtu_step pmtu_step(struct pmtu *pmtu, int64_t now_ms); /* call at or after next_ms */
unsigned pmtu_count(const struct pmtu *pmtu);
uint16_t pmtu_probe_size(const struct pmtu *pmtu, unsigned index); /* UDP payload, bytes */
void pmtu_unsendable(struct pmtu *pmtu, unsigned index);
void pmtu_acknowledged(struct pmtu *pmtu, uint16_t udp_payload, int64_t now_ms);
void pmtu_notified(struct pmtu *pmtu, uint16_t tunnel_mtu);
uint16_t pmtu_tunnel_mtu(const struct pmtu *pmtu);

#endif
