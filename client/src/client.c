/* SPDX-License-Identifier: Apache-2.0 */
#include "client.h"

#include <errno.h>
#include <string.h>

#include "log.h"
#include "random.h"

/* What the session asks for. */

static struct client *client_of(struct session_owner *owner) { return (struct client *)(void *)owner; }

static int open_interface(struct session_owner *owner, const struct tunnel *tunnel, int64_t waited_ms) {
  struct client *client = client_of(owner);
  if (waited_ms >= LEFTOVER_AFTER_MS && !client->leftover_removed) {
    client->leftover_removed = true;
    datapath_remove_leftover(&client->datapath);
  }
  int result = datapath_open(&client->datapath, tunnel);
  if (result != 0 && result != -EEXIST) log_error("%s: %s", client->options->interface, strerror(-result));
  return result;
}

static void session_up(struct session_owner *owner, int64_t now_ms) {
  struct client *client = client_of(owner);
  char text[ENDPOINT_TEXT];
  client->tunnels++;
  client->up_since_ms = now_ms;
  log_info("tunnel to %s up: interface %s, tunnel %u, peer %u, session %u, peer %u",
           endpoint_text(&client->broker.address, text), client->options->interface, client->session.tunnel.id,
           client->session.tunnel.peer_id, client->session.tunnel.session_id, client->session.tunnel.peer_session_id);
  hook_run(&client->hook, HOOK_UP, now_ms);
}

static void mtu_changed(struct session_owner *owner, uint16_t mtu) {
  struct client *client = client_of(owner);
  int result = datapath_set_mtu(&client->datapath, mtu);
  if (result != 0) {
    log_warning("%s: set MTU %u: %s", client->options->interface, mtu, strerror(-result));
  } else {
    log_info("%s: MTU %u", client->options->interface, mtu);
  }
}

static void deliver(struct session_owner *owner, const uint8_t *packet, size_t size) {
  datapath_deliver(&client_of(owner)->datapath, packet, size);
}

int client_start(struct client *client, const struct options *options, int64_t now_ms) {
  memset(client, 0, sizeof *client);
  client->owner = (struct session_owner){open_interface, session_up, mtu_changed, deliver};
  client->options = options;
  client->tunnel_id = options->tunnel_id;
  client->next_ms = now_ms;
  client->session.tunnel.fd = -1;
  client->session.state = SESSION_ENDED;
  selection_init(&client->selection, options);
  hook_start(&client->hook, options->hook, options->interface);
  return datapath_start(&client->datapath, options->datapath, options->interface);
}

/* Phases. */

static int64_t backoff_ms(unsigned failures) {
  if (failures == 0) return RECONNECT_MS;
  int64_t most = failures > 5 ? BACKOFF_MOST_MS : (int64_t)BACKOFF_FIRST_MS << (failures - 1);
  return most / 2 + random_below((uint32_t)(most / 2)); /* so that a fleet does not return in one second */
}

static void wait_before_selection(struct client *client, int64_t now_ms) {
  client->phase = CLIENT_WAITING;
  client->next_ms = now_ms + backoff_ms(client->failures);
}

static void judge_end(struct client *client, int64_t now_ms) {
  const struct endpoint *broker = &client->broker.address;
  switch (client->session.end) {
    case END_REFUSED:
      client->failures++;
      selection_avoid(&client->selection, broker, now_ms + REFUSED_AVOIDED_MS);
      return;
    case END_NO_ANSWER:
    case END_PEER_ERROR:
    case END_PEER_SILENT:
      if (client->session.end != END_NO_ANSWER && now_ms >= client->selected_ms + BROKEN_WITHIN_MS) {
        client->failures = 0;
        return;
      }
      client->failures++;
      selection_avoid(&client->selection, broker, now_ms + BROKEN_AVOIDED_MS);
      return;
    case END_ID_TAKEN:
      client->failures++;
      client->tunnel_id = 1 + random_below(INT32_MAX);
      return;
    case END_DATAPATH: client->failures++; return;
    case END_NONE:
    case END_SHUTDOWN: return;
  }
}

static void end_session(struct client *client, int64_t now_ms) {
  char text[ENDPOINT_TEXT];
  bool was_up = client->datapath.open;
  if (log_worthy(client->failures + 1) || was_up)
    log_warning("tunnel to %s ended: %s", endpoint_text(&client->broker.address, text),
                session_end_text(client->session.end));
  datapath_close(&client->datapath);
  session_release(&client->session);
  if (was_up) hook_run(&client->hook, HOOK_DOWN, now_ms);
  if (client->phase == CLIENT_STOPPING) return;
  judge_end(client, now_ms);
  wait_before_selection(client, now_ms);
}

