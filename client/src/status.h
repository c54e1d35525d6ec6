/* SPDX-License-Identifier: Apache-2.0 */
/* How the client is, asked over a local socket. Whoever connects is sent the answer at once and let go: nobody is
 * waited for, nothing is read from them. */
#ifndef TD_STATUS_H
#define TD_STATUS_H

#include <stdint.h>
#include <sys/types.h>
#include <sys/un.h>

#include "client.h"

struct status {
  int fd;           /* -1 = none */
  int64_t pause_ms; /* until then nobody is let in: no descriptor was free */
  ino_t inode;      /* of our own socket file */
  struct sockaddr_un address;
};

/* A client that cannot be asked works all the same: failures are logged only. */
void status_open(struct status *status, const struct options *options);
/* Now and then until it can be asked: an earlier client that waits for its last hook may have the name still. */
void status_reopen(struct status *status, int64_t now_ms);
int status_readable_fd(const struct status *status, int64_t now_ms); /* -1 = nothing to watch */
void status_answer(struct status *status, const struct client *client, int64_t now_ms);
void status_close(struct status *status);

/* The other side, tunneldigger --status: prints the answer and returns the exit status. */
#define STATUS_UP 0
#define STATUS_NOBODY 1
#define STATUS_NO_TUNNEL 3
int status_ask(const struct options *options);

#endif
