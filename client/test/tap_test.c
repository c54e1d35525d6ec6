/* SPDX-License-Identifier: Apache-2.0 */
/* The calls of the tap datapath: a pair of sockets stands for the device, loopback for the line. */
#include "tap.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/udp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "offload.h"
#include "peer.h"
#include "protocol.h"
#include "tcp_packet.h"
#include "test.h"

enum { OUR_SESSION = 7, PEER_SESSION = 7, VNET = sizeof(struct virtio_net_hdr), ETHERNET = 14 };

struct line {
  int device, tap_fd; /* what the kernel holds of the device, and what we do */
  int udp_fd, peer_fd;
  struct sockaddr_in address; /* the peer's */
  uint8_t train[65536];       /* the last that it received */
  unsigned size, piece;
  bool trains;
};

static void open_peer(struct line *line) {
  socklen_t size = sizeof line->address;
  line->peer_fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  CHECK(bind(line->peer_fd, (struct sockaddr *)&line->address, size) == 0);
  CHECK(getsockname(line->peer_fd, (struct sockaddr *)&line->address, &size) == 0);
  CHECK(setsockopt(line->peer_fd, SOL_UDP, UDP_GRO, &(int){1}, sizeof(int)) == 0);
}

static void open_line(struct line *line) {
  int ends[2];
  peer_need_trains();
  memset(line, 0, sizeof *line);
  line->address = (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  CHECK(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) == 0);
  line->device = ends[0];
  line->tap_fd = ends[1];
  open_peer(line);
  line->udp_fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  CHECK(connect(line->udp_fd, (struct sockaddr *)&line->address, sizeof line->address) == 0);
  line->trains = tap_use_socket(line->udp_fd);
}

/* The next train; size 0 = none. */
static void receive(struct line *line) {
  uint8_t control[CMSG_SPACE(sizeof(int))];
  struct iovec part = {line->train, sizeof line->train};
  struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
  ssize_t size = recvmsg(line->peer_fd, &message, 0);
  line->size = line->piece = size < 0 ? 0 : (unsigned)size;
  struct cmsghdr *header = size < 0 ? NULL : CMSG_FIRSTHDR(&message);
  if (header != NULL) line->piece = (unsigned)*(int *)(void *)CMSG_DATA(header);
}

/* A broadcast of an unknown protocol. */
static unsigned make_frame(uint8_t *frame, unsigned size, unsigned seed) {
  for (unsigned i = 0; i < size; i++) frame[i] = (uint8_t)(seed + i);
  memset(frame, 0xff, 6);
  put_u16(frame + 12, 0x88b5);
  return size;
}

static void give(struct line *line, const struct virtio_net_hdr *header, const uint8_t *frame, unsigned size) {
  static uint8_t bytes[VNET + TCP_PACKET_MOST];
  memcpy(bytes, header, VNET);
  memcpy(bytes + VNET, frame, size);
  CHECK(send(line->device, bytes, VNET + size, 0) == (ssize_t)(VNET + size));
}

static void give_frame(struct line *line, unsigned size, unsigned seed) {
  uint8_t frame[2048];
  make_frame(frame, size, seed);
  give(line, &(struct virtio_net_hdr){0}, frame, size);
}

static void check_packet(const uint8_t *packet, unsigned size, unsigned seed) {
  uint8_t header[DATA_HEADER_SIZE], frame[2048];
  data_header(header, PEER_SESSION);
  CHECK(memcmp(packet, header, sizeof header) == 0);
  CHECK(memcmp(packet + sizeof header, frame, make_frame(frame, size - DATA_HEADER_SIZE, seed)) == 0);
}

static void pump(struct line *line) { CHECK_EQUAL(tap_pump(line->tap_fd, line->udp_fd, &line->trains, PEER_SESSION), 0); }

