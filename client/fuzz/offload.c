/* SPDX-License-Identifier: Apache-2.0 */
/* What the device and the broker's side may hand over. The input's first byte tells which: odd, the device's header and a frame,
 * to be cut; else the size of a train's packets in two bytes and the train, to be joined, whose checksums are made right
 * first unless bit 1 is set, as a fuzzer would find few that are. */
#include <string.h>

#include "fuzz.h"
#include "offload.h"
#include "protocol.h"

enum { CUT = 1, AS_IT_IS = 2, IP = DATA_HEADER_SIZE + 14, LEAST = IP + 20 + 20, MOST_CUTS = 300 };

static uint8_t *copy_of(const uint8_t *bytes, unsigned size) {
  uint8_t *copy = malloc(size > 0 ? size : 1);
  MUST(copy != NULL);
  if (size > 0) memcpy(copy, bytes, size);
  return copy;
}

static uint16_t sum_of(uint32_t sum, const uint8_t *bytes, unsigned size) {
  for (unsigned i = 0; i < size; i++) sum += i % 2 == 0 ? (uint32_t)bytes[i] << 8 : bytes[i];
  while (sum >> 16 != 0) sum = (sum & 0xffff) + (sum >> 16);
  return (uint16_t)sum;
}

/* Of a packet that has its headers where they mostly are. */
static void seal(uint8_t *packet, unsigned size) {
  uint8_t *ip = packet + IP;
  bool v6 = size > IP && ip[0] >> 4 == 6;
  unsigned tcp = IP + (v6 ? 40 : 20);
  if (size < LEAST || tcp + 20 > size) return;
  if (!v6) {
    put_u16(ip + 10, 0);
    put_u16(ip + 10, (uint16_t)~sum_of(0, ip, 20));
  }
  put_u16(packet + tcp + 16, 0);
  uint32_t pseudo = (v6 ? sum_of(0, ip + 8, 32) : sum_of(0, ip + 12, 8)) + 6 + size - tcp;
  put_u16(packet + tcp + 16, (uint16_t)~sum_of(pseudo, packet + tcp, size - tcp));
}

/* Cut again, they are the packets that were joined, but for ids that do not matter. */
static void must_be_cuts(const struct iovec *parts, unsigned count, const uint8_t *train, unsigned size, unsigned piece) {
  uint8_t headers[OFFLOAD_HEADERS], *whole = calloc(1, 65536 + OFFLOAD_HEADERS);
  struct virtio_net_hdr header;
  struct offload offload;
  unsigned whole_size = VNET_OFFSET;
  MUST(whole != NULL);
  for (unsigned i = 0; i < count; i++) {
    memcpy(whole + whole_size, parts[i].iov_base, parts[i].iov_len);
    whole_size += (unsigned)parts[i].iov_len;
  }
  memcpy(&header, whole + VNET_OFFSET, sizeof header);
  memcpy(whole, train, DATA_HEADER_SIZE);
  MUST(offload_begin(&offload, whole, whole_size, &header));
  MUST(header.gso_size == piece - offload.data);
  for (unsigned i = 0; i < count; i++) {
    unsigned length = (unsigned)parts[i].iov_len, at = offload.data + i * header.gso_size;
    const uint8_t *was = train + i * piece;
    if (i == 0) length = header.gso_size;
    MUST(i * piece + offload.data + length <= size);
    offload_cut(&offload, headers, i, at, length);
    if (offload.v6) MUST(memcmp(headers, was, offload.data) == 0);
    if (!offload.v6) MUST(memcmp(headers, was, IP + 4) == 0 && memcmp(headers + IP + 12, was + IP + 12, offload.data - IP - 12) == 0);
    MUST(memcmp(whole + at, was + offload.data, length) == 0);
  }
  free(whole);
}

static void join(const uint8_t *data, unsigned size, unsigned piece, bool as_it_is) {
  struct iovec parts[OFFLOAD_PARTS];
  uint8_t *train = copy_of(data, size);
  for (unsigned at = 0; at < size && !as_it_is; at += piece) seal(train + at, piece < size - at ? piece : size - at);
  uint8_t *was = copy_of(train, size);
  for (unsigned at = 0, count; at < size; at += count * piece) {
    unsigned first = piece < size - at ? piece : size - at;
    count = 1;
    if (first < DATA_HEADER_SIZE + 14) continue;
    count = offload_join(train + at, size - at, piece, parts);
    MUST(count >= 1 && count <= OFFLOAD_PARTS);
    MUST(parts[0].iov_base == train + at + VNET_OFFSET && parts[0].iov_len == first - VNET_OFFSET);
    if (count > 1) must_be_cuts(parts, count, was + at, size - at, piece);
    if (count == 1) MUST(memcmp(train + at + DATA_HEADER_SIZE, was + at + DATA_HEADER_SIZE, first - DATA_HEADER_SIZE) == 0);
  }
  free(was);
  free(train);
}

static void cut(const uint8_t *data, unsigned size) {
  struct virtio_net_hdr header;
  struct offload offload;
  uint8_t headers[OFFLOAD_HEADERS];
  if (size < DATA_HEADER_SIZE) return;
  memcpy(&header, data + VNET_OFFSET, sizeof header);
  uint8_t *packet = copy_of(data, size);
  if (offload_begin(&offload, packet, size, &header)) {
    unsigned number = 0, length = header.gso_size;
    MUST(offload.data > DATA_HEADER_SIZE + 14 && offload.data <= OFFLOAD_HEADERS && offload.data < size && length > 0);
    for (unsigned at = offload.data; at < size && number < MOST_CUTS; at += length) {
      if (length > size - at) length = size - at;
      offload_cut(&offload, headers, number++, at, length);
    }
  }
  if (offload_complete(packet, size, &header)) MUST(DATA_HEADER_SIZE + header.csum_start + header.csum_offset + 2u <= size);
  free(packet);
}

void fuzz_offload(const uint8_t *data, size_t size) {
  if (size < 4 || size > 65535) return;
  unsigned piece = get_u16(data + 1);
  if (data[0] & CUT) {
    cut(data + 1, (unsigned)size - 1);
  } else if (piece > 0) {
    join(data + 3, (unsigned)size - 3, piece, data[0] & AS_IT_IS);
  }
}
