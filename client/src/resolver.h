/* SPDX-License-Identifier: Apache-2.0 */
/* Names to addresses in a forked child, so that a dead name server never stops the loop. Numeric addresses are done at
 * once. A name's last good answer is kept for the time when no name server answers. */
#ifndef TD_RESOLVER_H
#define TD_RESOLVER_H

#include <stdbool.h>
#include <sys/types.h>

#include "endpoint.h"
#include "options.h"

#define ADDRESSES_PER_NAME 16
#define RESOLVER_LIMIT_S 8 /* then the kernel ends the child: within the selection's window */

/* Begins as all zeros but for fd = -1. */
struct resolver {
  int fd;           /* answers come here; -1 = not running */
  pid_t pid;        /* reaped by the loop */
  bool late;        /* what was known is in use meanwhile */
  unsigned heard;   /* addresses that came in this run */
  unsigned known_count;
  struct endpoint known[ADDRESSES_PER_NAME]; /* the last good answer */
};

/* Returns how many addresses `out` got at once: a numeric broker's, or those known from before when no child could be
 * had. 0 with resolver->fd >= 0: watch it; with -1: there are none. */
unsigned resolver_start(struct resolver *resolver, const struct broker_name *name, struct endpoint out[ADDRESSES_PER_NAME]);
/* The descriptor is readable: returns how many more addresses came. 0 = that was all, and the resolver has ended. When
 * none came at all, they are those known from before. */
unsigned resolver_read(struct resolver *resolver, struct endpoint out[ADDRESSES_PER_NAME]);
/* No answer for some seconds: returns those known from before, once; the child goes on. */
unsigned resolver_late(struct resolver *resolver, struct endpoint out[ADDRESSES_PER_NAME]);
void resolver_cancel(struct resolver *resolver);
void resolver_reaped(struct resolver *resolver, pid_t pid);

#endif
