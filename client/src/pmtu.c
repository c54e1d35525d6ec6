/* SPDX-License-Identifier: Apache-2.0 */
#include "pmtu.h"

/* docs/protocol.md, timers: the IPv6 sizes lead to the same bridges as the IPv4 ones. */
static const uint16_t ipv4_sizes[] = {1500, 1492, 1476, 1450, 1400, 1334, 0};
static const uint16_t ipv6_sizes[] = {1496, 1470, 1420, 1354, 0};

void pmtu_start(struct pmtu *pmtu, bool ipv6, int64_t now_ms) {
  *pmtu = (struct pmtu){
      .sizes = ipv6 ? ipv6_sizes : ipv4_sizes,
      .ip_udp = ipv6 ? 48 : 28,
      .overhead = ipv6 ? 74 : 54,
      .phase = PMTU_RESTING,
      .next_ms = now_ms,
      .repeat_ms = PMTU_REPEAT_MIN_MS,
      .first_cycle = true,
  };
}

unsigned pmtu_count(const struct pmtu *pmtu) {
  unsigned count = 0;
  while (pmtu->sizes[count] != 0) count++;
  return count;
}

uint16_t pmtu_probe_size(const struct pmtu *pmtu, unsigned index) {
  return (uint16_t)(pmtu->sizes[index] - pmtu->ip_udp);
}

void pmtu_unsendable(struct pmtu *pmtu, unsigned index) { pmtu->too_big |= (uint16_t)(1u << index); }

/* The largest acknowledged size of this cycle, as tunnel MTU; 0 = none. */
static uint16_t best_of_cycle(const struct pmtu *pmtu) {
  for (unsigned i = 0; pmtu->sizes[i] != 0; i++) {
    if (pmtu->acknowledged & 1u << i) return (uint16_t)(pmtu->sizes[i] - pmtu->overhead);
  }
  return 0;
}

/* Sizes that could still beat what is acknowledged. */
static uint16_t still_open(const struct pmtu *pmtu) {
  uint16_t open = 0;
  for (unsigned i = 0; pmtu->sizes[i] != 0 && !(pmtu->acknowledged & 1u << i); i++) open |= (uint16_t)(1u << i);
  return open;
}

static bool nothing_larger_to_hope_for(const struct pmtu *pmtu) {
  return (still_open(pmtu) & ~pmtu->too_big) == 0 && pmtu->acknowledged != 0;
}

void pmtu_acknowledged(struct pmtu *pmtu, uint16_t udp_payload, int64_t now_ms) {
  for (unsigned i = 0; pmtu->sizes[i] != 0; i++) {
    if (pmtu_probe_size(pmtu, i) != udp_payload || !(pmtu->in_flight & 1u << i)) continue;
    pmtu->acknowledged |= (uint16_t)(1u << i);
    pmtu->ever_acknowledged = true;
  }
  if (pmtu->phase != PMTU_RESTING && nothing_larger_to_hope_for(pmtu)) {
    pmtu->phase = PMTU_JUDGING;
    pmtu->next_ms = now_ms;
  }
}

void pmtu_notified(struct pmtu *pmtu, uint16_t tunnel_mtu) { pmtu->peer = tunnel_mtu; }

static struct pmtu_step send_burst(struct pmtu *pmtu, int64_t now_ms) {
  if (pmtu->phase == PMTU_RESTING) pmtu->burst = pmtu->in_flight = pmtu->acknowledged = pmtu->too_big = 0;
  struct pmtu_step step = {.probe = still_open(pmtu)};
  pmtu->in_flight |= step.probe;
  pmtu->burst++;
  pmtu->burst_ms = now_ms;
  pmtu->phase = PMTU_JUDGING;
  pmtu->next_ms = now_ms + PMTU_JUDGE_MS;
  return step;
}

static void end_cycle(struct pmtu *pmtu, int64_t now_ms) {
  uint16_t best = best_of_cycle(pmtu);
  if (best != 0 || pmtu->ever_acknowledged) pmtu->own = best != 0 ? best : PMTU_FLOOR;
  /* A whole cycle lost on a broker that used to answer is likelier an outage than a narrow path: look again soon. */
  if (best == 0 && pmtu->ever_acknowledged) pmtu->repeat_ms = PMTU_REPEAT_MIN_MS;
  pmtu->phase = PMTU_RESTING;
  pmtu->first_cycle = false;
  pmtu->next_ms = now_ms + pmtu->repeat_ms;
  pmtu->repeat_ms = pmtu->repeat_ms * 2 < PMTU_REPEAT_MAX_MS ? pmtu->repeat_ms * 2 : PMTU_REPEAT_MAX_MS;
}

static struct pmtu_step judge(struct pmtu *pmtu, int64_t now_ms) {
  struct pmtu_step step = {0};
  bool last = pmtu->burst >= PMTU_BURSTS || nothing_larger_to_hope_for(pmtu);
  if (last) {
    end_cycle(pmtu, now_ms);
  } else {
    /* Upwards at once; downwards only after the whole cycle, as a large probe may just have been lost. */
    uint16_t best = best_of_cycle(pmtu);
    if (best > pmtu->own) pmtu->own = best;
    pmtu->phase = PMTU_BETWEEN_BURSTS;
    pmtu->next_ms = pmtu->burst_ms + PMTU_BURST_MS;
  }
  /* Repeated at the end of each cycle, since a notification may get lost. */
  if (pmtu->own != 0 && (last || pmtu->own != pmtu->told)) step.notify = pmtu->told = pmtu->own;
  return step;
}

struct pmtu_step pmtu_step(struct pmtu *pmtu, int64_t now_ms) {
  return pmtu->phase == PMTU_JUDGING ? judge(pmtu, now_ms) : send_burst(pmtu, now_ms);
}

uint16_t pmtu_tunnel_mtu(const struct pmtu *pmtu) {
  uint16_t mtu = pmtu->own;
  if (mtu == 0) {
    /* A broker with a fixed MTU acknowledges nothing: then its word is all there is, else the floor is safe. */
    bool undecided = pmtu->first_cycle || pmtu->peer != 0;
    mtu = undecided ? (uint16_t)(pmtu->sizes[0] - pmtu->overhead) : PMTU_FLOOR;
  }
  if (pmtu->peer != 0 && pmtu->peer < mtu) mtu = pmtu->peer;
  return mtu < PMTU_FLOOR ? PMTU_FLOOR : mtu;
}
