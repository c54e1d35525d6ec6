/* SPDX-License-Identifier: Apache-2.0 */
#include "hook.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "process.h"

static const char *event_name(enum hook_event event) { return event == HOOK_UP ? "session.up" : "session.down"; }

void hook_start(struct hook *hook, const char *program, const char *interface, const char *uuid, struct log *log) {
  *hook = (struct hook){.program = program, .interface = interface, .uuid = uuid, .log = log, .limit_ms = HOOK_LIMIT_MS};
}

static void set_environment(const struct hook *hook, const struct hook_call *call) {
  char broker[ENDPOINT_TEXT], mtu[8];
  snprintf(mtu, sizeof mtu, "%u", call->mtu);
  setenv("TUNNELDIGGER_BROKER", endpoint_text(&call->broker, broker), 1);
  setenv("TUNNELDIGGER_UUID", hook->uuid, 1);
  setenv("TUNNELDIGGER_MTU", mtu, 1);
  setenv("TUNNELDIGGER_REASON", call->reason, 1);
}

static void run_in_child(const struct hook *hook, const struct hook_call *call) {
  const char *event = event_name(call->event);
  setpgid(0, 0); /* so that a hung hook dies with its children */
  process_become_ordinary();
  set_environment(hook, call);
  execl(hook->program, hook->program, event, hook->interface, (char *)NULL);
  if (errno == ENOEXEC) execl("/bin/sh", "sh", hook->program, event, hook->interface, (char *)NULL);
  _exit(127);
}

static void spawn(struct hook *hook, const struct hook_call *call, int64_t now_ms) {
  pid_t pid = fork();
  if (pid < 0) {
    log_often(hook->log, LOG_ERR, "hook %s: fork: %s", event_name(call->event), strerror(errno));
    return;
  }
  if (pid == 0) run_in_child(hook, call);
  setpgid(pid, pid); /* in both processes, as either may come first */
  hook->pid = pid;
  hook->running = call->event;
  hook->kill_ms = now_ms + hook->limit_ms;
}

static void run_next(struct hook *hook, int64_t now_ms) {
  while (hook->pid == 0 && hook->waiting[0].event != HOOK_NONE) {
    struct hook_call call = hook->waiting[0];
    hook->waiting[0] = hook->waiting[1];
    hook->waiting[1].event = HOOK_NONE;
    spawn(hook, &call, now_ms);
  }
}

void hook_run(struct hook *hook, const struct hook_call *call, int64_t now_ms) {
  struct hook_call *waiting = hook->waiting;
  if (hook->program == NULL) return;
  unsigned last = waiting[0].event == HOOK_NONE ? 0 : waiting[1].event == HOOK_NONE ? 1 : 2;
  if (last > 0 && call->event == HOOK_DOWN && waiting[last - 1].event == HOOK_UP) {
    waiting[last - 1].event = HOOK_NONE; /* came and went while another hook ran: nothing to tell */
  } else if (last < 2) {
    waiting[last] = *call;
  }
  run_next(hook, now_ms);
}

bool hook_reaped(struct hook *hook, pid_t pid, int status, int64_t now_ms) {
  if (hook->pid == 0 || hook->pid != pid) return false;
  if (WIFSIGNALED(status)) {
    log_often(hook->log, LOG_WARNING, "hook %s ended by signal %d", event_name(hook->running), WTERMSIG(status));
  } else if (WEXITSTATUS(status) != 0) {
    log_often(hook->log, LOG_WARNING, "hook %s ended with status %d", event_name(hook->running), WEXITSTATUS(status));
  }
  hook->pid = 0;
  hook->running = HOOK_NONE;
  run_next(hook, now_ms);
  return true;
}

void hook_tick(struct hook *hook, int64_t now_ms) {
  if (hook->pid == 0 || now_ms < hook->kill_ms) return;
  log_often(hook->log, LOG_ERR, "hook %s still runs after %u s: killed", event_name(hook->running),
            hook->limit_ms / 1000);
  kill(-hook->pid, SIGKILL);
  hook->kill_ms = INT64_MAX;
}

void hook_kill(struct hook *hook) {
  if (hook->pid != 0) kill(-hook->pid, SIGKILL);
}

bool hook_idle(const struct hook *hook) { return hook->pid == 0; }

int64_t hook_deadline(const struct hook *hook) { return hook->pid == 0 ? INT64_MAX : hook->kill_ms; }
