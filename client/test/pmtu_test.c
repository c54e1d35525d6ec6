/* SPDX-License-Identifier: Apache-2.0 */
#include "pmtu.h"

#include <limits.h>

#include "test.h"

/* Acknowledges what was probed and passes a path of `path` bytes, smallest first as brokers do. */
static void acknowledge(struct pmtu *pmtu, uint16_t probes, unsigned path, int64_t now_ms) {
  for (unsigned i = pmtu_count(pmtu); i-- > 0;) {
    if ((probes & 1u << i) && pmtu->sizes[i] <= path) pmtu_acknowledged(pmtu, pmtu_probe_size(pmtu, i), now_ms);
  }
}

static void all_sizes_in_one_burst(void) {
  struct pmtu pmtu;
  pmtu_start(&pmtu, false, 1000);
  CHECK_EQUAL(pmtu.next_ms, 1000);
  CHECK_EQUAL(pmtu_tunnel_mtu(&pmtu), 1446);
  struct pmtu_step step = pmtu_step(&pmtu, 1000);
  CHECK_EQUAL(step.probe, 0x3f);
  CHECK_EQUAL(step.notify, 0);
  CHECK_EQUAL(pmtu_probe_size(&pmtu, 0), 1472);
  CHECK_EQUAL(pmtu_probe_size(&pmtu, 5), 1306);
  CHECK_EQUAL(pmtu.next_ms, 1400);
}

static void wide_path_is_decided_at_once(void) {
  struct pmtu pmtu;
  pmtu_start(&pmtu, false, 0);
  acknowledge(&pmtu, pmtu_step(&pmtu, 0).probe, 1500, 20);
  CHECK_EQUAL(pmtu.next_ms, 20);
  CHECK_EQUAL(pmtu_step(&pmtu, 20).notify, 1446);
  CHECK_EQUAL(pmtu_tunnel_mtu(&pmtu), 1446);
  CHECK_EQUAL(pmtu.next_ms, 20 + 30000);
}

static void each_path_gives_its_result(void) {
  static const struct {
    unsigned path;
    uint16_t mtu, mtu6;
  } paths[] = {{1500, 1446, 1422}, {1499, 1438, 1422}, {1492, 1438, 1396}, {1480, 1422, 1396}, {1470, 1396, 1396},
               {1450, 1396, 1346}, {1400, 1346, 1280}, {1354, 1280, 1280}, {1334, 1280, 1280}};
  for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
    for (int v6 = 0; v6 < 2; v6++) {
      struct pmtu pmtu;
      pmtu_start(&pmtu, v6 != 0, 0);
      acknowledge(&pmtu, pmtu_step(&pmtu, 0).probe, paths[i].path, 10);
      pmtu_step(&pmtu, pmtu.next_ms);
      if (v6 && paths[i].path < 1354) continue;
      CHECK_EQUAL(pmtu_tunnel_mtu(&pmtu), v6 ? paths[i].mtu6 : paths[i].mtu);
    }
  }
}

static void narrow_path_is_decided_after_the_first_burst(void) {
  struct pmtu pmtu;
  pmtu_start(&pmtu, false, 0);
  acknowledge(&pmtu, pmtu_step(&pmtu, 0).probe, 1400, 30);
  CHECK_EQUAL(pmtu.next_ms, PMTU_JUDGE_MS);
  CHECK_EQUAL(pmtu_tunnel_mtu(&pmtu), 1446); /* not step by step */
  CHECK_EQUAL(pmtu_step(&pmtu, PMTU_JUDGE_MS).notify, 1346);
  CHECK_EQUAL(pmtu_tunnel_mtu(&pmtu), 1346);
  /* Only the larger ones are tried again, a second apart, four bursts in all. */
  for (int64_t burst_ms = 1000; burst_ms <= 3000; burst_ms += 1000) {
    CHECK_EQUAL(pmtu.next_ms, burst_ms);
    CHECK_EQUAL(pmtu_step(&pmtu, burst_ms).probe, 0x0f);
    struct pmtu_step judged = pmtu_step(&pmtu, burst_ms + PMTU_JUDGE_MS);
    CHECK_EQUAL(judged.notify, burst_ms == 3000 ? 1346 : 0);
  }
  CHECK_EQUAL(pmtu.next_ms, 3400 + 30000);
}

