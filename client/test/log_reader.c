/* SPDX-License-Identifier: Apache-2.0 */
#include "log_reader.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "log.h"
#include "test.h"

void log_reader_open(struct log_reader *reader) {
  char path[] = "/tmp/td-log-XXXXXX";
  test_stderr = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 10);
  reader->fd = mkostemp(path, O_APPEND | O_CLOEXEC);
  CHECK(reader->fd >= 0 && unlink(path) == 0);
  CHECK(dup2(reader->fd, STDERR_FILENO) == STDERR_FILENO);
  log_open(true);
}

unsigned log_reader_lines(const struct log_reader *reader, const char *text) {
  off_t size = lseek(reader->fd, 0, SEEK_END);
  char *all = calloc(1, (size_t)size + 1);
  unsigned count = 0;
  CHECK(all != NULL && pread(reader->fd, all, (size_t)size, 0) == size);
  for (char *at = all; (at = strstr(at, text)) != NULL; at++) {
    count++;
    at = at + strcspn(at, "\n");
    if (*at == '\0') break;
  }
  free(all);
  return count;
}
