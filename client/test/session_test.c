/* SPDX-License-Identifier: Apache-2.0 */
/* The session's states against a scripted broker over loopback; the clock is the test's. */
#include <errno.h>
#include <netinet/udp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "session_rig.h"
#include "test.h"

static void handshake(void) {
  struct rig rig;
  rig_start(&rig);
  peer_expect(&rig.peer, MESSAGE_COOKIE);
  CHECK_EQUAL(rig.peer.size, 14);
  peer_send(&rig.peer, MESSAGE_COOKIE, rig_cookie, sizeof rig_cookie);
  rig_receive(&rig);
  peer_expect(&rig.peer, MESSAGE_PREPARE);
  CHECK_EQUAL(rig.peer.message.length, 8 + 1 + 6 + 8);
  CHECK(memcmp(rig.peer.message.payload, "\11\10\7\6\5\4\3\2\6router\0\0\0\7\0\0\0\1", 23) == 0);
  CHECK_EQUAL(rig.opens, 0);
  peer_send_tunnel(&rig.peer, 100, true);
  rig_receive(&rig);
  CHECK_EQUAL(rig.ups, 1);
  CHECK_EQUAL(rig.opened.id, 7);
  CHECK_EQUAL(rig.opened.peer_id, 100);
  CHECK_EQUAL(rig.opened.session_id, 7);
  CHECK_EQUAL(rig.opened.peer_session_id, 100);
  CHECK_EQUAL(rig.mtu, 1446);
}

static void broker_without_flags_gets_session_1(void) {
  struct rig rig;
  rig_start(&rig);
  rig_establish_with(&rig, false);
  CHECK_EQUAL(rig.opened.id, 7);
  CHECK_EQUAL(rig.opened.peer_id, 100);
  CHECK_EQUAL(rig.opened.session_id, 1);
  CHECK_EQUAL(rig.opened.peer_session_id, 1);
}

static void flags_without_the_feature_give_session_1(void) {
  struct rig rig;
  rig_start_with(&rig, false, 0, rig_cookie);
  peer_expect(&rig.peer, MESSAGE_PREPARE);
  peer_send(&rig.peer, MESSAGE_TUNNEL, "\0\0\0\144\0\0\0\2", 8);
  rig_receive(&rig);
  CHECK_EQUAL(rig.opened.session_id, 1);
}

static void cookie_of_the_selection_saves_a_round_trip(void) {
  struct rig rig;
  rig_start_with(&rig, true, 0, rig_cookie);
  peer_expect(&rig.peer, MESSAGE_PREPARE);
  peer_send_tunnel(&rig.peer, 100, true);
  rig_receive(&rig);
  CHECK_EQUAL(rig.session.state, SESSION_UP);
  CHECK_EQUAL(rig.mtu, 1422);
}

static void lost_messages_are_sent_again_every_3_s(void) {
  struct rig rig;
  rig_start(&rig);
  peer_expect(&rig.peer, MESSAGE_COOKIE);
  rig_pass(&rig, 2999);
  peer_expect_nothing(&rig.peer);
  rig_pass(&rig, 1);
  peer_expect(&rig.peer, MESSAGE_COOKIE);
  peer_send(&rig.peer, MESSAGE_COOKIE, rig_cookie, sizeof rig_cookie);
  rig_receive(&rig);
  peer_expect(&rig.peer, MESSAGE_PREPARE);
  rig_pass(&rig, 3000);
  peer_expect(&rig.peer, MESSAGE_PREPARE);
  peer_expect_nothing(&rig.peer);
  peer_send_tunnel(&rig.peer, 100, true);
  rig_receive(&rig);
  CHECK_EQUAL(rig.ups, 1);
}

static void silence_ends_the_handshake_after_15_s(void) {
  struct rig rig;
  rig_start_with(&rig, false, 0, rig_cookie);
  rig_pass(&rig, 14999);
  CHECK_EQUAL(rig.session.state, SESSION_AWAIT_TUNNEL);
  rig_pass(&rig, 1);
  CHECK_EQUAL(rig.session.state, SESSION_ENDED);
  CHECK_EQUAL(rig.session.end, END_NO_ANSWER);
  for (int i = 0; i < 5; i++) peer_expect(&rig.peer, MESSAGE_PREPARE);
  peer_expect(&rig.peer, MESSAGE_ERROR); /* the broker may have a tunnel that we never heard of */
  CHECK_EQUAL(rig.peer.message.payload[0], REASON_TIMEOUT);
}

