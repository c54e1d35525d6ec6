/* SPDX-License-Identifier: Apache-2.0 */
#include "hook.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "process.h"
#include "test.h"

struct hook_rig {
  struct hook hook;
  struct log log;
  char folder[64], program[96], record[96];
  int64_t now_ms;
};

static void write_file(const char *path, const char *text, mode_t mode) {
  FILE *file = fopen(path, "w");
  CHECK(file != NULL);
  fputs(text, file);
  fclose(file);
  chmod(path, mode);
}

/* `body` sees $1 and $2, and the record file as $R. */
static void prepare(struct hook_rig *rig, const char *body) {
  char text[1024];
  memset(rig, 0, sizeof *rig);
  strcpy(rig->folder, "/tmp/td-hook-XXXXXX");
  CHECK(mkdtemp(rig->folder) != NULL);
  snprintf(rig->program, sizeof rig->program, "%s/hook", rig->folder);
  snprintf(rig->record, sizeof rig->record, "%s/record", rig->folder);
  snprintf(text, sizeof text, "R=%s\n%s\n", rig->record, body);
  write_file(rig->program, text, 0755); /* no #! line: run by the shell */
  hook_start(&rig->hook, rig->program, "l2tp0", "router", &rig->log);
}

static void run(struct hook_rig *rig, enum hook_event event, int64_t now_ms) {
  struct hook_call call = {.event = event, .mtu = 1446, .reason = ""};
  call.broker.v4.sin_family = AF_INET;
  hook_run(&rig->hook, &call, now_ms);
}

/* Reaps until no hook runs, as the loop does on SIGCHLD. */
static void settle(struct hook_rig *rig) {
  while (!hook_idle(&rig->hook)) {
    int status;
    pid_t pid = waitpid(-1, &status, 0);
    CHECK(pid > 0 && hook_reaped(&rig->hook, pid, status, rig->now_ms));
  }
}

static void expect_record(struct hook_rig *rig, const char *expected) {
  char text[512] = {0};
  FILE *file = fopen(rig->record, "r");
  if (file != NULL) {
    (void)!fread(text, 1, sizeof text - 1, file);
    fclose(file);
  }
  if (strcmp(text, expected) != 0) fprintf(stderr, "recorded \"%s\"\n", text);
  CHECK(strcmp(text, expected) == 0);
  remove(rig->record);
  remove(rig->program);
  rmdir(rig->folder);
}

static void arguments_and_order(void) {
  struct hook_rig rig;
  prepare(&rig, "test $1 = session.up && sleep 0.2; echo $# $1 $2 >> $R");
  run(&rig, HOOK_UP, 0);
  run(&rig, HOOK_DOWN, 0);
  CHECK_EQUAL(rig.hook.running, HOOK_UP); /* down waits for up */
  run(&rig, HOOK_UP, 0);
  settle(&rig);
  expect_record(&rig, "2 session.up l2tp0\n2 session.down l2tp0\n2 session.up l2tp0\n");
  CHECK(waitpid(-1, NULL, WNOHANG) < 0); /* no zombie */
}

static void a_tunnel_that_came_and_went_meanwhile_is_not_told(void) {
  struct hook_rig rig;
  prepare(&rig, "test $1 = session.up && sleep 0.2; echo $1 >> $R");
  run(&rig, HOOK_UP, 0);
  for (int i = 0; i < 10; i++) {
    run(&rig, HOOK_DOWN, 0);
    run(&rig, HOOK_UP, 0);
  }
  run(&rig, HOOK_DOWN, 0);
  settle(&rig);
  expect_record(&rig, "session.up\nsession.down\n");
}

static void a_hung_hook_is_killed_with_its_children(void) {
  struct hook_rig rig;
  int ends[2];
  char byte;
  CHECK(pipe(ends) == 0);
  prepare(&rig, "test $1 = session.up && { sleep 20 & echo hangs >> $R; sleep 20; }; echo $1 >> $R");
  run(&rig, HOOK_UP, 1000);
  close(ends[1]);
  run(&rig, HOOK_DOWN, 1000);
  CHECK_EQUAL(hook_deadline(&rig.hook), 31000);
  hook_tick(&rig.hook, 30999);
  CHECK(waitpid(-1, NULL, WNOHANG) == 0);
  struct stat record = {0};
  while (stat(rig.record, &record) != 0 || record.st_size == 0) poll(NULL, 0, 5); /* its child is there */
  hook_tick(&rig.hook, 31000);
  settle(&rig);
  struct pollfd watched = {.fd = ends[0], .events = POLLIN};
  CHECK(poll(&watched, 1, 5000) == 1 && read(ends[0], &byte, 1) == 0); /* ends when the last holder of the pipe, the grandchild, is dead */
  expect_record(&rig, "hangs\nsession.down\n");
}

static void failing_and_missing_hooks_stop_nothing(void) {
  struct hook_rig rig;
  prepare(&rig, "echo $1 >> $R; exit 3");
  run(&rig, HOOK_UP, 0);
  run(&rig, HOOK_DOWN, 0);
  settle(&rig);
  expect_record(&rig, "session.up\nsession.down\n");
  hook_start(&rig.hook, "/nonexistent/hook", "l2tp0", "router", &rig.log);
  run(&rig, HOOK_UP, 0);
  settle(&rig);
  hook_start(&rig.hook, NULL, "l2tp0", "router", &rig.log);
  run(&rig, HOOK_UP, 0);
  CHECK(hook_idle(&rig.hook));
}

/* The loop's blocked signals must not be inherited: a hook's `timeout` or `wait` would hang. */
static void hooks_get_ordinary_signals(void) {
  struct hook_rig rig;
  CHECK(process_open_signals() >= 0);
  /* What the test's own parent ignores stays so; SIGPIPE (13) is what we change. */
  prepare(&rig, "blocked=$(sed -n 's/^SigBlk:[^0]*//p' /proc/self/status); "
                "ignored=$(sed -n 's/^SigIgn:[^0]*//p' /proc/self/status); "
                "echo $((0x$blocked)) $((0x$ignored & 0x1000)) >> $R");
  run(&rig, HOOK_UP, 0);
  settle(&rig);
  expect_record(&rig, "0 0\n");
}

const struct test_case hook_cases[] = {
    {"hook: arguments and order", arguments_and_order},
    {"hook: a tunnel that came and went is not told", a_tunnel_that_came_and_went_meanwhile_is_not_told},
    {"hook: a hung hook is killed with its children", a_hung_hook_is_killed_with_its_children},
    {"hook: failing and missing hooks stop nothing", failing_and_missing_hooks_stop_nothing},
    {"hook: ordinary signals", hooks_get_ordinary_signals},
    {NULL, NULL},
};