/* Frames of these sizes become trains of those, in the same order. */
static void pass(struct line *line, const unsigned *sizes, unsigned count, const unsigned *trains, unsigned train_count) {
  unsigned number = 0;
  for (unsigned i = 0; i < count; i++) give_frame(line, sizes[i], i);
  pump(line);
  for (unsigned i = 0; i < train_count; i++) {
    receive(line);
    unsigned packets = 0;
    for (unsigned at = 0; at < line->size; at += line->piece, packets++) {
      unsigned length = line->piece < line->size - at ? line->piece : line->size - at;
      CHECK_EQUAL(length, DATA_HEADER_SIZE + sizes[number]);
      check_packet(line->train + at, length, number);
      number++;
    }
    CHECK_EQUAL(packets, trains[i]);
  }
  CHECK_EQUAL(number, count);
  receive(line);
  CHECK_EQUAL(line->size, 0);
}

static const unsigned mixed_sizes[] = {100, 100, 100, 60, 60, 1446, 200, 200, 199, 199, 300};
static const unsigned mixed_trains[] = {4, 1, 2, 2, 1, 1};
#define COUNT(array) (sizeof(array) / sizeof *(array))

static void frames_in_a_row_leave_as_trains(void) {
  static struct line line;
  open_line(&line);
  pass(&line, mixed_sizes, COUNT(mixed_sizes), mixed_trains, COUNT(mixed_trains));
}

static void trains_have_an_end(void) {
  static struct line line;
  unsigned sizes[45];
  static const unsigned trains[] = {44, 1};
  open_line(&line);
  for (unsigned i = 0; i < COUNT(sizes); i++) sizes[i] = 1446;
  pass(&line, sizes, COUNT(sizes), trains, COUNT(trains)); /* by bytes */
  for (unsigned i = 0; i < 66; i++) give_frame(&line, 60, i);
  pump(&line); /* 64 are read at once */
  receive(&line);
  CHECK_EQUAL(line.size, 64 * (DATA_HEADER_SIZE + 60));
  receive(&line);
  CHECK_EQUAL(line.size, 0);
  pump(&line);
  receive(&line);
  CHECK_EQUAL(line.size, 2 * (DATA_HEADER_SIZE + 60));
}

/* Without UDP checksums the kernel refuses trains (EINVAL), and still sends the datagrams. */
static void a_kernel_that_refuses_trains(void) {
  static struct line line;
  static const unsigned ones[COUNT(mixed_sizes)] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
  open_line(&line);
  CHECK(setsockopt(line.udp_fd, SOL_SOCKET, SO_NO_CHECK, &(int){1}, sizeof(int)) == 0);
  pass(&line, mixed_sizes, COUNT(mixed_sizes), ones, COUNT(ones));
  CHECK(!line.trains);
  CHECK(setsockopt(line.udp_fd, SOL_SOCKET, SO_NO_CHECK, &(int){0}, sizeof(int)) == 0);
  pass(&line, mixed_sizes, COUNT(mixed_sizes), ones, COUNT(ones)); /* not tried again … */
  line.trains = tap_use_socket(line.udp_fd);
  pass(&line, mixed_sizes, COUNT(mixed_sizes), mixed_trains, COUNT(mixed_trains)); /* … before the next tunnel */
}

static void a_kernel_that_knows_no_trains(void) {
  static struct line line;
  static const unsigned ones[COUNT(mixed_sizes)] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
  int ends[2];
  open_line(&line);
  CHECK(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) == 0);
  line.udp_fd = ends[0];
  line.peer_fd = ends[1];
  line.trains = tap_use_socket(line.udp_fd);
  pass(&line, mixed_sizes, 10, ones, 10);
}

/* What an earlier packet met is told at the next call; it is no word against trains. */
static void an_earlier_packets_error(void) {
  static struct line line;
  open_line(&line);
  close(line.peer_fd);
  CHECK(send(line.udp_fd, "", 1, 0) == 1);
  open_peer(&line);
  pass(&line, mixed_sizes, COUNT(mixed_sizes), mixed_trains, COUNT(mixed_trains));
  pass(&line, mixed_sizes, COUNT(mixed_sizes), mixed_trains, COUNT(mixed_trains));
}

