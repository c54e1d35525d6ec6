/* SPDX-License-Identifier: Apache-2.0 */
#include "log.h"

#include <stdarg.h>
#include <stdio.h>

#define LOG_LINE 256

void log_open(bool also_stderr) { openlog("td-client", LOG_PID | (also_stderr ? LOG_PERROR : 0), LOG_DAEMON); }

void log_at(int priority, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  vsyslog(priority, format, arguments);
  va_end(arguments);
}

/* The kind's own entry, or the one to give up for it: a free one, else that of the oldest window. */
static struct log_kind *find(struct log *log, const char *format) {
  struct log_kind *found = &log->kinds[0];
  for (unsigned i = 0; i < LOG_KINDS; i++) {
    struct log_kind *kind = &log->kinds[i];
    if (kind->format == format) return kind;
    if (found->format != NULL && (kind->format == NULL || kind->since_ms < found->since_ms)) found = kind;
  }
  *found = (struct log_kind){.format = format, .since_ms = log->now_ms, .window_ms = LOG_WINDOW_MS, .quota = LOG_BURST};
  return found;
}

/* Begins a new window if the old one is over; returns how many messages that had, 0 when none were left out. */
static unsigned renew(struct log_kind *kind, int64_t passed_ms) {
  unsigned told = 0;
  if (passed_ms < kind->window_ms) return 0;
  bool calm = kind->count <= kind->quota || passed_ms >= 2 * kind->window_ms;
  if (kind->count > kind->quota) told = kind->count;
  kind->window_ms = calm ? LOG_WINDOW_MS : kind->window_ms * 2;
  if (kind->window_ms > LOG_WINDOW_MOST_MS) kind->window_ms = LOG_WINDOW_MOST_MS;
  kind->quota = calm ? LOG_BURST : 1;
  kind->since_ms += passed_ms;
  kind->count = 0;
  return told;
}

void log_often(struct log *log, int priority, const char *format, ...) {
  char line[LOG_LINE];
  va_list arguments;
  struct log_kind *kind = find(log, format);
  int64_t passed_ms = log->now_ms - kind->since_ms;
  unsigned told = renew(kind, passed_ms);
  if (++kind->count > kind->quota) return;
  va_start(arguments, format);
  vsnprintf(line, sizeof line, format, arguments);
  va_end(arguments);
  if (told == 0) {
    log_at(priority, "%s", line);
  } else {
    log_at(priority, "%s (%u times in %u min)", line, told, (unsigned)(passed_ms / 60000));
  }
}
