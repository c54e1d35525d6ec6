/* SPDX-License-Identifier: Apache-2.0 */
/* A scripted broker: a real UDP socket on loopback that answers only what the test says. */
#ifndef TD_TEST_PEER_H
#define TD_TEST_PEER_H

#include "endpoint.h"
#include "protocol.h"

struct peer {
  int fd;
  unsigned unread; /* sent since the test last let the client read */
  struct endpoint address; /* where it listens */
  struct endpoint client;  /* where its last packet came from */
  uint8_t packet[2048];    /* the last one */
  size_t size;
  struct message message; /* the last one decoded */
};

void peer_open(struct peer *peer, bool ipv6, uint16_t port); /* port 0 = any */
/* Waits up to `wait_ms` for a packet; false when none came. */
bool peer_receive(struct peer *peer, int wait_ms);
/* The next packet is a control message of this type. */
void peer_expect(struct peer *peer, uint8_t type);
void peer_expect_nothing(struct peer *peer);
/* Skips others until a control message of this type comes, for at most `wait_ms`. */
bool peer_wait_for(struct peer *peer, uint8_t type, int wait_ms);
void peer_drain(struct peer *peer);
void peer_send(struct peer *peer, uint8_t type, const void *payload, size_t length);
void peer_send_u16(struct peer *peer, uint8_t type, uint16_t value);
void peer_send_tunnel(struct peer *peer, uint32_t id, bool with_flags);
/* Skips the case where trains of datagrams do not pass: by an old kernel, or an emulator that garbles their sizes. */
void peer_need_trains(void);
void peer_send_raw(struct peer *peer, const void *bytes, size_t size);

#endif
