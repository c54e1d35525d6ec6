/* SPDX-License-Identifier: Apache-2.0 */
#include "client_rig.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "test.h"

void client_rig_line(struct client_rig *rig, bool up) {
  if (rig->line_is_up == up) return;
  rig->line_is_up = up;
  CHECK(system(up ? "ip link set lo up && ip addr replace 127.0.0.1/8 dev lo" : "ip addr del 127.0.0.1/8 dev lo") == 0);
}

/* So that brokers may come back while the line is down. */
static void allow_binding(void) {
  int fd = open("/proc/sys/net/ipv4/ip_nonlocal_bind", O_WRONLY | O_CLOEXEC);
  CHECK(fd >= 0 && write(fd, "1", 1) == 1);
  close(fd);
}

static void write_hook(struct client_rig *rig, const char *hook) {
  strcpy(rig->folder, "/tmp/td-rig-XXXXXX");
  CHECK(mkdtemp(rig->folder) != NULL);
  snprintf(rig->hook, sizeof rig->hook, "%s/hook", rig->folder);
  snprintf(rig->hang, sizeof rig->hang, "%s/hang", rig->folder);
  snprintf(rig->record, sizeof rig->record, "%s/record", rig->folder);
  FILE *file = fopen(rig->hook, "w");
  fprintf(file, "#!/bin/sh\nR=%s\n[ -e %s ] && exec sleep 60 >/dev/null 2>&1\n%s\n", rig->record, rig->hang, hook);
  fclose(file);
  chmod(rig->hook, 0755);
}

void client_rig_open(struct client_rig *rig, unsigned brokers, enum selection_mode mode, const char *hook) {
  memset(rig, 0, sizeof *rig);
  if (geteuid() != 0 || unshare(CLONE_NEWNET) != 0) {
    puts("not root, or no network namespaces here");
    exit(TEST_SKIPPED);
  }
  client_rig_line(rig, true);
  allow_binding();
  if (hook != NULL) write_hook(rig, hook);
  rig->now_ms = 1000;
  rig->resolver_wait_ms = 10;
  rig->broker_count = brokers;
  rig->options = (struct options){.uuid = "router", .interface = "l2tp0", .tunnel_id = 7, .selection = mode, .datapath = DATAPATH_TAP};
  rig->options.hook = hook != NULL ? rig->hook : NULL;
  for (unsigned i = 0; i < brokers; i++) {
    struct broker_name *name = &rig->options.brokers[rig->options.broker_count++];
    strcpy(name->host, "127.0.0.1");
    snprintf(name->service, sizeof name->service, "%u", RIG_PORT + i);
    peer_open(&rig->brokers[i].peer, false, (uint16_t)(RIG_PORT + i));
  }
}

void client_rig_start(struct client_rig *rig) {
  CHECK_EQUAL(client_start(&rig->client, &rig->options, rig->now_ms), 0);
  client_rig_pass(rig, 0);
}

void client_rig_behave(struct client_rig *rig, unsigned number, enum behaviour behaviour) {
  struct broker *broker = &rig->brokers[number];
  if (broker->behaviour != BROKER_DOWN && behaviour == BROKER_DOWN) {
    close(broker->peer.fd);
    broker->has_session = false;
  } else if (broker->behaviour == BROKER_DOWN && behaviour != BROKER_DOWN) {
    peer_open(&broker->peer, false, (uint16_t)(RIG_PORT + number));
  }
  broker->behaviour = behaviour;
}

void client_rig_end_session(struct client_rig *rig, unsigned number, int reason) {
  struct broker *broker = &rig->brokers[number];
  uint8_t payload = (uint8_t)reason;
  CHECK(broker->has_session);
  broker->peer.client = broker->session;
  peer_send(&broker->peer, MESSAGE_ERROR, &payload, reason >= 0);
  broker->has_session = false;
}

static void on_prepare(struct broker *broker) {
  broker->asked++;
  if (broker->behaviour == BROKER_REFUSES) {
    broker->refused++;
    peer_send(&broker->peer, MESSAGE_ERROR, NULL, 0);
    return;
  }
  broker->accepted++;
  broker->has_session = true;
  broker->session = broker->peer.client;
  peer_send_tunnel(&broker->peer, 100, true);
  if (broker->behaviour == BROKER_DROPS) {
    peer_send(&broker->peer, MESSAGE_ERROR, "\4", 1);
    broker->has_session = false;
  }
}

