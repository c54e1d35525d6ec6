/* SPDX-License-Identifier: Apache-2.0 */
#include "endpoint.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Linux values that not every libc's headers carry: linux/in.h, linux/in6.h. */
#define MTU_DISCOVER_PROBE 3
#ifndef IP_MTU_DISCOVER
#define IP_MTU_DISCOVER 10
#endif
#ifndef IPV6_MTU_DISCOVER
#define IPV6_MTU_DISCOVER 23
#endif

bool endpoint_is_v6(const struct endpoint *endpoint) { return endpoint->any.sa_family == AF_INET6; }

socklen_t endpoint_size(const struct endpoint *endpoint) {
  return endpoint_is_v6(endpoint) ? sizeof endpoint->v6 : sizeof endpoint->v4;
}

bool endpoint_equal(const struct endpoint *a, const struct endpoint *b) {
  if (a->any.sa_family != b->any.sa_family) return false;
  if (endpoint_is_v6(a)) {
    return a->v6.sin6_port == b->v6.sin6_port && a->v6.sin6_scope_id == b->v6.sin6_scope_id &&
           memcmp(&a->v6.sin6_addr, &b->v6.sin6_addr, sizeof a->v6.sin6_addr) == 0;
  }
  return a->v4.sin_port == b->v4.sin_port && a->v4.sin_addr.s_addr == b->v4.sin_addr.s_addr;
}

const char *endpoint_text(const struct endpoint *endpoint, char text[ENDPOINT_TEXT]) {
  char host[INET6_ADDRSTRLEN];
  bool v6 = endpoint_is_v6(endpoint);
  const void *address = v6 ? (const void *)&endpoint->v6.sin6_addr : (const void *)&endpoint->v4.sin_addr;
  inet_ntop(endpoint->any.sa_family, address, host, sizeof host);
  snprintf(text, ENDPOINT_TEXT, v6 ? "[%s]:%u" : "%s:%u", host, ntohs(v6 ? endpoint->v6.sin6_port : endpoint->v4.sin_port));
  return text;
}

static int configure(int fd, const struct endpoint *to, const struct endpoint *from, const char *device) {
  bool v6 = endpoint_is_v6(to);
  int probe = MTU_DISCOVER_PROBE;
  if (setsockopt(fd, v6 ? IPPROTO_IPV6 : IPPROTO_IP, v6 ? IPV6_MTU_DISCOVER : IP_MTU_DISCOVER, &probe, sizeof probe) != 0)
    return -errno;
  if (device != NULL && setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, device, (socklen_t)strlen(device) + 1) != 0)
    return -errno;
  if (from != NULL) {
    if (from->any.sa_family != to->any.sa_family) return -EAFNOSUPPORT;
    if (bind(fd, &from->any, endpoint_size(from)) != 0) return -errno;
  }
  return connect(fd, &to->any, endpoint_size(to)) == 0 ? 0 : -errno;
}

int endpoint_connect(const struct endpoint *to, const struct endpoint *from, const char *device) {
  int fd = socket(to->any.sa_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_UDP);
  if (fd < 0) return -errno;
  int result = configure(fd, to, from, device);
  if (result == 0) return fd;
  close(fd);
  return result;
}

bool endpoint_source_changed(int fd, const struct endpoint *to, const char *device) {
  struct endpoint was = {0}, is = {0};
  socklen_t was_size = sizeof was, is_size = sizeof is;
  int fresh = endpoint_connect(to, NULL, device);
  if (fresh < 0) return false; /* no way at all: nothing to change to */
  bool known = getsockname(fd, &was.any, &was_size) == 0 && getsockname(fresh, &is.any, &is_size) == 0;
  close(fresh);
  if (endpoint_is_v6(&is)) {
    was.v6.sin6_port = is.v6.sin6_port;
  } else {
    was.v4.sin_port = is.v4.sin_port;
  }
  return known && !endpoint_equal(&was, &is);
}
