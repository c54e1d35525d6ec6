/* SPDX-License-Identifier: Apache-2.0 */
#include "protocol.h"

#include <string.h>

/* The first bit and the low nibble 3 of byte 1 make the kernel's L2TP code pass the packet to the socket. */
static const uint8_t magic_and_version[4] = {0x80, 0x73, 0xa7, 0x01};

/* Payload lengths that a receiver accepts; types not named here may have any. */
static const struct {
  uint8_t type, least, most;
} accepted_lengths[] = {
    {MESSAGE_COOKIE, COOKIE_SIZE, COOKIE_SIZE},
    {MESSAGE_TUNNEL, 4, 255},
    {MESSAGE_PMTUD_ACK, 2, 2},
    {MESSAGE_REL_ACK, 2, 2},
    {MESSAGE_PMTU_NTFY, 2, 2},
    {MESSAGE_USAGE, 2, 255},
};

enum decode_result message_decode(const uint8_t *datagram, size_t size, struct message *out) {
  if (size < HEADER_SIZE) return DECODE_TOO_SHORT;
  if (memcmp(datagram, magic_and_version, sizeof magic_and_version) != 0) return DECODE_FOREIGN;
  out->type = datagram[4];
  out->length = datagram[5];
  out->payload = datagram + HEADER_SIZE;
  if (size - HEADER_SIZE < out->length) return DECODE_CUT;
  for (size_t i = 0; i < sizeof accepted_lengths / sizeof *accepted_lengths; i++) {
    if (accepted_lengths[i].type != out->type) continue;
    if (out->length < accepted_lengths[i].least || out->length > accepted_lengths[i].most) return DECODE_BAD_LENGTH;
  }
  return DECODE_OK;
}

size_t message_encode(uint8_t *out, uint8_t type, const uint8_t *payload, size_t length, size_t padded_to) {
  size_t size = HEADER_SIZE + length;
  if (size < MINIMUM_PACKET) size = MINIMUM_PACKET;
  if (size < padded_to) size = padded_to;
  if (length > MAXIMUM_PAYLOAD || size > MAXIMUM_PACKET) return 0;
  memset(out, 0, size);
  memcpy(out, magic_and_version, sizeof magic_and_version);
  out[4] = type;
  out[5] = (uint8_t)length;
  if (length > 0) memcpy(out + HEADER_SIZE, payload, length);
  return size;
}

/* The padding lets the broker answer without a reply larger than the request. */
size_t encode_cookie_request(uint8_t *out) {
  const uint8_t padding[8] = {0};
  return message_encode(out, MESSAGE_COOKIE, padding, sizeof padding, 0);
}

size_t encode_usage_request(uint8_t *out) {
  uint8_t payload[8 + 4] = {0};
  put_u32(payload + 8, FEATURE_UNIQUE_SESSION_ID);
  return message_encode(out, MESSAGE_USAGE, payload, sizeof payload, 0);
}

size_t encode_prepare(uint8_t *out, const uint8_t cookie[COOKIE_SIZE], const char *uuid, uint32_t tunnel_id,
                      uint32_t features) {
  uint8_t payload[MAXIMUM_PAYLOAD];
  size_t uuid_length = strlen(uuid);
  if (uuid_length > MAXIMUM_UUID) return 0;
  memcpy(payload, cookie, COOKIE_SIZE);
  payload[COOKIE_SIZE] = (uint8_t)uuid_length;
  memcpy(payload + COOKIE_SIZE + 1, uuid, uuid_length);
  size_t at = COOKIE_SIZE + 1 + uuid_length;
  put_u32(payload + at, tunnel_id);
  put_u32(payload + at + 4, features);
  return message_encode(out, MESSAGE_PREPARE, payload, features != 0 ? at + 8 : at + 4, 0);
}

size_t encode_error(uint8_t *out, uint8_t reason) { return message_encode(out, MESSAGE_ERROR, &reason, 1, 0); }

size_t encode_keepalive(uint8_t *out, uint32_t sequence) {
  uint8_t payload[4];
  put_u32(payload, sequence);
  return message_encode(out, MESSAGE_KEEPALIVE, payload, sizeof payload, 0);
}

size_t encode_probe(uint8_t *out, size_t datagram_size) {
  return message_encode(out, MESSAGE_PMTUD, NULL, 0, datagram_size);
}

size_t encode_u16(uint8_t *out, uint8_t type, uint16_t value) {
  uint8_t payload[2];
  put_u16(payload, value);
  return message_encode(out, type, payload, sizeof payload, 0);
}

size_t encode_limit(uint8_t *out, uint16_t sequence, uint32_t kbit_per_second) {
  uint8_t payload[8] = {0, 0, 0x01 /* downstream bandwidth */, 4};
  put_u16(payload, sequence);
  put_u32(payload + 4, kbit_per_second);
  return message_encode(out, MESSAGE_LIMIT, payload, sizeof payload, 0);
}

void data_header(uint8_t out[DATA_HEADER_SIZE], uint32_t receiver_session_id) {
  memset(out, 0, DATA_HEADER_SIZE);
  out[1] = 3; /* version; no T bit: a data message */
  put_u32(out + 4, receiver_session_id);
}
