/* SPDX-License-Identifier: Apache-2.0 */
/* The tunnel interface: created by the kernel's L2TP or as a TAP device, whichever was asked for and works. Called by
 * the client loop; knows no protocol states. */
#ifndef TD_DATAPATH_H
#define TD_DATAPATH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "log.h"
#include "netlink.h"
#include "options.h"

struct tunnel {
  int fd; /* connected UDP socket; the caller's, closed after datapath_close */
  bool ipv6;
  uint32_t id, peer_id;
  uint32_t session_id, peer_session_id;
};

enum datapath_kind { KIND_NONE, KIND_KERNEL, KIND_TAP };

struct datapath {
  enum datapath_kind kind; /* of this tunnel, or of the next */
  bool may_fall_back;      /* auto, and the kernel's L2TP works: a tunnel that it refuses all the same gets TAP */
  const char *interface;
  struct log *log;
  struct l2tp l2tp;
  bool open;            /* the interface is there */
  bool has_kernel_tunnel;
  struct tunnel tunnel; /* of the open interface, or of the kernel's tunnel that still lacks one */
  int tap_fd;           /* -1 = none */
  bool trains;          /* of tap.h: the kernel and the way to the broker take several datagrams in one call */
};

/* Probes and chooses; logs which and why. Returns 0, or a negative errno when no datapath works. */
int datapath_start(struct datapath *datapath, enum datapath_choice choice, const char *interface,
                   struct log *log);
void datapath_stop(struct datapath *datapath);

/* Returns 0, or a negative errno; datapath_close is due in either case. -EEXIST, to be tried again: an id or the name is still taken, which passes by itself when it comes
 * from a tunnel just closed (20-78 ms were seen), else by datapath_remove_leftover. */
int datapath_open(struct datapath *datapath, const struct tunnel *tunnel);
void datapath_close(struct datapath *datapath);
/* Removes what an earlier run left under our interface name, unless it is in use. */
void datapath_remove_leftover(struct datapath *datapath);

int datapath_set_mtu(struct datapath *datapath, uint16_t mtu);
int datapath_readable_fd(const struct datapath *datapath); /* -1 = nothing to watch */
int datapath_on_readable(struct datapath *datapath);       /* negative errno: the device is gone */
void datapath_deliver(struct datapath *datapath, uint8_t *train, unsigned size, unsigned piece); /* as struct session_owner's */

#endif
