/* SPDX-License-Identifier: Apache-2.0 */
/* The wire protocol: bytes in, message or reason out; message in, bytes out. Every field is big-endian.
 * Pure: no clock, no socket. Facts: docs/protocol.md. */
#ifndef TD_PROTOCOL_H
#define TD_PROTOCOL_H

#include <stddef.h>
#include <stdint.h>

enum message_type {
  MESSAGE_COOKIE = 0x01,
  MESSAGE_PREPARE = 0x02,
  MESSAGE_ERROR = 0x03,
  MESSAGE_TUNNEL = 0x04,
  MESSAGE_KEEPALIVE = 0x05,
  MESSAGE_PMTUD = 0x06,
  MESSAGE_PMTUD_ACK = 0x07,
  MESSAGE_REL_ACK = 0x08,
  MESSAGE_PMTU_NTFY = 0x09,
  MESSAGE_USAGE = 0x0a,
  MESSAGE_LIMIT = 0x80,
};

/* Reasons in our ERROR messages: high nibble 1 says that the client speaks. */
enum client_reason {
  REASON_SHUTDOWN = 0x11,
  REASON_TIMEOUT = 0x12,
  REASON_FAILURE = 0x13,
};

#define HEADER_SIZE 6
#define MINIMUM_PACKET 12 /* firewalls on port 53 drop anything shorter than a DNS header */
#define MAXIMUM_PAYLOAD 255
#define MAXIMUM_PACKET 1500
#define COOKIE_SIZE 8
#define MAXIMUM_UUID 238 /* what one length byte leaves beside cookie, tunnel id and flags */
#define FEATURE_UNIQUE_SESSION_ID 1u
#define USAGE_UNKNOWN 65535

#define DATA_HEADER_SIZE 12 /* L2TPv3 over UDP with the default sublayer, RFC 3931 section 4.1.2.1 and 4.6 */

struct message {
  uint8_t type;
  uint8_t length;
  const uint8_t *payload; /* inside the decoded datagram */
};

enum decode_result {
  DECODE_OK,
  DECODE_TOO_SHORT,  /* no whole header */
  DECODE_FOREIGN,    /* other magic or version */
  DECODE_CUT,        /* the length byte exceeds the datagram */
  DECODE_BAD_LENGTH, /* wrong payload length for its type */
};

/* Decodes one datagram by the client's receiver rules. Types that the client does not know decode too. */
enum decode_result message_decode(const uint8_t *datagram, size_t size, struct message *out);

/* Each encoder returns the datagram's size, 0 when it would not fit. `out` holds MAXIMUM_PACKET bytes. */
size_t message_encode(uint8_t *out, uint8_t type, const uint8_t *payload, size_t length, size_t padded_to);
size_t encode_cookie_request(uint8_t *out);
size_t encode_usage_request(uint8_t *out);
/* No features: the field is left out, as by clients that know none. */
size_t encode_prepare(uint8_t *out, const uint8_t cookie[COOKIE_SIZE], const char *uuid, uint32_t tunnel_id,
                      uint32_t features);
size_t encode_error(uint8_t *out, uint8_t reason);
size_t encode_keepalive(uint8_t *out, uint32_t sequence);
size_t encode_probe(uint8_t *out, size_t datagram_size);
size_t encode_u16(uint8_t *out, uint8_t type, uint16_t value); /* PMTUD_ACK, PMTU_NTFY */
size_t encode_limit(uint8_t *out, uint16_t sequence, uint32_t kbit_per_second);

void data_header(uint8_t out[DATA_HEADER_SIZE], uint32_t receiver_session_id);

static inline void put_u16(uint8_t *out, uint16_t value) {
  out[0] = (uint8_t)(value >> 8);
  out[1] = (uint8_t)value;
}

static inline void put_u32(uint8_t *out, uint32_t value) {
  put_u16(out, (uint16_t)(value >> 16));
  put_u16(out + 2, (uint16_t)value);
}

static inline uint16_t get_u16(const uint8_t *in) { return (uint16_t)(in[0] << 8 | in[1]); }

static inline uint32_t get_u32(const uint8_t *in) { return (uint32_t)get_u16(in) << 16 | get_u16(in + 2); }

#endif
