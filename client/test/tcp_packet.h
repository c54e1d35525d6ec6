/* SPDX-License-Identifier: Apache-2.0 */
/* Data packets with TCP in them, made field by field and with checksums added up word by word: what the offloads must agree
 * with, and share no code with. */
#ifndef TD_TEST_TCP_PACKET_H
#define TD_TEST_TCP_PACKET_H

#include <stdbool.h>
#include <stdint.h>

#define TCP_PACKET_MOST (65535 + 256)
enum { TCP_FIN = 1, TCP_SYN = 2, TCP_PSH = 8, TCP_ACK = 16, TCP_URG = 32, TCP_CWR = 128 };

struct tcp_shape {
  bool v6;
  unsigned tags;       /* of VLANs */
  unsigned options;    /* of TCP, bytes, a multiple of 4 */
  unsigned ip_options; /* of IPv4, or extension headers of IPv6: bytes, a multiple of 4 or 8 */
  bool may_be_cut;     /* IPv4 without DF */
};

struct tcp_segment {
  unsigned from, length; /* of the data, which is a pattern */
  uint16_t id;
  uint8_t flags;
};

/* Where the headers begin in the packet. */
unsigned tcp_packet_ip(const struct tcp_shape *shape);
unsigned tcp_packet_tcp(const struct tcp_shape *shape);
unsigned tcp_packet_data(const struct tcp_shape *shape);
/* Returns the size. */
unsigned tcp_packet_make(uint8_t *out, const struct tcp_shape *shape, const struct tcp_segment *segment);
/* Makes the checksums right for what is there now. */
void tcp_packet_seal(uint8_t *packet, const struct tcp_shape *shape, unsigned size);
/* What TCP's checksum field has before the device fills it in. */
uint16_t tcp_packet_pseudo(const uint8_t *packet, const struct tcp_shape *shape, unsigned size);
/* Of `size` bytes, as it stands in a header. */
uint16_t naive_checksum(uint32_t sum, const uint8_t *bytes, unsigned size);

#endif