static void a_lost_probe_is_made_good_by_the_next_burst(void) {
  struct pmtu pmtu;
  pmtu_start(&pmtu, false, 0);
  uint16_t probes = pmtu_step(&pmtu, 0).probe;
  acknowledge(&pmtu, probes & ~1u, 1500, 10);
  CHECK_EQUAL(pmtu_step(&pmtu, 400).notify, 1438);
  CHECK_EQUAL(pmtu_step(&pmtu, 1000).probe, 1);
  pmtu_acknowledged(&pmtu, 1472, 1010);
  CHECK_EQUAL(pmtu.next_ms, 1010);
  CHECK_EQUAL(pmtu_step(&pmtu, 1010).notify, 1446);
  CHECK_EQUAL(pmtu_tunnel_mtu(&pmtu), 1446);
}

static void a_late_acknowledgement_counts(void) {
  struct pmtu pmtu;
  pmtu_start(&pmtu, false, 0);
  acknowledge(&pmtu, pmtu_step(&pmtu, 0).probe, 1400, 10);
  pmtu_step(&pmtu, 400);
  pmtu_acknowledged(&pmtu, 1472, 700);
  CHECK_EQUAL(pmtu.next_ms, 700);
  CHECK_EQUAL(pmtu_step(&pmtu, 700).notify, 1446);
}

static void sizes_that_were_not_probed_are_ignored(void) {
  struct pmtu pmtu;
  pmtu_start(&pmtu, false, 0);
  pmtu_acknowledged(&pmtu, 1472, 0);
  pmtu_step(&pmtu, 0);
  pmtu_acknowledged(&pmtu, 9000, 1);
  pmtu_acknowledged(&pmtu, 1471, 1);
  pmtu_step(&pmtu, 400);
  CHECK_EQUAL(pmtu.own, 0);
}

static void what_the_link_refuses_is_not_waited_for(void) {
  struct pmtu pmtu;
  pmtu_start(&pmtu, false, 0);
  uint16_t probes = pmtu_step(&pmtu, 0).probe;
  for (unsigned i = 0; i < 4; i++) pmtu_unsendable(&pmtu, i);
  acknowledge(&pmtu, probes, 1400, 15);
  CHECK_EQUAL(pmtu.next_ms, 15);
  CHECK_EQUAL(pmtu_step(&pmtu, 15).notify, 1346);
  CHECK_EQUAL(pmtu.phase, PMTU_RESTING);
}

static void run_silent_cycle(struct pmtu *pmtu) {
  do pmtu_step(pmtu, pmtu->next_ms);
  while (pmtu->phase != PMTU_RESTING);
}

static void a_fixed_brokers_word_rules(void) {
  struct pmtu pmtu;
  pmtu_start(&pmtu, false, 0);
  pmtu_notified(&pmtu, 1400);
  CHECK_EQUAL(pmtu_tunnel_mtu(&pmtu), 1400);
  run_silent_cycle(&pmtu);
  CHECK_EQUAL(pmtu_tunnel_mtu(&pmtu), 1400);
  CHECK_EQUAL(pmtu.told, 0); /* nothing measured, nothing told */
}

static void nothing_heard_at_all_gives_the_floor(void) {
  struct pmtu pmtu;
  pmtu_start(&pmtu, false, 0);
  run_silent_cycle(&pmtu);
  CHECK_EQUAL(pmtu.next_ms, 3400 + 30000);
  CHECK_EQUAL(pmtu_tunnel_mtu(&pmtu), 1280);
}

