/* SPDX-License-Identifier: Apache-2.0 */
/* What a connected session notices by itself: a broker that is gone, an address that is no longer ours. */
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "session_rig.h"
#include "test.h"

/* Waits for the ICMP error that our last packet raised, and lets the session read it. */
static void receive_icmp(struct rig *rig) {
  struct pollfd watched = {.fd = rig->session.tunnel.fd, .events = POLLIN};
  CHECK(poll(&watched, 1, 2000) == 1);
  session_receive(&rig->session, rig->now_ms);
}

static void reopen(struct rig *rig) {
  struct endpoint client = rig->peer.client;
  peer_open(&rig->peer, false, ntohs(rig->peer.address.v4.sin_port));
  rig->peer.client = client;
}

static void a_closed_port_alone_ends_nothing(void) {
  struct rig rig;
  rig_establish(&rig);
  close(rig.peer.fd);
  rig_pass(&rig, 6000);
  receive_icmp(&rig);
  for (int i = 0; i < 6; i++) {
    CHECK_EQUAL(session_deadline(&rig.session), rig.now_ms + 1000); /* a closer look */
    rig_pass(&rig, 1000);
    receive_icmp(&rig);
    CHECK_EQUAL(rig.session.state, SESSION_UP);
  }
  reopen(&rig);
  rig_pass(&rig, 1000);
  peer_expect(&rig.peer, MESSAGE_KEEPALIVE);
  peer_send_u16(&rig.peer, MESSAGE_KEEPALIVE, 1);
  rig_receive(&rig);
  rig_pass(&rig, 6000);
  CHECK_EQUAL(rig.session.state, SESSION_UP);
  CHECK_EQUAL(rig.session.closed_ms, 0);
}

static void a_port_that_stays_closed_in_silence_ends_the_tunnel(void) {
  struct rig rig;
  rig_establish(&rig);
  close(rig.peer.fd);
  rig_pass(&rig, 6000);
  receive_icmp(&rig);
  for (int i = 0; i < 7; i++) {
    CHECK_EQUAL(rig.session.state, SESSION_UP);
    rig_pass(&rig, 1000);
    receive_icmp(&rig);
  }
  CHECK_EQUAL(rig.session.end, END_PORT_CLOSED);
}

/* A broker that has restarted, and answers no strangers. */
static void a_port_that_opens_to_silence_ends_the_tunnel(void) {
  struct rig rig;
  rig_establish(&rig);
  close(rig.peer.fd);
  rig_pass(&rig, 6000);
  receive_icmp(&rig);
  reopen(&rig);
  for (int i = 0; i < 13; i++) {
    rig_pass(&rig, 1000);
    CHECK_EQUAL(rig.session.state, SESSION_UP);
  }
  CHECK(session_deadline(&rig.session) <= rig.now_ms + 1000);
  rig_pass(&rig, 1000);
  CHECK_EQUAL(rig.session.end, END_PORT_CLOSED);
}

static void a_closed_port_ends_the_handshake(void) {
  struct rig rig;
  rig_start(&rig);
  close(rig.peer.fd);
  rig_pass(&rig, 3000);
  receive_icmp(&rig);
  CHECK_EQUAL(rig.session.end, END_PORT_CLOSED);
}

static void another_source_address_counts_in_silence_only(void) {
  struct rig rig;
  rig_establish(&rig);
  rig.source_changed = true;
  for (int i = 0; i < 10; i++) { /* the broker is heard: the way works */
    rig_pass(&rig, 4000);
    peer_send_u16(&rig.peer, MESSAGE_KEEPALIVE, 1);
    rig_receive(&rig);
  }
  CHECK_EQUAL(rig.session.state, SESSION_UP);
  rig_pass(&rig, 8999);
  CHECK_EQUAL(rig.session.state, SESSION_UP);
  rig_pass(&rig, 6001);
  CHECK_EQUAL(rig.session.end, END_ADDRESS_CHANGED);
}

static void silence_alone_changes_nothing_before_its_time(void) {
  struct rig rig;
  rig_establish(&rig);
  rig_pass(&rig, 59000);
  CHECK_EQUAL(rig.session.state, SESSION_UP);
}

const struct test_case upkeep_cases[] = {
    {"upkeep: a closed port alone ends nothing", a_closed_port_alone_ends_nothing},
    {"upkeep: a port that stays closed in silence ends the tunnel", a_port_that_stays_closed_in_silence_ends_the_tunnel},
    {"upkeep: a port that opens to silence ends the tunnel", a_port_that_opens_to_silence_ends_the_tunnel},
    {"upkeep: a closed port ends the handshake", a_closed_port_ends_the_handshake},
    {"upkeep: another source address counts in silence only", another_source_address_counts_in_silence_only},
    {"upkeep: silence alone changes nothing before its time", silence_alone_changes_nothing_before_its_time},
    {NULL, NULL},
};
