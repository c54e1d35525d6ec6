/* SPDX-License-Identifier: Apache-2.0 */
/* The whole program as a process, in a network namespace of the test's own. */
#ifndef TD_TEST_RUNNING_H
#define TD_TEST_RUNNING_H

#include <poll.h>
#include <stddef.h>
#include <sys/types.h>

#include "process.h"
#include "test.h"

/* Evaluates the condition until it holds, and not once more. */
#define WAIT_FOR(condition, limit_ms)                                                 \
  do {                                                                                \
    int64_t until_ms_ = process_now_ms() + patient(limit_ms);                         \
    bool holds_;                                                                      \
    while (!(holds_ = (condition)) && process_now_ms() < until_ms_) poll(NULL, 0, 5); \
    if (!holds_) {                                                                    \
      fprintf(stderr, "%s:%d: never so: %s\n", __FILE__, __LINE__, #condition);       \
      exit(1);                                                                        \
    }                                                                                 \
  } while (0)

#define FOLDER_TEXT 64
#define PATH_TEXT 128

/* A network namespace with its loopback up, and a folder of the test's own; skips the case where that cannot be. */
void running_enter(char folder[FOLDER_TEXT]);
void running_leave(const char *folder); /* removes the folder with the files in it */
/* For this case `path` has this text; skips the case where that cannot be. */
void running_replace(const char *folder, const char *path, const char *text);
/* "tunneldigger" and these words, ended by NULL. Dies with the test. */
pid_t running_start(const char *const words[]);
bool running_ended(pid_t pid, int *exit_status); /* -1 = ended by a signal */
int running_end(pid_t pid, int signal_number);   /* exit status */
/* Runs it to its end; returns the exit status and what it said. */
int running_say(const char *const words[], char *out, size_t capacity);

#endif
