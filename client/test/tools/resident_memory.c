/* SPDX-License-Identifier: Apache-2.0 */
/* resident-memory CLIENT: how much memory the program holds while it is connected. In a network namespace that ends with
 * this process, against a broker that this process plays: handshake, hook, path MTU found, frames both ways. Prints kB.
 * Exit status 77 where that can't be done. */
#include <errno.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "peer.h"
#include "process.h"
#include "tap.h"
#include "test.h"

#define INTERFACE "l2tp0"
#define PORT 8942
#define LIMIT_MS 20000
#define FRAMES 200

int test_stderr = STDERR_FILENO;

static void set_up(const char *name) {
  struct ifreq request = {0};
  int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  strncpy(request.ifr_name, name, IFNAMSIZ - 1);
  CHECK(ioctl(fd, SIOCGIFFLAGS, &request) == 0);
  request.ifr_flags |= IFF_UP;
  CHECK(ioctl(fd, SIOCSIFFLAGS, &request) == 0);
  close(fd);
}

static void need_namespace(void) {
  const char *reason = NULL;
  if (geteuid() != 0) reason = "not root";
  if (reason == NULL && unshare(CLONE_NEWNET) != 0) reason = "no network namespaces here";
  int tap = reason == NULL ? tap_open(INTERFACE) : -1;
  if (reason == NULL && tap < 0) reason = strerror(-tap);
  if (tap >= 0) close(tap);
  if (reason == NULL) return;
  puts(reason);
  exit(TEST_SKIPPED);
}

static pid_t start_client(const char *program) {
  pid_t pid = fork();
  CHECK(pid >= 0);
  if (pid != 0) return pid;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  execl(program, program, "-u", "router", "-i", INTERFACE, "-b", "127.0.0.1:8942", "-L", "1024", "-s", "/bin/true",
        "--datapath", "tap", (char *)NULL);
  _exit(126);
}

/* What a broker answers to each message; true for the last step, the path's MTU told. */
static bool answer(struct peer *peer) {
  const struct message *message = &peer->message;
  switch (message->type) {
    case MESSAGE_USAGE: peer_send_u16(peer, MESSAGE_USAGE, 1000); return false;
    case MESSAGE_COOKIE: peer_send(peer, MESSAGE_COOKIE, "12345678", COOKIE_SIZE); return false;
    case MESSAGE_PREPARE: peer_send_tunnel(peer, 100, true); return false;
    case MESSAGE_LIMIT: peer_send(peer, MESSAGE_REL_ACK, message->payload, 2); return false;
    case MESSAGE_PMTUD: peer_send_u16(peer, MESSAGE_PMTUD_ACK, (uint16_t)peer->size); return false;
    case MESSAGE_PMTU_NTFY: peer_send_u16(peer, MESSAGE_PMTU_NTFY, get_u16(message->payload)); return true;
    default: return false;
  }
}

static void connect_client(struct peer *peer) {
  int64_t until_ms = process_now_ms() + LIMIT_MS;
  bool done = false;
  while (!done) {
    CHECK(process_now_ms() < until_ms);
    if (peer_receive(peer, 1000) && peer->size > 0 && (peer->packet[0] & 0x80)) done = answer(peer);
  }
}

/* An unknown protocol's broadcasts, which the kernel drops after the client has handled them. */
static void send_frames(struct peer *peer) {
  uint8_t packet[DATA_HEADER_SIZE + 1400] = {0};
  data_header(packet, 1); /* the session id that stands for our -t 1 */
  memset(packet + DATA_HEADER_SIZE, 0xff, 6);
  packet[DATA_HEADER_SIZE + 6] = 2;
  put_u16(packet + DATA_HEADER_SIZE + 12, 0x88b5);
  for (int i = 0; i < FRAMES; i++) peer_send_raw(peer, packet, sizeof packet);
}

/* The kernel's exact sum where it has one: VmRSS may lag behind by pages. */
static long resident_kb(pid_t pid) {
  static const char *const files[] = {"/proc/%d/smaps_rollup", "/proc/%d/status"};
  static const char *const formats[] = {"Rss: %ld", "VmRSS: %ld"};
  long found = 0;
  for (int i = 0; i < 2 && found == 0; i++) {
    char path[64], line[256];
    snprintf(path, sizeof path, files[i], (int)pid);
    FILE *file = fopen(path, "r");
    if (file == NULL) continue;
    while (found == 0 && fgets(line, sizeof line, file) != NULL) {
      if (sscanf(line, formats[i], &found) != 1) found = 0;
    }
    fclose(file);
  }
  return found;
}

int main(int argc, char *argv[]) {
  struct peer peer;
  struct pollfd none = {.fd = -1};
  CHECK(argc == 2);
  need_namespace();
  set_up("lo");
  peer_open(&peer, false, PORT);
  pid_t client = start_client(argv[1]);
  connect_client(&peer);
  set_up(INTERFACE); /* from here the kernel's own multicasts leave through the tunnel */
  send_frames(&peer);
  peer_drain(&peer);
  CHECK(peer_wait_for(&peer, MESSAGE_KEEPALIVE, LIMIT_MS)); /* what came before it is handled */
  poll(&none, 1, 100);
  long kb = resident_kb(client);
  kill(client, SIGTERM);
  CHECK(waitpid(client, NULL, 0) == client);
  CHECK(kb > 0);
  printf("%ld\n", kb);
  return 0;
}
