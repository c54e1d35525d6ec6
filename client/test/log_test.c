/* SPDX-License-Identifier: Apache-2.0 */
/* The lines as they leave: read back from standard error, where libc's syslog copies them. */
#include "log.h"

#include <string.h>
#include <unistd.h>

#include "log_reader.h"
#include "test.h"

static void say(struct log *log, int number) { log_often(log, LOG_WARNING, "no broker answers %d", number); }

static void the_first_lines_pass_then_they_are_counted(void) {
  struct log log = {.now_ms = 5000};
  struct log_reader reader;
  log_reader_open(&reader);
  for (int i = 10; i < 50; i++) {
    say(&log, i);
    log.now_ms += 1000;
  }
  CHECK_EQUAL(log_reader_lines(&reader, "no broker answers"), LOG_BURST);
  CHECK_EQUAL(log_reader_lines(&reader, "answers 13"), 1);
  CHECK_EQUAL(log_reader_lines(&reader, "answers 14"), 0);
}

static void a_window_ends_with_a_count(void) {
  struct log log = {.now_ms = 5000};
  struct log_reader reader;
  log_reader_open(&reader);
  for (int i = 0; i < 37; i++) say(&log, i);
  log.now_ms += 600000;
  say(&log, 100);
  CHECK_EQUAL(log_reader_lines(&reader, "no broker answers 100 (37 times in 10 min)"), 1);
  for (int i = 0; i < 10; i++) say(&log, i);
  CHECK_EQUAL(log_reader_lines(&reader, "no broker"), 5);
  log.now_ms += 1200000; /* the next window is twice as long */
  say(&log, 101);
  CHECK_EQUAL(log_reader_lines(&reader, "answers 101 (11 times in 20 min)"), 1);
}

static void kinds_do_not_hide_each_other(void) {
  struct log log = {.now_ms = 5000};
  struct log_reader reader;
  log_reader_open(&reader);
  for (int i = 0; i < 100; i++) say(&log, i);
  log_often(&log, LOG_INFO, "tunnel up");
  CHECK_EQUAL(log_reader_lines(&reader, "tunnel up"), 1);
}

static void calm_restores_the_first_quota(void) {
  struct log log = {.now_ms = 5000};
  struct log_reader reader;
  log_reader_open(&reader);
  for (int i = 0; i < 100; i++) say(&log, i);
  log.now_ms += 3 * 3600000;
  for (int i = 0; i < 100; i++) say(&log, i);
  CHECK_EQUAL(log_reader_lines(&reader, "no broker"), 8);
}

static void a_day_of_failure_leaves_some_thirty_lines(void) {
  struct log log = {.now_ms = 5000};
  struct log_reader reader;
  log_reader_open(&reader);
  for (int i = 0; i < 86400; i++) {
    say(&log, i);
    log.now_ms += 1000;
  }
  unsigned lines = log_reader_lines(&reader, "no broker");
  CHECK(lines >= 24 && lines <= 32);
}

/* More kinds than the table holds, all at once: the rest is bounded still, and nothing is overrun. */
static void more_kinds_than_places(void) {
  struct log log = {.now_ms = 5000};
  struct log_reader reader;
  char formats[2 * LOG_KINDS][8];
  log_reader_open(&reader);
  for (unsigned i = 0; i < 2 * LOG_KINDS; i++) {
    snprintf(formats[i], sizeof formats[i], "kind%02u", i);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-security"
    log_often(&log, LOG_INFO, formats[i]);
#pragma GCC diagnostic pop
    log.now_ms++;
  }
  CHECK_EQUAL(log_reader_lines(&reader, "kind"), 2 * LOG_KINDS);
}

static void long_lines_are_cut(void) {
  struct log log = {.now_ms = 5000};
  struct log_reader reader;
  char text[2000];
  log_reader_open(&reader);
  memset(text, 'x', sizeof text - 1);
  text[sizeof text - 1] = '\0';
  log_often(&log, LOG_INFO, "long %s", text);
  CHECK_EQUAL(log_reader_lines(&reader, "long xxx"), 1);
}

const struct test_case log_cases[] = {
    {"log: the first lines pass, then they are counted", the_first_lines_pass_then_they_are_counted},
    {"log: a window ends with a count", a_window_ends_with_a_count},
    {"log: kinds do not hide each other", kinds_do_not_hide_each_other},
    {"log: calm restores the first quota", calm_restores_the_first_quota},
    {"log: a day of failure leaves some thirty lines", a_day_of_failure_leaves_some_thirty_lines},
    {"log: more kinds than places", more_kinds_than_places},
    {"log: long lines are cut", long_lines_are_cut},
    {NULL, NULL},
};
