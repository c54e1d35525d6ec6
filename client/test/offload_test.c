/* SPDX-License-Identifier: Apache-2.0 */
#include "offload.h"

#include <string.h>

#include "protocol.h"
#include "tcp_packet.h"
#include "test.h"

enum { ID = 0xfffe, PIECE = 1000 };
static const struct tcp_shape v4 = {.options = 12}, v6 = {.v6 = true, .options = 12};

/* A copy that ends where the bytes do, so that an access behind them is seen. */
static uint8_t *exact_copy(const uint8_t *bytes, unsigned size) {
  uint8_t *copy = malloc(size > 0 ? size : 1);
  CHECK(copy != NULL);
  if (size > 0) memcpy(copy, bytes, size);
  return copy;
}

static void check_equal(const uint8_t *actual, const uint8_t *expected, unsigned size) {
  for (unsigned i = 0; i < size; i++) {
    if (actual[i] == expected[i]) continue;
    dprintf(test_stderr, "byte %u of %u is %02x, not %02x\n", i, size, actual[i], expected[i]);
    exit(1);
  }
}

static struct virtio_net_hdr header_for(const struct tcp_shape *shape, unsigned gso_size) {
  return (struct virtio_net_hdr){
      .flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
      .gso_type = shape->v6 ? VIRTIO_NET_HDR_GSO_TCPV6 : VIRTIO_NET_HDR_GSO_TCPV4,
      .hdr_len = (uint16_t)(tcp_packet_data(shape) - DATA_HEADER_SIZE),
      .gso_size = (uint16_t)gso_size,
      .csum_start = (uint16_t)(tcp_packet_tcp(shape) - DATA_HEADER_SIZE),
      .csum_offset = 16,
  };
}

/* As the device gives it, of `data_size` bytes of data. */
static uint8_t *make_large(const struct tcp_shape *shape, unsigned data_size, uint8_t flags, unsigned *size) {
  static uint8_t bytes[TCP_PACKET_MOST];
  *size = tcp_packet_make(bytes, shape, &(struct tcp_segment){0, data_size, ID, flags});
  put_u16(bytes + tcp_packet_tcp(shape) + 16, tcp_packet_pseudo(bytes, shape, *size));
  return exact_copy(bytes, *size);
}

static const struct cut_case {
  struct tcp_shape shape;
  unsigned data_size, piece;
} cut_cases[] = {
    {{.options = 12}, 64000, 1392},
    {{.options = 12}, 3 * PIECE, PIECE},
    {{.may_be_cut = true}, 2 * PIECE + 1, PIECE},
    {{.options = 40, .tags = 2}, 5001, PIECE},
    {{.ip_options = 40}, 5001, 999},
    {{.tags = 1}, 5001, 1},
    {{.v6 = true, .options = 12}, 64000, 1372},
    {{.v6 = true, .tags = 2}, 5001, 333},
    {{.v6 = true, .ip_options = 24}, 5001, PIECE},
    {{.v6 = true}, 10, PIECE},
};

/* Cutting gives just those packets that a sender without offloads would have made. */
static void cut_is_as_made_by_hand(void) {
  static uint8_t expected[TCP_PACKET_MOST];
  for (size_t i = 0; i < sizeof cut_cases / sizeof *cut_cases; i++) {
    const struct cut_case *it = &cut_cases[i];
    struct virtio_net_hdr header = header_for(&it->shape, it->piece);
    struct offload offload;
    unsigned size, number = 0, data = tcp_packet_data(&it->shape);
    uint8_t *large = make_large(&it->shape, it->data_size, TCP_ACK | TCP_PSH | TCP_FIN | TCP_CWR, &size);
    CHECK(offload_begin(&offload, large, size, &header));
    CHECK_EQUAL(offload.data, data);
    for (unsigned from = 0; from < it->data_size; from += it->piece, number++) {
      uint8_t headers[OFFLOAD_HEADERS];
      bool last = from + it->piece >= it->data_size;
      unsigned length = last ? it->data_size - from : it->piece;
      uint8_t flags = (uint8_t)(TCP_ACK | (number == 0 ? TCP_CWR : 0) | (last ? TCP_PSH | TCP_FIN : 0));
      offload_cut(&offload, headers, number, data + from, length);
      tcp_packet_make(expected, &it->shape, &(struct tcp_segment){from, length, (uint16_t)(ID + number), flags});
      check_equal(headers, expected, data);
      check_equal(large + data + from, expected + data, length);
    }
    free(large);
  }
}

