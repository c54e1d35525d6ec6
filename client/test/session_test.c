/* SPDX-License-Identifier: Apache-2.0 */
/* The session until its tunnel is up, against a scripted broker over loopback; the clock is the test's. */
#include <errno.h>
#include <string.h>
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
    {"session: taken ids are waited for", taken_ids_are_waited_for},
    {"session: ids that stay taken end the attempt", ids_that_stay_taken_end_the_attempt},
    {"session: a failing interface ends the session", a_failing_interface_ends_the_session},
    {"session: misfortune by seed", misfortune},
    {NULL, NULL},
};
