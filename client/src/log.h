/* SPDX-License-Identifier: Apache-2.0 */
/* Messages for the operator, through libc's syslog (identity td-client). */
#ifndef TD_LOG_H
#define TD_LOG_H

#include <stdbool.h>
#include <syslog.h>

#ifndef TUNNELDIGGER_VERSION
#define TUNNELDIGGER_VERSION "development"
#endif

void log_open(bool also_stderr);
void log_at(int priority, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* True for the 1st, 2nd, 4th, 8th… occurrence: a failure that repeats for hours leaves a dozen lines. */
bool log_worthy(unsigned occurrence);

#define log_error(...) log_at(LOG_ERR, __VA_ARGS__)
#define log_warning(...) log_at(LOG_WARNING, __VA_ARGS__)
#define log_info(...) log_at(LOG_INFO, __VA_ARGS__)

#endif