static void duplicates_change_nothing(void) {
  struct rig rig;
  rig_start(&rig);
  peer_expect(&rig.peer, MESSAGE_COOKIE);
  for (int i = 0; i < 3; i++) peer_send(&rig.peer, MESSAGE_COOKIE, rig_cookie, sizeof rig_cookie);
  rig_receive(&rig);
  peer_expect(&rig.peer, MESSAGE_PREPARE);
  peer_expect_nothing(&rig.peer);
  for (int i = 0; i < 3; i++) peer_send_tunnel(&rig.peer, 100, true);
  peer_send_tunnel(&rig.peer, 101, false);
  peer_send(&rig.peer, MESSAGE_COOKIE, rig_cookie, sizeof rig_cookie);
  rig_receive(&rig);
  CHECK_EQUAL(rig.opens, 1);
  CHECK_EQUAL(rig.ups, 1);
  CHECK_EQUAL(rig.session.tunnel.peer_id, 100);
}

static void messages_out_of_turn_are_ignored(void) {
  struct rig rig;
  rig_start(&rig);
  peer_expect(&rig.peer, MESSAGE_COOKIE);
  peer_send_tunnel(&rig.peer, 100, true);
  peer_send(&rig.peer, MESSAGE_ERROR, NULL, 0);
  peer_send(&rig.peer, MESSAGE_PMTUD, NULL, 0);
  peer_send_u16(&rig.peer, MESSAGE_USAGE, 1);
  peer_send(&rig.peer, 0x7f, "?", 1);
  rig_receive(&rig);
  CHECK_EQUAL(rig.session.state, SESSION_AWAIT_COOKIE);
  peer_expect_nothing(&rig.peer);
  peer_send(&rig.peer, MESSAGE_COOKIE, rig_cookie, 7);
  rig_receive(&rig);
  CHECK_EQUAL(rig.session.state, SESSION_AWAIT_COOKIE);
  peer_send(&rig.peer, MESSAGE_COOKIE, rig_cookie, 8);
  rig_receive(&rig);
  peer_expect(&rig.peer, MESSAGE_PREPARE);
  peer_send(&rig.peer, MESSAGE_TUNNEL, "\0\0\0", 3);
  peer_send(&rig.peer, MESSAGE_TUNNEL, "\0\0\0\0", 4);
  rig_receive(&rig);
  CHECK_EQUAL(rig.session.state, SESSION_AWAIT_TUNNEL);
}

static void what_overtakes_the_tunnel_message_is_not_lost(void) {
  struct rig rig;
  rig_start_with(&rig, false, 0, rig_cookie);
  peer_expect(&rig.peer, MESSAGE_PREPARE);
  uint8_t probe[MAXIMUM_PACKET];
  peer_send_raw(&rig.peer, probe, encode_probe(probe, 1372));
  peer_send_u16(&rig.peer, MESSAGE_PMTU_NTFY, 1346);
  peer_send_tunnel(&rig.peer, 100, true);
  rig_receive(&rig);
  peer_expect(&rig.peer, MESSAGE_PMTUD_ACK);
  CHECK_EQUAL(get_u16(rig.peer.message.payload), 1372);
  CHECK_EQUAL(rig.mtu, 1346);
  CHECK_EQUAL(rig.mtu_changes, 1);
}

/* As long as the options allow: the length byte still holds it all, and nothing is cut. */
static void the_longest_uuid_goes_whole(void) {
  struct rig rig;
  static char uuid[MAXIMUM_UUID + 1];
  memset(uuid, 'u', MAXIMUM_UUID);
  rig_start(&rig);
  rig.session.config.uuid = uuid;
  peer_expect(&rig.peer, MESSAGE_COOKIE);
  peer_send(&rig.peer, MESSAGE_COOKIE, rig_cookie, 8);
  rig_receive(&rig);
  peer_expect(&rig.peer, MESSAGE_PREPARE);
  CHECK_EQUAL(rig.peer.size, HEADER_SIZE + 255);
  CHECK_EQUAL(rig.peer.message.length, 255);
  CHECK_EQUAL(rig.peer.message.payload[8], MAXIMUM_UUID);
  CHECK(memcmp(rig.peer.message.payload + 9, uuid, MAXIMUM_UUID) == 0);
  CHECK_EQUAL(get_u32(rig.peer.message.payload + 9 + MAXIMUM_UUID), 7);
}

static void refusal(void) {
  struct rig rig;
  rig_start_with(&rig, false, 0, rig_cookie);
  peer_expect(&rig.peer, MESSAGE_PREPARE);
  peer_send(&rig.peer, MESSAGE_ERROR, NULL, 0);
  rig_receive(&rig);
  CHECK_EQUAL(rig.session.end, END_REFUSED);
  CHECK_EQUAL(session_deadline(&rig.session), INT64_MAX);
  peer_expect_nothing(&rig.peer);
}

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

