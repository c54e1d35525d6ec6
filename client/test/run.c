/* SPDX-License-Identifier: Apache-2.0 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "test.h"

#define CASE_LIMIT_S 60
#define MOST_JOBS 16

int test_stderr = STDERR_FILENO;

/* A case that runs, in a process of its own; what it says waits until its end. */
struct job {
  const struct test_case *test;
  pid_t pid; /* 0 = none */
  FILE *output;
};

struct tally {
  char **wanted; /* parts of names, and those that pass are named too; none = all */
  int passed, failed, skipped;
  int job_count;
  struct job jobs[MOST_JOBS];
};

static void start(struct job *job, const struct test_case *test) {
  job->test = test;
  job->output = tmpfile();
  fflush(stdout);
  job->pid = fork();
  if (job->pid != 0) return;
  dup2(fileno(job->output), STDOUT_FILENO);
  alarm((unsigned)patient(CASE_LIMIT_S));
  test->run();
  exit(0);
}

static void show(FILE *output) {
  int character;
  rewind(output);
  while ((character = getc(output)) != EOF) putchar(character);
  fclose(output);
}

/* Waits for the end of any case and counts it; it failed if it did not exit by itself. */
static void finish_one(struct tally *tally) {
  int status;
  pid_t pid = wait(&status);
  for (struct job *job = tally->jobs; job < tally->jobs + tally->job_count; job++) {
    if (pid <= 0 || job->pid != pid) continue;
    bool skipped = WIFEXITED(status) && WEXITSTATUS(status) == TEST_SKIPPED;
    bool passed = WIFEXITED(status) && WEXITSTATUS(status) == 0;
    job->pid = 0;
    show(job->output);
    *(skipped ? &tally->skipped : passed ? &tally->passed : &tally->failed) += 1;
    if (skipped) printf("skipped: %s\n", job->test->name); /* it said why, on the line before */
    if (!skipped && (!passed || *tally->wanted != NULL)) printf("%s: %s\n", passed ? "ok" : "FAILED", job->test->name);
  }
}

static bool is_wanted(const struct tally *tally, const struct test_case *test) {
  for (char **part = tally->wanted; *part != NULL; part++) {
    if (strstr(test->name, *part) != NULL) return true;
  }
  return *tally->wanted == NULL;
}

/* Most cases wait most of their time. */
static void run_case(struct tally *tally, const struct test_case *test) {
  for (;;) {
    for (struct job *job = tally->jobs; job < tally->jobs + tally->job_count; job++) {
      if (job->pid != 0) continue;
      start(job, test);
      return;
    }
    finish_one(tally);
  }
}

static bool busy(const struct tally *tally) {
  for (const struct job *job = tally->jobs; job < tally->jobs + tally->job_count; job++) {
    if (job->pid != 0) return true;
  }
  return false;
}

/* run-tests [-j JOBS] [part of a name…]. More than one at a time suits a machine that is as fast as they expect. */
int main(int argc, char *argv[]) {
  static const struct test_case *const suites[] = {
      protocol_cases,
      log_cases,
      capture_cases,
      pmtu_cases,
      option_cases,
      selection_cases,
      session_cases,
      session_up_cases,
      upkeep_cases, datapath_cases,
      foreign_cases,
      hook_cases,
      client_cases,
      day_cases,
      dns_cases,
      resolver_cases,
      status_cases,
      offload_cases,
      tap_cases,
      fuzz_cases,
      namespace_cases,
  };
  struct tally tally = {.job_count = 1};
  int option;
  while ((option = getopt(argc, argv, "j:")) != -1) {
    int jobs = option == 'j' ? atoi(optarg) : 0;
    if (jobs < 1) return 2;
    tally.job_count = jobs < MOST_JOBS ? jobs : MOST_JOBS;
  }
  tally.wanted = argv + optind;
  setvbuf(stdout, NULL, _IOLBF, 0);
  for (size_t i = 0; i < sizeof suites / sizeof *suites; i++) {
    for (const struct test_case *test = suites[i]; test->name != NULL; test++) {
      if (is_wanted(&tally, test)) run_case(&tally, test);
    }
  }
  while (busy(&tally)) finish_one(&tally);
  printf("%d passed, %d failed, %d skipped\n", tally.passed, tally.failed, tally.skipped);
  return tally.failed != 0;
}
