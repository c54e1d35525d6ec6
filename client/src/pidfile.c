/* SPDX-License-Identifier: Apache-2.0 */
#include "pidfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "log.h"

#define PID_TEXT 16

void pidfile_write(const char *path) {
  char text[PID_TEXT];
  if (path == NULL) return;
  int length = snprintf(text, sizeof text, "%d\n", (int)getpid());
  unlink(path); /* then O_EXCL: no link of somebody else's is followed */
  int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
  if (fd < 0 || write(fd, text, (size_t)length) != length)
    log_error("pidfile %s: %s: give a path that can be written, or none", path, strerror(errno));
  if (fd >= 0) close(fd);
}

void pidfile_remove(const char *path) {
  char text[PID_TEXT] = {0};
  int fd = path == NULL ? -1 : open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) return;
  if (read(fd, text, sizeof text - 1) > 0 && atoi(text) == getpid()) unlink(path);
  close(fd);
}
