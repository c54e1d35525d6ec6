/* SPDX-License-Identifier: Apache-2.0 */
/* One DNS answer through the reader of SRV records, and what it found through the ordering. */
#include <string.h>

#include "dns.h"
#include "fuzz.h"

/* A draw that depends on the input alone. Called by dns_order, which hands nothing through. */
static uint32_t draw;
static uint32_t below(uint32_t limit) {
  MUST(limit > 0);
  draw = draw * 1664525u + 1013904223u;
  return (draw >> 8) % limit;
}

static void must_be_a_host(const struct dns_target *target) {
  size_t length = strnlen(target->host, DNS_NAME);
  MUST(length > 0 && length < DNS_NAME && target->port != 0);
  MUST(target->host[0] != '.' && target->host[length - 1] != '.');
  for (size_t i = 0; i < length; i++) {
    char byte = target->host[i];
    MUST((byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9') || byte == '-' ||
         byte == '_' || byte == '.');
  }
}

static unsigned sum_of_ports(const struct dns_target *targets, unsigned count) {
  unsigned sum = 0;
  for (unsigned i = 0; i < count; i++) sum += targets[i].port;
  return sum;
}

void fuzz_dns(const uint8_t *data, size_t size) {
  struct dns_target targets[DNS_TARGETS];
  if (size == 0) return;
  /* A copy that ends where the answer does, so that a read behind it is seen. */
  uint8_t *answer = calloc(1, size);
  MUST(answer != NULL);
  memcpy(answer, data, size);
  int count = dns_read_srv(answer, size, targets);
  free(answer);
  MUST(count >= -1 && count <= DNS_TARGETS);
  if (count < 0) return;
  for (int i = 0; i < count; i++) must_be_a_host(&targets[i]);
  unsigned sum = sum_of_ports(targets, (unsigned)count);
  draw = data[0];
  dns_order(targets, (unsigned)count, below);
  MUST(sum_of_ports(targets, (unsigned)count) == sum);
  for (int i = 1; i < count; i++) MUST(targets[i - 1].priority <= targets[i].priority);
}
