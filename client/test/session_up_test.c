/* SPDX-License-Identifier: Apache-2.0 */
/* The session from then on: keepalives, data, MTU, limit, its end. As in session_test.c. */
#include <netinet/udp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "session_rig.h"
#include "test.h"

static void keepalives_every_6_s_never_identical(void) {
  struct rig rig;
  rig_establish(&rig);
  for (uint32_t i = 0; i < 4; i++) {
    rig_pass(&rig, 5999);
    peer_expect_nothing(&rig.peer);
    rig_pass(&rig, 1);
    peer_expect(&rig.peer, MESSAGE_KEEPALIVE);
    CHECK_EQUAL(rig.peer.message.length, 4);
    CHECK_EQUAL(get_u32(rig.peer.message.payload), i);
    peer_expect_nothing(&rig.peer);
  }
}

static void peer_is_dead_after_60_s_of_silence(void) {
  struct rig rig;
  rig_establish(&rig);
  rig_pass(&rig, 59999);
  CHECK_EQUAL(rig.session.state, SESSION_UP);
  peer_drain(&rig.peer);
  rig_pass(&rig, 1);
  CHECK_EQUAL(rig.session.end, END_PEER_SILENT);
  peer_expect(&rig.peer, MESSAGE_ERROR);
  CHECK_EQUAL(rig.peer.message.payload[0], REASON_TIMEOUT);
}

static void only_session_messages_are_signs_of_life(void) {
  static const struct {
    uint8_t type, length;
    bool alive;
  } messages[] = {{MESSAGE_KEEPALIVE, 2, true}, {MESSAGE_PMTUD, 0, true},      {MESSAGE_PMTU_NTFY, 2, true},
                  {MESSAGE_PMTUD_ACK, 2, true}, {MESSAGE_REL_ACK, 2, true},    {MESSAGE_COOKIE, 8, false},
                  {MESSAGE_USAGE, 2, false},    {MESSAGE_TUNNEL, 8, false},    {MESSAGE_PMTU_NTFY, 3, false},
                  {0x7f, 2, false}};
  for (size_t i = 0; i < sizeof messages / sizeof *messages; i++) {
    struct rig rig;
    rig_establish(&rig);
    rig_pass(&rig, 50000);
    peer_send(&rig.peer, messages[i].type, (const uint8_t[8]){5}, messages[i].length);
    rig_receive(&rig);
    rig_pass(&rig, 59999);
    if ((rig.session.state == SESSION_UP) != messages[i].alive) fprintf(stderr, "type 0x%02x\n", messages[i].type);
    CHECK_EQUAL(rig.session.state == SESSION_UP, messages[i].alive);
    session_release(&rig.session);
  }
}

static void data_is_delivered_and_is_no_sign_of_life(void) {
  struct rig rig;
  uint8_t packet[DATA_HEADER_SIZE + 60] = {0};
  rig_establish(&rig);
  rig_pass(&rig, 50000);
  data_header(packet, 7);
  peer_send_raw(&rig.peer, packet, sizeof packet);
  rig_receive(&rig);
  CHECK_EQUAL(rig.deliveries, 1);
  rig_pass(&rig, 10000);
  CHECK_EQUAL(rig.session.end, END_PEER_SILENT);
}

/* The datapath may have the kernel hand over many datagrams at once. */
static void trains_are_taken_apart(void) {
  struct rig rig;
  uint8_t train[4 * 12 + 6] = {0};
  uint16_t piece = 12;
  peer_need_trains();
  rig_establish(&rig);
  int fd = rig.session.tunnel.fd;
  uint32_t received = rig.session.received;
  CHECK(setsockopt(fd, SOL_UDP, UDP_GRO, &(int){1}, sizeof(int)) == 0);
  encode_keepalive(train, 1);
  data_header(train + 12, 7);
  encode_u16(train + 24, MESSAGE_PMTU_NTFY, 1300);
  encode_probe(train + 36, 12);
  memcpy(train + 48, train, 6); /* no whole message */
  CHECK(setsockopt(rig.peer.fd, SOL_UDP, UDP_SEGMENT, &(int){piece}, sizeof(int)) == 0);
  rig_pass(&rig, 2000);
  peer_drain(&rig.peer);
  peer_send_raw(&rig.peer, train, sizeof train);
  rig_receive(&rig);
  CHECK_EQUAL(rig.session.received - received, 3);
  CHECK_EQUAL(rig.session.heard_ms, rig.now_ms);
  CHECK_EQUAL(rig.mtu, 1300);
  peer_expect(&rig.peer, MESSAGE_PMTUD_ACK);
  CHECK_EQUAL(get_u16(rig.peer.message.payload), piece);
  CHECK_EQUAL(rig.deliveries, 1);
  CHECK_EQUAL(rig.delivered_size, sizeof train);
  CHECK_EQUAL(rig.delivered_piece, piece);
}

