/* SPDX-License-Identifier: Apache-2.0 */
/* What becomes of a tunnel that the kernel refuses, though its L2TP worked at the start. */
#include "datapath.h"

#include <net/if.h>
#include <sys/socket.h>
#include <unistd.h>

#include "running.h"
#include "test.h"

/* Netlink that is closed stands for a kernel that refuses. */
static struct datapath refused_by_the_kernel(const char *interface, struct log *log) {
  return (struct datapath){.kind = KIND_KERNEL, .may_fall_back = true, .interface = interface, .log = log, .tap_fd = -1, .l2tp = {.fd = -1}};
}

static void a_refused_tunnel_gets_tap_and_the_next_is_tried(void) {
  char folder[FOLDER_TEXT];
  struct log log = {0};
  running_enter(folder);
  struct tunnel tunnel = {.fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), .id = 7, .peer_id = 100, .session_id = 7, .peer_session_id = 100};
  struct datapath datapath = refused_by_the_kernel("td0", &log);
  CHECK_EQUAL(datapath_open(&datapath, &tunnel), 0);
  CHECK_EQUAL(datapath.kind, KIND_TAP);
  CHECK(if_nametoindex("td0") != 0);
  datapath_close(&datapath);
  CHECK_EQUAL(datapath.kind, KIND_KERNEL);
  running_leave(folder);
}

static void without_tap_the_kernel_stays_the_choice(void) {
  char folder[FOLDER_TEXT];
  struct log log = {0};
  running_enter(folder);
  struct tunnel tunnel = {.fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
  struct datapath datapath = refused_by_the_kernel("td0", &log);
  running_replace(folder, "/dev/net/tun", "");
  CHECK(datapath_open(&datapath, &tunnel) < 0);
  CHECK_EQUAL(datapath.kind, KIND_KERNEL);
  datapath_close(&datapath);
  running_leave(folder);
}

const struct test_case datapath_cases[] = {
    {"datapath: a tunnel that the kernel refuses gets TAP, the next is tried", a_refused_tunnel_gets_tap_and_the_next_is_tried},
    {"datapath: without TAP the kernel stays the choice", without_tap_the_kernel_stays_the_choice},
    {NULL, NULL},
};
