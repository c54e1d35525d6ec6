/* SPDX-License-Identifier: Apache-2.0 */
#include "client.h"

#include <errno.h>
#include <string.h>

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
  if (result != 0 && result != -EEXIST)
    log_often(&client->log, LOG_ERR, "%s: %s", client->options->interface, strerror(-result));
  return result;
}

static void run_hook(struct client *client, enum hook_event event, const char *reason, int64_t now_ms) {
  const struct hook_call call = {event, client->broker.address, client->session.mtu, reason};
  hook_run(&client->hook, &call, now_ms);
}

static void session_up(struct session_owner *owner, int64_t now_ms) {
  struct client *client = client_of(owner);
  const struct tunnel *tunnel = &client->session.tunnel;
  char text[ENDPOINT_TEXT];
  log_often(&client->log, LOG_INFO, "tunnel to %s up: interface %s, tunnel %u, peer %u, session %u, peer %u",
            endpoint_text(&client->broker.address, text), client->options->interface, tunnel->id, tunnel->peer_id,
            tunnel->session_id, tunnel->peer_session_id);
  client->up_since_ms = now_ms;
  client->tunnels_total++;
  avoidance_forget(&client->selection.avoidance, &client->broker.address);
  run_hook(client, HOOK_UP, "", now_ms);
}

static void mtu_changed(struct session_owner *owner, uint16_t mtu) {
  struct client *client = client_of(owner);
  int result = datapath_set_mtu(&client->datapath, mtu);
  if (result != 0) {
    log_often(&client->log, LOG_WARNING, "%s: set MTU %u: %s", client->options->interface, mtu, strerror(-result));
  } else {
    log_often(&client->log, LOG_INFO, "%s: MTU %u", client->options->interface, mtu);
  }
}

static void deliver(struct session_owner *owner, uint8_t *train, unsigned size, unsigned piece) {
  datapath_deliver(&client_of(owner)->datapath, train, size, piece);
}

static bool source_changed(struct session_owner *owner) {
  const struct client *client = client_of(owner);
  const struct options *options = client->options;
  return !options->has_local && endpoint_source_changed(client->session.tunnel.fd, &client->broker.address, options->device);
}

int client_start(struct client *client, const struct options *options, int64_t now_ms) {
  memset(client, 0, sizeof *client);
  client->owner = (struct session_owner){open_interface, session_up, mtu_changed, deliver, source_changed};
  client->options = options;
  client->log.now_ms = now_ms;
  client->tunnel_id = options->tunnel_id;
  client->next_ms = now_ms;
  client->session.tunnel.fd = -1;
  client->session.state = SESSION_ENDED;
  selection_init(&client->selection, options, &client->log);
  hook_start(&client->hook, options->hook, options->interface, options->uuid, &client->log);
  return datapath_start(&client->datapath, options->datapath, options->interface, &client->log);
}

/* The end of a session. */

/* Half of it, and the other half at random, so that a fleet does not return in one second. */
static int64_t spread_ms(int64_t most_ms) { return most_ms / 2 + random_below((uint32_t)(most_ms / 2)); }

static int64_t backoff_ms(unsigned failures) {
  return spread_ms(failures > 5 ? BACKOFF_MOST_MS : (int64_t)BACKOFF_FIRST_MS << (failures - 1));
}

/* What each end says of its broker, and of how soon to try again. Soon after the selection any end is a failure. */
static const struct verdict {
  bool fails;    /* however long the tunnel held */
  bool at_once;  /* we know why, and that trying again helps */
  bool blamed;   /* soon after the selection: the broker is broken */
  bool is_going; /* others first */
} verdicts[] = {
    [END_NO_ANSWER] = {.fails = true, .blamed = true},
    [END_PEER_ERROR] = {.blamed = true},
    [END_PEER_SILENT] = {.blamed = true, .is_going = true},
    [END_PEER_LEAVING] = {.at_once = true, .is_going = true},
    [END_PORT_CLOSED] = {.at_once = true, .is_going = true},
    [END_ADDRESS_CHANGED] = {.at_once = true},
    [END_ID_TAKEN] = {.fails = true},
    [END_DATAPATH] = {.fails = true},
    [END_SHUTDOWN] = {0},
};