/* Only what a broker says when it stops is told apart; an empty ERROR ends the tunnel as well. */
static void error_ends_the_tunnel_at_once(void) {
  for (int reason = -1; reason < 256; reason++) {
    struct rig rig;
    uint8_t payload = (uint8_t)reason;
    rig_start_with(&rig, false, 0, rig_cookie);
    peer_expect(&rig.peer, MESSAGE_PREPARE);
    peer_send_tunnel(&rig.peer, 100, true);
    rig_receive(&rig);
    peer_drain(&rig.peer);
    peer_send(&rig.peer, MESSAGE_ERROR, &payload, reason >= 0);
    rig_receive(&rig);
    CHECK_EQUAL(rig.session.end, reason == 2 ? END_PEER_LEAVING : END_PEER_ERROR);
    peer_expect_nothing(&rig.peer);
    session_release(&rig.session);
    close(rig.peer.fd);
  }
}

static void shutdown_tells_the_broker(void) {
  struct rig rig;
  rig_establish(&rig);
  session_stop(&rig.session, END_SHUTDOWN);
  peer_expect(&rig.peer, MESSAGE_ERROR);
  CHECK_EQUAL(rig.peer.message.length, 1);
  CHECK_EQUAL(rig.peer.message.payload[0], 0x11);
  session_stop(&rig.session, END_SHUTDOWN);
  peer_expect_nothing(&rig.peer);
}

static void probes_are_answered_with_their_size(void) {
  struct rig rig;
  uint8_t probe[MAXIMUM_PACKET];
  rig_establish(&rig);
  static const uint16_t sizes[] = {12, 1306, 1472, 1500};
  for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
    peer_send_raw(&rig.peer, probe, encode_probe(probe, sizes[i]));
    rig_receive(&rig);
    peer_expect(&rig.peer, MESSAGE_PMTUD_ACK);
    CHECK_EQUAL(get_u16(rig.peer.message.payload), sizes[i]);
  }
}

/* Acknowledges the probes that pass a path of `path` bytes, smallest first; says how many came. */
static unsigned answer_probes(struct rig *rig, unsigned path, unsigned headers) {
  uint16_t sizes[16];
  unsigned count = 0;
  while (peer_receive(&rig->peer, 20)) {
    CHECK_EQUAL(rig->peer.message.type, MESSAGE_PMTUD);
    sizes[count++] = (uint16_t)rig->peer.size;
  }
  for (unsigned i = count; i-- > 0;) {
    if (sizes[i] + headers <= path) peer_send_u16(&rig->peer, MESSAGE_PMTUD_ACK, sizes[i]);
  }
  rig_receive(rig);
  return count;
}

static void narrow_path_is_found_within_half_a_second(void) {
  struct rig rig;
  rig_start(&rig);
  rig_establish_with(&rig, true);
  CHECK_EQUAL(answer_probes(&rig, 1400, 28), 6);
  rig_pass(&rig, 400);
  CHECK_EQUAL(rig.mtu, 1346);
  CHECK_EQUAL(rig.mtu_changes, 2); /* the start's and the decision's */
  peer_expect(&rig.peer, MESSAGE_PMTU_NTFY);
  CHECK_EQUAL(get_u16(rig.peer.message.payload), 1346);
}

static void ipv6_has_its_own_sizes(void) {
  struct rig rig;
  rig_start_with(&rig, true, 0, NULL);
  rig_establish_with(&rig, true);
  CHECK_EQUAL(answer_probes(&rig, 1480, 48), 4);
  rig_pass(&rig, 400);
  CHECK_EQUAL(rig.mtu, 1396);
}

static void the_peers_mtu_counts(void) {
  struct rig rig;
  rig_establish(&rig);
  peer_send_u16(&rig.peer, MESSAGE_PMTU_NTFY, 1396);
  rig_receive(&rig);
  CHECK_EQUAL(rig.mtu, 1396);
}

