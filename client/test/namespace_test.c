/* SPDX-License-Identifier: Apache-2.0 */
/* The whole program as a process, in a network namespace that lives as long as the test's process: a scripted broker on
 * loopback, a real TAP device (and the kernel's L2TP where there is one), real frames, a real hook. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_packet.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "client.h"
#include "netlink.h"
#include "process.h"
#include "tap.h"
#include "test.h"
#include "world.h"

#define ETHERTYPE_TEST 0x88b5 /* IEEE 802 local experimental */

static int frame_socket(void) {
  int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, htons(ETHERTYPE_TEST));
  struct sockaddr_ll address = {.sll_family = AF_PACKET, .sll_protocol = htons(ETHERTYPE_TEST)};
  address.sll_ifindex = (int)if_nametoindex("l2tp0");
  CHECK(bind(fd, (struct sockaddr *)&address, sizeof address) == 0);
  return fd;
}

/* The kernel's own frames (IPv6 neighbours and listeners) would join ours in a train of datagrams. An emulator that does not
 * translate a train's size has it sent as one datagram, so the test's frame would not arrive as it was sent. */
static void keep_kernel_quiet(const char *name) {
  char path[64];
  snprintf(path, sizeof path, "/proc/sys/net/ipv6/conf/%s/disable_ipv6", name);
  FILE *file = fopen(path, "w");
  if (file == NULL) return; /* a kernel without IPv6 */
  fputs("1\n", file);
  fclose(file);
}

static void make_frame(uint8_t *frame, size_t size, uint8_t seed) {
  for (size_t i = 0; i < size; i++) frame[i] = (uint8_t)(seed + i * 7);
  memset(frame, 0xff, 6);
  frame[6] = 0x02;
  put_u16(frame + 12, ETHERTYPE_TEST);
}

static bool receive_data(struct world *world, const uint8_t *header, const uint8_t *frame, size_t size) {
  while (peer_receive(&world->peer, 1000)) {
    if (world->peer.packet[0] & 0x80 || get_u16(world->peer.packet + DATA_HEADER_SIZE + 12) != ETHERTYPE_TEST) continue;
    return world->peer.size == DATA_HEADER_SIZE + size && memcmp(world->peer.packet, header, DATA_HEADER_SIZE) == 0 &&
           memcmp(world->peer.packet + DATA_HEADER_SIZE, frame, size) == 0;
  }
  return false;
}

static void exchange_frames(struct world *world, uint32_t client_session, uint32_t broker_session, uint16_t mtu) {
  uint8_t packet[2048], header[DATA_HEADER_SIZE], got[2048];
  size_t size = 14u + mtu;
  int fd = frame_socket();
  for (uint8_t i = 0; i < 20; i++) {
    make_frame(packet, size, i);
    CHECK(send(fd, packet, size, 0) == (ssize_t)size);
    data_header(header, broker_session);
    CHECK(receive_data(world, header, packet, size));
    /* A frame for another session must not come in; ours must, whole. */
    data_header(packet, client_session + 1);
    make_frame(packet + DATA_HEADER_SIZE, size, (uint8_t)(i + 100));
    peer_send_raw(&world->peer, packet, DATA_HEADER_SIZE + size);
    data_header(packet, client_session);
    make_frame(packet + DATA_HEADER_SIZE, size, (uint8_t)(i + 50));
    peer_send_raw(&world->peer, packet, DATA_HEADER_SIZE + size);
    struct pollfd watched = {.fd = fd, .events = POLLIN};
    struct sockaddr_ll from = {.sll_pkttype = PACKET_OUTGOING};
    socklen_t from_size = sizeof from;
    ssize_t length = 0;
    while (from.sll_pkttype == PACKET_OUTGOING) { /* our own frame is seen leaving */
      CHECK(poll(&watched, 1, patient(1000)) == 1);
      length = recvfrom(fd, got, sizeof got, 0, (struct sockaddr *)&from, &from_size);
    }
    CHECK_EQUAL(length, size);
    CHECK(memcmp(got, packet + DATA_HEADER_SIZE, size) == 0);
  }
  close(fd);
}