/* Returns how long to wait. */
static int64_t judge_end(struct client *client, int64_t now_ms) {
  struct avoidance *avoidance = &client->selection.avoidance;
  const struct endpoint *broker = &client->broker.address;
  enum session_end end = client->session.end;
  const struct verdict *verdict = &verdicts[end];
  bool early = now_ms < client->selected_ms + BROKEN_WITHIN_MS;
  if (end == END_REFUSED) avoidance_add_refusal(avoidance, broker, now_ms); /* its own back-off */
  if (end == END_REFUSED || end == END_FLAGS_UNKNOWN) return spread_ms(RECONNECT_MS);
  if (end == END_ID_TAKEN) client->tunnel_id = 1 + random_below(INT32_MAX);
  if (verdict->blamed && (early || verdict->fails)) {
    avoidance_add(avoidance, broker, now_ms + BROKEN_AVOIDED_MS);
  } else if (verdict->is_going) {
    avoidance_add(avoidance, broker, now_ms + LEAVING_AVOIDED_MS);
  }
  if (!early) client->failures = 0;
  if (!early && !verdict->fails) return verdict->at_once ? 0 : spread_ms(RECONNECT_MS);
  client->failures_total++;
  return backoff_ms(++client->failures);
}

static void close_session(struct client *client, int64_t now_ms) {
  char text[ENDPOINT_TEXT];
  const char *reason = session_end_text(client->session.end);
  bool was_up = client->up_since_ms != 0;
  log_often(&client->log, LOG_WARNING, "tunnel to %s ended: %s", endpoint_text(&client->broker.address, text), reason);
  datapath_close(&client->datapath);
  session_release(&client->session);
  client->up_since_ms = 0;
  if (was_up) run_hook(client, HOOK_DOWN, reason, now_ms);
}

static void end_session(struct client *client, int64_t now_ms) {
  close_session(client, now_ms);
  selection_cancel(&client->selection); /* a look around may be under way */
  if (client->phase == CLIENT_STOPPING) return;
  client->next_ms = now_ms + judge_end(client, now_ms);
  client->phase = CLIENT_WAITING;
}

/* Its begin. */

static void plan_roaming(struct client *client, int64_t now_ms) {
  int64_t rested_ms = client->moved_ms + ROAM_REST_MS;
  client->roam_ms = now_ms + ROAM_EVERY_MS / 2 + random_below(ROAM_EVERY_MS);
  if (client->moved_ms != 0 && client->roam_ms < rested_ms) client->roam_ms = rested_ms;
  if (!client->options->roam || client->options->selection != SELECT_LEAST_USAGE) client->roam_ms = INT64_MAX;
}

static void begin_session(struct client *client, int64_t now_ms) {
  char text[ENDPOINT_TEXT];
  const struct session_config config = {
      .uuid = client->options->uuid,
      .tunnel_id = client->tunnel_id,
      .limit_kbit = client->options->limit_kbit,
      .without_flags = client->session.end == END_FLAGS_UNKNOWN,
      .log = &client->log,
  };
  int fd = selection_take(&client->selection, &client->broker);
  client->phase = CLIENT_IN_SESSION;
  client->selected_ms = now_ms;
  client->leftover_removed = false;
  plan_roaming(client, now_ms);
  log_often(&client->log, LOG_INFO, "broker %s selected, usage %u", endpoint_text(&client->broker.address, text),
            client->broker.usage);
  session_start(&client->session, &config, &client->owner, fd, endpoint_is_v6(&client->broker.address),
                client->broker.has_cookie ? client->broker.cookie : NULL, now_ms);
}

/* A look around found the least used broker: is it worth a move? */
static void consider_move(struct client *client, int64_t now_ms) {
  const struct selection *selection = &client->selection;
  int own = selection_usage(selection, &client->broker.address);
  if (client->session.state != SESSION_UP || own < (int)selection->chosen->usage + ROAM_MARGIN) {
    selection_cancel(&client->selection);
    return;
  }
  session_stop(&client->session, END_MOVED);
  close_session(client, now_ms);
  client->moved_ms = now_ms;
  begin_session(client, now_ms);
}

