/* SPDX-License-Identifier: Apache-2.0 */
/* Finds a broker: resolves the names, asks every address for its usage, picks one by mode; remembers which endpoints
 * to avoid. Time comes in as an argument. */
#ifndef TD_SELECTION_H
#define TD_SELECTION_H

#include <poll.h>
#include <stdbool.h>
#include <stdint.h>

#include "avoidance.h"
#include "endpoint.h"
#include "log.h"
#include "options.h"
#include "protocol.h"
#include "resolver.h"

#define SELECTION_WINDOW_MS 10000
#define SELECTION_SILENCE_MS 4500     /* of one that has been asked for so long something should have come */
#define SELECTION_RETRY_MS 3000       /* from half of it to one and a half, so that a fleet does not ask in step */
#define SELECTION_POLL_MAX (MAX_CANDIDATES + MAX_BROKERS)

struct candidate {
  struct endpoint address;
  unsigned broker; /* index into options */
  int fd;          /* -1 = not asked: avoided, or out of reach */
  int64_t ask_ms;  /* not before then, while not asked; then when it was */
  bool ready;
  uint16_t usage;
  bool has_cookie;
  uint8_t cookie[COOKIE_SIZE];
};

enum selection_state { SELECTION_IDLE, SELECTION_RUNNING, SELECTION_FOUND, SELECTION_FAILED };

struct selection {
  const struct options *options;
  struct log *log;
  enum selection_state state;
  int64_t started_ms, next_ms;
  bool asked_avoided; /* nothing else was left */
  bool roaming;       /* a look around while a session runs: nobody is blamed, the least used is chosen */
  int error;          /* why the last socket could not be had, for the log; 0 = all could */
  unsigned count;
  struct candidate candidates[MAX_CANDIDATES];
  struct resolver resolvers[MAX_BROKERS];
  struct avoidance avoidance;
  struct candidate *chosen; /* when FOUND */
};

void selection_init(struct selection *selection, const struct options *options, struct log *log);
void selection_start(struct selection *selection, bool roaming, int64_t now_ms);
/* Fills pollfds to watch; hand the same array back after poll. */
unsigned selection_poll(const struct selection *selection, struct pollfd out[SELECTION_POLL_MAX]);
void selection_receive(struct selection *selection, const struct pollfd *ready, unsigned count, int64_t now_ms);
void selection_tick(struct selection *selection, int64_t now_ms);
int64_t selection_deadline(const struct selection *selection);
/* The chosen candidate's socket, the caller's from now on; all else is closed. */
int selection_take(struct selection *selection, struct candidate *out);
void selection_cancel(struct selection *selection);
void selection_reaped(struct selection *selection, pid_t pid);

/* The usage that this address told in the selection just FOUND; -1 = it did not answer. */
int selection_usage(const struct selection *selection, const struct endpoint *address);

#endif
