/* SPDX-License-Identifier: Apache-2.0 */
#include "selection.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "random.h"

/* Datagrams of one broker in a row; what is left waits for the next turn. */
#define HEARD_AT_ONCE 64

void selection_init(struct selection *selection, const struct options *options, struct log *log) {
  memset(selection, 0, sizeof *selection);
  selection->options = options;
  selection->log = log;
  for (unsigned i = 0; i < MAX_BROKERS; i++) selection->resolvers[i].fd = -1;
}

/* Asking. */

/* No way there from here: a wrong -l or -I, perhaps, or a line that is down. */
static void give_up_socket(struct selection *selection, struct candidate *candidate, int error, int64_t now_ms) {
  if (candidate->fd >= 0) close(candidate->fd);
  candidate->fd = -1;
  candidate->ask_ms = now_ms + SELECTION_RETRY_MS;
  selection->error = error;
}

static void ask(struct selection *selection, struct candidate *candidate, bool first, int64_t now_ms) {
  uint8_t packet[MAXIMUM_PACKET];
  if (candidate->fd < 0) return;
  ssize_t sent = send(candidate->fd, packet, encode_usage_request(packet), MSG_DONTWAIT | MSG_NOSIGNAL);
  if (sent < 0 && errno != EAGAIN && errno != ECONNREFUSED) {
    give_up_socket(selection, candidate, errno, now_ms); /* our address may have changed */
    return;
  }
  /* Brokers that know no USAGE answer a COOKIE. */
  if (!first) (void)!send(candidate->fd, packet, encode_cookie_request(packet), MSG_DONTWAIT | MSG_NOSIGNAL);
}

static void open_candidate(struct selection *selection, struct candidate *candidate, int64_t now_ms) {
  const struct options *options = selection->options;
  candidate->fd = endpoint_connect(&candidate->address, options->has_local ? &options->local : NULL, options->device);
  if (candidate->fd < 0) {
    give_up_socket(selection, candidate, -candidate->fd, now_ms);
  } else {
    candidate->ask_ms = now_ms;
    ask(selection, candidate, true, now_ms);
  }
}

static void open_due(struct selection *selection, int64_t now_ms) {
  for (unsigned i = 0; i < selection->count; i++) {
    struct candidate *candidate = &selection->candidates[i];
    if (candidate->fd < 0 && candidate->ask_ms <= now_ms) open_candidate(selection, candidate, now_ms);
  }
}

static bool has_candidate(const struct selection *selection, const struct endpoint *address) {
  for (unsigned i = 0; i < selection->count; i++) {
    if (endpoint_equal(&selection->candidates[i].address, address)) return true;
  }
  return false;
}

static void add_candidates(struct selection *selection, unsigned broker, const struct endpoint *found, unsigned count,
                           int64_t now_ms) {
  for (unsigned i = 0; i < count && selection->count < MAX_CANDIDATES; i++) {
    if (has_candidate(selection, &found[i])) continue;
    struct candidate *candidate = &selection->candidates[selection->count++];
    *candidate = (struct candidate){.address = found[i], .broker = broker, .fd = -1, .usage = USAGE_UNKNOWN};
    candidate->ask_ms = avoidance_until(&selection->avoidance, &found[i], selection->asked_avoided);
  }
  open_due(selection, now_ms);
}

static bool resolving(const struct selection *selection) {
  for (unsigned i = 0; i < MAX_BROKERS; i++) {
    if (selection->resolvers[i].fd >= 0 && !selection->resolvers[i].late) return true;
  }
  return false;
}

static unsigned count_asked(const struct selection *selection, bool and_ready) {
  unsigned count = 0;
  for (unsigned i = 0; i < selection->count; i++) {
    const struct candidate *candidate = &selection->candidates[i];
    if (candidate->fd >= 0 && (candidate->ready || !and_ready)) count++;
  }
  return count;
}

/* An avoided broker is better than none, but for one that said no. */
static void ask_avoided_if_none_left(struct selection *selection, int64_t now_ms) {
  if (selection->asked_avoided || resolving(selection) || count_asked(selection, false) != 0) return;
  selection->asked_avoided = true;
  for (unsigned i = 0; i < selection->count; i++) {
    struct candidate *candidate = &selection->candidates[i];
    candidate->ask_ms = avoidance_until(&selection->avoidance, &candidate->address, true);
  }
  open_due(selection, now_ms);
}

