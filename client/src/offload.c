/* SPDX-License-Identifier: Apache-2.0 */
#include "offload.h"

#include <arpa/inet.h>
#include <string.h>

#include "protocol.h"

#define ETHERNET_TYPE (DATA_HEADER_SIZE + 12)
#define TYPE_IPV4 0x0800
#define TYPE_IPV6 0x86dd
#define TYPE_VLAN 0x8100
#define TYPE_SERVICE_VLAN 0x88a8
#define IPV4_HEADER 20
#define IPV6_HEADER 40
#define TCP_HEADER 20
#define PLAIN_IPV4 0x45 /* version and length: no options */
#define DONT_FRAGMENT 0x40 /* where IPv6 has its next header, TCP's 6: without that bit */

/* Where fields are in their headers: RFC 791, RFC 8200, RFC 9293. */
enum { IPV4_SIZE = 2, IPV4_ID = 4, IPV4_FRAGMENT = 6, IPV4_PROTOCOL = 9, IPV4_CHECKSUM = 10, IPV4_ADDRESSES = 12 };
enum { IPV6_SIZE = 4, IPV6_NEXT = 6, IPV6_ADDRESSES = 8 };
enum { TCP_SEQUENCE = 4, TCP_OFFSET = 12, TCP_FLAGS = 13, TCP_CHECKSUM = 16 };
enum { FIN = 1, PSH = 8, ACK = 16, CWR = 128 };

/* The checksum's sum, RFC 1071: of words as they stand in memory, which gives the same bytes in either order. */
static uint64_t add(uint64_t sum, const uint8_t *bytes, size_t size) {
  uint32_t word;
  for (; size >= sizeof word; bytes += sizeof word, size -= sizeof word) {
    memcpy(&word, bytes, sizeof word);
    sum += word;
  }
  word = 0;
  memcpy(&word, bytes, size);
  return sum + word;
}

static void store(uint8_t *field, uint64_t sum, uint16_t inversion) {
  while (sum >> 16 != 0) sum = (sum & 0xffff) + (sum >> 16);
  uint16_t value = (uint16_t)(sum ^ inversion);
  memcpy(field, &value, sizeof value);
}

bool offload_complete(uint8_t *packet, unsigned size, const struct virtio_net_hdr *header) {
  unsigned start = DATA_HEADER_SIZE + header->csum_start, field = start + header->csum_offset;
  if (field + 2 > size) return false;
  store(packet + field, add(0, packet + start, size - start), 0xffff);
  if (get_u16(packet + field) == 0) put_u16(packet + field, 0xffff); /* the same number; in UDP 0 means none */
  return true;
}

/* TCP is at `tcp`, or if that is 0 behind an IP header without options. */
static bool find(struct offload *offload, const uint8_t *packet, unsigned size, unsigned tcp) {
  unsigned type, ip = ETHERNET_TYPE + 2 - 4;
  do {
    ip += 4;
    if (ip > size) return false;
    type = get_u16(packet + ip - 2);
  } while (type == TYPE_VLAN || type == TYPE_SERVICE_VLAN);
  offload->packet = packet;
  offload->size = size;
  offload->ip = ip;
  offload->v6 = type == TYPE_IPV6;
  ip += offload->v6 ? IPV6_HEADER : IPV4_HEADER;
  if (tcp == 0) tcp = ip;
  if ((type != TYPE_IPV4 && type != TYPE_IPV6) || tcp < ip || tcp + TCP_HEADER > size) return false;
  offload->tcp = tcp;
  offload->data = tcp + (packet[tcp + TCP_OFFSET] >> 4) * 4u;
  return offload->data >= tcp + TCP_HEADER && offload->data < size && offload->data <= OFFLOAD_HEADERS;
}

/* Makes the packet's headers those of segment `number`, whose `length` bytes of data were `offset` bytes behind the first.
 * Without the data at hand the checksum is of the pseudo-header alone, as for the device. */
static void adapt(const struct offload *offload, uint8_t *headers, unsigned number, unsigned offset, const uint8_t *data,
                  unsigned length) {
  uint8_t *ip = headers + offload->ip, *tcp = headers + offload->tcp;
  unsigned tcp_headers = offload->data - offload->tcp, ip_size = offload->data - offload->ip + length;
  if (offload->v6) {
    put_u16(ip + IPV6_SIZE, (uint16_t)(ip_size - IPV6_HEADER));
  } else {
    put_u16(ip + IPV4_SIZE, (uint16_t)ip_size);
    put_u16(ip + IPV4_ID, (uint16_t)(get_u16(ip + IPV4_ID) + number));
    put_u16(ip + IPV4_CHECKSUM, 0);
    store(ip + IPV4_CHECKSUM, add(0, ip, offload->tcp - offload->ip), 0xffff);
  }
  put_u32(tcp + TCP_SEQUENCE, get_u32(tcp + TCP_SEQUENCE) + offset);
  store(tcp + TCP_CHECKSUM, offload->pseudo + htons((uint16_t)(tcp_headers + length)), 0);
  if (data != NULL) store(tcp + TCP_CHECKSUM, add(add(0, tcp, tcp_headers), data, length), 0xffff);
}

/* Where TCP begins the device says: there may be IPv6 extensions before. Its checksum field holds the sum over the
 * pseudo-header, with the whole packet's length. */
