/* SPDX-License-Identifier: Apache-2.0 */
/* A small harness: each case runs in a process of its own, so that one that crashes or hangs fails alone. */
#ifndef TD_TEST_H
#define TD_TEST_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

extern int test_stderr; /* also while a case reads what goes to standard error */

/* A failed check ends the case's process at once. */
#define CHECK(condition)                                                             \
  do {                                                                               \
    if (!(condition)) {                                                              \
      dprintf(test_stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition);       \
      exit(1);                                                                       \
    }                                                                                \
  } while (0)

#define CHECK_EQUAL(actual, expected)                                                                         \
  do {                                                                                                        \
    long long actual_ = (long long)(actual), expected_ = (long long)(expected);                               \
    if (actual_ != expected_) {                                                                               \
      dprintf(test_stderr, "%s:%d: %s is %lld, not %lld\n", __FILE__, __LINE__, #actual, actual_, expected_);    \
      exit(1);                                                                                                \
    }                                                                                                         \
  } while (0)

#define TEST_SKIPPED 77 /* exit status of a case that cannot run here */

/* How long to wait for something: the time given, or PATIENCE times that (environment) where everything is slow. */
static inline int patient(int limit) {
  const char *factor = getenv("PATIENCE");
  return factor == NULL ? limit : limit * atoi(factor);
}

struct test_case {
  const char *name;
  void (*run)(void);
};

/* Each suite's cases end with {NULL, NULL}. */
extern const struct test_case protocol_cases[];
extern const struct test_case log_cases[];
extern const struct test_case capture_cases[];
extern const struct test_case pmtu_cases[];
extern const struct test_case option_cases[];
extern const struct test_case selection_cases[];
extern const struct test_case session_cases[];
extern const struct test_case session_up_cases[];
extern const struct test_case upkeep_cases[];
extern const struct test_case datapath_cases[];
extern const struct test_case foreign_cases[];
extern const struct test_case hook_cases[];
extern const struct test_case client_cases[];
extern const struct test_case day_cases[];
extern const struct test_case dns_cases[];
extern const struct test_case resolver_cases[];
extern const struct test_case status_cases[];
extern const struct test_case offload_cases[];
extern const struct test_case tap_cases[];
extern const struct test_case fuzz_cases[];
extern const struct test_case namespace_cases[];

#endif