static void carry(const char *datapath, bool ipv6, bool with_flags, uint16_t start_mtu) {
  struct world world;
  world_make(&world, ipv6, "echo $1 $2 $(cat /proc/net/dev | grep -c l2tp0:) >> $R");
  world_start_client(&world, datapath, NULL, NULL);
  world_accept(&world, 3000, with_flags);
  WAIT_FOR(world_recorded(&world, "session.up l2tp0 1\n"), 3000);
  CHECK(!(interface_flags("l2tp0") & IFF_UP)); /* bringing it up is the hook's job */
  CHECK_EQUAL(interface_request("l2tp0", SIOCGIFMTU).ifr_mtu, start_mtu);
  keep_kernel_quiet("l2tp0");
  interface_set_up("l2tp0");
  exchange_frames(&world, with_flags ? 7 : 1, with_flags ? 100 : 1, start_mtu);
  peer_send_u16(&world.peer, MESSAGE_PMTU_NTFY, 1300);
  WAIT_FOR(interface_request("l2tp0", SIOCGIFMTU).ifr_mtu == 1300, 1000);
  kill(world.client, SIGTERM);
  WAIT_FOR(world_recorded(&world, "session.up l2tp0 1\nsession.down l2tp0 0\n"), 3000);
  CHECK_EQUAL(world_await_exit(&world, 3000), 1);
  running_leave(world.folder);
}

static void need_kernel_l2tp(void) {
  struct l2tp l2tp;
  if (geteuid() == 0 && l2tp_open(&l2tp) == 0) return;
  puts("this kernel has no L2TP");
  exit(TEST_SKIPPED);
}

static void tap_over_ipv4(void) { carry("tap", false, true, 1446); }
static void tap_over_ipv6_without_flags(void) { carry("tap", true, false, 1422); }

static void kernel_over_ipv4(void) {
  need_kernel_l2tp();
  carry("kernel", false, true, 1446);
}

static void kernel_over_ipv6_without_flags(void) {
  need_kernel_l2tp();
  carry("kernel", true, false, 1422);
}

static void error_brings_a_new_handshake(const char *datapath) {
  struct world world;
  world_make(&world, false, "echo $1 >> $R");
  world_start_client(&world, datapath, NULL, NULL);
  world_accept(&world, 3000, true);
  WAIT_FOR(world_recorded(&world, "session.up\n"), 3000);
  uint16_t port = world.peer.client.v4.sin_port;
  peer_drain(&world.peer);
  peer_send(&world.peer, MESSAGE_ERROR, "\4", 1);
  world_accept(&world, 1200, true);
  CHECK(world.peer.client.v4.sin_port != port);
  WAIT_FOR(world_recorded(&world, "session.up\nsession.down\nsession.up\n"), 3000);
  world_end_client(&world);
}

static void tap_error_brings_a_new_handshake(void) { error_brings_a_new_handshake("tap"); }

static void kernel_error_brings_a_new_handshake(void) {
  need_kernel_l2tp();
  error_brings_a_new_handshake("kernel");
}

/* The same in this process, with the clock in the test's hand: a tunnel that held for long. */
static void an_old_tunnels_error_brings_a_quick_return(void) {
  static struct client client;
  struct world world;
  struct pollfd watched[CLIENT_POLL_MAX];
  struct options options = {.uuid = "u", .interface = "l2tp0", .tunnel_id = 7, .datapath = DATAPATH_TAP, .broker_count = 1};
  int64_t now_ms = 1000;
  world_make(&world, false, "");
  strcpy(options.brokers[0].host, "127.0.0.1");
  strcpy(options.brokers[0].service, "8942");
  CHECK_EQUAL(client_start(&client, &options, now_ms), 0);
  static const uint8_t answers[] = {MESSAGE_USAGE, MESSAGE_COOKIE, MESSAGE_TUNNEL, MESSAGE_ERROR};
  for (int i = 0; i < 4; i++) {
    client_tick(&client, now_ms);
    if (answers[i] == MESSAGE_ERROR) now_ms += 20000;
    if (answers[i] != MESSAGE_ERROR) CHECK(peer_receive(&world.peer, 1000));
    peer_send(&world.peer, answers[i], (const uint8_t[8]){0, 0, 0, 5}, answers[i] == MESSAGE_USAGE ? 2 : 8);
    unsigned count = client_poll(&client, watched);
    CHECK(poll(watched, count, patient(1000)) > 0);
    client_ready(&client, watched, count, now_ms);
  }
  CHECK_EQUAL(client.phase, CLIENT_WAITING);
  CHECK_EQUAL(client.failures, 0);
  CHECK(client_deadline(&client) - now_ms <= 1000);
  CHECK_EQUAL(if_nametoindex("l2tp0"), 0);
  client_release(&client);
  running_leave(world.folder);
}

