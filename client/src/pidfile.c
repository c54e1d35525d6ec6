/* SPDX-License-Identifier: Apache-2.0 */
#include "pidfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "log.h"

#define PID_TEXT 16

static size_t own_text(char text[PID_TEXT]) { return (size_t)snprintf(text, PID_TEXT, "%d\n", (int)getpid()); }

void pidfile_write(const char *path) {
  char text[PID_TEXT];
  if (path == NULL) return;
  size_t length = own_text(text);
  unlink(path); /* then O_EXCL: no link of somebody else's is followed */
  int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
  if (fd < 0 || write(fd, text, length) != (ssize_t)length)
    log_error("pidfile %s: %s: give a path that can be written, or none", path, strerror(errno));
  if (fd >= 0) close(fd);
}

void pidfile_remove(const char *path) {
  char text[PID_TEXT], found[PID_TEXT];
  if (path == NULL) return;
  int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) return;
  size_t length = own_text(text);
  if (read(fd, found, sizeof found) == (ssize_t)length && memcmp(found, text, length) == 0) unlink(path);
  close(fd);
}
