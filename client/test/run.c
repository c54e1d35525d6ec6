/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "test.h"

#define CASE_LIMIT_S 60

int test_stderr = STDERR_FILENO;

/* Returns the exit status of the case's process, 1 for any other end. */
static int run_case(const struct test_case *test) {
  int status;
  pid_t pid = fork();
  if (pid == 0) {
    alarm(CASE_LIMIT_S);
    test->run();
    exit(0);
  }
  if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status)) return 1;
  return WEXITSTATUS(status);
}

/* run-tests [part of a name] */
int main(int argc, char *argv[]) {
  static const struct test_case *const suites[] = {
      protocol_cases,
      log_cases,
      capture_cases,
      pmtu_cases,
      option_cases,
      selection_cases,
      session_cases,
      upkeep_cases,
      foreign_cases,
      hook_cases,
      client_cases,
      day_cases,
      dns_cases,
      resolver_cases,
      status_cases,
      fuzz_cases,
      namespace_cases,
  };
  int passed = 0, failed = 0, skipped = 0;
  setvbuf(stdout, NULL, _IOLBF, 0);
  for (size_t i = 0; i < sizeof suites / sizeof *suites; i++) {
    for (const struct test_case *test = suites[i]; test->name != NULL; test++) {
      if (argc > 1 && strstr(test->name, argv[1]) == NULL) continue;
      int status = run_case(test);
      if (status == TEST_SKIPPED) {
        skipped++;
        printf("skipped: %s\n", test->name); /* it said why, on the line before */
        continue;
      }
      *(status == 0 ? &passed : &failed) += 1;
      if (status != 0 || argc > 1) printf("%s: %s\n", status == 0 ? "ok" : "FAILED", test->name);
    }
  }
  printf("%d passed, %d failed, %d skipped\n", passed, failed, skipped);
  return failed != 0;
}
