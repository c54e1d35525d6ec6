/* SPDX-License-Identifier: Apache-2.0 */
/* The client among several brokers: when it waits, whom it avoids, when it moves. */
#include <string.h>
#include <unistd.h>

#include "client_rig.h"
#include "test.h"

static struct client_rig rig;

static void begin(unsigned brokers, enum selection_mode mode) {
  client_rig_open(&rig, brokers, mode, NULL);
  client_rig_start(&rig);
}

static void a_stopping_broker_is_left_at_once(void) {
  begin(2, SELECT_LEAST_USAGE);
  rig.brokers[0].usage = 0;
  rig.brokers[1].usage = 100;
  CHECK_EQUAL(client_rig_until_up(&rig, 0), 0);
  CHECK_EQUAL(client_rig_holder(&rig), 0);
  client_rig_pass(&rig, 60000);
  client_rig_end_session(&rig, 0, 2);
  CHECK_EQUAL(client_rig_until_up(&rig, 0), 0);
  CHECK_EQUAL(client_rig_holder(&rig), 1);
  client_rig_close(&rig);
}

/* Its port is closed while it restarts, for long; back within a keepalive and 2 s of being there. */
static void the_only_broker_stops_and_returns(void) {
  for (int64_t down_ms = 500; down_ms < 300000; down_ms = down_ms * 3 + 777) {
    begin(1, SELECT_FIRST);
    client_rig_until_up(&rig, 0);
    client_rig_pass(&rig, 60000);
    client_rig_end_session(&rig, 0, 2);
    client_rig_behave(&rig, 0, BROKER_DOWN);
    client_rig_pass(&rig, down_ms);
    client_rig_behave(&rig, 0, BROKER_WELL);
    CHECK(client_rig_until_up(&rig, 8000) <= 8000);
    client_rig_close(&rig);
    close(rig.brokers[0].peer.fd);
  }
}

static void a_killed_broker_returns(void) {
  for (int64_t down_ms = 100; down_ms < 300000; down_ms = down_ms * 3 + 777) {
    for (int icmp = 0; icmp < 2; icmp++) { /* a firewall may be silent */
      begin(1, SELECT_FIRST);
      client_rig_until_up(&rig, 0);
      client_rig_pass(&rig, 60000);
      client_rig_behave(&rig, 0, icmp ? BROKER_DOWN : BROKER_SILENT);
      rig.brokers[0].has_session = false;
      client_rig_pass(&rig, down_ms);
      client_rig_behave(&rig, 0, BROKER_WELL);
      client_rig_pass(&rig, 8000);
      CHECK(rig.brokers[0].has_session);
      CHECK_EQUAL(client_rig_holder(&rig), 0);
      client_rig_close(&rig);
      close(rig.brokers[0].peer.fd);
    }
  }
}

static void a_killed_broker_is_left_for_another(void) {
  begin(2, SELECT_LEAST_USAGE);
  rig.brokers[1].usage = 100;
  client_rig_until_up(&rig, 0);
  client_rig_pass(&rig, 60000);
  client_rig_behave(&rig, 0, BROKER_DOWN);
  client_rig_pass(&rig, 15000);
  CHECK_EQUAL(client_rig_holder(&rig), 1);
  client_rig_close(&rig);
}

/* Refused alone, it asks again after 1-2 s, and less and less often while that goes on. */
static void the_only_broker_refuses(void) {
  client_rig_open(&rig, 1, SELECT_FIRST, NULL);
  rig.brokers[0].behaviour = BROKER_REFUSES;
  client_rig_start(&rig);
  CHECK_EQUAL(rig.brokers[0].refused, 1);
  client_rig_pass(&rig, 999);
  CHECK_EQUAL(rig.brokers[0].refused, 1);
  client_rig_pass(&rig, 1500);
  CHECK_EQUAL(rig.brokers[0].refused, 2);
  client_rig_pass(&rig, 3600000);
  CHECK(rig.brokers[0].refused > 14 && rig.brokers[0].refused < 40);
  rig.brokers[0].behaviour = BROKER_WELL;
  CHECK(client_rig_until_up(&rig, 260000) <= 260000);
  /* It took us: the next refusal begins small again. */
  client_rig_pass(&rig, 60000);
  rig.brokers[0].behaviour = BROKER_REFUSES;
  client_rig_end_session(&rig, 0, 4);
  client_rig_pass(&rig, 1000);
  rig.brokers[0].behaviour = BROKER_WELL;
  CHECK(client_rig_until_up(&rig, 2500) <= 2500);
  client_rig_close(&rig);
}

