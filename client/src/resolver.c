/* SPDX-License-Identifier: Apache-2.0 */
#include "resolver.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "process.h"

static int look_up(const struct broker_name *name, int flags, struct endpoint out[ADDRESSES_PER_NAME]) {
  struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_DGRAM, .ai_protocol = IPPROTO_UDP, .ai_flags = flags};
  struct addrinfo *list;
  int count = 0;
  if (getaddrinfo(name->host, name->service, &hints, &list) != 0) return 0;
  for (struct addrinfo *entry = list; entry != NULL && count < ADDRESSES_PER_NAME; entry = entry->ai_next) {
    if (entry->ai_addrlen > sizeof *out || (entry->ai_family != AF_INET && entry->ai_family != AF_INET6)) continue;
    memset(&out[count], 0, sizeof out[count]);
    memcpy(&out[count++], entry->ai_addr, entry->ai_addrlen);
  }
  freeaddrinfo(list);
  return count;
}

static void run_in_child(const struct broker_name *name, int answer_fd) {
  struct endpoint found[ADDRESSES_PER_NAME];
  process_become_ordinary();
  int count = look_up(name, 0, found);
  /* One write under PIPE_BUF arrives whole. */
  _exit(write(answer_fd, found, (size_t)count * sizeof *found) < 0);
}

int resolver_start(struct resolver *resolver, const struct broker_name *name, struct endpoint out[ADDRESSES_PER_NAME]) {
  int ends[2];
  *resolver = (struct resolver){.fd = -1};
  int count = look_up(name, AI_NUMERICHOST, out);
  if (count > 0) return count;
  if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) return -errno;
  pid_t pid = fork();
  if (pid == 0) run_in_child(name, ends[1]);
  int error = errno;
  close(ends[1]);
  if (pid < 0) {
    close(ends[0]);
    return -error;
  }
  *resolver = (struct resolver){.fd = ends[0], .pid = pid};
  return 0;
}

int resolver_finish(struct resolver *resolver, struct endpoint out[ADDRESSES_PER_NAME]) {
  ssize_t size = read(resolver->fd, out, ADDRESSES_PER_NAME * sizeof *out);
  close(resolver->fd);
  resolver->fd = -1;
  return size < 0 ? 0 : (int)((size_t)size / sizeof *out);
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
