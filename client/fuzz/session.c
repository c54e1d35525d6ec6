/* SPDX-License-Identifier: Apache-2.0 */
/* A whole session against a broker that sends anything at any time. The input: a byte of circumstances, then records of
 * a byte of time to pass, a datagram's size in two bytes, and the datagram. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fuzz.h"
#include "session.h"
#include "tap.h"

enum { IPV6 = 1, HAS_COOKIE = 2, HAS_LIMIT = 4, NAME_TAKEN = 8, NO_INTERFACE = 16, SOURCE_CHANGED = 32, WITHOUT_FLAGS = 64 };
#define MOST_TICKS 4000 /* in one record: more means that a deadline stands still */

struct rig {
  struct session_owner owner; /* first: callbacks find the rig through it */
  struct session session;
  struct log log;
  int broker_fd, nowhere_fd;
  uint8_t circumstances;
  unsigned opens;
  bool open, up;
  int64_t now_ms;
};

static int on_open(struct session_owner *owner, const struct tunnel *tunnel, int64_t waited_ms) {
  struct rig *rig = (struct rig *)owner;
  MUST(!rig->open && waited_ms >= 0);
  MUST(tunnel->peer_id != 0 && tunnel->session_id != 0 && tunnel->peer_session_id != 0);
  if (rig->circumstances & NO_INTERFACE) return -EPERM;
  if ((rig->circumstances & NAME_TAKEN) && rig->opens++ < 3) return -EEXIST;
  rig->open = true;
  return 0;
}

static void on_up(struct session_owner *owner, int64_t now_ms) {
  struct rig *rig = (struct rig *)owner;
  MUST(rig->open && !rig->up && now_ms == rig->now_ms);
  rig->up = true;
}

static void on_mtu(struct session_owner *owner, uint16_t mtu) {
  MUST(((struct rig *)owner)->open);
  MUST(mtu >= PMTU_FLOOR && mtu <= 1446);
}

static void on_data(struct session_owner *owner, uint8_t *train, unsigned size, unsigned piece) {
  struct rig *rig = (struct rig *)owner;
  tap_deliver(rig->nowhere_fd, rig->session.tunnel.session_id, train, size, piece);
}

static bool on_source_asked(struct session_owner *owner) {
  return (((struct rig *)owner)->circumstances & SOURCE_CHANGED) != 0;
}

/* Whatever the broker says, the client speaks the protocol. */
static void must_speak_well(struct rig *rig) {
  uint8_t packet[2048];
  struct message message;
  for (;;) {
    ssize_t size = recv(rig->broker_fd, packet, sizeof packet, MSG_DONTWAIT);
    if (size < 0) return;
    MUST(size >= MINIMUM_PACKET && size <= MAXIMUM_PACKET);
    MUST(message_decode(packet, (size_t)size, &message) == DECODE_OK);
    MUST(message.type != MESSAGE_TUNNEL && message.type != MESSAGE_REL_ACK);
  }
}

static void let_pass(struct rig *rig, int64_t ms) {
  int64_t until_ms = rig->now_ms + ms;
  unsigned ticks = 0;
  while (session_deadline(&rig->session) <= until_ms) {
    int64_t due_ms = session_deadline(&rig->session);
    if (due_ms > rig->now_ms) rig->now_ms = due_ms;
    rig->log.now_ms = rig->now_ms;
    session_tick(&rig->session, rig->now_ms);
    must_speak_well(rig);
    MUST(++ticks < MOST_TICKS);
  }
  rig->now_ms = until_ms;
}

static void hear(struct rig *rig, const uint8_t *datagram, size_t size) {
  if (send(rig->broker_fd, datagram, size, MSG_DONTWAIT) < 0) return;
  session_receive(&rig->session, rig->now_ms);
  must_speak_well(rig);
}

static void play(struct rig *rig, const uint8_t *data, size_t size) {
  while (size >= 3 && rig->session.state != SESSION_ENDED) {
    let_pass(rig, (data[0] & 0x7f) * (data[0] & 0x80 ? 1000 : 20));
    size_t length = (size_t)data[1] << 8 | data[2];
    data += 3, size -= 3;
    if (length > size) length = size;
    if (length > 0) hear(rig, data, length);
    data += length, size -= length;
  }
}

static void start(struct rig *rig) {
  static const uint8_t cookie[COOKIE_SIZE] = {1, 2, 3, 4, 5, 6, 7, 8};
  const struct session_config config = {.uuid = "router",
                                        .tunnel_id = 7,
                                        .limit_kbit = rig->circumstances & HAS_LIMIT ? 1024 : 0,
                                        .without_flags = rig->circumstances & WITHOUT_FLAGS,
                                        .log = &rig->log};
  int ends[2];
  MUST(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, ends) == 0);
  rig->broker_fd = ends[1];
  rig->nowhere_fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
  rig->owner = (struct session_owner){on_open, on_up, on_mtu, on_data, on_source_asked};
  rig->now_ms = 1000;
  session_start(&rig->session, &config, &rig->owner, ends[0], rig->circumstances & IPV6,
                rig->circumstances & HAS_COOKIE ? cookie : NULL, rig->now_ms);
}

void fuzz_session(const uint8_t *data, size_t size) {
  struct rig rig = {.circumstances = size > 0 ? data[0] : 0};
  start(&rig);
  if (size > 1) play(&rig, data + 1, size - 1);
  let_pass(&rig, 2 * PEER_SILENCE_MS); /* nobody speaks any more: it ends by itself */
  MUST(rig.session.state == SESSION_ENDED && session_deadline(&rig.session) == INT64_MAX);
  MUST(session_end_text(rig.session.end)[0] != '\0');
  session_release(&rig.session);
  close(rig.broker_fd);
  close(rig.nowhere_fd);
}
