/* SPDX-License-Identifier: Apache-2.0 */
/* One attempt with one broker, from COOKIE to the end: a table of states and messages. Time comes in as an argument;
 * the socket is its own; the interface is opened and fed through struct session_owner. */
#ifndef TD_SESSION_H
#define TD_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "datapath.h"
#include "log.h"
#include "pmtu.h"
#include "protocol.h"

#define HANDSHAKE_RETRY_MS 3000
#define ESTABLISH_LIMIT_MS 15000
#define KEEPALIVE_MS 6000
#define KEEPALIVE_SOON_MS 1000 /* while the line or the broker's port says no */
#define PEER_SILENCE_MS 60000
#define ODD_SILENCE_MS 9000    /* a broker is heard every 5 s */
#define PORT_CLOSED_MS 7000
#define RELIABLE_RESEND_MS 1000
#define RELIABLE_TRIES 10
#define OPEN_RETRY_MS 20
#define OPEN_LIMIT_MS 3000

enum session_state {
  SESSION_AWAIT_COOKIE,
  SESSION_AWAIT_TUNNEL,
  SESSION_OPENING, /* the broker agreed; our interface is not there yet */
  SESSION_UP,
  SESSION_ENDED,
  SESSION_STATES
};

enum session_end {
  END_NONE,
  END_REFUSED,        /* ERROR in answer to PREPARE */
  END_NO_ANSWER,      /* handshake not completed in time */
  END_PEER_ERROR,     /* ERROR while connected */
  END_PEER_LEAVING,   /* the same, as the broker stops */
  END_PEER_SILENT,    /* no sign of life */
  END_PORT_CLOSED,    /* no sign of life, but word that nobody listens there */
  END_ADDRESS_CHANGED, /* we would send from another address now */
  END_FLAGS_UNKNOWN,  /* a repeated PREPARE was answered without flags, which may be a lapse of the broker */
  END_ID_TAKEN,       /* the kernel has our tunnel id or interface name in use */
  END_DATAPATH,       /* no interface, or it vanished */
  END_MOVED,          /* to a better broker */
  END_SHUTDOWN,
};

/* What the session asks of whoever runs it. */
struct session_owner {
  int (*open)(struct session_owner *owner, const struct tunnel *tunnel, int64_t waited_ms); /* as datapath_open */
  void (*up)(struct session_owner *owner, int64_t now_ms);
  void (*mtu_changed)(struct session_owner *owner, uint16_t mtu);
  /* Datagrams of which some may be data packets: `piece` bytes each, the last one maybe less. It may change them. */
  void (*deliver)(struct session_owner *owner, uint8_t *train, unsigned size, unsigned piece);
  bool (*source_changed)(struct session_owner *owner); /* as endpoint_source_changed */
};

struct session_config {
  const char *uuid;
  uint32_t tunnel_id;
  uint32_t limit_kbit; /* 0 = none */
  bool without_flags; /* the last attempt ended by END_FLAGS_UNKNOWN: this time ask for session id 1 at both ends */
  struct log *log;
};

struct reliable {
  uint16_t sequence;
  unsigned tries; /* 0 = nothing pending */
  int64_t next_ms;
};

struct session {
  struct session_config config;
  struct session_owner *owner;
  struct tunnel tunnel;
  enum session_state state;
  enum session_end end;
  int64_t started_ms;
  int64_t next_ms;  /* handshake retry, or next attempt to open the interface */
  int64_t opening_ms;
  int64_t heard_ms; /* last sign of life */
  int64_t closed_ms; /* first word since then that the broker's port is closed; 0 = none */
  int64_t keepalive_ms;
  uint32_t keepalive_sequence;
  unsigned prepares; /* sent */
  uint32_t received, sent; /* control packets; kept from session to session */
  uint8_t cookie[COOKIE_SIZE];
  struct reliable limit;
  struct pmtu pmtu;
  uint16_t mtu; /* last told to the owner; 0 = none */
  int64_t mtu_ms; /* not before then is the owner told again */
};

/* Takes the connected socket; `cookie` (NULL = ask for one) may come from the selection. `session` is zeroed or was
 * started before. */
void session_start(struct session *session, const struct session_config *config, struct session_owner *owner, int fd,
                   bool ipv6, const uint8_t *cookie, int64_t now_ms);
void session_receive(struct session *session, int64_t now_ms); /* the socket is readable */
void session_tick(struct session *session, int64_t now_ms);    /* at or after session_deadline */
int64_t session_deadline(const struct session *session);
/* Tells the broker by ERROR and ends. */
void session_stop(struct session *session, enum session_end end);
const char *session_end_text(enum session_end end);
/* After the owner has closed the interface. */
void session_release(struct session *session);

#endif
