/* SPDX-License-Identifier: Apache-2.0 */
/* The whole program in a namespace of the test's own (running.h), a scripted broker on its loopback, and a hook that may write
 * down what it sees. */
#ifndef TD_TEST_WORLD_H
#define TD_TEST_WORLD_H

#include <net/if.h>
#include <sys/ioctl.h>

#include "peer.h"
#include "running.h"

struct world {
  struct peer peer;
  pid_t client;
  char folder[FOLDER_TEXT], hook[PATH_TEXT], record[PATH_TEXT], pidfile[PATH_TEXT];
};

/* `hook` is a shell script; $R is the record file. */
void world_make(struct world *world, bool ipv6, const char *hook);
/* With its interface l2tp0, uuid "router" and tunnel id 7, and with one more option where `extra` is not NULL. */
void world_start_client(struct world *world, const char *datapath, const char *extra, const char *value);
/* Until it has taken its signals and opened what it needs; sent nothing yet, perhaps. */
void world_await_running(const struct world *world);
/* The broker's side of a handshake. */
void world_accept(struct world *world, int wait_ms, bool with_flags);
bool world_recorded(const struct world *world, const char *expected);
/* The exit status, as running_ended's. */
int world_await_exit(struct world *world, int limit_ms);
/* By SIGTERM: it tells the broker and exits with 1. */
void world_end_client_only(struct world *world);
void world_end_client(struct world *world); /* and its interface is gone */

/* What SIOCGIF… says; an MTU of -1 if nothing. */
struct ifreq interface_request(const char *name, unsigned long command);
short interface_flags(const char *name);
void interface_set_up(const char *name);

#endif
