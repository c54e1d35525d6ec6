/* SPDX-License-Identifier: Apache-2.0 */
/* One datagram through the decoder; what it accepts, the encoder makes again. */
#include <string.h>

#include "fuzz.h"
#include "protocol.h"

static void must_encode_alike(const struct message *message, const uint8_t *data, size_t size) {
  uint8_t again[MAXIMUM_PACKET];
  size_t meaningful = (size_t)HEADER_SIZE + message->length;
  if (size > MAXIMUM_PACKET) return;
  size_t made = message_encode(again, message->type, message->payload, message->length, size);
  MUST(made == (size < MINIMUM_PACKET ? MINIMUM_PACKET : size));
  MUST(memcmp(again, data, meaningful) == 0);
  for (size_t i = meaningful; i < made; i++) MUST(again[i] == 0);
}

/* The lengths that the handlers rely on. */
static size_t least_length(uint8_t type) {
  switch (type) {
    case MESSAGE_COOKIE: return COOKIE_SIZE;
    case MESSAGE_TUNNEL: return 4;
    case MESSAGE_PMTUD_ACK:
    case MESSAGE_REL_ACK:
    case MESSAGE_PMTU_NTFY:
    case MESSAGE_USAGE: return 2;
    default: return 0;
  }
}

void fuzz_packet(const uint8_t *data, size_t size) {
  struct message message;
  /* A copy that ends where the datagram does, so that a read behind it is seen. */
  uint8_t *datagram = calloc(1, size > 0 ? size : 1);
  MUST(datagram != NULL);
  if (size > 0) memcpy(datagram, data, size);
  if (message_decode(datagram, size, &message) == DECODE_OK) {
    MUST(size >= HEADER_SIZE && message.payload == datagram + HEADER_SIZE);
    MUST(message.length <= size - HEADER_SIZE);
    MUST(message.length >= least_length(message.type));
    must_encode_alike(&message, datagram, size);
  }
  free(datagram);
}
