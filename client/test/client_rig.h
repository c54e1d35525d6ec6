/* SPDX-License-Identifier: Apache-2.0 */
/* The whole client in the test's process, with brokers that behave as told, in a network namespace of its own. Time is
 * the test's; sockets, TAP device and hook processes are real. */
#ifndef TD_TEST_CLIENT_RIG_H
#define TD_TEST_CLIENT_RIG_H

#include "client.h"
#include "peer.h"

#define RIG_BROKERS 3
#define RIG_PORT 8942

enum behaviour {
  BROKER_WELL,
  BROKER_REFUSES,
  BROKER_SILENT,
  BROKER_DOWN,       /* its port is closed */
  BROKER_DROPS,      /* accepts, then ends the tunnel at once */
};

struct broker {
  struct peer peer;
  enum behaviour behaviour;
  uint16_t usage;
  bool has_session;
  struct endpoint session; /* the client's end of it */
  unsigned asked, accepted, refused;
};

struct client_rig {
  struct client client;
  struct options options;
  struct broker brokers[RIG_BROKERS];
  unsigned broker_count;
  int64_t now_ms;
  int resolver_wait_ms; /* real time that a turn gives a name to be resolved */
  bool line_is_up;
  bool hook_hangs; /* then nobody waits for it */
  char folder[64], hook[96], hang[96], record[96];
};

/* Skips the case where there is no root. `hook` is a shell script, $R the record file; NULL = no hook. */
void client_rig_open(struct client_rig *rig, unsigned brokers, enum selection_mode mode, const char *hook);
void client_rig_start(struct client_rig *rig);
/* Lets time pass, to each deadline on the way. */
void client_rig_pass(struct client_rig *rig, int64_t ms);
/* Until the tunnel stands, at most so long; returns how long it took. */
int64_t client_rig_until_up(struct client_rig *rig, int64_t limit_ms);
void client_rig_behave(struct client_rig *rig, unsigned broker, enum behaviour behaviour);
/* The broker says ERROR to its client and forgets it; reason -1 = none. */
void client_rig_end_session(struct client_rig *rig, unsigned broker, int reason);
/* Down: the address is gone, sending fails. */
void client_rig_line(struct client_rig *rig, bool up);
/* Which broker holds the tunnel; RIG_BROKERS = none. */
unsigned client_rig_holder(const struct client_rig *rig);
void client_rig_close(struct client_rig *rig);

#endif
