/* SPDX-License-Identifier: Apache-2.0 */
/* Reads what the program logs, for a case that runs in a process of its own. What checks say still comes through. */
#ifndef TD_TEST_LOG_READER_H
#define TD_TEST_LOG_READER_H

struct log_reader {
  int fd; /* a file that has been deleted; standard error leads into it while the program runs */
};

void log_reader_open(struct log_reader *reader);
/* How many lines hold this text. */
unsigned log_reader_lines(const struct log_reader *reader, const char *text);

#endif