static void a_flood_of_mtus_is_paced(void) {
  struct rig rig;
  rig_establish(&rig);
  peer_send_u16(&rig.peer, MESSAGE_PMTU_NTFY, 1396);
  rig_receive(&rig);
  for (int i = 0; i < 20; i++) {
    peer_send_u16(&rig.peer, MESSAGE_PMTU_NTFY, i % 2 == 0 ? 1280 : 1346);
    rig_receive(&rig);
    CHECK_EQUAL(rig.mtu, 1396);
  }
  rig_pass(&rig, 1100);
  CHECK_EQUAL(rig.mtu, 1346);
}

static void limit_is_sent_until_acknowledged(void) {
  struct rig rig;
  rig_start_with(&rig, false, 2048, NULL);
  rig_establish_with(&rig, true);
  peer_expect(&rig.peer, MESSAGE_LIMIT);
  CHECK(rig.peer.message.length == 8 && memcmp(rig.peer.message.payload, "\0\0\1\4\0\0\10\0", 8) == 0);
  peer_drain(&rig.peer);
  rig_pass(&rig, 1000);
  CHECK(peer_wait_for(&rig.peer, MESSAGE_LIMIT, 100));
  peer_send_u16(&rig.peer, MESSAGE_REL_ACK, 9); /* another's */
  rig_receive(&rig);
  rig_pass(&rig, 1000);
  CHECK(peer_wait_for(&rig.peer, MESSAGE_LIMIT, 100));
  peer_send_u16(&rig.peer, MESSAGE_REL_ACK, 0);
  rig_receive(&rig);
  rig_pass(&rig, 5000);
  CHECK(!peer_wait_for(&rig.peer, MESSAGE_LIMIT, 20));
}

static void limit_is_given_up_after_10_tries_and_the_tunnel_stays(void) {
  struct rig rig;
  unsigned count = 0;
  rig_start_with(&rig, false, 1, NULL);
  rig_establish_with(&rig, true);
  rig_pass(&rig, 30000);
  while (peer_receive(&rig.peer, 20)) count += rig.peer.message.type == MESSAGE_LIMIT;
  CHECK_EQUAL(count, 10);
  CHECK_EQUAL(rig.session.state, SESSION_UP);
}

/* A day of injected time: keepalives answered, no timer runs away, no message is missed. */
static void a_day_passes(void) {
  struct rig rig;
  unsigned keepalives = 0;
  rig_establish(&rig);
  int64_t end_ms = rig.now_ms + 86400000;
  while (rig.now_ms < end_ms) {
    rig_pass(&rig, 1000);
    while (peer_receive(&rig.peer, 0)) {
      if (rig.peer.message.type == MESSAGE_KEEPALIVE) {
        keepalives++;
        peer_send_u16(&rig.peer, MESSAGE_KEEPALIVE, (uint16_t)keepalives);
      } else if (rig.peer.message.type == MESSAGE_PMTUD) {
        peer_send_u16(&rig.peer, MESSAGE_PMTUD_ACK, (uint16_t)rig.peer.size);
      }
    }
    rig_receive(&rig);
  }
  CHECK_EQUAL(rig.session.state, SESSION_UP);
  CHECK_EQUAL(keepalives, 14400);
  CHECK_EQUAL(rig.mtu_changes, 1);
}

const struct test_case session_up_cases[] = {
    {"session: keepalives every 6 s, never identical", keepalives_every_6_s_never_identical},
    {"session: peer is dead after 60 s of silence", peer_is_dead_after_60_s_of_silence},
    {"session: only session messages are signs of life", only_session_messages_are_signs_of_life},
    {"session: data is delivered and is no sign of life", data_is_delivered_and_is_no_sign_of_life},
    {"session: trains are taken apart", trains_are_taken_apart},
    {"session: error ends the tunnel at once", error_ends_the_tunnel_at_once},
    {"session: shutdown tells the broker", shutdown_tells_the_broker},
    {"session: probes are answered with their size", probes_are_answered_with_their_size},
    {"session: narrow path is found within half a second", narrow_path_is_found_within_half_a_second},
    {"session: IPv6 has its own sizes", ipv6_has_its_own_sizes},
    {"session: the peer's MTU counts", the_peers_mtu_counts},
    {"session: a flood of MTUs is paced", a_flood_of_mtus_is_paced},
    {"session: limit is sent until acknowledged", limit_is_sent_until_acknowledged},
    {"session: limit is given up after 10 tries", limit_is_given_up_after_10_tries_and_the_tunnel_stays},
    {"session: a day passes", a_day_passes},
    {NULL, NULL},
};
