/* SPDX-License-Identifier: Apache-2.0 */
/* Runs the operator's hook program: one at a time, in order, never waited for by the caller. */
#ifndef TD_HOOK_H
#define TD_HOOK_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "endpoint.h"
#include "log.h"

#define HOOK_LIMIT_MS 30000

enum hook_event { HOOK_NONE, HOOK_UP, HOOK_DOWN };

/* What the program is told, by arguments and environment. */
struct hook_call {
  enum hook_event event;
  struct endpoint broker;
  uint16_t mtu;       /* as it is at the event */
  const char *reason; /* constant text; "" at session.up */
};

struct hook {
  const char *program; /* NULL = no hook: everything below does nothing */
  const char *interface;
  const char *uuid;
  struct log *log;
  pid_t pid; /* process and process group of the running hook; 0 = none runs */
  enum hook_event running;
  struct hook_call waiting[2]; /* at most down, then up */
  int64_t kill_ms;
  unsigned limit_ms;
};

void hook_start(struct hook *hook, const char *program, const char *interface, const char *uuid, struct log *log);
void hook_run(struct hook *hook, const struct hook_call *call, int64_t now_ms);
/* True when `pid` was the running hook; the next in line is started. */
bool hook_reaped(struct hook *hook, pid_t pid, int status, int64_t now_ms);
void hook_tick(struct hook *hook, int64_t now_ms); /* kills a hung one */
void hook_kill(struct hook *hook); /* at exit: the running one is not waited for */
bool hook_idle(const struct hook *hook);
int64_t hook_deadline(const struct hook *hook); /* INT64_MAX = none */

#endif