static void refused_by_one_it_takes_the_other(void) {
  client_rig_open(&rig, 2, SELECT_LEAST_USAGE, NULL);
  rig.brokers[0].behaviour = BROKER_REFUSES;
  rig.brokers[1].usage = 60000;
  client_rig_start(&rig);
  CHECK(client_rig_until_up(&rig, 500) <= 500);
  CHECK_EQUAL(client_rig_holder(&rig), 1);
  CHECK_EQUAL(rig.brokers[0].refused, 1);
  client_rig_close(&rig);
}

/* Losing the tunnel soon after the selection counts against the broker: an hour, as there is another. */
static void a_broken_broker_is_avoided_for_an_hour(void) {
  client_rig_open(&rig, 2, SELECT_LEAST_USAGE, NULL);
  rig.brokers[0].behaviour = BROKER_DROPS;
  rig.brokers[1].usage = 60000;
  client_rig_start(&rig);
  client_rig_until_up(&rig, 2000);
  CHECK_EQUAL(client_rig_holder(&rig), 1);
  CHECK_EQUAL(rig.brokers[0].accepted, 1);
  for (int minutes = 5; minutes < 60; minutes += 5) { /* 256 s and 65536 ms are passed, too */
    client_rig_pass(&rig, 290000);
    client_rig_end_session(&rig, 1, 4);
    client_rig_until_up(&rig, 1000);
    CHECK_EQUAL(client_rig_holder(&rig), 1);
  }
  rig.brokers[0].behaviour = BROKER_WELL;
  client_rig_pass(&rig, 10 * 60000);
  client_rig_end_session(&rig, 1, 4);
  client_rig_until_up(&rig, 1000);
  CHECK_EQUAL(client_rig_holder(&rig), 0);
  client_rig_close(&rig);
}

/* Broken, but the only one: tried again, at a growing distance. */
static void the_only_broker_is_broken(void) {
  client_rig_open(&rig, 1, SELECT_FIRST, NULL);
  rig.brokers[0].behaviour = BROKER_DROPS;
  client_rig_start(&rig);
  client_rig_pass(&rig, 600000);
  CHECK(rig.brokers[0].accepted > 20 && rig.brokers[0].accepted < 60);
  rig.brokers[0].behaviour = BROKER_WELL;
  CHECK(client_rig_until_up(&rig, 31000) <= 31000);
  client_rig_close(&rig);
}

static void the_line_is_down_for_five_minutes(void) {
  begin(1, SELECT_FIRST);
  client_rig_until_up(&rig, 0);
  client_rig_pass(&rig, 60000);
  client_rig_line(false);
  client_rig_pass(&rig, 300000);
  CHECK_EQUAL(client_rig_holder(&rig), RIG_BROKERS);
  client_rig_line(true);
  CHECK(client_rig_until_up(&rig, 8000) <= 8000);
  client_rig_close(&rig);
}

static void the_line_is_down_for_half_a_minute(void) {
  begin(1, SELECT_FIRST);
  client_rig_until_up(&rig, 0);
  client_rig_pass(&rig, 60000);
  client_rig_line(false);
  client_rig_pass(&rig, 30000);
  client_rig_line(true);
  client_rig_pass(&rig, 60000);
  CHECK_EQUAL(rig.client.tunnels_total, 1); /* it held */
  client_rig_close(&rig);
}

static void roam(enum selection_mode mode, bool wanted, uint16_t first, uint16_t second) {
  client_rig_open(&rig, 2, mode, NULL);
  rig.options.roam = wanted;
  rig.brokers[1].usage = 10;
  client_rig_start(&rig);
  CHECK_EQUAL(client_rig_holder(&rig), 0);
  rig.brokers[0].usage = first;
  rig.brokers[1].usage = second;
  client_rig_pass(&rig, 46 * 60000);
}

