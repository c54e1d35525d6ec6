/* SPDX-License-Identifier: Apache-2.0 */
/* Starts the parts and turns the one loop: signals, sockets, timers. */
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "client.h"
#include "group.h"
#include "log.h"
#include "pidfile.h"
#include "process.h"
#include "status.h"

/* Every way out but --version and --status ends so: deployed scripts know it. */
#define EXIT_ENDED 1

static int poll_timeout_ms(int64_t deadline_ms, int64_t now_ms) {
  if (deadline_ms <= now_ms) return 0;
  return deadline_ms - now_ms < INT_MAX ? (int)(deadline_ms - now_ms) : INT_MAX;
}

static void reap(struct client *client, int64_t now_ms) {
  int status;
  pid_t pid;
  while ((pid = waitpid(-1, &status, WNOHANG)) > 0) client_reaped(client, pid, status, now_ms);
}

/* True when the operator asks a second time and will not wait for hooks. */
static bool read_signals(struct client *client, int signal_fd, int64_t now_ms) {
  int number;
  while ((number = process_next_signal(signal_fd)) != 0) {
    if (number == SIGCHLD) {
      reap(client, now_ms);
    } else if (client->phase == CLIENT_STOPPING) {
      return true;
    } else {
      log_info("signal %d: closing", number);
      client_stop(client, now_ms);
    }
  }
  return false;
}

static void run(struct client *client, struct status *status, int signal_fd) {
  struct pollfd watched[CLIENT_POLL_MAX + 2];
  while (!client_stopped(client)) {
    int64_t now_ms = process_now_ms();
    client_tick(client, now_ms);
    status_reopen(status, now_ms);
    watched[0] = (struct pollfd){.fd = signal_fd, .events = POLLIN};
    watched[1] = (struct pollfd){.fd = status_readable_fd(status, now_ms), .events = POLLIN}; /* -1 is skipped */
    unsigned count = client_poll(client, watched + 2);
    int ready = poll(watched, count + 2, poll_timeout_ms(client_deadline(client), now_ms));
    if (ready <= 0) continue;
    now_ms = process_now_ms();
    if (watched[0].revents != 0 && read_signals(client, signal_fd, now_ms)) return;
    client_ready(client, watched + 2, count, now_ms);
    if (watched[1].revents != 0) status_answer(status, client, now_ms);
  }
}

/* What others see of a client that runs. */
static void run_in_sight(struct client *client, const struct options *options, int signal_fd) {
  struct status status;
  status_open(&status, options);
  pidfile_write(options->pidfile);
  run(client, &status, signal_fd);
  pidfile_remove(options->pidfile);
  status_close(&status);
}

static bool start(struct client *client, const struct options *options, int *signal_fd) {
  if (geteuid() != 0) {
    log_error("needs root");
    return false;
  }
  *signal_fd = process_open_signals();
  if (*signal_fd < 0) log_error("signalfd: %s", strerror(-*signal_fd));
  return *signal_fd >= 0 && group_enter(options->group) && /* before any socket is made */
         client_start(client, options, process_now_ms()) == 0;
}

int main(int argc, char *argv[]) {
  struct options options;
  struct client client;
  int signal_fd;
  enum options_result parsed = options_parse(&options, argc, argv);
  if (parsed == OPTIONS_ASK_STATUS) return status_ask(&options);
  if (parsed != OPTIONS_RUN) return parsed == OPTIONS_EXIT_OK ? 0 : EXIT_ENDED;
  log_open(options.foreground_log);
  log_info("tunneldigger " TUNNELDIGGER_VERSION);
  if (!start(&client, &options, &signal_fd)) {
    if (!options.foreground_log) fputs("tunneldigger: did not start: the system log, or -f, says why\n", stderr);
    return EXIT_ENDED;
  }
  run_in_sight(&client, &options, signal_fd);
  client_release(&client);
  return EXIT_ENDED;
}
