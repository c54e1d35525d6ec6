/* SPDX-License-Identifier: Apache-2.0 */
/* Selection among scripted brokers over loopback; the clock is the test's. */
#include "selection.h"

#include <arpa/inet.h>
#include <string.h>
#include <unistd.h>

#include "peer.h"
#include "test.h"

#define PEERS 3

struct selection_rig {
  struct options options;
  struct log log;
  struct selection selection;
  struct peer peers[PEERS];
  int64_t now_ms;
};

static void name_broker(struct options *options, const char *host, uint16_t port) {
  struct broker_name *name = &options->brokers[options->broker_count++];
  snprintf(name->host, sizeof name->host, "%s", host);
  snprintf(name->service, sizeof name->service, "%u", port);
}

static void prepare(struct selection_rig *rig, enum selection_mode mode, unsigned peers) {
  memset(rig, 0, sizeof *rig);
  rig->options.selection = mode;
  rig->now_ms = 5000;
  for (unsigned i = 0; i < peers; i++) {
    peer_open(&rig->peers[i], false, 0);
    name_broker(&rig->options, "127.0.0.1", ntohs(rig->peers[i].address.v4.sin_port));
  }
  selection_init(&rig->selection, &rig->options, &rig->log);
}

static void start(struct selection_rig *rig) { selection_start(&rig->selection, false, rig->now_ms); }

static void receive(struct selection_rig *rig) {
  struct pollfd watched[SELECTION_POLL_MAX];
  unsigned count = selection_poll(&rig->selection, watched);
  CHECK(poll(watched, count, 2000) > 0);
  selection_receive(&rig->selection, watched, count, rig->now_ms);
}

static void pass(struct selection_rig *rig, int64_t ms) {
  int64_t until_ms = rig->now_ms + ms;
  while (selection_deadline(&rig->selection) <= until_ms) {
    int64_t due_ms = selection_deadline(&rig->selection);
    if (due_ms > rig->now_ms) rig->now_ms = due_ms;
    selection_tick(&rig->selection, rig->now_ms);
  }
  rig->now_ms = until_ms;
}

/* Retries come after 1.5 to 4.5 s. */
static void pass_to_retry(struct selection_rig *rig) {
  int64_t wait_ms = rig->selection.next_ms - rig->now_ms;
  CHECK(wait_ms >= 1500 && wait_ms < 4500);
  pass(rig, wait_ms);
}

static void answer_usage(struct selection_rig *rig, unsigned peer, uint16_t usage) {
  peer_expect(&rig->peers[peer], MESSAGE_USAGE);
  peer_send_u16(&rig->peers[peer], MESSAGE_USAGE, usage);
  receive(rig);
}

/* Which peer was chosen; the selection must be over. */
static unsigned chosen(struct selection_rig *rig) {
  struct candidate candidate;
  CHECK_EQUAL(rig->selection.state, SELECTION_FOUND);
  int fd = selection_take(&rig->selection, &candidate);
  CHECK(fd >= 0 && fd == candidate.fd);
  close(fd);
  for (unsigned i = 0; i < PEERS; i++) {
    if (endpoint_equal(&candidate.address, &rig->peers[i].address)) return i;
  }
  return PEERS;
}

static void drain(struct selection_rig *rig) {
  for (unsigned i = 0; i < PEERS; i++) {
    if (rig->peers[i].fd > 0) peer_drain(&rig->peers[i]);
  }
}

static void first_that_answers(void) {
  struct selection_rig rig;
  prepare(&rig, SELECT_FIRST, 3);
  start(&rig);
  answer_usage(&rig, 1, 60000);
  CHECK_EQUAL(chosen(&rig), 1);
}

static void least_usage_once_all_have_answered(void) {
  struct selection_rig rig;
  prepare(&rig, SELECT_LEAST_USAGE, 3);
  start(&rig);
  answer_usage(&rig, 0, 300);
  answer_usage(&rig, 2, 200);
  CHECK_EQUAL(rig.selection.state, SELECTION_RUNNING);
  answer_usage(&rig, 1, 100);
  CHECK_EQUAL(chosen(&rig), 1);
}

