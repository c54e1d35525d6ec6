/* SPDX-License-Identifier: Apache-2.0 */
#include "group.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#include "log.h"

#define NO_GROUP ((gid_t)-1)
#define FILE_SIZE 65536

/* The number that stands between `text` and `end_mark`. */
static gid_t read_number(const char *text, char end_mark) {
  char *end;
  errno = 0;
  unsigned long long number = strtoull(text, &end, 10);
  if (*text < '0' || *text > '9' || *end != end_mark || errno != 0 || number > UINT32_MAX) return NO_GROUP;
  return (gid_t)number;
}

/* By hand: getgrnam would make a static binary 6 kB larger. group(5): name:password:number:members. */
static gid_t find_in(const char *text, const char *end, const char *name) {
  size_t length = strlen(name);
  for (const char *line = text; line != NULL && (size_t)(end - line) > length; line = strchr(line, '\n')) {
    if (*line == '\n') line++;
    if ((size_t)(end - line) <= length || memcmp(line, name, length) != 0 || line[length] != ':') continue;
    const char *number = strchr(line + length + 1, ':');
    return number == NULL ? NO_GROUP : read_number(number + 1, ':');
  }
  return NO_GROUP;
}

static gid_t find(const char *name) {
  char text[FILE_SIZE];
  int fd = open("/etc/group", O_RDONLY | O_CLOEXEC);
  ssize_t size = fd < 0 ? 0 : read(fd, text, sizeof text - 1);
  if (fd >= 0) close(fd);
  if (size <= 0) return NO_GROUP;
  text[size] = '\0';
  return find_in(text, text + size, name);
}

bool group_enter(const char *group) {
  if (group == NULL) return true;
  gid_t gid = *group >= '0' && *group <= '9' ? read_number(group, '\0') : find(group);
  if (gid == NO_GROUP) {
    log_error("group %s: not in /etc/group: add it there, or give a number", group);
    return false;
  }
  if (setgroups(0, NULL) == 0 && setgid(gid) == 0) return true;
  log_error("group %s: %s: needs root", group, strerror(errno));
  return false;
}