/* Packets of PIECE bytes of data, the last of `last_length`; returns the train's size. */
static unsigned make_train(uint8_t *train, const struct tcp_shape *shape, unsigned count, unsigned last_length) {
  unsigned size = 0;
  for (unsigned i = 0; i < count; i++) {
    bool last = i + 1 == count;
    size += tcp_packet_make(train + size, shape,
                            &(struct tcp_segment){i * PIECE, last ? last_length : PIECE, (uint16_t)(ID + i),
                                                  (uint8_t)(TCP_ACK | (last ? TCP_PSH : 0))});
  }
  return size;
}

static unsigned gather(uint8_t *out, const struct iovec *parts, unsigned count) {
  unsigned size = 0;
  for (unsigned i = 0; i < count; i++) {
    memcpy(out + size, parts[i].iov_base, parts[i].iov_len);
    size += (unsigned)parts[i].iov_len;
  }
  return size;
}

static const struct join_case {
  struct tcp_shape shape;
  unsigned count, last_length;
} join_cases[] = {
    {{.options = 12}, 2, PIECE},
    {{.options = 12}, 45, 1},
    {{.may_be_cut = true}, 60, 17},
    {{.options = 40}, 3, PIECE - 1},
    {{.v6 = true, .options = 12}, 2, 1},
    {{.v6 = true}, 57, PIECE},
};

/* What is joined is the packet whose cuts they are. */
static void join_undoes_cut(void) {
  static uint8_t train[TCP_PACKET_MOST], written[TCP_PACKET_MOST];
  for (size_t i = 0; i < sizeof join_cases / sizeof *join_cases; i++) {
    const struct join_case *it = &join_cases[i];
    struct iovec parts[OFFLOAD_PARTS];
    struct virtio_net_hdr header = header_for(&it->shape, PIECE);
    unsigned size, train_size = make_train(train, &it->shape, it->count, it->last_length);
    uint8_t *copy = exact_copy(train, train_size);
    uint8_t *large = make_large(&it->shape, (it->count - 1) * PIECE + it->last_length, TCP_ACK | TCP_PSH, &size);
    CHECK_EQUAL(offload_join(copy, train_size, tcp_packet_data(&it->shape) + PIECE, parts), it->count);
    CHECK_EQUAL(gather(written, parts, it->count), sizeof header + size - DATA_HEADER_SIZE);
    check_equal(written, (const uint8_t *)&header, sizeof header);
    check_equal(written + sizeof header, large + DATA_HEADER_SIZE, size - DATA_HEADER_SIZE);
    free(large);
    free(copy);
  }
}

/* Each is done to the second of two packets, or to both, whose checksums are made right again. */
struct change {
  const char *name;
  const struct tcp_shape *shape;
  unsigned joined; /* packets that become one */
  bool both;
  enum { FROM_START, FROM_IP, FROM_TCP } from;
  unsigned at;
  uint8_t change; /* of bits */
};

