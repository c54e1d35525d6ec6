/* SPDX-License-Identifier: Apache-2.0 */
/* The client's life: wait, select a broker, hold a session, begin again. Wires the parts; main runs its loop. */
#ifndef TD_CLIENT_H
#define TD_CLIENT_H

#include "datapath.h"
#include "hook.h"
#include "log.h"
#include "options.h"
#include "selection.h"
#include "session.h"

#define RECONNECT_MS 250            /* after a tunnel that had worked; half of it at random */
#define BACKOFF_FIRST_MS 1000       /* after a failure; doubles, with jitter down to its half */
#define BACKOFF_MOST_MS 30000
#define BROKEN_WITHIN_MS 15000      /* a tunnel lost so soon after its selection counts as a failure */
#define LEFTOVER_AFTER_MS 500       /* a name in use longer than our own last tunnel could hold it */
/* --roam with least usage: a look around every 15 to 45 minutes; a move needs a quarter of the whole scale and rests for an
 * hour, so that two brokers do not pass their clients to and fro. */
#define ROAM_EVERY_MS 1800000
#define ROAM_REST_MS 3600000
#define ROAM_MARGIN 16384
#define CLIENT_POLL_MAX (SELECTION_POLL_MAX + 2)

enum client_phase { CLIENT_WAITING, CLIENT_SELECTING, CLIENT_IN_SESSION, CLIENT_STOPPING };

struct client {
  struct session_owner owner; /* first: callbacks find the client through it */
  const struct options *options;
  struct log log;
  enum client_phase phase;
  struct datapath datapath;
  struct hook hook;
  struct selection selection;
  struct session session;
  struct candidate broker; /* of the session */
  uint32_t tunnel_id;      /* the wanted one, or another when that is taken */
  int64_t next_ms;         /* end of WAITING */
  int64_t selected_ms;
  int64_t up_since_ms;     /* 0 = no tunnel */
  int64_t roam_ms;         /* next look around */
  int64_t moved_ms;        /* last move; 0 = none */
  unsigned failures;       /* in a row */
  unsigned tunnels_total, failures_total;
  bool leftover_removed;   /* tried for this session */
};

/* Returns 0, or a negative errno when no datapath works. */
int client_start(struct client *client, const struct options *options, int64_t now_ms);
unsigned client_poll(const struct client *client, struct pollfd out[CLIENT_POLL_MAX]);
void client_ready(struct client *client, const struct pollfd *ready, unsigned count, int64_t now_ms);
void client_tick(struct client *client, int64_t now_ms);
int64_t client_deadline(const struct client *client);
void client_reaped(struct client *client, pid_t pid, int status, int64_t now_ms);
/* Begins the teardown; finished when client_stopped. */
void client_stop(struct client *client, int64_t now_ms);
bool client_stopped(const struct client *client);
void client_release(struct client *client);

#endif