static void a_refused_client_comes_back(void) {
  struct world world;
  world_make(&world, false, "echo $1 >> $R");
  world_start_client(&world, "tap", NULL, NULL);
  for (int i = 0; i < 2; i++) {
    CHECK(peer_wait_for(&world.peer, MESSAGE_USAGE, 3000));
    peer_send(&world.peer, MESSAGE_COOKIE, "12345678", 8);
    CHECK(peer_wait_for(&world.peer, MESSAGE_PREPARE, 1000));
    peer_send(&world.peer, MESSAGE_ERROR, NULL, 0);
  }
  world_accept(&world, 4000, true);
  WAIT_FOR(world_recorded(&world, "session.up\n"), 3000);
  world_end_client(&world);
}

static void a_hung_hook_delays_nothing(void) {
  struct world world;
  world_make(&world, false, "echo $1 >> $R; exec sleep 20");
  world_start_client(&world, "tap", NULL, NULL);
  world_accept(&world, 3000, true);
  WAIT_FOR(world_recorded(&world, "session.up\n"), 3000);
  CHECK(peer_wait_for(&world.peer, MESSAGE_KEEPALIVE, 6500));
  kill(world.client, SIGTERM);
  CHECK(peer_wait_for(&world.peer, MESSAGE_ERROR, 1000));
  CHECK_EQUAL(waitpid(world.client, NULL, WNOHANG), 0); /* it waits for the hook … */
  kill(world.client, SIGINT);                           /* … unless told twice */
  CHECK_EQUAL(world_await_exit(&world, 1000), 1);
  running_leave(world.folder);
}

static void hooks_inherit_no_sockets(void) {
  struct world world;
  world_make(&world, false, "ls -l /proc/$$/fd | grep -cE 'socket|net/tun|signalfd' >> $R");
  world_start_client(&world, "tap", NULL, NULL);
  world_accept(&world, 3000, true);
  WAIT_FOR(world_recorded(&world, "0\n"), 3000);
  world_end_client(&world);
}

static void a_lost_interface_is_made_anew(void) {
  struct world world;
  world_make(&world, false, "echo $1 >> $R");
  world_start_client(&world, "tap", NULL, NULL);
  world_accept(&world, 3000, true);
  WAIT_FOR(world_recorded(&world, "session.up\n"), 3000);
  CHECK(system("ip link del l2tp0") == 0);
  world_accept(&world, 3000, true);
  WAIT_FOR(world_recorded(&world, "session.up\nsession.down\nsession.up\n"), 3000);
  world_end_client(&world);
}

static void leave_a_tap_device(const char *name) {
  int fd = tap_open(name);
  CHECK(fd >= 0 && ioctl(fd, TUNSETPERSIST, 1) == 0);
  close(fd);
  CHECK(if_nametoindex(name) != 0);
}

