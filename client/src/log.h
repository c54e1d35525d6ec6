/* SPDX-License-Identifier: Apache-2.0 */
/* Messages for the operator, through libc's syslog (identity td-client). What may repeat goes through log_often, which
 * lets a few lines of each kind pass and counts the rest: no failure can flood a router's log. */
#ifndef TD_LOG_H
#define TD_LOG_H

#include <stdbool.h>
#include <stdint.h>
#include <syslog.h>

#ifndef TUNNELDIGGER_VERSION
#define TUNNELDIGGER_VERSION "development"
#endif

#define LOG_KINDS 24             /* more than the program has; beyond that the oldest is forgotten */
#define LOG_BURST 4              /* lines of a kind within the first window */
#define LOG_WINDOW_MS 600000     /* doubles while a failure lasts … */
#define LOG_WINDOW_MOST_MS 3600000 /* … to this; a lasting failure leaves one line a window */

/* Messages of one format. */
struct log_kind {
  const char *format; /* NULL = free */
  int64_t since_ms;   /* start of the window */
  int64_t window_ms;
  unsigned count; /* in the window */
  unsigned quota; /* of them written */
};

struct log {
  int64_t now_ms; /* set by whoever runs the parts, once a turn */
  struct log_kind kinds[LOG_KINDS];
};

void log_open(bool also_stderr);
/* For what happens once in the program's life. */
void log_at(int priority, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* For everything else. The first line of a new window says how many there were in the last, if some were left out. */
void log_often(struct log *log, int priority, const char *format, ...) __attribute__((format(printf, 3, 4)));

#define log_error(...) log_at(LOG_ERR, __VA_ARGS__)
#define log_warning(...) log_at(LOG_WARNING, __VA_ARGS__)
#define log_info(...) log_at(LOG_INFO, __VA_ARGS__)

#endif