static void look_around(struct client *client, int64_t now_ms) {
  if (client->selection.state == SELECTION_RUNNING) {
    selection_tick(&client->selection, now_ms);
  } else if (client->session.state == SESSION_UP && now_ms >= client->roam_ms) {
    plan_roaming(client, now_ms);
    selection_start(&client->selection, true, now_ms);
  }
}

/* Phases. */

/* Moves on when a part has come to its end. */
static void follow_up(struct client *client, int64_t now_ms) {
  enum selection_state selection = client->selection.state;
  if (client->phase == CLIENT_IN_SESSION && client->session.state == SESSION_ENDED) {
    end_session(client, now_ms);
  } else if (client->phase == CLIENT_IN_SESSION && selection == SELECTION_FOUND) {
    consider_move(client, now_ms);
  } else if (client->phase == CLIENT_SELECTING && selection == SELECTION_FOUND) {
    begin_session(client, now_ms);
  } else if (client->phase == CLIENT_SELECTING && selection == SELECTION_FAILED) {
    /* The window itself is the pace: a broker that returns is found within one retry. */
    selection_start(&client->selection, false, now_ms);
  }
}

void client_tick(struct client *client, int64_t now_ms) {
  client->log.now_ms = now_ms;
  hook_tick(&client->hook, now_ms);
  switch (client->phase) {
    case CLIENT_WAITING:
      if (now_ms < client->next_ms) break;
      client->phase = CLIENT_SELECTING;
      selection_start(&client->selection, false, now_ms);
      break;
    case CLIENT_SELECTING: selection_tick(&client->selection, now_ms); break;
    case CLIENT_IN_SESSION:
      session_tick(&client->session, now_ms);
      look_around(client, now_ms);
      break;
    case CLIENT_STOPPING: break;
  }
  follow_up(client, now_ms);
}

static unsigned poll_selection(const struct client *client, struct pollfd *out) {
  return client->selection.state == SELECTION_RUNNING ? selection_poll(&client->selection, out) : 0;
}

unsigned client_poll(const struct client *client, struct pollfd out[CLIENT_POLL_MAX]) {
  if (client->phase == CLIENT_SELECTING) return poll_selection(client, out);
  if (client->phase != CLIENT_IN_SESSION) return 0;
  out[0] = (struct pollfd){.fd = client->session.tunnel.fd, .events = POLLIN};
  out[1] = (struct pollfd){.fd = datapath_readable_fd(&client->datapath), .events = POLLIN}; /* -1 is skipped */
  return 2 + poll_selection(client, out + 2);
}

void client_ready(struct client *client, const struct pollfd *ready, unsigned count, int64_t now_ms) {
  client->log.now_ms = now_ms;
  if (client->phase == CLIENT_IN_SESSION && count >= 2) {
    if (ready[0].revents != 0) session_receive(&client->session, now_ms);
    if (ready[1].revents != 0 && client->session.state == SESSION_UP && datapath_on_readable(&client->datapath) < 0)
      session_stop(&client->session, END_DATAPATH);
    ready += 2;
    count -= 2;
  }
  if (client->selection.state == SELECTION_RUNNING) selection_receive(&client->selection, ready, count, now_ms);
  follow_up(client, now_ms);
}

static int64_t earlier(int64_t a, int64_t b) { return a < b ? a : b; }

int64_t client_deadline(const struct client *client) {
  int64_t next_ms = earlier(hook_deadline(&client->hook), selection_deadline(&client->selection));
  if (client->phase == CLIENT_WAITING) return earlier(next_ms, client->next_ms);
  if (client->phase != CLIENT_IN_SESSION) return next_ms;
  if (client->session.state == SESSION_UP && client->selection.state != SELECTION_RUNNING)
    next_ms = earlier(next_ms, client->roam_ms);
  return earlier(next_ms, session_deadline(&client->session));
}

void client_reaped(struct client *client, pid_t pid, int status, int64_t now_ms) {
  client->log.now_ms = now_ms;
  if (!hook_reaped(&client->hook, pid, status, now_ms)) selection_reaped(&client->selection, pid);
}

void client_stop(struct client *client, int64_t now_ms) {
  enum client_phase was = client->phase;
  client->phase = CLIENT_STOPPING;
  selection_cancel(&client->selection);
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
