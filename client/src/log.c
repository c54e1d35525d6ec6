/* SPDX-License-Identifier: Apache-2.0 */
#include "log.h"

#include <stdarg.h>

void log_open(bool also_stderr) { openlog("td-client", LOG_PID | (also_stderr ? LOG_PERROR : 0), LOG_DAEMON); }

void log_at(int priority, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  vsyslog(priority, format, arguments);
  va_end(arguments);
}

bool log_worthy(unsigned occurrence) { return (occurrence & (occurrence - 1)) == 0; }
