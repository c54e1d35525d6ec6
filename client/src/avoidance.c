/* SPDX-License-Identifier: Apache-2.0 */
#include "avoidance.h"

#include "random.h"

/* Index of the address's entry; MAX_CANDIDATES = none. */
static unsigned find(const struct avoidance *avoidance, const struct endpoint *address) {
  unsigned i = 0;
  while (i < MAX_CANDIDATES && (avoidance->entries[i].until_ms == 0 || !endpoint_equal(&avoidance->entries[i].address, address)))
    i++;
  return i;
}

static struct avoided *find_or_make(struct avoidance *avoidance, const struct endpoint *address) {
  struct avoided *entries = avoidance->entries;
  unsigned found = find(avoidance, address);
  if (found < MAX_CANDIDATES) return &entries[found];
  found = 0;
  for (unsigned i = 1; i < MAX_CANDIDATES; i++) {
    if (entries[i].until_ms < entries[found].until_ms) found = i;
  }
  entries[found] = (struct avoided){.address = *address};
  return &entries[found];
}

int64_t avoidance_until(const struct avoidance *avoidance, const struct endpoint *address, bool none_left) {
  unsigned found = find(avoidance, address);
  if (found == MAX_CANDIDATES || (none_left && avoidance->entries[found].refusals == 0)) return 0;
  return avoidance->entries[found].until_ms;
}

void avoidance_add(struct avoidance *avoidance, const struct endpoint *address, int64_t until_ms) {
  struct avoided *entry = find_or_make(avoidance, address);
  entry->until_ms = until_ms;
  entry->refusals = 0;
}

void avoidance_add_refusal(struct avoidance *avoidance, const struct endpoint *address, int64_t now_ms) {
  struct avoided *entry = find_or_make(avoidance, address);
  int64_t least_ms = REFUSED_AVOIDED_MOST_MS;
  if (entry->refusals < 7) least_ms = (int64_t)REFUSED_AVOIDED_MS << entry->refusals++;
  entry->until_ms = now_ms + least_ms + random_below((uint32_t)least_ms);
}

void avoidance_forget(struct avoidance *avoidance, const struct endpoint *address) {
  unsigned found = find(avoidance, address);
  if (found < MAX_CANDIDATES) avoidance->entries[found].until_ms = 0;
}