static void answer(struct broker *broker) {
  struct peer *peer = &broker->peer;
  bool known = broker->has_session && endpoint_equal(&peer->client, &broker->session);
  switch (peer->message.type) {
    case MESSAGE_USAGE: peer_send_u16(peer, MESSAGE_USAGE, broker->usage); break;
    case MESSAGE_COOKIE: peer_send(peer, MESSAGE_COOKIE, "12345678", 8); break;
    case MESSAGE_PREPARE: on_prepare(broker); break;
    case MESSAGE_ERROR: broker->has_session = broker->has_session && !known; break;
    case MESSAGE_PMTUD:
      if (known) peer_send_u16(peer, MESSAGE_PMTUD_ACK, (uint16_t)peer->size);
      break;
    case MESSAGE_KEEPALIVE: known ? peer_send_u16(peer, MESSAGE_KEEPALIVE, 1) : peer_send(peer, MESSAGE_ERROR, "\4", 1); break;
    default: break;
  }
}

/* True when a broker had something to read. */
static bool serve(struct client_rig *rig) {
  bool any = false;
  for (unsigned i = 0; i < rig->broker_count; i++) {
    struct broker *broker = &rig->brokers[i];
    while (broker->behaviour != BROKER_DOWN && peer_receive(&broker->peer, 0)) {
      any = true;
      if (broker->behaviour != BROKER_SILENT) answer(broker);
    }
  }
  return any;
}

/* A hung hook is waited for only when it has been killed; the next in line may hang as well. */
static bool hook_ends(const struct client_rig *rig) {
  const struct hook *hook = &rig->client.hook;
  return hook->pid != 0 && (!rig->hook_hangs || hook->kill_ms == INT64_MAX);
}

static void reap(struct client_rig *rig) {
  int status;
  pid_t pid;
  while ((pid = waitpid(-1, &status, hook_ends(rig) ? 0 : WNOHANG)) > 0)
    client_reaped(&rig->client, pid, status, rig->now_ms);
}

static bool resolving(const struct client_rig *rig) {
  for (unsigned i = 0; i < MAX_BROKERS; i++) {
    if (rig->client.selection.resolvers[i].fd >= 0) return true;
  }
  return false;
}

/* One turn of the loop; true when anything happened. */
static bool turn(struct client_rig *rig) {
  struct pollfd watched[CLIENT_POLL_MAX];
  client_tick(&rig->client, rig->now_ms);
  bool any = serve(rig);
  unsigned count = client_poll(&rig->client, watched);
  if (poll(watched, count, resolving(rig) ? rig->resolver_wait_ms : 0) > 0) {
    any = true;
    client_ready(&rig->client, watched, count, rig->now_ms);
  }
  reap(rig);
  return any || client_deadline(&rig->client) <= rig->now_ms;
}

static void settle(struct client_rig *rig) {
  unsigned turns = 0;
  while (turn(rig)) CHECK(++turns < 1000); /* a loop that never rests */
}

void client_rig_pass(struct client_rig *rig, int64_t ms) {
  int64_t until_ms = rig->now_ms + ms;
  settle(rig);
  while (client_deadline(&rig->client) <= until_ms) {
    rig->now_ms = client_deadline(&rig->client);
    settle(rig);
  }
  rig->now_ms = until_ms;
}

int64_t client_rig_until_up(struct client_rig *rig, int64_t limit_ms) {
  int64_t from_ms = rig->now_ms;
  settle(rig);
  while (rig->client.up_since_ms == 0) {
    CHECK(client_deadline(&rig->client) <= from_ms + limit_ms);
    rig->now_ms = client_deadline(&rig->client);
    settle(rig);
  }
  return rig->now_ms - from_ms;
}

unsigned client_rig_holder(const struct client_rig *rig) {
  unsigned i = 0;
  if (rig->client.up_since_ms == 0) return RIG_BROKERS;
  while (i < rig->broker_count && !endpoint_equal(&rig->client.broker.address, &rig->brokers[i].peer.address)) i++;
  return i;
}

void client_rig_close(struct client_rig *rig) {
  client_stop(&rig->client, rig->now_ms);
  reap(rig);
  CHECK(client_stopped(&rig->client));
  client_release(&rig->client);
  if (rig->options.hook == NULL) return;
  remove(rig->hook);
  remove(rig->hang);
  remove(rig->record);
  rmdir(rig->folder);
}