bool offload_begin(struct offload *offload, const uint8_t *packet, unsigned size, const struct virtio_net_hdr *header) {
  uint8_t type = header->gso_type & (uint8_t)~VIRTIO_NET_HDR_GSO_ECN;
  uint16_t sum;
  if (type != VIRTIO_NET_HDR_GSO_TCPV4 && type != VIRTIO_NET_HDR_GSO_TCPV6) return false;
  if (header->gso_size == 0 || !find(offload, packet, size, DATA_HEADER_SIZE + header->csum_start)) return false;
  memcpy(&sum, packet + offload->tcp + TCP_CHECKSUM, sizeof sum);
  offload->pseudo = (uint64_t)sum + (uint16_t)~htons((uint16_t)(size - offload->tcp));
  return true;
}

void offload_cut(const struct offload *offload, uint8_t headers[OFFLOAD_HEADERS], unsigned number, unsigned at,
                 unsigned length) {
  memcpy(headers, offload->packet, offload->data);
  if (number > 0) headers[offload->tcp + TCP_FLAGS] &= (uint8_t)~CWR;
  if (at + length < offload->size) headers[offload->tcp + TCP_FLAGS] &= (uint8_t)~(FIN | PSH);
  adapt(offload, headers, number, at - offload->data, offload->packet + at, length);
}

/* To be joined, as strictly as by the kernel: no tags, no options of IP, no fragments, no flag but ACK. */
static bool begin_join(struct offload *offload, const uint8_t *packet, unsigned size) {
  if (!find(offload, packet, size, 0) || offload->ip != ETHERNET_TYPE + 2) return false;
  const uint8_t *ip = packet + offload->ip;
  if (offload->v6) {
    if (ip[0] >> 4 != 6 || ip[IPV6_NEXT] != IPPROTO_TCP) return false;
    offload->pseudo = add(htons(IPPROTO_TCP), ip + IPV6_ADDRESSES, 32);
  } else {
    if (ip[0] != PLAIN_IPV4 || (get_u16(ip + IPV4_FRAGMENT) & 0xbfff) != 0 || ip[IPV4_PROTOCOL] != IPPROTO_TCP) return false;
    offload->pseudo = add(htons(IPPROTO_TCP), ip + IPV4_ADDRESSES, 8);
  }
  return packet[offload->tcp + TCP_FLAGS] == ACK;
}

/* Whether cutting would give this very packet, checksums included; its id matters if it may be fragmented. */
static bool is_cut(const struct offload *offload, const uint8_t *packet, unsigned size, unsigned number) {
  uint8_t headers[OFFLOAD_HEADERS];
  const uint8_t *ip = packet + offload->ip;
  unsigned data = offload->data, offset = number * (offload->size - data);
  if (size <= data) return false;
  if (ip[IPV4_FRAGMENT] & DONT_FRAGMENT) number = (unsigned)get_u16(ip + IPV4_ID) - get_u16(offload->packet + offload->ip + IPV4_ID);
  memcpy(headers, offload->packet, data);
  headers[offload->tcp + TCP_FLAGS] |= packet[offload->tcp + TCP_FLAGS] & PSH;
  adapt(offload, headers, number, offset, packet + data, size - data);
  return memcmp(headers, packet, data) == 0;
}

static void put(uint8_t *packet, size_t field, unsigned value) {
  uint16_t native = (uint16_t)value;
  memcpy(packet + VNET_OFFSET + field, &native, sizeof native);
}

unsigned offload_join(uint8_t *train, unsigned size, unsigned piece, struct iovec parts[OFFLOAD_PARTS]) {
  struct offload offload;
  unsigned count = 0, at = 0, length = piece < size ? piece : size;
  if (length < size && begin_join(&offload, train, length)) {
    uint8_t *flags = train + offload.tcp + TCP_FLAGS;
    while (count < OFFLOAD_PARTS && !(*flags & PSH)) {
      uint8_t *next = train + at;
      if (piece > size - at) piece = size - at; /* 0 behind the last */
      if (!is_cut(&offload, next, piece, count)) break;
      *flags |= next[offload.tcp + TCP_FLAGS];
      parts[count++] = (struct iovec){next + offload.data, piece - offload.data};
      at += piece;
    }
  }
  memset(train + VNET_OFFSET, 0, sizeof(struct virtio_net_hdr));
  if (count > 1) {
    train[VNET_OFFSET + offsetof(struct virtio_net_hdr, flags)] = VIRTIO_NET_HDR_F_NEEDS_CSUM;
    train[VNET_OFFSET + offsetof(struct virtio_net_hdr, gso_type)] =
        offload.v6 ? VIRTIO_NET_HDR_GSO_TCPV6 : VIRTIO_NET_HDR_GSO_TCPV4;
    put(train, offsetof(struct virtio_net_hdr, hdr_len), offload.data - DATA_HEADER_SIZE);
    put(train, offsetof(struct virtio_net_hdr, gso_size), length - offload.data);
    put(train, offsetof(struct virtio_net_hdr, csum_start), offload.tcp - DATA_HEADER_SIZE);
    put(train, offsetof(struct virtio_net_hdr, csum_offset), TCP_CHECKSUM);
    adapt(&offload, train, 0, 0, NULL, at - count * offload.data);
  }
  parts[0] = (struct iovec){train + VNET_OFFSET, length - VNET_OFFSET};
  return count > 1 ? count : 1;
}
