/* SPDX-License-Identifier: Apache-2.0 */
#include "status.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#include "log.h"

#define ANSWER_SIZE 1024
#define ANSWERED_AT_ONCE 8 /* who else waits has the next turn */
#define PAUSE_MS 1000
#define REOPEN_MS 3000
#define ASK_LIMIT_S 3
#define UP_BEGIN "{\"state\":\"up\"" /* how the answer begins when there is a tunnel */

static void name_socket(struct sockaddr_un *address, const struct options *options) {
  address->sun_family = AF_UNIX;
  if (options->status_socket != NULL) {
    snprintf(address->sun_path, sizeof address->sun_path, "%s", options->status_socket);
  } else {
    snprintf(address->sun_path, sizeof address->sun_path, "/var/run/tunneldigger.%s.sock", options->interface);
  }
}

/* The one that answers. */

/* True when an earlier run has left it: nobody listens. */
static bool is_leftover(const struct sockaddr_un *address) {
  struct stat found;
  if (lstat(address->sun_path, &found) != 0 || !S_ISSOCK(found.st_mode)) return false;
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  bool refused = fd >= 0 && connect(fd, (const struct sockaddr *)address, sizeof *address) != 0 && errno == ECONNREFUSED;
  if (fd >= 0) close(fd);
  return refused;
}

static int listen_at(const struct sockaddr_un *address, int fd) {
  if (fd < 0 || fchmod(fd, S_IRUSR | S_IWUSR) != 0) return -1; /* before it has a name: never open to others */
  if (is_leftover(address)) unlink(address->sun_path);
  return bind(fd, (const struct sockaddr *)address, sizeof *address) != 0 ? -1 : listen(fd, ANSWERED_AT_ONCE);
}

static bool open_socket(struct status *status) {
  struct stat own;
  status->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (listen_at(&status->address, status->fd) == 0 && lstat(status->address.sun_path, &own) == 0) {
    status->inode = own.st_ino;
    return true;
  }
  int error = errno;
  if (status->fd >= 0) close(status->fd);
  status->fd = -1;
  errno = error;
  return false;
}

void status_open(struct status *status, const struct options *options) {
  *status = (struct status){.fd = -1};
  name_socket(&status->address, options);
  if (!open_socket(status)) log_warning("--status is not to be had: %s: %s", status->address.sun_path, strerror(errno));
}

void status_reopen(struct status *status, int64_t now_ms) {
  if (status->fd >= 0 || now_ms < status->pause_ms) return;
  status->pause_ms = open_socket(status) ? 0 : now_ms + REOPEN_MS;
}

int status_readable_fd(const struct status *status, int64_t now_ms) {
  return now_ms < status->pause_ms ? -1 : status->fd;
}

static const char *state_text(const struct client *client) {
  switch (client->phase) {
    case CLIENT_WAITING: return "waiting";
    case CLIENT_SELECTING: return "selecting";
    case CLIENT_IN_SESSION: return "connecting";
    case CLIENT_STOPPING: return "stopping";
  }
  return "";
}

static void escape(const char *text, char *out) {
  for (; *text != '\0'; text++) {
    if (*text == '"' || *text == '\\') *out++ = '\\';
    *out++ = *text;
  }
  *out = '\0';
}

/* In JSON. The names of interfaces have no control characters. */
static size_t describe(const struct client *client, int64_t now_ms, char out[ANSWER_SIZE]) {
  bool up = client->session.state == SESSION_UP;
  char broker[ENDPOINT_TEXT] = "", interface[2 * IFNAMSIZ];
  if (up || client->phase == CLIENT_IN_SESSION) endpoint_text(&client->broker.address, broker);
  escape(client->options->interface, interface);
  return (size_t)snprintf(out, ANSWER_SIZE,
                          "{\"state\":\"%s\",\"broker\":\"%s\",\"interface\":\"%s\",\"mtu\":%u,\"uptime_seconds\":%u,"
                          "\"tunnels\":%u,\"failures\":%u,\"sent\":%u,\"received\":%u}\n",
                          up ? "up" : state_text(client), broker, interface, up ? client->session.mtu : 0u,
                          up ? (unsigned)((now_ms - client->up_since_ms) / 1000) : 0u, client->tunnels_total, client->failures_total,
                          client->session.sent, client->session.received);
}

void status_answer(struct status *status, const struct client *client, int64_t now_ms) {
  char answer[ANSWER_SIZE];
  size_t size = describe(client, now_ms, answer);
  for (int i = 0; i < ANSWERED_AT_ONCE; i++) {
    int fd = accept4(status->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd < 0) {
      if (errno != EAGAIN) status->pause_ms = now_ms + PAUSE_MS;
      return;
    }
    (void)!write(fd, answer, size); /* a fresh socket has room for it */
    close(fd);
  }
}

void status_close(struct status *status) {
  struct stat found;
  if (status->fd < 0) return;
  if (lstat(status->address.sun_path, &found) == 0 && found.st_ino == status->inode) unlink(status->address.sun_path);
  close(status->fd);
  status->fd = -1;
}

/* The one that asks. */

static size_t fetch(const struct sockaddr_un *address, char out[ANSWER_SIZE + 1]) {
  const struct timeval limit = {.tv_sec = ASK_LIMIT_S};
  size_t size = 0;
  ssize_t more = -1;
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit); /* for connect too */
  if (connect(fd, (const struct sockaddr *)address, sizeof *address) == 0) {
    while (size < ANSWER_SIZE && (more = recv(fd, out + size, ANSWER_SIZE - size, 0)) > 0) size += (size_t)more;
  }
  if (more < 0) fprintf(stderr, "tunneldigger: %s: %s\n", address->sun_path, strerror(errno));
  close(fd);
  out[size] = '\0';
  return more < 0 ? 0 : size;
}

/* A line for each "name":value, in place: that is never longer. Returns the size. */
static size_t make_readable(char *text) {
  const char *begin = text;
  bool quoted = false;
  char *out = text;
  for (; *text != '\0'; text++) {
    if (*text == '"') {
      quoted = !quoted;
    } else if (quoted) {
      if (*text == '\\' && text[1] != '\0') text++;
      *out++ = *text;
    } else if (*text == ':') {
      *out++ = *text;
      *out++ = ' ';
    } else if (*text != '{' && *text != '}') {
      *out++ = *text == ',' ? '\n' : *text;
    }
  }
  return (size_t)(out - begin);
}

int status_ask(const struct options *options) {
  struct sockaddr_un address = {0};
  char answer[ANSWER_SIZE + 1];
  name_socket(&address, options);
  size_t size = fetch(&address, answer);
  if (size == 0) return STATUS_NOBODY;
  bool up = size > sizeof UP_BEGIN && memcmp(answer, UP_BEGIN, sizeof UP_BEGIN - 1) == 0;
  if (!options->json) size = make_readable(answer);
  if (write(STDOUT_FILENO, answer, size) < 0) return STATUS_NOBODY;
  return up ? STATUS_UP : STATUS_NO_TUNNEL;
}
