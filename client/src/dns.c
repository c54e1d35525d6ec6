/* SPDX-License-Identifier: Apache-2.0 */
#include "dns.h"

#include <stdbool.h>
#include <string.h>

#include "protocol.h"

#define HEADER 12
#define WIRE_NAME 255 /* RFC 1035 section 2.3.4 */
#define IS_ANSWER 0x8000
#define IS_TRUNCATED 0x0200
#define RCODE 0x000f
#define RECORD_HEAD 10 /* type, class, TTL, length of data */
#define SRV_HEAD 6     /* priority, weight, port */

struct cursor {
  const uint8_t *bytes;
  size_t size;
  size_t at;
};

static bool is_host_byte(uint8_t byte) {
  uint8_t lower = byte | 0x20;
  return (lower >= 'a' && lower <= 'z') || (byte >= '0' && byte <= '9') || byte == '-' || byte == '_';
}

/* Moves past a name. `text` becomes "" for the root and for a name that no host can have. */
static bool read_name(struct cursor *cursor, char text[DNS_NAME]) {
  size_t at = cursor->at, segment = at, used = 0;
  bool jumped = false, plain = true;
  for (;;) {
    if (at >= cursor->size) return false;
    uint8_t length = cursor->bytes[at++];
    if (length >= 0xc0) {
      if (at >= cursor->size) return false;
      size_t target = (size_t)(length & 0x3f) << 8 | cursor->bytes[at++];
      if (!jumped) cursor->at = at;
      jumped = true;
      if (target >= segment) return false; /* only backwards: so no loop */
      at = segment = target;
      continue;
    }
    if (length > 63 || used + length + 1u > WIRE_NAME || length > cursor->size - at) return false;
    if (length == 0) break;
    if (used > 0) text[used - 1] = '.';
    for (size_t i = 0; i < length; i++) plain = plain && is_host_byte(cursor->bytes[at + i]);
    memcpy(text + used, cursor->bytes + at, length);
    used += length + 1u;
    at += length;
  }
  if (!jumped) cursor->at = at;
  text[plain && used > 0 ? used - 1 : 0] = '\0';
  return true;
}

static bool skip_questions(struct cursor *cursor, unsigned count) {
  char name[DNS_NAME];
  while (count-- > 0) {
    if (!read_name(cursor, name) || cursor->size - cursor->at < 4) return false;
    cursor->at += 4;
  }
  return true;
}

/* Moves past a record. Fills `out` and says so in `found` when it is an SRV record. */
static bool read_record(struct cursor *cursor, struct dns_target *out, bool *found) {
  *found = false;
  if (!read_name(cursor, out->host) || cursor->size - cursor->at < RECORD_HEAD) return false;
  const uint8_t *head = cursor->bytes + cursor->at;
  size_t length = get_u16(head + 8);
  cursor->at += RECORD_HEAD;
  if (length > cursor->size - cursor->at) return false;
  size_t end = cursor->at + length;
  if (get_u16(head) == DNS_TYPE_SRV && get_u16(head + 2) == DNS_CLASS_IN) {
    const uint8_t *data = head + RECORD_HEAD;
    cursor->at += SRV_HEAD; /* perhaps beyond the end: no name is there */
    if (!read_name(cursor, out->host) || cursor->at != end) return false;
    out->priority = get_u16(data);
    out->weight = get_u16(data + 2);
    out->port = get_u16(data + 4);
    *found = out->port != 0 && *out->host != '\0';
  }
  cursor->at = end;
  return true;
}

int dns_read_srv(const uint8_t *answer, size_t size, struct dns_target out[DNS_TARGETS]) {
  struct cursor cursor = {answer, size, HEADER};
  int count = 0;
  if (size < HEADER) return -1;
  uint16_t flags = get_u16(answer + 2);
  if (!(flags & IS_ANSWER) || flags & RCODE || !skip_questions(&cursor, get_u16(answer + 4))) return -1;
  for (unsigned left = get_u16(answer + 6); left > 0 && count < DNS_TARGETS; left--) {
    bool found;
    if (!read_record(&cursor, &out[count], &found)) return flags & IS_TRUNCATED ? count : -1;
    count += found;
  }
  return count;
}

/* Which of those left comes next. */
static unsigned next_target(const struct dns_target *targets, unsigned count, uint32_t (*below)(uint32_t limit)) {
  uint16_t priority = UINT16_MAX;
  uint32_t sum = 0, running = 0;
  unsigned chosen = count;
  for (unsigned i = 0; i < count; i++) {
    if (targets[i].priority > priority) continue;
    if (targets[i].priority < priority) sum = 0;
    priority = targets[i].priority;
    sum += targets[i].weight;
  }
  uint32_t pick = below(sum + 1);
  for (unsigned i = 0; i < count; i++) {
    const struct dns_target *target = &targets[i];
    if (target->priority != priority) continue;
    running += target->weight;
    /* Those of weight 0 come first when, rarely, 0 is picked. */
    if (target->weight == 0 ? pick == 0 : chosen == count && running >= pick) chosen = i;
  }
  return chosen;
}

void dns_order(struct dns_target *targets, unsigned count, uint32_t (*below)(uint32_t limit)) {
  for (; count > 1; targets++, count--) {
    struct dns_target *next = &targets[next_target(targets, count, below)];
    struct dns_target kept = *next;
    *next = *targets;
    *targets = kept;
  }
}