static void least_usage_of_those_that_answered_within_10_s(void) {
  struct selection_rig rig;
  prepare(&rig, SELECT_LEAST_USAGE, 3);
  start(&rig);
  answer_usage(&rig, 0, 300);
  answer_usage(&rig, 2, 200);
  pass(&rig, 9999);
  CHECK_EQUAL(rig.selection.state, SELECTION_RUNNING);
  pass(&rig, 1);
  CHECK_EQUAL(chosen(&rig), 2);
  /* The silent one is left out for an hour of monotonic time. */
  CHECK_EQUAL(avoidance_until(&rig.selection.avoidance, &rig.peers[1].address, false), rig.now_ms + 3600000);
  drain(&rig);
  start(&rig);
  peer_expect_nothing(&rig.peers[1]);
  answer_usage(&rig, 0, 300);
  answer_usage(&rig, 2, 400);
  CHECK_EQUAL(chosen(&rig), 0);
}

/* A broker that said no a while ago is asked again late in the round: it has had no time to answer. */
static void one_asked_late_is_not_silent(void) {
  struct selection_rig rig;
  prepare(&rig, SELECT_LEAST_USAGE, 3);
  avoidance_add(&rig.selection.avoidance, &rig.peers[1].address, rig.now_ms + 9000);
  start(&rig);
  answer_usage(&rig, 0, 300);
  pass(&rig, 10000);
  CHECK_EQUAL(chosen(&rig), 0);
  peer_expect(&rig.peers[1], MESSAGE_USAGE);
  CHECK(avoidance_until(&rig.selection.avoidance, &rig.peers[1].address, false) <= rig.now_ms);
  CHECK_EQUAL(avoidance_until(&rig.selection.avoidance, &rig.peers[2].address, false), rig.now_ms + 3600000);
}

static void random_takes_each_in_time(void) {
  unsigned taken[PEERS] = {0};
  for (int round = 0; round < 60; round++) {
    struct selection_rig rig;
    prepare(&rig, SELECT_RANDOM, 3);
    start(&rig);
    for (unsigned i = 0; i < 3; i++) answer_usage(&rig, i, (uint16_t)(i * 1000));
    taken[chosen(&rig)]++;
    for (unsigned i = 0; i < 3; i++) close(rig.peers[i].fd);
  }
  /* Each is missed with probability 3e-11. */
  for (unsigned i = 0; i < PEERS; i++) CHECK(taken[i] > 0);
}

static void first_usage_alone_then_usage_and_cookie(void) {
  struct selection_rig rig;
  prepare(&rig, SELECT_FIRST, 1);
  start(&rig);
  peer_expect(&rig.peers[0], MESSAGE_USAGE);
  CHECK_EQUAL(rig.peers[0].size, 18);
  peer_expect_nothing(&rig.peers[0]);
  for (int i = 0; i < 2; i++) {
    pass_to_retry(&rig);
    peer_expect(&rig.peers[0], MESSAGE_USAGE);
    peer_expect(&rig.peers[0], MESSAGE_COOKIE);
    peer_expect_nothing(&rig.peers[0]);
  }
}

static void cookie_alone_means_ready_with_unknown_usage(void) {
  struct selection_rig rig;
  struct candidate candidate;
  prepare(&rig, SELECT_LEAST_USAGE, 2);
  start(&rig);
  answer_usage(&rig, 1, 65534);
  peer_expect(&rig.peers[0], MESSAGE_USAGE);
  pass_to_retry(&rig);
  peer_expect(&rig.peers[0], MESSAGE_USAGE);
  peer_send(&rig.peers[0], MESSAGE_COOKIE, "12345678", 8);
  receive(&rig);
  CHECK_EQUAL(chosen(&rig), 1);
  prepare(&rig, SELECT_FIRST, 1);
  start(&rig);
  peer_expect(&rig.peers[0], MESSAGE_USAGE);
  peer_send(&rig.peers[0], MESSAGE_COOKIE, "12345678", 8);
  receive(&rig);
  CHECK(selection_take(&rig.selection, &candidate) >= 0);
  CHECK(candidate.has_cookie && memcmp(candidate.cookie, "12345678", 8) == 0);
  CHECK_EQUAL(candidate.usage, 65535);
}

static void other_messages_do_not_make_ready(void) {
  struct selection_rig rig;
  prepare(&rig, SELECT_FIRST, 1);
  start(&rig);
  peer_expect(&rig.peers[0], MESSAGE_USAGE);
  peer_send(&rig.peers[0], MESSAGE_ERROR, NULL, 0);
  peer_send_tunnel(&rig.peers[0], 1, true);
  peer_send(&rig.peers[0], MESSAGE_COOKIE, "1234567", 7);
  peer_send_raw(&rig.peers[0], "garbage", 7);
  receive(&rig);
  CHECK_EQUAL(rig.selection.state, SELECTION_RUNNING);
}

