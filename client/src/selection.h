/* SPDX-License-Identifier: Apache-2.0 */
/* Finds a broker: resolves the names, asks every address for its usage, picks one by mode; remembers which endpoints
 * to avoid. Time comes in as an argument. */
#ifndef TD_SELECTION_H
#define TD_SELECTION_H

#include <poll.h>
#include <stdbool.h>
#include <stdint.h>

#include "endpoint.h"
#include "options.h"
#include "protocol.h"
#include "resolver.h"

#define SELECTION_WINDOW_MS 10000
#define SELECTION_RETRY_MS 3000
#define BROKEN_AVOIDED_MS 3600000
#define REFUSED_AVOIDED_MS 60000
#define MAX_CANDIDATES (MAX_BROKERS * ADDRESSES_PER_NAME)
#define SELECTION_POLL_MAX (MAX_CANDIDATES + MAX_BROKERS)

struct candidate {
  struct endpoint address;
  unsigned broker; /* index into options */
  int fd;          /* -1 = not asked: avoided, or out of reach */
  bool ready;
  uint16_t usage;
  bool has_cookie;
  uint8_t cookie[COOKIE_SIZE];
};

struct avoided {
  struct endpoint address;
  int64_t until_ms; /* 0 = free entry */
};

enum selection_state { SELECTION_IDLE, SELECTION_RUNNING, SELECTION_FOUND, SELECTION_FAILED };

struct selection {
  const struct options *options;
  enum selection_state state;
  int64_t started_ms, next_ms;
  bool asked_avoided; /* nothing else was left */
  unsigned unreachable; /* how often no socket could be had, for the log */
  unsigned count;
  struct candidate candidates[MAX_CANDIDATES];
  struct resolver resolvers[MAX_BROKERS];
  struct avoided avoided[MAX_CANDIDATES];
  struct candidate *chosen; /* when FOUND */
};

void selection_init(struct selection *selection, const struct options *options);
void selection_start(struct selection *selection, int64_t now_ms);
/* Fills pollfds to watch; hand the same array back after poll. */
unsigned selection_poll(const struct selection *selection, struct pollfd out[SELECTION_POLL_MAX]);
void selection_receive(struct selection *selection, const struct pollfd *ready, unsigned count, int64_t now_ms);
void selection_tick(struct selection *selection, int64_t now_ms);
int64_t selection_deadline(const struct selection *selection);
/* The chosen candidate's socket, the caller's from now on; all else is closed. */
int selection_take(struct selection *selection, struct candidate *out);
void selection_cancel(struct selection *selection);
void selection_reaped(struct selection *selection, pid_t pid);

void selection_avoid(struct selection *selection, const struct endpoint *address, int64_t until_ms);
bool selection_is_avoided(const struct selection *selection, const struct endpoint *address, int64_t now_ms);

#endif
