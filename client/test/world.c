/* SPDX-License-Identifier: Apache-2.0 */
#include "world.h"

#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define BROKER_PORT 8942

struct ifreq interface_request(const char *name, unsigned long command) {
  struct ifreq request = {0};
  int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  strncpy(request.ifr_name, name, IFNAMSIZ - 1);
  if (ioctl(fd, command, &request) != 0) request.ifr_mtu = -1;
  close(fd);
  return request;
}

short interface_flags(const char *name) { return interface_request(name, SIOCGIFFLAGS).ifr_flags; }

void interface_set_up(const char *name) {
  struct ifreq request = interface_request(name, SIOCGIFFLAGS);
  int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  request.ifr_flags |= IFF_UP;
  CHECK(ioctl(fd, SIOCSIFFLAGS, &request) == 0);
  close(fd);
}

void world_make(struct world *world, bool ipv6, const char *hook) {
  memset(world, 0, sizeof *world);
  running_enter(world->folder);
  WAIT_FOR(interface_flags("lo") & IFF_RUNNING, 1000);
  snprintf(world->hook, sizeof world->hook, "%s/hook", world->folder);
  snprintf(world->record, sizeof world->record, "%s/record", world->folder);
  snprintf(world->pidfile, sizeof world->pidfile, "%s/pid", world->folder);
  FILE *file = fopen(world->hook, "w");
  fprintf(file, "#!/bin/sh\nR=%s\n%s\n", world->record, hook);
  fclose(file);
  chmod(world->hook, 0755);
  peer_open(&world->peer, ipv6, BROKER_PORT);
}

void world_start_client(struct world *world, const char *datapath, const char *extra, const char *value) {
  const char *broker = endpoint_is_v6(&world->peer.address) ? "[::1]:8942" : "127.0.0.1:8942";
  const char *words[] = {"-u",   "router", "-i",        "l2tp0",      "-t",     "7",   "-b",  broker,
                         "-s", world->hook, "-P", world->pidfile, "--datapath", datapath, extra, value, NULL};
  world->client = running_start(words);
}

void world_await_running(const struct world *world) { WAIT_FOR(access(world->pidfile, F_OK) == 0, 5000); }

void world_accept(struct world *world, int wait_ms, bool with_flags) {
  CHECK(peer_wait_for(&world->peer, MESSAGE_USAGE, wait_ms));
  peer_send_u16(&world->peer, MESSAGE_USAGE, 10);
  CHECK(peer_wait_for(&world->peer, MESSAGE_COOKIE, 1000));
  peer_send(&world->peer, MESSAGE_COOKIE, "12345678", 8);
  CHECK(peer_wait_for(&world->peer, MESSAGE_PREPARE, 1000));
  peer_send_tunnel(&world->peer, 100, with_flags);
}

bool world_recorded(const struct world *world, const char *expected) {
  char text[512] = {0};
  FILE *file = fopen(world->record, "r");
  if (file == NULL) return false;
  (void)!fread(text, 1, sizeof text - 1, file);
  fclose(file);
  return strcmp(text, expected) == 0;
}

int world_await_exit(struct world *world, int limit_ms) {
  int exit_status = 0;
  WAIT_FOR(running_ended(world->client, &exit_status), limit_ms);
  return exit_status;
}

void world_end_client_only(struct world *world) {
  peer_drain(&world->peer);
  kill(world->client, SIGTERM);
  CHECK(peer_wait_for(&world->peer, MESSAGE_ERROR, 2000));
  CHECK_EQUAL(world->peer.message.payload[0], REASON_SHUTDOWN);
  CHECK_EQUAL(world_await_exit(world, 5000), 1);
  running_leave(world->folder);
}

void world_end_client(struct world *world) {
  world_end_client_only(world);
  CHECK_EQUAL(if_nametoindex("l2tp0"), 0);
}