static void nobody_answers(void) {
  struct selection_rig rig;
  prepare(&rig, SELECT_LEAST_USAGE, 2);
  start(&rig);
  pass(&rig, 10000);
  CHECK_EQUAL(rig.selection.state, SELECTION_FAILED);
  CHECK_EQUAL(selection_deadline(&rig.selection), INT64_MAX);
  /* Our own line was down: nobody is blamed. */
  CHECK_EQUAL(avoidance_until(&rig.selection.avoidance, &rig.peers[0].address, false), 0);
}

static void avoided_ones_are_asked_when_none_is_left(void) {
  struct selection_rig rig;
  prepare(&rig, SELECT_FIRST, 2);
  avoidance_add(&rig.selection.avoidance, &rig.peers[0].address, INT64_MAX);
  avoidance_add(&rig.selection.avoidance, &rig.peers[1].address, INT64_MAX);
  start(&rig);
  answer_usage(&rig, 1, 5);
  CHECK_EQUAL(chosen(&rig), 1);
}

static void avoided_ones_are_asked_after_a_silent_round(void) {
  struct selection_rig rig;
  prepare(&rig, SELECT_FIRST, 2);
  avoidance_add(&rig.selection.avoidance, &rig.peers[0].address, INT64_MAX);
  start(&rig);
  peer_expect_nothing(&rig.peers[0]);
  pass(&rig, 10000);
  CHECK_EQUAL(rig.selection.state, SELECTION_FAILED);
  start(&rig);
  answer_usage(&rig, 0, 5);
  CHECK_EQUAL(chosen(&rig), 0);
}

/* It comes in as soon as its time is over, in the round that is under way. */
static void a_leaving_broker_is_asked_a_little_later(void) {
  struct selection_rig rig;
  prepare(&rig, SELECT_FIRST, 2);
  avoidance_add(&rig.selection.avoidance, &rig.peers[0].address, rig.now_ms + LEAVING_AVOIDED_MS);
  start(&rig);
  pass(&rig, LEAVING_AVOIDED_MS - 1);
  peer_expect_nothing(&rig.peers[0]);
  pass(&rig, 1);
  answer_usage(&rig, 0, 5);
  CHECK_EQUAL(chosen(&rig), 0);
}

static void a_broker_that_refused_is_left_alone_even_as_the_last(void) {
  struct selection_rig rig;
  prepare(&rig, SELECT_FIRST, 1);
  avoidance_add_refusal(&rig.selection.avoidance, &rig.peers[0].address, rig.now_ms);
  int64_t until_ms = avoidance_until(&rig.selection.avoidance, &rig.peers[0].address, true);
  CHECK(until_ms >= rig.now_ms + 1000 && until_ms < rig.now_ms + 2000);
  start(&rig);
  pass(&rig, until_ms - 1 - rig.now_ms);
  peer_expect_nothing(&rig.peers[0]);
  pass(&rig, 1);
  answer_usage(&rig, 0, 5);
  CHECK_EQUAL(chosen(&rig), 0);
}

static void refusals_double_up_to_some_minutes_and_are_forgotten(void) {
  static struct avoidance avoidance;
  struct endpoint address = {.v4 = {.sin_family = AF_INET}};
  for (int i = 0; i < 20; i++) {
    int64_t least_ms = i < 7 ? 1000 << i : REFUSED_AVOIDED_MOST_MS;
    avoidance_add_refusal(&avoidance, &address, 5000);
    int64_t until_ms = avoidance_until(&avoidance, &address, true);
    CHECK(until_ms >= 5000 + least_ms && until_ms < 5000 + 2 * least_ms);
  }
  avoidance_forget(&avoidance, &address);
  CHECK_EQUAL(avoidance_until(&avoidance, &address, false), 0);
  avoidance_add_refusal(&avoidance, &address, 5000);
  CHECK(avoidance_until(&avoidance, &address, true) < 7000);
}

