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

struct test_case {
  const char *name;
  void (*run)(void);
};

/* Each suite's cases end with {NULL, NULL}. */
extern const struct test_case protocol_cases[], log_cases[], capture_cases[], pmtu_cases[], option_cases[], selection_cases[],
    session_cases[], upkeep_cases[], foreign_cases[], hook_cases[], dns_cases[], resolver_cases[], status_cases[],
    client_cases[], fuzz_cases[], namespace_cases[];

#endif