static struct virtio_net_hdr large_header(const struct tcp_shape *shape, unsigned piece) {
  return (struct virtio_net_hdr){VIRTIO_NET_HDR_F_NEEDS_CSUM,
                                 shape->v6 ? VIRTIO_NET_HDR_GSO_TCPV6 : VIRTIO_NET_HDR_GSO_TCPV4,
                                 (uint16_t)(tcp_packet_data(shape) - DATA_HEADER_SIZE),
                                 (uint16_t)piece,
                                 (uint16_t)(tcp_packet_tcp(shape) - DATA_HEADER_SIZE),
                                 16};
}

/* Two large frames, between small ones; what arrives is delivered at once and is then again what was sent. */
static void large_frames_there_and_back(bool is_v6) {
  static struct line line;
  static uint8_t large[2][TCP_PACKET_MOST], got[VNET + TCP_PACKET_MOST];
  const struct tcp_shape shape = {.v6 = is_v6, .options = 12};
  const struct virtio_net_hdr header = large_header(&shape, 1372);
  unsigned size = 0, packets = 0, large_got = 0, small_got = 0;
  open_line(&line);
  for (unsigned i = 0; i < 2; i++) {
    size = tcp_packet_make(large[i], &shape, &(struct tcp_segment){i * 30000, 30000, (uint16_t)(22 * i), TCP_ACK | TCP_PSH});
    put_u16(large[i] + tcp_packet_tcp(&shape) + 16, tcp_packet_pseudo(large[i], &shape, size));
    give_frame(&line, 100, i);
    give(&line, &header, large[i] + DATA_HEADER_SIZE, size - DATA_HEADER_SIZE);
  }
  give_frame(&line, 100, 2);
  for (int i = 0; i < 3; i++) pump(&line);
  for (receive(&line); line.size > 0; receive(&line)) {
    packets += (line.size + line.piece - 1) / line.piece;
    tap_deliver(line.tap_fd, OUR_SESSION, line.train, line.size, line.piece);
  }
  CHECK_EQUAL(packets, 3 + 2 * 22);
  for (ssize_t length; (length = recv(line.device, got, sizeof got, 0)) > 0;) {
    if (length == VNET + 100) {
      make_frame(large[0], 100, small_got++);
      CHECK(memcmp(got + VNET, large[0], 100) == 0);
      continue;
    }
    CHECK(memcmp(got, &header, VNET) == 0);
    CHECK_EQUAL(length, VNET + size - DATA_HEADER_SIZE);
    if (large_got == 1) CHECK(memcmp(got + VNET, large[1] + DATA_HEADER_SIZE, size - DATA_HEADER_SIZE) == 0);
    large_got++;
  }
  CHECK_EQUAL(small_got, 3);
  CHECK_EQUAL(large_got, 2);
}

static void large_ipv4_frames(void) { large_frames_there_and_back(false); }
static void large_ipv6_frames(void) { large_frames_there_and_back(true); }

static void give_large(struct line *line, const struct tcp_shape *shape, unsigned data_size, unsigned piece) {
  static uint8_t large[TCP_PACKET_MOST];
  const struct virtio_net_hdr header = large_header(shape, piece);
  unsigned size = tcp_packet_make(large, shape, &(struct tcp_segment){0, data_size, 0, TCP_ACK});
  give(line, &header, large + DATA_HEADER_SIZE, size - DATA_HEADER_SIZE);
}

/* More segments than fit into one train. */
static void many_small_segments(void) {
  static struct line line;
  static const struct tcp_shape plain = {.options = 12};
  static const unsigned trains[] = {64, 64, 64, 8};
  open_line(&line);
  give_large(&line, &plain, 200 * 100, 100);
  pump(&line);
  for (unsigned i = 0; i < COUNT(trains); i++) {
    receive(&line);
    CHECK_EQUAL(line.piece, tcp_packet_data(&plain) + 100);
    CHECK_EQUAL(line.size, trains[i] * line.piece);
  }
}