static const struct change changes[] = {
    {"none", &v4, 2, false, FROM_IP, 0, 0},
    {"none, IPv6", &v6, 2, false, FROM_IP, 0, 0},
    {"other session", &v4, 1, false, FROM_START, 7, 1},
    {"a control message", &v4, 1, false, FROM_START, 0, 0x80},
    {"Ethernet destination", &v4, 1, false, FROM_START, 12, 4},
    {"Ethernet source", &v6, 1, false, FROM_START, 23, 4},
    {"neither IPv4 nor IPv6", &v4, 1, true, FROM_START, 25, 2},
    {"IPv4 in IPv6's type", &v6, 1, true, FROM_IP, 0, 0x20},
    {"IPv6 in IPv4's type", &v4, 1, true, FROM_IP, 0, 0x20},
    {"TOS", &v4, 1, false, FROM_IP, 1, 4},
    {"congestion seen on the way", &v4, 1, false, FROM_IP, 1, 3},
    {"TTL", &v4, 1, false, FROM_IP, 8, 1},
    {"the other's id, may not be fragmented", &v4, 2, false, FROM_IP, 4, 0x40},
    {"may be fragmented", &v4, 1, false, FROM_IP, 6, 0x40},
    {"reserved bit", &v4, 1, true, FROM_IP, 6, 0x80},
    {"more fragments", &v4, 1, true, FROM_IP, 6, 0x20},
    {"fragment offset", &v4, 1, true, FROM_IP, 7, 1},
    {"no TCP", &v4, 1, true, FROM_IP, 9, 2},
    {"source address", &v4, 1, false, FROM_IP, 15, 1},
    {"destination address", &v4, 1, false, FROM_IP, 19, 1},
    {"length", &v4, 1, false, FROM_IP, 3, 1},
    {"first length", &v4, 1, true, FROM_IP, 2, 1},
    {"traffic class", &v6, 1, false, FROM_IP, 1, 0x10},
    {"flow label", &v6, 1, false, FROM_IP, 3, 1},
    {"hop limit", &v6, 1, false, FROM_IP, 7, 1},
    {"no TCP, IPv6", &v6, 1, true, FROM_IP, 6, 2},
    {"source address, IPv6", &v6, 1, false, FROM_IP, 8, 1},
    {"destination address, IPv6", &v6, 1, false, FROM_IP, 39, 2},
    {"length, IPv6", &v6, 1, false, FROM_IP, 5, 1},
    {"source port", &v4, 1, false, FROM_TCP, 1, 1},
    {"destination port", &v4, 1, false, FROM_TCP, 3, 1},
    {"sequence", &v4, 1, false, FROM_TCP, 7, 1},
    {"acknowledged", &v4, 1, false, FROM_TCP, 11, 1},
    {"TCP header's size", &v4, 1, false, FROM_TCP, 12, 0x10},
    {"TCP header too small", &v4, 1, true, FROM_TCP, 12, 0xc0},
    {"reserved bits", &v4, 1, false, FROM_TCP, 12, 1},
    {"FIN", &v4, 1, false, FROM_TCP, 13, TCP_FIN},
    {"SYN", &v6, 1, true, FROM_TCP, 13, TCP_SYN},
    {"RST", &v4, 1, true, FROM_TCP, 13, 4},
    {"PSH in the first", &v4, 1, true, FROM_TCP, 13, TCP_PSH},
    {"no ACK", &v4, 1, true, FROM_TCP, 13, TCP_ACK},
    {"URG", &v4, 1, true, FROM_TCP, 13, TCP_URG},
    {"ECE", &v4, 1, false, FROM_TCP, 13, 64},
    {"CWR", &v4, 1, true, FROM_TCP, 13, TCP_CWR},
    {"window", &v4, 1, false, FROM_TCP, 15, 1},
    {"urgent pointer", &v4, 1, false, FROM_TCP, 19, 1},
    {"TCP options", &v4, 1, false, FROM_TCP, 31, 1},
    {"TCP options, IPv6", &v6, 1, false, FROM_TCP, 20, 1},
};