static int64_t next_retry(int64_t now_ms) {
  return now_ms + SELECTION_RETRY_MS / 2 + random_below(SELECTION_RETRY_MS);
}

void selection_start(struct selection *selection, bool roaming, int64_t now_ms) {
  bool desperate = selection->state == SELECTION_FAILED && !selection->roaming;
  const struct options *options = selection->options;
  selection->state = SELECTION_RUNNING;
  selection->started_ms = now_ms;
  selection->next_ms = next_retry(now_ms);
  selection->count = 0;
  selection->error = 0;
  selection->chosen = NULL;
  selection->roaming = roaming;
  selection->asked_avoided = desperate;
  for (unsigned i = 0; i < options->broker_count; i++) {
    struct endpoint found[ADDRESSES_PER_NAME];
    add_candidates(selection, i, found, resolver_start(&selection->resolvers[i], &options->brokers[i], found), now_ms);
  }
  ask_avoided_if_none_left(selection, now_ms);
}

/* Choosing. */

static struct candidate *least_usage(struct selection *selection) {
  struct candidate *best = NULL;
  for (unsigned i = 0; i < selection->count; i++) {
    struct candidate *candidate = &selection->candidates[i];
    if (candidate->ready && (best == NULL || candidate->usage < best->usage)) best = candidate;
  }
  return best;
}

static struct candidate *any_ready(struct selection *selection) {
  uint32_t skip = random_below(count_asked(selection, true));
  for (unsigned i = 0; i < selection->count; i++) {
    struct candidate *candidate = &selection->candidates[i];
    if (candidate->ready && skip-- == 0) return candidate;
  }
  return NULL;
}

int selection_usage(const struct selection *selection, const struct endpoint *address) {
  for (unsigned i = 0; i < selection->count; i++) {
    const struct candidate *candidate = &selection->candidates[i];
    if (candidate->ready && endpoint_equal(&candidate->address, address)) return candidate->usage;
  }
  return -1;
}

/* Silence counts against a broker only where another was heard: else it is our own line that is down; and not against one that
 * was asked late. */
static void avoid_silent(struct selection *selection, int64_t now_ms) {
  for (unsigned i = 0; i < selection->count; i++) {
    const struct candidate *candidate = &selection->candidates[i];
    if (candidate->fd >= 0 && !candidate->ready && now_ms >= candidate->ask_ms + SELECTION_SILENCE_MS)
      avoidance_add(&selection->avoidance, &candidate->address, now_ms + BROKEN_AVOIDED_MS);
  }
}

static void fail(struct selection *selection) {
  unsigned asked = count_asked(selection, false);
  if (!selection->roaming)
    log_often(selection->log, LOG_WARNING, "no broker answers: %u found, %u asked%s%s", selection->count, asked,
              selection->error != 0 ? ", " : "", selection->error != 0 ? strerror(selection->error) : "");
  selection_cancel(selection);
  selection->state = SELECTION_FAILED;
}

static void settle(struct selection *selection, int64_t now_ms) {
  enum selection_mode mode = selection->roaming ? SELECT_LEAST_USAGE : selection->options->selection;
  bool over = now_ms >= selection->started_ms + SELECTION_WINDOW_MS;
  unsigned ready = count_asked(selection, true);
  bool all = ready == count_asked(selection, false) && !resolving(selection);
  if (ready == 0) {
    if (over) fail(selection);
  } else if (over || all || mode == SELECT_FIRST) {
    if (over && !selection->roaming) avoid_silent(selection, now_ms);
    selection->chosen = mode == SELECT_RANDOM ? any_ready(selection) : least_usage(selection);
    selection->state = SELECTION_FOUND;
  }
}

/* Hearing. */

static void hear(struct candidate *candidate) {
  uint8_t datagram[MAXIMUM_PACKET];
  struct message message;
  for (int i = 0; i < HEARD_AT_ONCE; i++) {
    ssize_t size = recv(candidate->fd, datagram, sizeof datagram, MSG_DONTWAIT);
    if (size < 0 && errno != ECONNREFUSED) return;
    if (size < 0 || message_decode(datagram, (size_t)size, &message) != DECODE_OK) continue;
    if (message.type == MESSAGE_USAGE) {
      candidate->usage = get_u16(message.payload);
    } else if (message.type == MESSAGE_COOKIE) {
      memcpy(candidate->cookie, message.payload, COOKIE_SIZE);
      candidate->has_cookie = true;
    } else {
      continue;
    }
    candidate->ready = true;
  }
}

