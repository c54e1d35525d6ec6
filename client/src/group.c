/* SPDX-License-Identifier: Apache-2.0 */
#include "group.h"

#include <errno.h>
#include <grp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#include "log.h"

/* (gid_t)-1 when there is none. */
static gid_t find(const char *group) {
  char *end;
  errno = 0;
  unsigned long long number = strtoull(group, &end, 10);
  if (*group >= '0' && *group <= '9' && *end == '\0') return errno != 0 || number > UINT32_MAX ? (gid_t)-1 : (gid_t)number;
  struct group *entry = getgrnam(group);
  return entry == NULL ? (gid_t)-1 : entry->gr_gid;
}

bool group_enter(const char *group) {
  if (group == NULL) return true;
  gid_t gid = find(group);
  if (gid == (gid_t)-1) {
    log_error("group %s: not in /etc/group: add it there, or give a number", group);
    return false;
  }
  if (setgroups(0, NULL) == 0 && setgid(gid) == 0) return true;
  log_error("group %s: %s: needs root", group, strerror(errno));
  return false;
}