static void the_smaller_of_both_ends_and_never_below_the_floor(void) {
  struct pmtu pmtu;
  pmtu_start(&pmtu, false, 0);
  acknowledge(&pmtu, pmtu_step(&pmtu, 0).probe, 1400, 10);
  pmtu_step(&pmtu, 400);
  pmtu_notified(&pmtu, 1438);
  CHECK_EQUAL(pmtu_tunnel_mtu(&pmtu), 1346);
  pmtu_notified(&pmtu, 1300);
  CHECK_EQUAL(pmtu_tunnel_mtu(&pmtu), 1300);
  pmtu_notified(&pmtu, 100);
  CHECK_EQUAL(pmtu_tunnel_mtu(&pmtu), 1280);
}

static void cycles_repeat_from_30_s_to_600_s(void) {
  static const int64_t pauses_s[] = {30, 60, 120, 240, 480, 600, 600};
  struct pmtu pmtu;
  int64_t now_ms = 0;
  pmtu_start(&pmtu, false, now_ms);
  for (size_t i = 0; i < sizeof pauses_s / sizeof *pauses_s; i++) {
    acknowledge(&pmtu, pmtu_step(&pmtu, now_ms).probe, 1500, now_ms);
    CHECK_EQUAL(pmtu_step(&pmtu, now_ms).notify, 1446);
    CHECK_EQUAL(pmtu.next_ms - now_ms, pauses_s[i] * 1000);
    now_ms = pmtu.next_ms;
  }
}

static void a_later_cycle_lowers_only_when_it_is_over(void) {
  struct pmtu pmtu;
  pmtu_start(&pmtu, false, 0);
  acknowledge(&pmtu, pmtu_step(&pmtu, 0).probe, 1500, 0);
  pmtu_step(&pmtu, 0);
  int64_t now_ms = pmtu.next_ms;
  acknowledge(&pmtu, pmtu_step(&pmtu, now_ms).probe, 1400, now_ms);
  pmtu_step(&pmtu, pmtu.next_ms);
  CHECK_EQUAL(pmtu_tunnel_mtu(&pmtu), 1446);
  run_silent_cycle(&pmtu);
  CHECK_EQUAL(pmtu_tunnel_mtu(&pmtu), 1346);
  CHECK_EQUAL(pmtu.told, 1346);
}

static void a_later_silent_cycle_is_repeated_soon(void) {
  struct pmtu pmtu;
  pmtu_start(&pmtu, false, 0);
  acknowledge(&pmtu, pmtu_step(&pmtu, 0).probe, 1500, 0);
  pmtu_step(&pmtu, 0);
  pmtu.repeat_ms = PMTU_REPEAT_MAX_MS;
  int64_t begun_ms = pmtu.next_ms;
  run_silent_cycle(&pmtu);
  CHECK_EQUAL(pmtu_tunnel_mtu(&pmtu), 1280);
  CHECK_EQUAL(pmtu.next_ms, begun_ms + 3400 + 30000);
}

const struct test_case pmtu_cases[] = {
    {"pmtu: all sizes in one burst", all_sizes_in_one_burst},
    {"pmtu: wide path is decided at once", wide_path_is_decided_at_once},
    {"pmtu: each path gives its result", each_path_gives_its_result},
    {"pmtu: narrow path is decided after the first burst", narrow_path_is_decided_after_the_first_burst},
    {"pmtu: a lost probe is made good by the next burst", a_lost_probe_is_made_good_by_the_next_burst},
    {"pmtu: a late acknowledgement counts", a_late_acknowledgement_counts},
    {"pmtu: sizes that were not probed are ignored", sizes_that_were_not_probed_are_ignored},
    {"pmtu: what the link refuses is not waited for", what_the_link_refuses_is_not_waited_for},
    {"pmtu: a fixed broker's word rules", a_fixed_brokers_word_rules},
    {"pmtu: nothing heard at all gives the floor", nothing_heard_at_all_gives_the_floor},
    {"pmtu: the smaller of both ends, never below the floor", the_smaller_of_both_ends_and_never_below_the_floor},
    {"pmtu: cycles repeat from 30 s to 600 s", cycles_repeat_from_30_s_to_600_s},
    {"pmtu: a later cycle lowers only when it is over", a_later_cycle_lowers_only_when_it_is_over},
    {"pmtu: a later silent cycle is repeated soon", a_later_silent_cycle_is_repeated_soon},
    {NULL, NULL},
};