static void it_moves_to_a_much_better_broker(void) {
  roam(SELECT_LEAST_USAGE, true, 20000, 20000 - ROAM_MARGIN);
  CHECK_EQUAL(client_rig_holder(&rig), 1);
  CHECK(!rig.brokers[0].has_session); /* told */
  CHECK_EQUAL(rig.client.tunnels_total, 2);
  /* Not again within the hour, whatever the usage. */
  rig.brokers[0].usage = 0;
  rig.brokers[1].usage = 65535;
  int64_t rested_ms = rig.client.moved_ms + 3600000;
  client_rig_pass(&rig, rested_ms - 1 - rig.now_ms);
  CHECK_EQUAL(client_rig_holder(&rig), 1);
  client_rig_pass(&rig, 46 * 60000);
  CHECK_EQUAL(client_rig_holder(&rig), 0);
  client_rig_close(&rig);
}

static void it_stays_for_less_than_the_margin(void) {
  roam(SELECT_LEAST_USAGE, true, 20000, 20001 - ROAM_MARGIN);
  CHECK_EQUAL(rig.client.tunnels_total, 1);
  client_rig_close(&rig);
}

static void it_stays_unless_asked_to_roam(void) {
  roam(SELECT_LEAST_USAGE, false, 65535, 0);
  CHECK_EQUAL(rig.client.tunnels_total, 1);
  client_rig_close(&rig);
}

/* A look around in vain blames nobody and costs nothing. */
static void a_look_around_finds_the_other_silent(void) {
  client_rig_open(&rig, 2, SELECT_LEAST_USAGE, NULL);
  rig.options.roam = true;
  rig.brokers[1].usage = 10;
  client_rig_start(&rig);
  rig.brokers[1].behaviour = BROKER_SILENT;
  client_rig_pass(&rig, 24 * 3600000);
  CHECK_EQUAL(rig.client.tunnels_total, 1);
  CHECK_EQUAL(avoidance_until(&rig.client.selection.avoidance, &rig.brokers[1].peer.address, false), 0);
  client_rig_close(&rig);
}

static void a_moved_source_address_is_seen(void) {
  static struct endpoint to = {.v4 = {.sin_family = AF_INET}};
  client_rig_open(&rig, 0, SELECT_FIRST, NULL);
  CHECK(system("ip tuntap add other0 mode tap && ip link set other0 up && ip addr add 10.9.0.1/24 dev other0") == 0);
  to.v4.sin_addr.s_addr = htonl(0x0a090009);
  to.v4.sin_port = htons(9);
  int fd = endpoint_connect(&to, NULL, NULL);
  CHECK(fd >= 0);
  CHECK(!endpoint_source_changed(fd, &to, NULL));
  CHECK(!endpoint_source_changed(fd, &to, "other0"));
  CHECK(system("ip addr add 10.9.0.2/24 dev other0 && ip addr del 10.9.0.1/24 dev other0") == 0);
  CHECK(system("ip addr show dev other0 | grep -q 10.9.0.2 || ip addr add 10.9.0.2/24 dev other0") == 0);
  CHECK(endpoint_source_changed(fd, &to, NULL));
  CHECK(send(fd, "x", 1, 0) < 0); /* the kernel's own word */
  CHECK(system("ip link set other0 down") == 0);
  CHECK(!endpoint_source_changed(fd, &to, NULL)); /* no way at all */
}

const struct test_case client_cases[] = {
    {"client: a stopping broker is left at once", a_stopping_broker_is_left_at_once},
    {"client: the only broker stops and returns", the_only_broker_stops_and_returns},
    {"client: a killed broker returns", a_killed_broker_returns},
    {"client: a killed broker is left for another", a_killed_broker_is_left_for_another},
    {"client: the only broker refuses", the_only_broker_refuses},
    {"client: refused by one it takes the other", refused_by_one_it_takes_the_other},
    {"client: a broken broker is avoided for an hour, not 256 s (defect: 8-bit timestamp)",
     a_broken_broker_is_avoided_for_an_hour},
    {"client: the only broker is broken", the_only_broker_is_broken},
    {"client: the line is down for five minutes", the_line_is_down_for_five_minutes},
    {"client: the line is down for half a minute", the_line_is_down_for_half_a_minute},
    {"client: it moves to a much better broker", it_moves_to_a_much_better_broker},
    {"client: it stays for less than the margin", it_stays_for_less_than_the_margin},
    {"client: it stays unless asked to roam", it_stays_unless_asked_to_roam},
    {"client: a look around finds the other silent", a_look_around_finds_the_other_silent},
    {"client: a moved source address is seen", a_moved_source_address_is_seen},
    {NULL, NULL},
};
