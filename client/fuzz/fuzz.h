/* SPDX-License-Identifier: Apache-2.0 */
/* What strangers send, thrown at the code that reads it. Each target takes any bytes and ends the process by MUST when
 * something does not hold; the sanitizers watch the rest. libFuzzer calls them, and the tests with the kept inputs. */
#ifndef TD_FUZZ_H
#define TD_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define MUST(condition)                                                             \
  do {                                                                              \
    if (!(condition)) {                                                             \
      fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition);       \
      abort();                                                                      \
    }                                                                               \
  } while (0)

void fuzz_dns(const uint8_t *data, size_t size);     /* one answer of a name server */
void fuzz_offload(const uint8_t *data, size_t size); /* a large frame or a train, see offload.c */
void fuzz_packet(const uint8_t *data, size_t size);  /* one datagram */
void fuzz_session(const uint8_t *data, size_t size); /* a broker's side of a session, see session.c */

#endif