unsigned selection_poll(const struct selection *selection, struct pollfd out[SELECTION_POLL_MAX]) {
  unsigned count = 0;
  for (unsigned i = 0; i < MAX_BROKERS; i++) {
    if (selection->resolvers[i].fd >= 0)
      out[count++] = (struct pollfd){.fd = selection->resolvers[i].fd, .events = POLLIN};
  }
  for (unsigned i = 0; i < selection->count; i++) {
    if (selection->candidates[i].fd >= 0)
      out[count++] = (struct pollfd){.fd = selection->candidates[i].fd, .events = POLLIN};
  }
  return count;
}

/* Names that are still looked up: what was known of them is asked meanwhile. */
static void use_known(struct selection *selection, int64_t now_ms) {
  for (unsigned i = 0; i < selection->options->broker_count; i++) {
    struct endpoint found[ADDRESSES_PER_NAME];
    unsigned count = resolver_late(&selection->resolvers[i], found);
    if (count == 0) continue;
    add_candidates(selection, i, found, count, now_ms);
    ask_avoided_if_none_left(selection, now_ms);
  }
}

static void finish_resolver(struct selection *selection, unsigned broker, int64_t now_ms) {
  struct endpoint found[ADDRESSES_PER_NAME];
  struct resolver *resolver = &selection->resolvers[broker];
  unsigned count = resolver_read(resolver, found);
  if (count == 0 && resolver->heard == 0 && !resolver->late)
    log_often(selection->log, LOG_WARNING, "broker %s: no address", selection->options->brokers[broker].host);
  add_candidates(selection, broker, found, count, now_ms);
  ask_avoided_if_none_left(selection, now_ms);
}

void selection_receive(struct selection *selection, const struct pollfd *ready, unsigned count, int64_t now_ms) {
  /* First those that answer: a candidate opened below may reuse a descriptor of this round. */
  for (unsigned i = 0; i < selection->count; i++) {
    if (selection->candidates[i].fd >= 0) hear(&selection->candidates[i]);
  }
  for (unsigned i = 0; i < count; i++) {
    if (ready[i].revents == 0) continue;
    for (unsigned broker = 0; broker < MAX_BROKERS; broker++) {
      if (selection->resolvers[broker].fd == ready[i].fd) {
        finish_resolver(selection, broker, now_ms);
        break;
      }
    }
  }
  settle(selection, now_ms);
}

void selection_tick(struct selection *selection, int64_t now_ms) {
  if (selection->state != SELECTION_RUNNING) return;
  settle(selection, now_ms);
  if (selection->state != SELECTION_RUNNING) return;
  open_due(selection, now_ms);
  if (now_ms < selection->next_ms) return;
  for (unsigned i = 0; i < selection->count; i++) {
    if (!selection->candidates[i].ready) ask(selection, &selection->candidates[i], false, now_ms);
  }
  use_known(selection, now_ms);
  selection->next_ms = next_retry(now_ms);
}

int64_t selection_deadline(const struct selection *selection) {
  int64_t next_ms = selection->started_ms + SELECTION_WINDOW_MS;
  if (selection->state != SELECTION_RUNNING) return INT64_MAX;
  if (selection->next_ms < next_ms) next_ms = selection->next_ms;
  for (unsigned i = 0; i < selection->count; i++) {
    const struct candidate *candidate = &selection->candidates[i];
    if (candidate->fd < 0 && candidate->ask_ms < next_ms) next_ms = candidate->ask_ms;
  }
  return next_ms;
}

int selection_take(struct selection *selection, struct candidate *out) {
  *out = *selection->chosen;
  selection->chosen->fd = -1;
  selection_cancel(selection);
  return out->fd;
}

void selection_cancel(struct selection *selection) {
  for (unsigned i = 0; i < MAX_BROKERS; i++) resolver_cancel(&selection->resolvers[i]);
  for (unsigned i = 0; i < selection->count; i++) {
    if (selection->candidates[i].fd >= 0) close(selection->candidates[i].fd);
  }
  selection->count = 0;
  selection->chosen = NULL;
  selection->state = SELECTION_IDLE;
}

void selection_reaped(struct selection *selection, pid_t pid) {
  for (unsigned i = 0; i < MAX_BROKERS; i++) resolver_reaped(&selection->resolvers[i], pid);
}