/* The MTU goes to our interface, whatever its session's number is: another client's session 1 is not touched. */
static void the_mtu_reaches_our_session_only(const char *datapath) {
  struct world world;
  struct l2tp l2tp;
  bool kernel = strcmp(datapath, "kernel") == 0;
  world_make(&world, false, "echo $1 >> $R");
  struct endpoint nowhere = world.peer.address;
  nowhere.v4.sin_port = htons(9);
  int fd = kernel ? endpoint_connect(&nowhere, NULL, NULL) : tap_open("other0");
  CHECK(fd >= 0);
  if (kernel) {
    CHECK(l2tp_open(&l2tp) == 0);
    CHECK_EQUAL(l2tp_tunnel_create(&l2tp, 9, 8, fd), 0);
    CHECK_EQUAL(l2tp_session_create(&l2tp, 9, 1, 1, "other0"), 0);
  }
  int others_mtu = interface_request("other0", SIOCGIFMTU).ifr_mtu;
  world_start_client(&world, datapath, NULL, NULL);
  world_accept(&world, 3000, true);
  WAIT_FOR(world_recorded(&world, "session.up\n"), 3000);
  peer_send_u16(&world.peer, MESSAGE_PMTU_NTFY, 1300);
  WAIT_FOR(interface_request("l2tp0", SIOCGIFMTU).ifr_mtu == 1300, 2000);
  CHECK_EQUAL(interface_request("other0", SIOCGIFMTU).ifr_mtu, others_mtu);
  world_end_client(&world);
}

static void tap_mtu_reaches_our_session_only(void) { the_mtu_reaches_our_session_only("tap"); }

static void kernel_mtu_reaches_our_session_only(void) {
  need_kernel_l2tp();
  the_mtu_reaches_our_session_only("kernel");
}

static void a_leftover_tap_does_not_block(void) {
  struct world world;
  world_make(&world, false, "echo $1 >> $R");
  leave_a_tap_device("l2tp0");
  world_start_client(&world, "tap", NULL, NULL);
  world_accept(&world, 3000, true);
  WAIT_FOR(world_recorded(&world, "session.up\n"), 3000);
  world_end_client_only(&world);
  CHECK(if_nametoindex("l2tp0") != 0); /* persistent by somebody's wish */
}

static void a_leftover_tap_does_not_block_the_kernel(void) {
  struct world world;
  need_kernel_l2tp();
  world_make(&world, false, "echo $1 >> $R");
  leave_a_tap_device("l2tp0");
  world_start_client(&world, "kernel", NULL, NULL);
  world_accept(&world, 3000, true);
  WAIT_FOR(world_recorded(&world, "session.up\n"), 4000);
  world_end_client(&world);
}

static void a_leftover_tunnel_does_not_block(const char *datapath) {
  struct world world;
  struct l2tp l2tp;
  need_kernel_l2tp();
  world_make(&world, false, "echo $1 >> $R");
  struct endpoint nowhere = world.peer.address;
  nowhere.v4.sin_port = htons(9);
  int fd = endpoint_connect(&nowhere, NULL, NULL); /* stays open, as in a hook that inherited it */
  CHECK(l2tp_open(&l2tp) == 0);
  CHECK_EQUAL(l2tp_tunnel_create(&l2tp, 7, 8, fd), 0);
  CHECK_EQUAL(l2tp_session_create(&l2tp, 7, 7, 8, "l2tp0"), 0);
  world_start_client(&world, datapath, NULL, NULL);
  world_accept(&world, 3000, true);
  WAIT_FOR(world_recorded(&world, "session.up\n"), 4000);
  world_end_client(&world);
}

static void kernel_leftover_tunnel(void) { a_leftover_tunnel_does_not_block("kernel"); }
static void kernel_leftover_tunnel_before_tap(void) { a_leftover_tunnel_does_not_block("tap"); }

/* Another client's tunnel of the same id is left alone; ours takes another id. */
static void kernel_id_of_another_client(void) {
  struct world world;
  struct l2tp l2tp;
  need_kernel_l2tp();
  world_make(&world, false, "echo $1 >> $R");
  struct endpoint nowhere = world.peer.address;
  nowhere.v4.sin_port = htons(9);
  int fd = endpoint_connect(&nowhere, NULL, NULL);
  CHECK(l2tp_open(&l2tp) == 0);
  CHECK_EQUAL(l2tp_tunnel_create(&l2tp, 7, 8, fd), 0);
  CHECK_EQUAL(l2tp_session_create(&l2tp, 7, 8, 8, "other0"), 0);
  world_start_client(&world, "kernel", NULL, NULL);
  world_accept(&world, 3000, true);
  world_accept(&world, 8000, true);
  const uint8_t *payload = world.peer.message.payload;
  CHECK(get_u32(payload + 9 + payload[8]) != 7);
  WAIT_FOR(world_recorded(&world, "session.up\n"), 3000);
  CHECK(if_nametoindex("other0") != 0);
  world_end_client(&world);
}

