/* SPDX-License-Identifier: Apache-2.0 */
/* Replays the captured sessions of the reference's own client and broker: what they said, we decode and say alike. */
#include <string.h>

#include "capture.h"
#include "protocol.h"
#include "test.h"

struct tally {
  unsigned control, data, by_type[256];
};

static bool is_zero(const uint8_t *bytes, size_t size) {
  for (size_t i = 0; i < size; i++) {
    if (bytes[i] != 0) return false;
  }
  return true;
}

/* What the client's own encoders make of the values in a captured client message. */
static size_t encode_alike(uint8_t *out, const struct message *message) {
  const uint8_t *payload = message->payload;
  char uuid[256] = {0};
  switch (message->type) {
    case MESSAGE_PREPARE:
      memcpy(uuid, payload + 9, payload[8]);
      return encode_prepare(out, payload, uuid, get_u32(payload + 9 + payload[8]), get_u32(payload + 13 + payload[8]));
    case MESSAGE_KEEPALIVE: return encode_keepalive(out, get_u32(payload));
    case MESSAGE_PMTUD_ACK:
    case MESSAGE_PMTU_NTFY: return encode_u16(out, message->type, get_u16(payload));
    case MESSAGE_LIMIT: return encode_limit(out, get_u16(payload), get_u32(payload + 4));
    case MESSAGE_ERROR: return encode_error(out, payload[0]);
    default: return 0;
  }
}

static void check_control(const uint8_t *udp, size_t size, bool from_client, struct tally *tally) {
  uint8_t again[MAXIMUM_PACKET];
  struct message message;
  CHECK_EQUAL(message_decode(udp, size, &message), DECODE_OK);
  tally->control++;
  tally->by_type[message.type]++;
  size_t meaningful = (size_t)HEADER_SIZE + message.length;
  CHECK_EQUAL(message_encode(again, message.type, message.payload, message.length, size), size);
  CHECK(memcmp(again, udp, meaningful) == 0);
  CHECK(is_zero(again + meaningful, size - meaningful));
  if (message.type == MESSAGE_PMTUD) CHECK_EQUAL(encode_probe(again, size), size);
  if (!from_client) return;
  if (message.type == MESSAGE_COOKIE) CHECK_EQUAL(encode_cookie_request(again), size);
  if (message.type == MESSAGE_USAGE) CHECK_EQUAL(encode_usage_request(again), size);
  size_t own = encode_alike(again, &message);
  if (own == 0) return;
  CHECK_EQUAL(own, size);
  CHECK(memcmp(again, udp, meaningful) == 0);
}

static void on_datagram(void *context, const struct captured *datagram) {
  struct tally *tally = context;
  const uint8_t *payload = datagram->payload;
  if (payload[0] & 0x80) {
    check_control(payload, datagram->size, datagram->from_client, tally);
  } else {
    uint8_t header[DATA_HEADER_SIZE];
    data_header(header, datagram->from_client ? 100 : 7); /* the ids of both captures */
    CHECK(datagram->size > DATA_HEADER_SIZE && memcmp(payload, header, sizeof header) == 0);
    tally->data++;
  }
}

static void check_session(const char *path) {
  struct tally tally = {0};
  CHECK(capture_read(path, on_datagram, &tally));
  static const uint8_t expected[] = {MESSAGE_COOKIE, MESSAGE_PREPARE, MESSAGE_TUNNEL,   MESSAGE_KEEPALIVE, MESSAGE_PMTUD,
                                     MESSAGE_PMTUD_ACK, MESSAGE_REL_ACK, MESSAGE_PMTU_NTFY, MESSAGE_USAGE, MESSAGE_LIMIT};
  for (size_t i = 0; i < sizeof expected; i++) CHECK(tally.by_type[expected[i]] > 0);
  CHECK(tally.control > 20 && tally.data > 10);
}

static void whole_path(void) { check_session(CAPTURES "/reference-mtu1500.pcap"); }
static void narrow_path(void) { check_session(CAPTURES "/reference-mtu1400.pcap"); }

const struct test_case capture_cases[] = {
    {"captures: session on a 1500-byte path", whole_path},
    {"captures: session on a 1400-byte path", narrow_path},
    {NULL, NULL},
};