/* What is not joined goes to the device as it came, behind a header that says nothing. */
static void check_alone(const uint8_t *was, unsigned size, const struct iovec *part) {
  static const struct virtio_net_hdr nothing;
  CHECK_EQUAL(part->iov_len, sizeof nothing + size - DATA_HEADER_SIZE);
  check_equal(part->iov_base, (const uint8_t *)&nothing, sizeof nothing);
  check_equal((const uint8_t *)part->iov_base + sizeof nothing, was + DATA_HEADER_SIZE, size - DATA_HEADER_SIZE);
}

static void check_join(const char *name, const uint8_t *train, unsigned size, unsigned piece, unsigned expected) {
  struct iovec parts[OFFLOAD_PARTS];
  uint8_t *copy = exact_copy(train, size);
  unsigned joined = offload_join(copy, size, piece, parts);
  if (joined != expected) dprintf(test_stderr, "%s:\n", name);
  CHECK_EQUAL(joined, expected);
  if (joined == 1) check_alone(train, piece < size ? piece : size, parts);
  if (size > piece) check_equal(copy + piece, train + piece, size - piece);
  free(copy);
}

static void only_what_agrees_is_joined(void) {
  uint8_t train[4 * PIECE];
  for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
    const struct change *it = &changes[i];
    unsigned size = make_train(train, it->shape, 2, PIECE), piece = size / 2;
    unsigned from = it->from == FROM_IP    ? tcp_packet_ip(it->shape)
                    : it->from == FROM_TCP ? tcp_packet_tcp(it->shape)
                                           : 0;
    for (unsigned number = it->both ? 0 : 1; number < 2; number++) {
      train[number * piece + from + it->at] ^= it->change;
      tcp_packet_seal(train + number * piece, it->shape, piece);
    }
    check_join(it->name, train, size, piece, it->joined);
  }
}

static void a_wrong_checksum_is_left_wrong(void) {
  static const unsigned tcp_field = 16, ip_field = 10;
  uint8_t train[4 * PIECE];
  for (unsigned number = 0; number < 2; number++) {
    unsigned size = make_train(train, &v4, 2, PIECE), piece = size / 2;
    train[number * piece + tcp_packet_tcp(&v4) + tcp_field] ^= 1;
    check_join("TCP checksum", train, size, piece, 1);
    train[number * piece + tcp_packet_tcp(&v4) + tcp_field] ^= 1;
    train[number * piece + tcp_packet_ip(&v4) + ip_field] ^= 1;
    check_join("IP checksum", train, size, piece, 1);
    train[number * piece + tcp_packet_ip(&v4) + ip_field] ^= 1;
    train[number * piece + piece - 1] ^= 1;
    check_join("data", train, size, piece, 1);
    train[number * piece + piece - 1] ^= 1;
    check_join("right again", train, size, piece, 2);
  }
}

static void shapes_that_are_not_joined(void) {
  static const struct tcp_shape shapes[] = {{.tags = 1}, {.ip_options = 4}, {.v6 = true, .ip_options = 8}};
  uint8_t train[4 * PIECE];
  for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
    unsigned size = make_train(train, &shapes[i], 2, PIECE);
    check_join("shape", train, size, size / 2, 1);
  }
}