static void kernel_datapath_asked_for_and_missing(void) {
  struct world world;
  struct l2tp l2tp;
  if (l2tp_open(&l2tp) == 0) {
    puts("this kernel has L2TP");
    exit(TEST_SKIPPED);
  }
  world_make(&world, false, "");
  world_start_client(&world, "kernel", NULL, NULL);
  CHECK_EQUAL(world_await_exit(&world, 3000), 1);
  running_leave(world.folder);
}

static void sigint_while_selecting(void) {
  struct world world;
  world_make(&world, false, "");
  signal(SIGINT, SIG_IGN); /* as a shell's background job starts */
  world_start_client(&world, "auto", "-a", NULL);
  CHECK(peer_wait_for(&world.peer, MESSAGE_USAGE, 3000));
  kill(world.client, SIGINT);
  CHECK_EQUAL(world_await_exit(&world, 1000), 1);
  running_leave(world.folder);
}

static void bound_to_a_device_that_leads_nowhere(void) {
  struct world world;
  world_make(&world, false, "");
  leave_a_tap_device("other0");
  interface_set_up("other0");
  world_start_client(&world, "tap", "-I", "other0");
  world_await_running(&world);
  CHECK(!peer_wait_for(&world.peer, MESSAGE_USAGE, 500));
  kill(world.client, SIGTERM);
  CHECK_EQUAL(world_await_exit(&world, 1000), 1);
  running_leave(world.folder);
}

static void without_root_it_says_so(void) {
  char said[1024];
  if (geteuid() == 0) CHECK(setuid(65534) == 0);
  int exit_status = running_say((const char *[]){"-f", "-u", "router", "-i", "td0", "-b", "127.0.0.1:8942", NULL}, said, sizeof said);
  if (exit_status == 126) {
    puts("this folder is not open to others");
    exit(TEST_SKIPPED);
  }
  CHECK_EQUAL(exit_status, 1);
  CHECK(strstr(said, "needs root") != NULL);
}

const struct test_case namespace_cases[] = {
    {"client: tap carries frames over IPv4", tap_over_ipv4},
    {"client: tap carries frames over IPv6, no flags", tap_over_ipv6_without_flags},
    {"client: kernel carries frames over IPv4", kernel_over_ipv4},
    {"client: kernel carries frames over IPv6, no flags", kernel_over_ipv6_without_flags},
    {"client: tap, ERROR brings a new handshake", tap_error_brings_a_new_handshake},
    {"client: kernel, ERROR brings a new handshake", kernel_error_brings_a_new_handshake},
    {"client: an old tunnel's ERROR brings a quick return", an_old_tunnels_error_brings_a_quick_return},
    {"client: comes back when refused", a_refused_client_comes_back},
    {"client: a hung hook delays nothing", a_hung_hook_delays_nothing},
    {"client: hooks inherit no sockets (defect: sockets leak into hooks)", hooks_inherit_no_sockets},
    {"client: a lost interface is made anew", a_lost_interface_is_made_anew},
    {"client: tap, the MTU reaches our session only (defect: session 1)", tap_mtu_reaches_our_session_only},
    {"client: kernel, the MTU reaches our session only (defect: session 1)", kernel_mtu_reaches_our_session_only},
    {"client: a leftover TAP device does not block", a_leftover_tap_does_not_block},
    {"client: kernel, a leftover TAP device does not block", a_leftover_tap_does_not_block_the_kernel},
    {"client: kernel, a leftover tunnel does not block", kernel_leftover_tunnel},
    {"client: tap, a leftover kernel tunnel does not block", kernel_leftover_tunnel_before_tap},
    {"client: kernel, id of another client", kernel_id_of_another_client},
    {"client: kernel datapath asked for and missing", kernel_datapath_asked_for_and_missing},
    {"client: SIGINT while selecting", sigint_while_selecting},
    {"client: says that it needs root", without_root_it_says_so},
    {"client: bound to a device that leads nowhere", bound_to_a_device_that_leads_nowhere},
    {NULL, NULL},
};
