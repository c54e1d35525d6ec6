/* SPDX-License-Identifier: Apache-2.0 */
/* Reads the captured sessions that the tests and the fuzzers share with the broker's tests. */
#ifndef TD_TEST_CAPTURE_H
#define TD_TEST_CAPTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifndef CAPTURES
#define CAPTURES "../broker-core/src/test/resources/captures"
#endif

struct captured {
  bool from_client;
  const uint8_t *payload; /* of the UDP datagram */
  size_t size;
};

/* Calls `each` for every UDP datagram over IPv4 of a pcap file of Ethernet frames. False when the file is none. */
bool capture_read(const char *path, void (*each)(void *context, const struct captured *datagram), void *context);

#endif
