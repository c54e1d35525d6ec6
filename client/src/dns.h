/* SPDX-License-Identifier: Apache-2.0 */
/* SRV records out of a DNS answer, and their order. Pure: bytes in, targets out; no socket, no allocation.
 * RFC 1035 section 4.1, RFC 2782. */
#ifndef TD_DNS_H
#define TD_DNS_H

#include <stddef.h>
#include <stdint.h>

#define DNS_CLASS_IN 1
#define DNS_TYPE_SRV 33
#define DNS_TARGETS 16
#define DNS_NAME 256 /* text of a name and its final zero */

struct dns_target {
  uint16_t priority, weight, port;
  char host[DNS_NAME]; /* without the last dot */
};

/* Returns how many targets the answer has (more than DNS_TARGETS are left out), or -1 when it is none: malformed, a
 * question, an error. Of an answer that says to be truncated the whole records are taken. Targets that name no host or
 * no port are left out. */
int dns_read_srv(const uint8_t *answer, size_t size, struct dns_target out[DNS_TARGETS]);

/* In the order in which RFC 2782 has them tried: by priority, then at random by weight. `below` returns a number
 * under its argument. */
void dns_order(struct dns_target *targets, unsigned count, uint32_t (*below)(uint32_t limit));

#endif
