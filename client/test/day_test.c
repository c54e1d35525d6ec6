/* SPDX-License-Identifier: Apache-2.0 */
/* A day of injected time with all that goes wrong: brokers that die, return, refuse, fall silent, a line that comes and
 * goes, hooks that hang. Nothing may grow: descriptors, memory, children, the log. */
#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

#include "client_rig.h"
#include "log_reader.h"
#include "test.h"

#define DAY_MS 86400000
#define LOG_LINES_A_DAY 4000

size_t __sanitizer_get_current_allocated_bytes(void) __attribute__((weak));

/* 0 where nobody can tell. */
static size_t allocated_bytes(void) {
  if (__sanitizer_get_current_allocated_bytes != NULL) return __sanitizer_get_current_allocated_bytes();
#ifdef __GLIBC__
  return mallinfo2().uordblks;
#else
  return 0;
#endif
}

static unsigned count_descriptors(void) {
  unsigned count = 0;
  DIR *folder = opendir("/proc/self/fd");
  CHECK(folder != NULL);
  while (readdir(folder) != NULL) count++;
  closedir(folder);
  return count;
}

static void change_something(struct client_rig *rig) {
  unsigned broker = (unsigned)rand() % rig->broker_count;
  switch (rand() % 8) {
    case 0: client_rig_line(rig, false); break;
    case 1:
    case 2: client_rig_line(rig, true); break;
    case 3:
      if (client_rig_holder(rig) < rig->broker_count) broker = client_rig_holder(rig);
      if (rig->line_is_up && rig->brokers[broker].has_session) client_rig_end_session(rig, broker, rand() % 6);
      break;
    case 4: client_rig_behave(rig, broker, rand() % 8 == 0 ? BROKER_DROPS : BROKER_WELL); break;
    default: client_rig_behave(rig, broker, (enum behaviour)(rand() % BROKER_DROPS)); break;
  }
}

static void toggle_hang(struct client_rig *rig) {
  rig->hook_hangs = !rig->hook_hangs && rand() % 4 == 0;
  if (rig->hook_hangs) {
    FILE *file = fopen(rig->hang, "w");
    CHECK(file != NULL);
    fclose(file);
  } else {
    unlink(rig->hang);
  }
}

static void live_through(struct client_rig *rig, int64_t end_ms, unsigned most_descriptors) {
  while (rig->now_ms < end_ms) {
    if (rig->client.hook.pid == 0) toggle_hang(rig);
    change_something(rig);
    client_rig_pass(rig, 1000 + rand() % 500000);
    CHECK(count_descriptors() <= most_descriptors);
  }
  unlink(rig->hang);
  client_rig_pass(rig, HOOK_LIMIT_MS + 1000); /* the last hung one is killed */
  rig->hook_hangs = false;
  client_rig_line(rig, true);
}

/* HOURS=2 for a tool that makes all slow. */
static void a_day_of_misfortune(void) {
  static struct client_rig rig;
  struct log_reader reader;
  const char *again = getenv("SEED");
  const char *fewer = getenv("HOURS");
  int hours = fewer != NULL ? atoi(fewer) : 24;
  alarm((unsigned)patient(240)); /* hundreds of interfaces and hooks, perhaps on a busy machine */
  unsigned seed = again != NULL ? (unsigned)atoi(again) : (unsigned)getpid();
  printf("day of misfortune: SEED=%u\n", seed);
  srand(seed);
  client_rig_open(&rig, 3, SELECT_LEAST_USAGE, "exit $(($$ % 2))");
  log_reader_open(&reader);
  rig.options.roam = true;
  strcpy(rig.options.brokers[1].host, "localhost"); /* resolved by a child */
  client_rig_start(&rig);
  client_rig_pass(&rig, 60000);
  unsigned descriptors = count_descriptors();
  size_t bytes = allocated_bytes();
  live_through(&rig, rig.now_ms + hours * (DAY_MS / 24), descriptors + 2 * MAX_BROKERS);
  for (unsigned i = 0; i < rig.broker_count; i++) client_rig_behave(&rig, i, BROKER_WELL);
  client_rig_until_up(&rig, 300000);
  client_rig_pass(&rig, 60000);
  CHECK((int)rig.client.tunnels_total > hours * 20 / 24);
  CHECK(count_descriptors() <= descriptors);
  CHECK_EQUAL(allocated_bytes(), bytes);
  CHECK(log_reader_lines(&reader, "td-client") < LOG_LINES_A_DAY);
  client_rig_close(&rig);
  CHECK(waitpid(-1, NULL, WNOHANG) == -1 && errno == ECHILD);
}