/* A join ends with what may not be followed; the next begins there. */
static void joins_end(void) {
  static uint8_t train[200 * PIECE];
  static const struct tcp_shape plain = {.may_be_cut = true};
  unsigned data = tcp_packet_data(&plain), piece = data + PIECE, size = make_train(train, &plain, 6, PIECE);
  check_join("last has PSH", train, size, piece, 6);
  train[2 * piece + tcp_packet_tcp(&plain) + 13] |= TCP_PSH;
  tcp_packet_seal(train + 2 * piece, &plain, piece);
  check_join("third has PSH", train, size, piece, 3);
  check_join("behind it", train + 3 * piece, size - 3 * piece, piece, 3);
  train[3 * piece + tcp_packet_tcp(&plain) + 13] |= TCP_PSH;
  tcp_packet_seal(train + 3 * piece, &plain, piece);
  check_join("third and fourth have PSH", train, size, piece, 3);
  train[piece + tcp_packet_ip(&plain) + 5] ^= 4;
  tcp_packet_seal(train + piece, &plain, piece);
  check_join("ids do not ascend", train, size, piece, 1);
  size = make_train(train, &plain, 2, 0);
  check_join("second has no data", train, size, piece, 1);
  size = make_train(train, &plain, 1, 0);
  check_join("acknowledgements", train, size, data, 1);
  memcpy(train + data, train, data);
  check_join("acknowledgements", train, 2 * data, data, 1);
  size = make_train(train, &plain, 1, PIECE);
  check_join("one packet", train, size, piece, 1);
  check_join("a train said to be of larger ones", train, size, piece + 1, 1);
}

/* No more parts than there are. */
static void the_longest_join(void) {
  static uint8_t train[65535];
  static const struct tcp_shape plain = {.may_be_cut = false};
  unsigned size = 0, piece = tcp_packet_data(&plain) + 1;
  for (unsigned i = 0; i < OFFLOAD_PARTS + 2; i++)
    size += tcp_packet_make(train + size, &plain, &(struct tcp_segment){i, 1, (uint16_t)i, TCP_ACK});
  check_join("many", train, size, piece, OFFLOAD_PARTS);
}

static const struct hostile_case {
  struct virtio_net_hdr header;
  bool begins, completes;
} hostile_cases[] = {
    {{1, 1, 66, 100, 34, 16}, true, true},
    {{1, 0x81, 66, 100, 34, 16}, true, true}, /* with ECN */
    {{1, 1, 65535, 100, 34, 16}, true, true}, /* its length is not relied on */
    {{1, 1, 0, 65535, 34, 16}, true, true},
    {{1, 1, 66, 0, 34, 16}, false, true},
    {{1, 3, 66, 100, 34, 16}, false, true},
    {{1, 5, 66, 100, 34, 16}, false, true},
    {{1, 0x41, 66, 100, 34, 16}, false, true},
    {{0, 1, 66, 100, 0, 0}, false, true},
    {{1, 1, 66, 100, 14, 16}, false, true},  /* TCP where IP is */
    {{1, 1, 66, 100, 33, 16}, false, true},  /* within IP */
    {{1, 1, 66, 100, 1046, 16}, false, true}, /* no room for a TCP header */
    {{1, 1, 66, 100, 1065, 1}, false, false},
    {{1, 1, 66, 100, 65535, 16}, false, false},
    {{1, 1, 66, 100, 34, 65535}, true, false},
    {{1, 1, 66, 100, 65535, 65535}, false, false},
};

static void headers_are_not_trusted(void) {
  for (size_t i = 0; i < sizeof hostile_cases / sizeof *hostile_cases; i++) {
    const struct hostile_case *it = &hostile_cases[i];
    struct offload offload;
    unsigned size;
    uint8_t *large = make_large(&v4, PIECE, TCP_ACK, &size);
    CHECK_EQUAL(size, DATA_HEADER_SIZE + 1066);
    if (offload_begin(&offload, large, size, &it->header) != it->begins) dprintf(test_stderr, "case %zu\n", i);
    CHECK_EQUAL(offload_begin(&offload, large, size, &it->header), it->begins);
    CHECK_EQUAL(offload_complete(large, size, &it->header), it->completes);
    free(large);
  }
}

/* What they say of TCP's own header is checked as well. */
static void sizes_of_tcp_headers(void) {
  const struct virtio_net_hdr header = header_for(&v4, PIECE);
  for (unsigned words = 0; words < 16; words++) {
    struct offload offload;
    unsigned size, most = 15 * 4; /* from the begin of TCP to the packet's end */
    uint8_t *large = make_large(&v4, most - 32, TCP_ACK, &size);
    large[tcp_packet_tcp(&v4) + 12] = (uint8_t)(words << 4);
    CHECK_EQUAL(offload_begin(&offload, large, size, &header), words >= 5 && words < 15);
    free(large);
  }
}

