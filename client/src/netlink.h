/* SPDX-License-Identifier: Apache-2.0 */
/* The kernel's L2TP by generic netlink (linux/l2tp.h), written by hand: requests out, acknowledgements in. */
#ifndef TD_NETLINK_H
#define TD_NETLINK_H

#include <stdbool.h>
#include <stdint.h>

struct l2tp {
  int fd;          /* netlink socket; -1 = closed */
  uint16_t family; /* number of the generic netlink family "l2tp" */
  uint32_t sequence;
};

/* All return 0 or a negative errno. Opening asks the kernel to load its module. */
int l2tp_open(struct l2tp *l2tp);
void l2tp_close(struct l2tp *l2tp);
/* Hands the connected UDP socket `udp_fd` to the kernel; the tunnel lives no longer than that socket. */
int l2tp_tunnel_create(struct l2tp *l2tp, uint32_t id, uint32_t peer_id, int udp_fd);
int l2tp_tunnel_delete(struct l2tp *l2tp, uint32_t id);
int l2tp_session_create(struct l2tp *l2tp, uint32_t tunnel_id, uint32_t session_id, uint32_t peer_session_id,
                        const char *interface);
int l2tp_session_delete(struct l2tp *l2tp, uint32_t tunnel_id, uint32_t session_id);
/* Finds the tunnel whose session owns `interface`: -ENOENT when there is none. */
int l2tp_find_interface(struct l2tp *l2tp, const char *interface, uint32_t *tunnel_id);

#endif