/* The line is down for the whole day. */
static void a_day_without_a_line(void) {
  static struct client_rig rig;
  struct log_reader reader;
  client_rig_open(&rig, 2, SELECT_FIRST, NULL);
  log_reader_open(&reader);
  client_rig_start(&rig);
  client_rig_until_up(&rig, 0);
  client_rig_line(&rig, false);
  unsigned descriptors = count_descriptors();
  client_rig_pass(&rig, DAY_MS);
  CHECK(count_descriptors() <= descriptors);
  CHECK(log_reader_lines(&reader, strerror(ENETUNREACH)) >= 20);
  CHECK(log_reader_lines(&reader, "td-client") < 50);
  CHECK(log_reader_lines(&reader, " times in 60 min)") >= 20);
  client_rig_line(&rig, true);
  CHECK(client_rig_until_up(&rig, 8000) <= 8000);
  client_rig_close(&rig);
}

/* Names that do not resolve, as when the name server is dead. */
static void a_day_without_names(void) {
  static struct client_rig rig;
  struct log_reader reader;
  client_rig_open(&rig, 2, SELECT_FIRST, NULL);
  log_reader_open(&reader);
  for (int i = 0; i < 2; i++) strcpy(rig.options.brokers[i].host, "no such host");
  rig.resolver_wait_ms = patient(200); /* else a resolver that starts slowly seems to hang */
  client_rig_start(&rig);
  client_rig_pass(&rig, DAY_MS / 24); /* some real time each: processes are forked */
  CHECK(log_reader_lines(&reader, "td-client") < 20);
  for (int i = 0; i < 2; i++) strcpy(rig.options.brokers[i].host, "127.0.0.1");
  CHECK(client_rig_until_up(&rig, 11000) <= 11000);
  client_rig_close(&rig);
  CHECK(waitpid(-1, NULL, WNOHANG) == -1 && errno == ECHILD);
}

static void a_day_of_refusals(void) {
  static struct client_rig rig;
  struct log_reader reader;
  client_rig_open(&rig, 2, SELECT_RANDOM, NULL);
  log_reader_open(&reader);
  rig.brokers[0].behaviour = rig.brokers[1].behaviour = BROKER_REFUSES;
  client_rig_start(&rig);
  client_rig_pass(&rig, DAY_MS);
  CHECK(log_reader_lines(&reader, "td-client") < 120);
  CHECK(rig.brokers[0].refused < 86400 / 128);
  client_rig_close(&rig);
}

static void a_day_of_broken_tunnels(void) {
  static struct client_rig rig;
  struct log_reader reader;
  client_rig_open(&rig, 1, SELECT_FIRST, "exit 1");
  log_reader_open(&reader);
  rig.brokers[0].behaviour = BROKER_DROPS;
  client_rig_start(&rig);
  client_rig_pass(&rig, DAY_MS / 12); /* some real time each: interfaces and hooks are made */
  CHECK(log_reader_lines(&reader, "td-client") < 100);
  client_rig_close(&rig);
}

const struct test_case day_cases[] = {
    {"day: all kinds of misfortune, nothing grows", a_day_of_misfortune},
    {"day: no line (defect: log floods)", a_day_without_a_line},
    {"day: no names (defect: log floods)", a_day_without_names},
    {"day: refusals (defect: log floods)", a_day_of_refusals},
    {"day: tunnels that break at once (defect: log floods)", a_day_of_broken_tunnels},
    {NULL, NULL},
};
