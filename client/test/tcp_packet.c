/* SPDX-License-Identifier: Apache-2.0 */
#include "tcp_packet.h"

#include <string.h>

#include "protocol.h"

enum { ETHERNET = DATA_HEADER_SIZE, PORT = 5201, SEQUENCE = 0xfffff000 /* it wraps */ };

unsigned tcp_packet_ip(const struct tcp_shape *shape) { return ETHERNET + 14 + 4 * shape->tags; }
unsigned tcp_packet_tcp(const struct tcp_shape *shape) {
  return tcp_packet_ip(shape) + (shape->v6 ? 40 : 20) + shape->ip_options;
}
unsigned tcp_packet_data(const struct tcp_shape *shape) { return tcp_packet_tcp(shape) + 20 + shape->options; }

static uint16_t folded(uint32_t sum, const uint8_t *bytes, unsigned size) {
  for (unsigned i = 0; i < size; i++) {
    sum += i % 2 == 0 ? (uint32_t)bytes[i] << 8 : bytes[i];
    sum = (sum & 0xffff) + (sum >> 16);
  }
  return (uint16_t)sum;
}

uint16_t naive_checksum(uint32_t sum, const uint8_t *bytes, unsigned size) { return (uint16_t)~folded(sum, bytes, size); }

uint16_t tcp_packet_pseudo(const uint8_t *packet, const struct tcp_shape *shape, unsigned size) {
  const uint8_t *ip = packet + tcp_packet_ip(shape);
  uint32_t sum = 6 + size - tcp_packet_tcp(shape);
  return shape->v6 ? folded(sum, ip + 8, 32) : folded(sum, ip + 12, 8);
}

void tcp_packet_seal(uint8_t *packet, const struct tcp_shape *shape, unsigned size) {
  uint8_t *ip = packet + tcp_packet_ip(shape), *tcp = packet + tcp_packet_tcp(shape);
  if (!shape->v6) {
    put_u16(ip + 10, 0);
    put_u16(ip + 10, naive_checksum(0, ip, 20 + shape->ip_options));
  }
  put_u16(tcp + 16, 0);
  put_u16(tcp + 16, naive_checksum(tcp_packet_pseudo(packet, shape, size), tcp, size - tcp_packet_tcp(shape)));
}

static void make_ip(uint8_t *ip, const struct tcp_shape *shape, unsigned size, uint16_t id) {
  if (shape->v6) {
    put_u32(ip, 0x60012345);
    put_u16(ip + 4, (uint16_t)(size - 40));
    ip[6] = shape->ip_options > 0 ? 60 : 6; /* destination options */
    ip[7] = 64;
    memset(ip + 8, 0x20, 32);
    ip[39] = 0x01;
    if (shape->ip_options > 0) memcpy(ip + 40, (const uint8_t[8]){6, (uint8_t)(shape->ip_options / 8 - 1), 1, 4}, 8);
  } else {
    ip[0] = (uint8_t)(0x45 + shape->ip_options / 4);
    put_u16(ip + 2, (uint16_t)size);
    put_u16(ip + 4, id);
    put_u16(ip + 6, shape->may_be_cut ? 0 : 0x4000);
    ip[8] = 64;
    ip[9] = 6;
    put_u32(ip + 12, 0x0a630001);
    put_u32(ip + 16, 0x0a630002);
    memset(ip + 20, 1, shape->ip_options);
  }
}

unsigned tcp_packet_make(uint8_t *out, const struct tcp_shape *shape, const struct tcp_segment *segment) {
  unsigned data = tcp_packet_data(shape), size = data + segment->length;
  uint8_t *ip = out + tcp_packet_ip(shape), *tcp = out + tcp_packet_tcp(shape);
  memset(out, 0, data);
  data_header(out, 7);
  memset(out + ETHERNET, 0x02, 12);
  for (unsigned i = 0; i < shape->tags; i++) put_u32(out + ETHERNET + 12 + 4 * i, i + 1 < shape->tags ? 0x88a80005 : 0x81000006);
  put_u16(ip - 2, shape->v6 ? 0x86dd : 0x0800);
  make_ip(ip, shape, size - tcp_packet_ip(shape), segment->id);
  put_u16(tcp, PORT);
  put_u16(tcp + 2, PORT + 1);
  put_u32(tcp + 4, (uint32_t)SEQUENCE + segment->from);
  put_u32(tcp + 8, 0x12345678);
  tcp[12] = (uint8_t)((5 + shape->options / 4) << 4);
  tcp[13] = segment->flags;
  put_u16(tcp + 14, 502);
  memset(tcp + 20, 1, shape->options);
  for (unsigned i = 0; i < segment->length; i++) out[data + i] = (uint8_t)((segment->from + i) * 2654435761u >> 13);
  tcp_packet_seal(out, shape, size);
  return size;
}