static void begin_session(struct client *client, int64_t now_ms) {
  char text[ENDPOINT_TEXT];
  const struct session_config config = {client->options->uuid, client->tunnel_id, client->options->limit_kbit};
  int fd = selection_take(&client->selection, &client->broker);
  client->phase = CLIENT_IN_SESSION;
  client->selected_ms = now_ms;
  client->silent_rounds = 0;
  client->leftover_removed = false;
  if (log_worthy(client->failures + 1))
    log_info("broker %s selected, usage %u", endpoint_text(&client->broker.address, text), client->broker.usage);
  session_start(&client->session, &config, &client->owner, fd, endpoint_is_v6(&client->broker.address),
                client->broker.has_cookie ? client->broker.cookie : NULL, now_ms);
}

/* Moves on when a part has come to its end. */
static void follow_up(struct client *client, int64_t now_ms) {
  if (client->phase == CLIENT_IN_SESSION && client->session.state == SESSION_ENDED) end_session(client, now_ms);
  if (client->phase != CLIENT_SELECTING) return;
  if (client->selection.state == SELECTION_FOUND) {
    begin_session(client, now_ms);
  } else if (client->selection.state == SELECTION_FAILED) {
    /* The window itself is the pace: a broker that returns is found within one retry. */
    if (log_worthy(++client->silent_rounds))
      log_warning("no broker answers (%u rounds of %d s)", client->silent_rounds, SELECTION_WINDOW_MS / 1000);
    selection_start(&client->selection, now_ms);
  }
}

void client_tick(struct client *client, int64_t now_ms) {
  hook_tick(&client->hook, now_ms);
  switch (client->phase) {
    case CLIENT_WAITING:
      if (now_ms < client->next_ms) break;
      client->phase = CLIENT_SELECTING;
      selection_start(&client->selection, now_ms);
      break;
    case CLIENT_SELECTING: selection_tick(&client->selection, now_ms); break;
    case CLIENT_IN_SESSION: session_tick(&client->session, now_ms); break;
    case CLIENT_STOPPING: break;
  }
  follow_up(client, now_ms);
}

unsigned client_poll(const struct client *client, struct pollfd out[CLIENT_POLL_MAX]) {
  if (client->phase == CLIENT_SELECTING) return selection_poll(&client->selection, out);
  if (client->phase != CLIENT_IN_SESSION) return 0;
  out[0] = (struct pollfd){.fd = client->session.tunnel.fd, .events = POLLIN};
  out[1] = (struct pollfd){.fd = datapath_readable_fd(&client->datapath), .events = POLLIN}; /* -1 is skipped */
  return 2;
}

void client_ready(struct client *client, const struct pollfd *ready, unsigned count, int64_t now_ms) {
  if (client->phase == CLIENT_SELECTING) {
    selection_receive(&client->selection, ready, count, now_ms);
  } else if (client->phase == CLIENT_IN_SESSION && count == 2) {
    if (ready[0].revents != 0) session_receive(&client->session, now_ms);
    if (ready[1].revents != 0 && client->session.state == SESSION_UP && datapath_on_readable(&client->datapath) < 0)
      session_stop(&client->session, END_DATAPATH);
  }
  follow_up(client, now_ms);
}

int64_t client_deadline(const struct client *client) {
  int64_t hook_ms = hook_deadline(&client->hook);
  int64_t phase_ms = INT64_MAX;
  switch (client->phase) {
    case CLIENT_WAITING: phase_ms = client->next_ms; break;
    case CLIENT_SELECTING: phase_ms = selection_deadline(&client->selection); break;
    case CLIENT_IN_SESSION: phase_ms = session_deadline(&client->session); break;
    case CLIENT_STOPPING: break;
  }
  return hook_ms < phase_ms ? hook_ms : phase_ms;
}

void client_reaped(struct client *client, pid_t pid, int status, int64_t now_ms) {
  if (!hook_reaped(&client->hook, pid, status, now_ms)) selection_reaped(&client->selection, pid);
}

void client_stop(struct client *client, int64_t now_ms) {
  enum client_phase was = client->phase;
  client->phase = CLIENT_STOPPING;
  if (was == CLIENT_SELECTING) selection_cancel(&client->selection);
  if (was != CLIENT_IN_SESSION) return;
  session_stop(&client->session, END_SHUTDOWN);
  end_session(client, now_ms);
}

bool client_stopped(const struct client *client) {
  return client->phase == CLIENT_STOPPING && hook_idle(&client->hook);
}

void client_release(struct client *client) {
  hook_kill(&client->hook);
  datapath_stop(&client->datapath);
}