/* Cut off anywhere, whatever it was. */
static void short_packets_are_not_read_beyond(void) {
  const struct virtio_net_hdr header = header_for(&(struct tcp_shape){.tags = 2}, 1);
  uint8_t bytes[2 * PIECE], headers[OFFLOAD_HEADERS];
  unsigned whole = tcp_packet_make(bytes, &(struct tcp_shape){.tags = 2}, &(struct tcp_segment){0, 2, 0, TCP_ACK});
  for (unsigned size = DATA_HEADER_SIZE + 14; size <= whole; size++) {
    struct offload offload;
    struct iovec parts[OFFLOAD_PARTS];
    uint8_t *packet = exact_copy(bytes, size);
    bool begins = offload_begin(&offload, packet, size, &header);
    CHECK_EQUAL(begins, size > whole - 2);
    if (begins) offload_cut(&offload, headers, 0, whole - 2, size - (whole - 2));
    CHECK_EQUAL(offload_join(packet, size, size - 1, parts), 1);
    free(packet);
  }
}

static void other_checksums_are_completed(void) {
  static const unsigned sizes[] = {64, 65, 66, 67, 1400, 1401, 65535};
  static uint8_t bytes[TCP_PACKET_MOST];
  const unsigned start = DATA_HEADER_SIZE + 14 + 20;
  const struct virtio_net_hdr header = {.flags = 1, .csum_start = 34, .csum_offset = 6};
  for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
    tcp_packet_make(bytes, &v4, &(struct tcp_segment){0, sizes[i], ID, TCP_ACK});
    uint8_t *packet = exact_copy(bytes, sizes[i]);
    uint16_t expected = naive_checksum(0, packet + start, sizes[i] - start);
    CHECK(offload_complete(packet, sizes[i], &header));
    CHECK_EQUAL(get_u16(packet + start + 6), expected);
    check_equal(packet, bytes, start + 6);
    check_equal(packet + start + 8, bytes + start + 8, sizes[i] - start - 8);
    free(packet);
  }
}

/* In UDP 0 says that there is no checksum; the same number can be written otherwise. */
static void a_checksum_of_zero_is_written_as_ffff(void) {
  uint8_t packet[DATA_HEADER_SIZE + 14 + 20 + 8] = {0};
  const struct virtio_net_hdr header = {.flags = 1, .csum_start = 34, .csum_offset = 6};
  put_u16(packet + DATA_HEADER_SIZE + 34, 0x1234);
  put_u16(packet + DATA_HEADER_SIZE + 36, 0xedcb);
  CHECK(offload_complete(packet, sizeof packet, &header));
  CHECK_EQUAL(get_u16(packet + DATA_HEADER_SIZE + 40), 0xffff);
}

const struct test_case offload_cases[] = {
    {"offload: cut is as made by hand", cut_is_as_made_by_hand},
    {"offload: join undoes cut", join_undoes_cut},
    {"offload: only what agrees is joined", only_what_agrees_is_joined},
    {"offload: a wrong checksum is left wrong", a_wrong_checksum_is_left_wrong},
    {"offload: tags, options and extensions are not joined", shapes_that_are_not_joined},
    {"offload: joins end", joins_end},
    {"offload: the longest join", the_longest_join},
    {"offload: the device's headers are not trusted", headers_are_not_trusted},
    {"offload: sizes of TCP headers", sizes_of_tcp_headers},
    {"offload: short packets are not read beyond", short_packets_are_not_read_beyond},
    {"offload: other checksums are completed", other_checksums_are_completed},
    {"offload: a checksum of zero is written as ffff", a_checksum_of_zero_is_written_as_ffff},
    {NULL, NULL},
};
