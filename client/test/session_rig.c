/* SPDX-License-Identifier: Apache-2.0 */
#include "session_rig.h"

#include <poll.h>
#include <string.h>

#include "test.h"

const uint8_t rig_cookie[COOKIE_SIZE] = {9, 8, 7, 6, 5, 4, 3, 2};

static int on_open(struct session_owner *owner, const struct tunnel *tunnel, int64_t waited_ms) {
  struct rig *rig = (struct rig *)owner;
  (void)waited_ms;
  rig->opens++;
  rig->opened = *tunnel;
  return rig->open_result;
}

static void on_up(struct session_owner *owner, int64_t now_ms) {
  (void)now_ms;
  ((struct rig *)owner)->ups++;
}

static void on_mtu(struct session_owner *owner, uint16_t mtu) {
  ((struct rig *)owner)->mtu = mtu;
  ((struct rig *)owner)->mtu_changes++;
}

static void on_data(struct session_owner *owner, uint8_t *train, unsigned size, unsigned piece) {
  (void)train;
  ((struct rig *)owner)->deliveries++;
  ((struct rig *)owner)->delivered_size = size;
  ((struct rig *)owner)->delivered_piece = piece;
}

static bool on_source_asked(struct session_owner *owner) { return ((struct rig *)owner)->source_changed; }

void rig_start_with(struct rig *rig, bool ipv6, uint32_t limit_kbit, const uint8_t *known_cookie) {
  memset(rig, 0, sizeof *rig);
  const struct session_config config = {.uuid = "router", .tunnel_id = 7, .limit_kbit = limit_kbit, .log = &rig->log};
  rig->owner = (struct session_owner){on_open, on_up, on_mtu, on_data, on_source_asked};
  rig->now_ms = 1000000;
  peer_open(&rig->peer, ipv6, 0);
  int fd = endpoint_connect(&rig->peer.address, NULL, NULL);
  CHECK(fd >= 0);
  session_start(&rig->session, &config, &rig->owner, fd, ipv6, known_cookie, rig->now_ms);
}

void rig_start(struct rig *rig) { rig_start_with(rig, false, 0, NULL); }

/* Loopback delivers in the background when the machine is busy. */
void rig_receive(struct rig *rig) {
  struct pollfd watched = {.fd = rig->session.tunnel.fd, .events = POLLIN};
  if (rig->peer.unread > 0) CHECK(poll(&watched, 1, 2000) == 1);
  if (rig->peer.unread > 1) poll(NULL, 0, 10);
  rig->peer.unread = 0;
  session_receive(&rig->session, rig->now_ms);
}

void rig_pass(struct rig *rig, int64_t ms) {
  int64_t until_ms = rig->now_ms + ms;
  while (session_deadline(&rig->session) <= until_ms) {
    int64_t due_ms = session_deadline(&rig->session);
    if (due_ms > rig->now_ms) rig->now_ms = due_ms;
    session_tick(&rig->session, rig->now_ms);
  }
  rig->now_ms = until_ms;
}

void rig_establish_with(struct rig *rig, bool with_flags) {
  peer_expect(&rig->peer, MESSAGE_COOKIE);
  peer_send(&rig->peer, MESSAGE_COOKIE, rig_cookie, sizeof rig_cookie);
  rig_receive(rig);
  peer_expect(&rig->peer, MESSAGE_PREPARE);
  peer_send_tunnel(&rig->peer, 100, with_flags);
  rig_receive(rig);
  CHECK_EQUAL(rig->session.state, SESSION_UP);
}

void rig_establish(struct rig *rig) {
  rig_start(rig);
  rig_establish_with(rig, true);
  for (int i = 0; i < 6; i++) {
    peer_expect(&rig->peer, MESSAGE_PMTUD);
    peer_send_u16(&rig->peer, MESSAGE_PMTUD_ACK, (uint16_t)rig->peer.size);
  }
  rig_receive(rig);
  peer_expect(&rig->peer, MESSAGE_PMTU_NTFY);
  peer_expect_nothing(&rig->peer);
}