/* Two of the largest at once; the others wait for the next turn. */
static void more_than_the_buffer_holds(void) {
  static struct line line;
  static const struct tcp_shape plain = {.options = 12};
  uint8_t byte;
  open_line(&line);
  for (int i = 0; i < 3; i++) give_large(&line, &plain, 62000, 1380);
  pump(&line);
  CHECK(recv(line.tap_fd, &byte, 1, MSG_PEEK) == 1);
  pump(&line);
  CHECK(recv(line.tap_fd, &byte, 1, MSG_PEEK) < 0);
}

/* They cost no other frame its way. */
static void frames_that_make_no_sense(void) {
  static struct line line;
  uint8_t frame[200];
  open_line(&line);
  make_frame(frame, sizeof frame, 0);
  give(&line, &(struct virtio_net_hdr){.gso_type = VIRTIO_NET_HDR_GSO_TCPV4, .gso_size = 1}, frame, sizeof frame);
  give(&line, &(struct virtio_net_hdr){.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM, .csum_start = 199}, frame, sizeof frame);
  give(&line, &(struct virtio_net_hdr){.gso_type = VIRTIO_NET_HDR_GSO_UDP, .gso_size = 100}, frame, sizeof frame);
  CHECK(send(line.device, frame, 5, 0) == 5);
  give(&line, &(struct virtio_net_hdr){0}, frame, 3);
  give_frame(&line, 100, 9);
  pump(&line);
  do {
    receive(&line);
  } while (line.size > 0 && line.size < DATA_HEADER_SIZE + 100);
  CHECK_EQUAL(line.size, DATA_HEADER_SIZE + 100);
  check_packet(line.train, line.size, 9);
}

static void a_device_that_is_gone(void) {
  static struct line line;
  open_line(&line);
  CHECK_EQUAL(tap_pump(-1, line.udp_fd, &line.trains, PEER_SESSION), -EBADF);
}

/* Only data for our session, each packet of a train for itself. */
static void others_packets_are_not_delivered(void) {
  static struct line line;
  static const struct {
    unsigned at;
    uint8_t change;
    bool passes;
  } packets[] = {{0, 0, true}, {0, 0x80, false}, {1, 1, false}, {7, 1, false}, {4, 1, false}, {8, 0x40, true}, {11, 1, true}};
  uint8_t train[COUNT(packets) * 112 + 25], got[256];
  open_line(&line);
  memset(train, 0, sizeof train);
  for (unsigned i = 0; i < COUNT(packets); i++) {
    data_header(train + i * 112, OUR_SESSION);
    make_frame(train + i * 112 + DATA_HEADER_SIZE, 100, i);
    train[i * 112 + packets[i].at] ^= packets[i].change;
  }
  data_header(train + COUNT(packets) * 112, OUR_SESSION); /* and one that is too short */
  tap_deliver(line.tap_fd, OUR_SESSION, train, sizeof train, 112);
  for (unsigned i = 0; i < COUNT(packets); i++) {
    uint8_t frame[100];
    if (!packets[i].passes) continue;
    CHECK_EQUAL(recv(line.device, got, sizeof got, 0), VNET + 100);
    CHECK(memcmp(got + VNET, frame, make_frame(frame, 100, i)) == 0);
    for (unsigned k = 0; k < VNET; k++) CHECK_EQUAL(got[k], 0);
  }
  CHECK(recv(line.device, got, sizeof got, 0) < 0);
}

const struct test_case tap_cases[] = {
    {"tap: frames in a row leave as trains", frames_in_a_row_leave_as_trains},
    {"tap: trains have an end", trains_have_an_end},
    {"tap: a kernel that refuses trains", a_kernel_that_refuses_trains},
    {"tap: a kernel that knows no trains", a_kernel_that_knows_no_trains},
    {"tap: an earlier packet's error", an_earlier_packets_error},
    {"tap: large IPv4 frames there and back", large_ipv4_frames},
    {"tap: large IPv6 frames there and back", large_ipv6_frames},
    {"tap: many small segments", many_small_segments},
    {"tap: more than the buffer holds", more_than_the_buffer_holds},
    {"tap: frames that make no sense", frames_that_make_no_sense},
    {"tap: a device that is gone", a_device_that_is_gone},
    {"tap: others' packets are not delivered", others_packets_are_not_delivered},
    {NULL, NULL},
};
