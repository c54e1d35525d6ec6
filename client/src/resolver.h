/* SPDX-License-Identifier: Apache-2.0 */
/* Names to addresses in a forked child, so that a dead name server never stops the loop. Numeric addresses are done at
 * once. */
#ifndef TD_RESOLVER_H
#define TD_RESOLVER_H

#include <sys/types.h>

#include "endpoint.h"
#include "options.h"

#define ADDRESSES_PER_NAME 6

struct resolver {
  int fd;    /* answers come here; -1 = not running */
  pid_t pid; /* reaped by the loop */
};

/* Fills `out` at once for a numeric broker (returns the count), or starts a child (returns 0; watch resolver->fd), or
 * fails (negative errno). */
int resolver_start(struct resolver *resolver, const struct broker_name *name, struct endpoint out[ADDRESSES_PER_NAME]);
/* The descriptor is readable: returns how many addresses the name has (0 = none) and ends the resolver. */
int resolver_finish(struct resolver *resolver, struct endpoint out[ADDRESSES_PER_NAME]);
void resolver_cancel(struct resolver *resolver);
void resolver_reaped(struct resolver *resolver, pid_t pid);

#endif
