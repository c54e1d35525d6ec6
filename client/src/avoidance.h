/* SPDX-License-Identifier: Apache-2.0 */
/* Which brokers' addresses to leave alone, and until when. Times are monotonic and come in as arguments. */
#ifndef TD_AVOIDANCE_H
#define TD_AVOIDANCE_H

#include <stdbool.h>
#include <stdint.h>

#include "endpoint.h"
#include "options.h"
#include "resolver.h"

#define MAX_CANDIDATES (MAX_BROKERS * ADDRESSES_PER_NAME)

#define BROKEN_AVOIDED_MS 3600000 /* silent, or lost soon after its selection */
#define LEAVING_AVOIDED_MS 3000   /* others first, but it may be back soon */
/* After a refusal, which may mean a rate limit of 0.2 s or a full broker: doubles with each; as much again at random at
 * most, so that those refused together come back one by one. */
#define REFUSED_AVOIDED_MS 1000
#define REFUSED_AVOIDED_MOST_MS 128000

struct avoided {
  struct endpoint address;
  int64_t until_ms;  /* 0 = free entry */
  unsigned refusals; /* in a row; above 0 it is left alone even if no other is left */
};

struct avoidance {
  struct avoided entries[MAX_CANDIDATES]; /* full, the soonest over is given up */
};

/* From when on the address may be asked; 0 = at once. With `none_left` only a refusal counts. */
int64_t avoidance_until(const struct avoidance *avoidance, const struct endpoint *address, bool none_left);
void avoidance_add(struct avoidance *avoidance, const struct endpoint *address, int64_t until_ms);
void avoidance_add_refusal(struct avoidance *avoidance, const struct endpoint *address, int64_t now_ms);
/* The broker took us. */
void avoidance_forget(struct avoidance *avoidance, const struct endpoint *address);

#endif
