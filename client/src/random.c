/* SPDX-License-Identifier: Apache-2.0 */
#include "random.h"

#include <sys/random.h>
#include <sys/types.h>
#include <time.h>

uint32_t random_u32(void) {
  uint32_t value;
  if (getrandom(&value, sizeof value, GRND_NONBLOCK) == (ssize_t)sizeof value) return value;
  /* Early in a router's boot the pool may be empty: the clock spreads well enough. */
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint32_t)now.tv_nsec * 2654435761u;
}

uint32_t random_below(uint32_t limit) { return limit == 0 ? 0 : random_u32() % limit; }