/* 60 at once do not come back in one second; the same goes for retries. */
static void a_fleet_spreads(void) {
  struct endpoint address = {.v4 = {.sin_family = AF_INET}};
  unsigned per_tenth[10] = {0};
  for (int i = 0; i < 600; i++) {
    struct avoidance avoidance = {0};
    avoidance_add_refusal(&avoidance, &address, 1);
    per_tenth[(avoidance_until(&avoidance, &address, true) - 1001) / 100]++;
  }
  for (int i = 0; i < 10; i++) CHECK(per_tenth[i] > 20 && per_tenth[i] < 120);
}

static void avoidance_is_bounded(void) {
  struct selection_rig rig;
  prepare(&rig, SELECT_FIRST, 0);
  struct endpoint address = {.v4 = {.sin_family = AF_INET}};
  for (uint32_t i = 0; i < 10 * MAX_CANDIDATES; i++) {
    address.v4.sin_addr.s_addr = htonl(i);
    avoidance_add(&rig.selection.avoidance, &address, 1000 + i);
  }
  /* The newest stays. */
  CHECK_EQUAL(avoidance_until(&rig.selection.avoidance, &address, false), 1000 + 10 * MAX_CANDIDATES - 1);
}

/* "localhost" is resolved in a child, all its addresses are asked, and no child is left. */
static void names_are_resolved(void) {
  struct selection_rig rig;
  prepare(&rig, SELECT_FIRST, 0);
  peer_open(&rig.peers[0], false, 0);
  name_broker(&rig.options, "localhost", ntohs(rig.peers[0].address.v4.sin_port));
  start(&rig);
  CHECK_EQUAL(rig.selection.count, 0);
  receive(&rig);
  CHECK(rig.selection.count >= 1);
  answer_usage(&rig, 0, 1);
  CHECK_EQUAL(chosen(&rig), 0);
}

static void unknown_names_do_not_end_the_round(void) {
  struct selection_rig rig;
  prepare(&rig, SELECT_FIRST, 0);
  name_broker(&rig.options, "no such host", 1);
  peer_open(&rig.peers[0], true, 0);
  name_broker(&rig.options, "::1", ntohs(rig.peers[0].address.v6.sin6_port));
  start(&rig);
  receive(&rig);
  if (rig.selection.state == SELECTION_RUNNING) answer_usage(&rig, 0, 1);
  CHECK_EQUAL(chosen(&rig), 0);
}

static void brokers_out_of_reach_are_passed_over(void) {
  struct selection_rig rig;
  prepare(&rig, SELECT_LEAST_USAGE, 1);
  rig.options.has_local = true; /* an IPv4 address cannot reach an IPv6 broker */
  rig.options.local.v4.sin_family = AF_INET;
  rig.options.local.v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  name_broker(&rig.options, "::1", 1);
  start(&rig);
  answer_usage(&rig, 0, 9);
  CHECK_EQUAL(chosen(&rig), 0);
}

const struct test_case selection_cases[] = {
    {"selection: first that answers", first_that_answers},
    {"selection: least usage once all have answered", least_usage_once_all_have_answered},
    {"selection: least usage of those heard within 10 s", least_usage_of_those_that_answered_within_10_s},
    {"selection: one asked late is not silent", one_asked_late_is_not_silent},
    {"selection: random takes each in time", random_takes_each_in_time},
    {"selection: USAGE alone, then USAGE and COOKIE", first_usage_alone_then_usage_and_cookie},
    {"selection: COOKIE alone means ready, usage unknown", cookie_alone_means_ready_with_unknown_usage},
    {"selection: other messages do not make ready", other_messages_do_not_make_ready},
    {"selection: nobody answers", nobody_answers},
    {"selection: avoided ones are asked when none is left", avoided_ones_are_asked_when_none_is_left},
    {"selection: avoided ones are asked after a silent round", avoided_ones_are_asked_after_a_silent_round},
    {"selection: a leaving broker is asked a little later", a_leaving_broker_is_asked_a_little_later},
    {"selection: a broker that refused is left alone even as the last", a_broker_that_refused_is_left_alone_even_as_the_last},
    {"selection: refusals double up to some minutes", refusals_double_up_to_some_minutes_and_are_forgotten},
    {"selection: a fleet spreads", a_fleet_spreads},
    {"selection: avoidance is bounded", avoidance_is_bounded},
    {"selection: names are resolved", names_are_resolved},
    {"selection: unknown names do not end the round", unknown_names_do_not_end_the_round},
    {"selection: brokers out of reach are passed over", brokers_out_of_reach_are_passed_over},
    {NULL, NULL},
};
