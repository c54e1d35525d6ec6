/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "protocol.h"
#include "test.h"

static enum decode_result decode_payload(uint8_t type, size_t length, struct message *message) {
  static uint8_t packet[MAXIMUM_PACKET];
  const uint8_t payload[MAXIMUM_PAYLOAD] = {1, 2, 3, 4};
  size_t size = message_encode(packet, type, payload, length, 0);
  CHECK(size >= MINIMUM_PACKET);
  return message_decode(packet, size, message);
}

static void header_and_padding(void) {
  uint8_t packet[MAXIMUM_PACKET];
  memset(packet, 0xee, sizeof packet);
  const uint8_t expected[12] = {0x80, 0x73, 0xa7, 0x01, 0x05, 4, 0, 0, 1, 2, 0, 0};
  CHECK_EQUAL(encode_keepalive(packet, 0x0102), 12);
  CHECK(memcmp(packet, expected, sizeof expected) == 0);
}

static void requests_leave_room_for_the_reply(void) {
  uint8_t packet[MAXIMUM_PACKET];
  const uint8_t cookie[14] = {0x80, 0x73, 0xa7, 0x01, 0x01, 8};
  const uint8_t usage[18] = {0x80, 0x73, 0xa7, 0x01, 0x0a, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
  CHECK_EQUAL(encode_cookie_request(packet), sizeof cookie);
  CHECK(memcmp(packet, cookie, sizeof cookie) == 0);
  CHECK_EQUAL(encode_usage_request(packet), sizeof usage);
  CHECK(memcmp(packet, usage, sizeof usage) == 0);
}

static void longest_uuid_fits_and_a_longer_one_does_not(void) {
  uint8_t packet[MAXIMUM_PACKET];
  const uint8_t cookie[COOKIE_SIZE] = {0};
  char uuid[MAXIMUM_UUID + 2];
  memset(uuid, 'u', sizeof uuid);
  uuid[MAXIMUM_UUID + 1] = '\0';
  CHECK_EQUAL(encode_prepare(packet, cookie, uuid, 1, 1), 0);
  uuid[MAXIMUM_UUID] = '\0';
  CHECK_EQUAL(encode_prepare(packet, cookie, uuid, 1, 1), HEADER_SIZE + 255);
  CHECK_EQUAL(packet[5], 255);
  CHECK_EQUAL(packet[HEADER_SIZE + 8], MAXIMUM_UUID);
  CHECK_EQUAL(packet[HEADER_SIZE + 254], 1);
}

static void empty_uuid(void) {
  uint8_t packet[MAXIMUM_PACKET];
  const uint8_t cookie[COOKIE_SIZE] = {1, 2, 3, 4, 5, 6, 7, 8};
  CHECK_EQUAL(encode_prepare(packet, cookie, "", 0x01020304, 1), HEADER_SIZE + 17);
  CHECK(memcmp(packet + 6, "\1\2\3\4\5\6\7\10\0\1\2\3\4\0\0\0\1", 17) == 0);
}

static void probes_keep_their_size(void) {
  uint8_t packet[MAXIMUM_PACKET];
  CHECK_EQUAL(encode_probe(packet, 1472), 1472);
  CHECK_EQUAL(packet[5], 0);
  CHECK_EQUAL(encode_probe(packet, MAXIMUM_PACKET + 1), 0);
}

static void receiver_rules(void) {
  struct message message;
  CHECK_EQUAL(decode_payload(MESSAGE_COOKIE, 8, &message), DECODE_OK);
  CHECK_EQUAL(decode_payload(MESSAGE_COOKIE, 7, &message), DECODE_BAD_LENGTH);
  CHECK_EQUAL(decode_payload(MESSAGE_COOKIE, 9, &message), DECODE_BAD_LENGTH);
  CHECK_EQUAL(decode_payload(MESSAGE_TUNNEL, 3, &message), DECODE_BAD_LENGTH);
  CHECK_EQUAL(decode_payload(MESSAGE_TUNNEL, 4, &message), DECODE_OK);
  CHECK_EQUAL(decode_payload(MESSAGE_TUNNEL, 8, &message), DECODE_OK);
  for (int type = MESSAGE_PMTUD_ACK; type <= MESSAGE_PMTU_NTFY; type++) {
    CHECK_EQUAL(decode_payload((uint8_t)type, 1, &message), DECODE_BAD_LENGTH);
    CHECK_EQUAL(decode_payload((uint8_t)type, 2, &message), DECODE_OK);
    CHECK_EQUAL(decode_payload((uint8_t)type, 3, &message), DECODE_BAD_LENGTH);
  }
  CHECK_EQUAL(decode_payload(MESSAGE_USAGE, 1, &message), DECODE_BAD_LENGTH);
  CHECK_EQUAL(decode_payload(MESSAGE_ERROR, 0, &message), DECODE_OK);
  CHECK_EQUAL(decode_payload(MESSAGE_KEEPALIVE, 0, &message), DECODE_OK);
  CHECK_EQUAL(decode_payload(0x7f, 255, &message), DECODE_OK);
  CHECK_EQUAL(message.length, 255);
  CHECK_EQUAL(message.payload[1], 2);
}

static void foreign_and_cut_datagrams(void) {
  struct message message;
  uint8_t packet[] = {0x80, 0x73, 0xa7, 0x01, 0x05, 2, 0, 9};
  for (size_t size = 0; size < HEADER_SIZE; size++) CHECK_EQUAL(message_decode(packet, size, &message), DECODE_TOO_SHORT);
  CHECK_EQUAL(message_decode(packet, 7, &message), DECODE_CUT);
  CHECK_EQUAL(message_decode(packet, 8, &message), DECODE_OK);
  for (int i = 0; i < 4; i++) {
    packet[i] ^= 1;
    CHECK_EQUAL(message_decode(packet, sizeof packet, &message), DECODE_FOREIGN);
    packet[i] ^= 1;
  }
}

/* Random bytes never make the decoder reach beyond the datagram (the sanitizer watches the exact heap block). */
static void random_datagrams(void) {
  srand(1);
  for (int round = 0; round < 20000; round++) {
    size_t size = (size_t)rand() % 40;
    uint8_t *packet = malloc(size + 1);
    for (size_t i = 0; i < size; i++) packet[i] = (uint8_t)rand();
    if (size >= 4 && rand() % 4 != 0) memcpy(packet, "\x80\x73\xa7\x01", 4);
    uint8_t *exact = realloc(packet, size == 0 ? 1 : size);
    struct message message;
    if (message_decode(exact, size, &message) == DECODE_OK) {
      unsigned sum = 0;
      for (unsigned i = 0; i < message.length; i++) sum += message.payload[i];
      CHECK(sum <= 255u * 255u);
    }
    free(exact);
  }
}

static void data_header_is_the_kernels(void) {
  uint8_t header[DATA_HEADER_SIZE];
  data_header(header, 0x01020364);
  CHECK(memcmp(header, "\0\3\0\0\1\2\3\144\0\0\0\0", 12) == 0);
}

const struct test_case protocol_cases[] = {
    {"protocol: header and padding", header_and_padding},
    {"protocol: requests leave room for the reply", requests_leave_room_for_the_reply},
    {"protocol: longest uuid fits, a longer one does not (defect: 8-bit control length)", longest_uuid_fits_and_a_longer_one_does_not},
    {"protocol: empty uuid", empty_uuid},
    {"protocol: probes keep their size", probes_keep_their_size},
    {"protocol: receiver rules", receiver_rules},
    {"protocol: foreign and cut datagrams", foreign_and_cut_datagrams},
    {"protocol: random datagrams", random_datagrams},
    {"protocol: data header is the kernel's", data_header_is_the_kernels},
    {NULL, NULL},
};