static void taken_ids_are_waited_for(void) {
  struct rig rig;
  rig_start_with(&rig, false, 0, rig_cookie);
  peer_expect(&rig.peer, MESSAGE_PREPARE);
  rig.open_result = -EEXIST;
  peer_send_tunnel(&rig.peer, 100, true);
  rig_receive(&rig);
  rig_pass(&rig, 78);
  CHECK_EQUAL(rig.session.state, SESSION_OPENING);
  CHECK_EQUAL(rig.ups, 0);
  CHECK(rig.opens >= 4);
  rig.open_result = 0;
  rig_pass(&rig, 20);
  CHECK_EQUAL(rig.ups, 1);
}

static void ids_that_stay_taken_end_the_attempt(void) {
  struct rig rig;
  rig_start_with(&rig, false, 0, rig_cookie);
  peer_expect(&rig.peer, MESSAGE_PREPARE);
  rig.open_result = -EEXIST;
  peer_send_tunnel(&rig.peer, 100, true);
  rig_receive(&rig);
  rig_pass(&rig, OPEN_LIMIT_MS + OPEN_RETRY_MS);
  CHECK_EQUAL(rig.session.end, END_ID_TAKEN);
  CHECK(peer_wait_for(&rig.peer, MESSAGE_ERROR, 100));
  CHECK_EQUAL(rig.peer.message.payload[0], REASON_FAILURE);
}

static void a_failing_interface_ends_the_session(void) {
  struct rig rig;
  rig_start_with(&rig, false, 0, rig_cookie);
  peer_expect(&rig.peer, MESSAGE_PREPARE);
  rig.open_result = -EPERM;
  peer_send_tunnel(&rig.peer, 100, true);
  rig_receive(&rig);
  CHECK_EQUAL(rig.session.end, END_DATAPATH);
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

/* Loses, doubles and reorders by seed; the handshake comes through and no state breaks. */
static void misfortune(void) {
  for (unsigned seed = 1; seed <= 200; seed++) {
    struct rig rig;
    uint8_t held[64][MAXIMUM_PACKET];
    size_t held_size[64];
    unsigned held_count = 0;
    srand(seed);
    rig_start(&rig);
    for (int step = 0; step < 200 && rig.session.state != SESSION_UP && rig.session.state != SESSION_ENDED; step++) {
      while (peer_receive(&rig.peer, 0)) {
        unsigned copies = rand() % 3u; /* none, one, two */
        for (; copies > 0 && held_count < 64; copies--) {
          uint8_t tunnel[8] = {0, 0, 0, 100, 0, 0, 0, 1};
          uint8_t *into = held[held_count];
          if (rig.peer.message.type == MESSAGE_COOKIE) {
            held_size[held_count++] = message_encode(into, MESSAGE_COOKIE, rig_cookie, 8, 0);
          } else if (rig.peer.message.type == MESSAGE_PREPARE) {
            held_size[held_count++] = message_encode(into, MESSAGE_TUNNEL, tunnel, 8, 0);
          }
        }
      }
      if (held_count > 0 && rand() % 2) {
        unsigned pick = rand() % held_count;
        peer_send_raw(&rig.peer, held[pick], held_size[pick]);
        memmove(held[pick], held[--held_count], MAXIMUM_PACKET);
        held_size[pick] = held_size[held_count];
        rig_receive(&rig);
      }
      rig_pass(&rig, 100);
    }
    bool good = rig.session.state == SESSION_UP ? rig.ups == 1 && rig.opened.session_id == 7
                                                : rig.session.end == END_NO_ANSWER && rig.ups == 0;
    if (!good) fprintf(stderr, "seed %u\n", seed);
    CHECK(good);
    session_release(&rig.session);
    close(rig.peer.fd);
  }
}

const struct test_case session_cases[] = {
    {"session: handshake", handshake},
    {"session: broker without flags gets session 1", broker_without_flags_gets_session_1},
    {"session: flags without the feature give session 1", flags_without_the_feature_give_session_1},
    {"session: cookie of the selection saves a round trip", cookie_of_the_selection_saves_a_round_trip},
    {"session: lost messages are sent again every 3 s", lost_messages_are_sent_again_every_3_s},
    {"session: silence ends the handshake after 15 s", silence_ends_the_handshake_after_15_s},
    {"session: duplicates change nothing", duplicates_change_nothing},
    {"session: messages out of turn are ignored", messages_out_of_turn_are_ignored},
    {"session: what overtakes the TUNNEL is not lost", what_overtakes_the_tunnel_message_is_not_lost},
    {"session: the longest uuid goes whole (defect: 8-bit control length)", the_longest_uuid_goes_whole},
    {"session: refusal", refusal},
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
    {"session: taken ids are waited for", taken_ids_are_waited_for},
    {"session: ids that stay taken end the attempt", ids_that_stay_taken_end_the_attempt},
    {"session: a failing interface ends the session", a_failing_interface_ends_the_session},
    {"session: a day passes", a_day_passes},
    {"session: misfortune by seed", misfortune},
    {NULL, NULL},
};
