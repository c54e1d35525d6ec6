/* SPDX-License-Identifier: Apache-2.0 */
/* Brokers that are not ours: older ones, the reference's with its lapses, and what may come from anywhere. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "session_rig.h"
#include "test.h"

/* The answer to the first PREPARE was lost; the one to the second lacks the flags, whatever the broker has set up. */
static void lose_the_first_answer(struct rig *rig, bool without_flags) {
  rig_start_with(rig, false, 0, rig_cookie);
  rig->session.config.without_flags = without_flags;
  peer_expect(&rig->peer, MESSAGE_PREPARE);
  rig_pass(rig, 3000);
  peer_expect(&rig->peer, MESSAGE_PREPARE);
}

static void flags_missing_in_a_repeated_answer_are_not_believed(void) {
  struct rig rig;
  lose_the_first_answer(&rig, false);
  peer_send_tunnel(&rig.peer, 100, false);
  rig_receive(&rig);
  CHECK_EQUAL(rig.session.end, END_FLAGS_UNKNOWN);
  CHECK_EQUAL(rig.opens, 0);
  peer_expect(&rig.peer, MESSAGE_ERROR); /* so that its tunnel does not linger */
}

static void the_next_attempt_asks_for_no_flags(void) {
  struct rig rig;
  lose_the_first_answer(&rig, true);
  CHECK_EQUAL(rig.peer.message.length, COOKIE_SIZE + 1 + strlen("router") + 4);
  peer_send_tunnel(&rig.peer, 100, false);
  rig_receive(&rig);
  CHECK_EQUAL(rig.ups, 1);
  CHECK_EQUAL(rig.opened.session_id, 1);
}

static void flags_in_a_repeated_answer_are_believed(void) {
  struct rig rig;
  lose_the_first_answer(&rig, false);
  peer_send_tunnel(&rig.peer, 100, true);
  rig_receive(&rig);
  CHECK_EQUAL(rig.opened.session_id, 7);
}

static void a_repeated_answer_without_flags_does_not_undo_the_first(void) {
  struct rig rig;
  rig_establish(&rig);
  peer_send_tunnel(&rig.peer, 100, false);
  peer_send_tunnel(&rig.peer, 200, true);
  rig_receive(&rig);
  CHECK_EQUAL(rig.session.state, SESSION_UP);
  CHECK_EQUAL(rig.session.tunnel.session_id, 7);
  CHECK_EQUAL(rig.session.tunnel.peer_id, 100);
}

/* Sends a message as a stranger's broker might: with `extra` bytes of rubbish behind, or no padding at all. */
static void send_padded(struct rig *rig, uint8_t type, const void *payload, size_t length, size_t extra) {
  uint8_t packet[MAXIMUM_PACKET];
  message_encode(packet, type, payload, length, 0);
  memset(packet + HEADER_SIZE + length, 0xa5, extra);
  peer_send_raw(&rig->peer, packet, HEADER_SIZE + length + extra);
}

static void padding_is_not_read(size_t extra) {
  struct rig rig;
  rig_start(&rig);
  peer_expect(&rig.peer, MESSAGE_COOKIE);
  send_padded(&rig, MESSAGE_COOKIE, rig_cookie, 8, extra);
  rig_receive(&rig);
  peer_expect(&rig.peer, MESSAGE_PREPARE);
  send_padded(&rig, MESSAGE_TUNNEL, "\0\0\0\144", 4, extra); /* rubbish is no feature flags */
  rig_receive(&rig);
  CHECK_EQUAL(rig.opened.session_id, 1);
  CHECK_EQUAL(rig.opened.peer_id, 100);
  rig_pass(&rig, 5000);
  send_padded(&rig, MESSAGE_KEEPALIVE, "\0\1", 2, extra);
  rig_receive(&rig);
  CHECK_EQUAL(rig.session.heard_ms, rig.now_ms);
  send_padded(&rig, MESSAGE_ERROR, NULL, 0, extra);
  rig_receive(&rig);
  CHECK_EQUAL(rig.session.end, END_PEER_ERROR);
}

static void padding_of_any_kind(void) {
  static const size_t extras[] = {0, 1, 5, 6, 30, 1000};
  for (size_t i = 0; i < sizeof extras / sizeof *extras; i++) padding_is_not_read(extras[i]);
}

static void tunnel_messages_of_odd_lengths(void) {
  for (size_t length = 4; length <= 255; length += length < 16 ? 1 : 61) {
    struct rig rig;
    uint8_t payload[255] = {0, 0, 0, 100, 0, 0, 0, 1};
    rig_start_with(&rig, false, 0, rig_cookie);
    peer_expect(&rig.peer, MESSAGE_PREPARE);
    peer_send(&rig.peer, MESSAGE_TUNNEL, payload, length);
    rig_receive(&rig);
    CHECK_EQUAL(rig.session.state, SESSION_UP);
    CHECK_EQUAL(rig.opened.session_id, length >= 8 ? 7 : 1);
    session_release(&rig.session);
    close(rig.peer.fd);
  }
}

/* Every type with every small length, in every state; only the tunnel's end may come of it. */
static void every_type_and_length(void) {
  uint8_t payload[255];
  memset(payload, 1, sizeof payload);
  for (unsigned type = 0; type < 256; type++) {
    struct rig rig;
    if (type == MESSAGE_ERROR) continue;
    rig_establish(&rig);
    for (size_t length = 0; length <= 12; length++) {
      peer_send(&rig.peer, (uint8_t)type, payload, length);
      send_padded(&rig, (uint8_t)type, payload, length, 0);
    }
    rig_receive(&rig);
    CHECK_EQUAL(rig.session.state, SESSION_UP);
    CHECK(rig.mtu >= 1280 && rig.mtu <= 1446);
    session_release(&rig.session);
    close(rig.peer.fd);
  }
}

static void what_is_not_ours_is_dropped(void) {
  struct rig rig;
  static const char *const packets[] = {"", "\x80", "\x80\x73\xa7\x01\x03", "\x80\x73\xa7\x02\x03\x00", "\x80\x73\xa8\x01\x03\x00",
                                        "\x80\x73\xa7\x01\x03\x09"};
  static const size_t sizes[] = {0, 1, 5, 12, 12, 12};
  rig_establish(&rig);
  for (size_t i = 0; i < 6; i++) {
    uint8_t packet[12] = {0};
    memcpy(packet, packets[i], sizes[i] < 6 ? sizes[i] : 6);
    peer_send_raw(&rig.peer, packet, sizes[i]);
  }
  rig_receive(&rig);
  CHECK_EQUAL(rig.session.state, SESSION_UP);
  CHECK_EQUAL(rig.session.heard_ms, 1000000);
}

const struct test_case foreign_cases[] = {
    {"foreign: flags missing in a repeated answer are not believed", flags_missing_in_a_repeated_answer_are_not_believed},
    {"foreign: the next attempt asks for no flags", the_next_attempt_asks_for_no_flags},
    {"foreign: flags in a repeated answer are believed", flags_in_a_repeated_answer_are_believed},
    {"foreign: a repeated answer does not undo the first", a_repeated_answer_without_flags_does_not_undo_the_first},
    {"foreign: padding of any kind", padding_of_any_kind},
    {"foreign: TUNNEL messages of odd lengths", tunnel_messages_of_odd_lengths},
    {"foreign: every type and length", every_type_and_length},
    {"foreign: what is not ours is dropped", what_is_not_ours_is_dropped},
    {NULL, NULL},
};
