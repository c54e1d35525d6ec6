/* SPDX-License-Identifier: Apache-2.0 */
#include "resolver.h"

#include <fcntl.h>
#include <netdb.h>
#include <resolv.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "dns.h"
#include "process.h"
#include "random.h"

#define ANSWER_SIZE 4096

/* The families take turns, so that a limit cuts neither off. */
static unsigned take_in_turn(const struct addrinfo *list, struct endpoint *out, unsigned room) {
  const struct addrinfo *next[2] = {list, list}; /* of the first one's family, of the other */
  unsigned count = 0;
  for (unsigned turn = 0; count < room && (next[0] != NULL || next[1] != NULL); turn ^= 1) {
    const struct addrinfo *entry = next[turn];
    while (entry != NULL && (entry->ai_family == list->ai_family) == (turn == 1)) entry = entry->ai_next;
    next[turn] = entry == NULL ? NULL : entry->ai_next;
    if (entry == NULL || entry->ai_addrlen > sizeof *out) continue;
    memset(&out[count], 0, sizeof out[count]);
    memcpy(&out[count++], entry->ai_addr, entry->ai_addrlen);
  }
  return count;
}

static unsigned look_up(const char *host, const char *service, int flags, struct endpoint *out, unsigned room) {
  struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_DGRAM, .ai_protocol = IPPROTO_UDP, .ai_flags = flags};
  struct addrinfo *list;
  if (getaddrinfo(host, service, &hints, &list) != 0) return 0;
  unsigned count = take_in_turn(list, out, room);
  freeaddrinfo(list);
  return count;
}

/* The child. What it finds it tells at once: a later look-up may take longer than it has. */

static unsigned tell(int answer_fd, const char *host, const char *service, unsigned room) {
  struct endpoint found[ADDRESSES_PER_NAME];
  unsigned count = look_up(host, service, 0, found, room);
  /* One write under PIPE_BUF arrives whole. */
  return write(answer_fd, found, count * sizeof *found) < 0 ? 0 : count;
}

static void tell_srv(int answer_fd, const char *name) {
  uint8_t answer[ANSWER_SIZE];
  struct dns_target targets[DNS_TARGETS];
  int size = res_query(name, DNS_CLASS_IN, DNS_TYPE_SRV, answer, sizeof answer);
  int count = size < 0 ? 0 : dns_read_srv(answer, (size_t)size < sizeof answer ? (size_t)size : sizeof answer, targets);
  unsigned room = ADDRESSES_PER_NAME;
  if (count > 0) dns_order(targets, (unsigned)count, random_below);
  for (int i = 0; i < count && room > 0; i++) {
    char service[8];
    snprintf(service, sizeof service, "%u", targets[i].port);
    room -= tell(answer_fd, targets[i].host, service, room);
  }
}

static _Noreturn void run_in_child(const struct broker_name *name, int answer_fd) {
  process_become_ordinary();
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  signal(SIGALRM, SIG_DFL);
  alarm(RESOLVER_LIMIT_S);
  if (name->srv) {
    tell_srv(answer_fd, name->host);
  } else {
    tell(answer_fd, name->host, name->service, ADDRESSES_PER_NAME);
  }
  _exit(0);
}

/* The parent. */

static unsigned recall(const struct resolver *resolver, struct endpoint *out) {
  memcpy(out, resolver->known, resolver->known_count * sizeof *out);
  return resolver->known_count;
}

unsigned resolver_start(struct resolver *resolver, const struct broker_name *name, struct endpoint out[ADDRESSES_PER_NAME]) {
  int ends[2];
  unsigned count = name->srv ? 0 : look_up(name->host, name->service, AI_NUMERICHOST, out, ADDRESSES_PER_NAME);
  if (count > 0) return count;
  resolver_cancel(resolver);
  resolver->late = false;
  resolver->heard = 0;
  if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) return recall(resolver, out);
  pid_t pid = fork();
  if (pid == 0) run_in_child(name, ends[1]);
  close(ends[1]);
  if (pid < 0) {
    close(ends[0]);
    return recall(resolver, out);
  }
  resolver->fd = ends[0];
  resolver->pid = pid;
  return 0;
}

/* Fresh ones stand first. Those from before stay behind them until the answer is complete: the selection may end, and this
 * look-up with it, once a first address has led to a broker. */
static void remember(struct resolver *resolver, const struct endpoint *address) {
  struct endpoint *known = resolver->known;
  unsigned old = resolver->heard;
  while (old < resolver->known_count && !endpoint_equal(&known[old], address)) old++;
  if (old == ADDRESSES_PER_NAME) old--;
  if (old == resolver->known_count) resolver->known_count++;
  known[old] = known[resolver->heard];
  known[resolver->heard++] = *address;
}

unsigned resolver_read(struct resolver *resolver, struct endpoint out[ADDRESSES_PER_NAME]) {
  ssize_t size = read(resolver->fd, out, (ADDRESSES_PER_NAME - resolver->heard) * sizeof *out);
  unsigned count = size > 0 ? (unsigned)((size_t)size / sizeof *out) : 0;
  for (unsigned i = 0; i < count; i++) remember(resolver, &out[i]);
  if (count > 0) return count;
  close(resolver->fd);
  resolver->fd = -1;
  if (resolver->heard > 0) resolver->known_count = resolver->heard;
  return resolver->heard == 0 && !resolver->late ? recall(resolver, out) : 0;
}

unsigned resolver_late(struct resolver *resolver, struct endpoint out[ADDRESSES_PER_NAME]) {
  if (resolver->fd < 0 || resolver->late || resolver->heard > 0 || resolver->known_count == 0) return 0;
  resolver->late = true;
  return recall(resolver, out);
}

void resolver_cancel(struct resolver *resolver) {
  if (resolver->fd < 0) return;
  close(resolver->fd);
  resolver->fd = -1;
  if (resolver->pid > 0) kill(resolver->pid, SIGKILL);
}

void resolver_reaped(struct resolver *resolver, pid_t pid) {
  if (resolver->pid == pid) resolver->pid = 0; /* the number may soon be someone else's */
}
