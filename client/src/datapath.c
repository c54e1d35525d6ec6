/* SPDX-License-Identifier: Apache-2.0 */
#include "datapath.h"

#include <errno.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "random.h"
#include "tap.h"

/* Creates and deletes a tunnel on a socket that is not connected, as nothing may be up yet, loopback included: only that
 * shows that the kernel's L2TP works. */
static int probe_kernel(struct l2tp *l2tp) {
  int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return -errno;
  uint32_t id = 0x40000000u | random_u32();
  int result = l2tp_tunnel_create(l2tp, id, id, fd);
  if (result == 0) l2tp_tunnel_delete(l2tp, id);
  close(fd);
  return result;
}

static int start_kernel(struct datapath *datapath) {
  int result = l2tp_open(&datapath->l2tp);
  if (result != 0) return result;
  result = probe_kernel(&datapath->l2tp);
  if (result != 0) l2tp_close(&datapath->l2tp);
  return result;
}

/* The device file alone is asked: a probe interface would wake every hotplug script. */
static int probe_tap(void) { return access("/dev/net/tun", R_OK | W_OK) == 0 ? 0 : -errno; }

int datapath_start(struct datapath *datapath, enum datapath_choice choice, const char *interface,
                   struct log *log) {
  *datapath = (struct datapath){.interface = interface, .log = log, .tap_fd = -1, .l2tp = {.fd = -1}};
  int kernel = choice == DATAPATH_TAP ? 0 : start_kernel(datapath);
  if (choice != DATAPATH_TAP && kernel == 0) {
    datapath->kind = KIND_KERNEL;
    datapath->may_fall_back = choice == DATAPATH_AUTO;
    log_info("datapath kernel: the kernel's L2TP works");
    return 0;
  }
  if (choice == DATAPATH_KERNEL) {
    log_error("datapath kernel: the kernel's L2TP does not work: %s", strerror(-kernel));
    return kernel;
  }
  int tap = probe_tap();
  if (tap != 0) {
    log_error("no datapath: /dev/net/tun: %s%s%s", strerror(-tap), kernel != 0 ? ", kernel's L2TP: " : "",
              kernel != 0 ? strerror(-kernel) : "");
    return tap;
  }
  datapath->kind = KIND_TAP;
  log_info("datapath tap: %s%s", kernel != 0 ? "kernel's L2TP: " : "as asked", kernel != 0 ? strerror(-kernel) : "");
  return 0;
}

void datapath_stop(struct datapath *datapath) {
  datapath_close(datapath);
  l2tp_close(&datapath->l2tp);
}

/* A socket takes one tunnel in its life (a second gets EBUSY, also after the first is deleted), so a tunnel whose session
 * must wait is kept. */
static int open_kernel(struct datapath *datapath, const struct tunnel *tunnel) {
  struct l2tp *l2tp = &datapath->l2tp;
  if (!datapath->has_kernel_tunnel) {
    int result = l2tp_tunnel_create(l2tp, tunnel->id, tunnel->peer_id, tunnel->fd);
    if (result != 0) return result;
    datapath->has_kernel_tunnel = true;
    datapath->tunnel = *tunnel;
  }
  return l2tp_session_create(l2tp, tunnel->id, tunnel->session_id, tunnel->peer_session_id, datapath->interface);
}

static void close_kernel(struct datapath *datapath) {
  /* Session first: that removes the interface before the call returns; the tunnel goes in the background. */
  if (datapath->open) l2tp_session_delete(&datapath->l2tp, datapath->tunnel.id, datapath->tunnel.session_id);
  l2tp_tunnel_delete(&datapath->l2tp, datapath->tunnel.id);
  datapath->has_kernel_tunnel = false;
}

static int open_tap(struct datapath *datapath, int udp_fd) {
  int fd = tap_open(datapath->interface);
  /* EBUSY: another process has the device; EINVAL: the name is taken by something that is no TAP. */
  if (fd == -EBUSY || fd == -EINVAL) return -EEXIST;
  if (fd < 0) return fd;
  datapath->tap_fd = fd;
  datapath->trains = tap_use_socket(udp_fd);
  return 0;
}

/* For this tunnel alone: what the kernel lacked may be there again for the next. A TAP that can't be had either changes nothing. */
static int fall_back(struct datapath *datapath, const struct tunnel *tunnel, int kernel) {
  log_often(datapath->log, LOG_WARNING, "datapath tap: the kernel refused a session: %s", strerror(-kernel));
  if (datapath->has_kernel_tunnel) close_kernel(datapath);
  int result = open_tap(datapath, tunnel->fd);
  if (result == 0 || result == -EEXIST) datapath->kind = KIND_TAP;
  return result;
}

int datapath_open(struct datapath *datapath, const struct tunnel *tunnel) {
  int result = datapath->kind == KIND_KERNEL ? open_kernel(datapath, tunnel) : open_tap(datapath, tunnel->fd);
  if (result != 0 && result != -EEXIST && datapath->kind == KIND_KERNEL && datapath->may_fall_back)
    result = fall_back(datapath, tunnel, result);
  if (result != 0) return result;
  datapath->open = true;
  datapath->tunnel = *tunnel;
  return 0;
}

void datapath_close(struct datapath *datapath) {
  if (datapath->tap_fd >= 0) close(datapath->tap_fd);
  if (datapath->has_kernel_tunnel) close_kernel(datapath);
  if (datapath->may_fall_back) datapath->kind = KIND_KERNEL;
  datapath->tap_fd = -1;
  datapath->open = false;
}

void datapath_remove_leftover(struct datapath *datapath) {
  uint32_t tunnel_id;
  if (if_nametoindex(datapath->interface) == 0) return;
  bool has_l2tp = datapath->l2tp.fd >= 0 || l2tp_open(&datapath->l2tp) == 0;
  if (has_l2tp && l2tp_find_interface(&datapath->l2tp, datapath->interface, &tunnel_id) == 0) {
    log_often(datapath->log, LOG_WARNING, "%s: removing tunnel %u left by an earlier run", datapath->interface, tunnel_id);
    l2tp_tunnel_delete(&datapath->l2tp, tunnel_id);
  } else if (datapath->kind == KIND_KERNEL && tap_remove_leftover(datapath->interface) == 0) {
    log_often(datapath->log, LOG_WARNING, "%s: removed a TAP device left by an earlier run", datapath->interface);
  }
}

int datapath_set_mtu(struct datapath *datapath, uint16_t mtu) {
  struct ifreq request = {.ifr_mtu = mtu};
  strncpy(request.ifr_name, datapath->interface, IFNAMSIZ - 1);
  return ioctl(datapath->tunnel.fd, SIOCSIFMTU, &request) == 0 ? 0 : -errno;
}

int datapath_readable_fd(const struct datapath *datapath) { return datapath->open ? datapath->tap_fd : -1; }

int datapath_on_readable(struct datapath *datapath) {
  return tap_pump(datapath->tap_fd, datapath->tunnel.fd, &datapath->trains, datapath->tunnel.peer_session_id);
}

void datapath_deliver(struct datapath *datapath, uint8_t *train, unsigned size, unsigned piece) {
  if (datapath->open && datapath->tap_fd >= 0) tap_deliver(datapath->tap_fd, datapath->tunnel.session_id, train, size, piece);
}
