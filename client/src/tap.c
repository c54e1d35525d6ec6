/* SPDX-License-Identifier: Apache-2.0 */
#include "tap.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <netinet/udp.h>
#include <stdbool.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "offload.h"
#include "protocol.h"

#define ETHERNET_HEADER 14
#define MAXIMUM_FRAME (65536 + 64) /* with tags and the device's header */
#define BATCH 64                   /* reads before the loop looks at control messages again */
#define TRAIN 64                   /* datagrams in one call; older kernels take no more */
#define TRAIN_BYTES 65000
#define RECEIVE_BUFFER 524288      /* the kernel doubles it */

/* What was read, and the datagrams in it that are not yet sent: all of one size but for the last, each in two parts. */
struct pump {
  int udp_fd;
  bool *trains;
  uint32_t peer_session_id;
  unsigned count;
  unsigned size; /* of the first */
  unsigned made; /* headers, round and round */
  struct iovec parts[TRAIN][2];
  uint8_t headers[TRAIN][OFFLOAD_HEADERS];
  uint8_t frames[2 * MAXIMUM_FRAME];
};

int tap_open(const char *name) {
  int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
  if (fd < 0) return -errno;
  struct ifreq request = {.ifr_flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR};
  strncpy(request.ifr_name, name, IFNAMSIZ - 1);
  if (ioctl(fd, TUNSETIFF, &request) == 0) {
    (void)!ioctl(fd, TUNSETOFFLOAD, TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6);
    return fd;
  }
  int error = errno;
  close(fd);
  return -error;
}

int tap_remove_leftover(const char *name) {
  int fd = tap_open(name); /* EBUSY while a living process has it */
  if (fd < 0) return fd;
  int result = ioctl(fd, TUNSETPERSIST, 0) == 0 ? 0 : -errno;
  close(fd);
  return result;
}

/* A train counts as more than its bytes: the usual buffer holds few. A kernel without GRO (before Linux 5.0) may ignore the
 * wish for GSO, and send a train as one datagram. */
bool tap_use_socket(int udp_fd) {
  (void)!setsockopt(udp_fd, SOL_SOCKET, SO_RCVBUFFORCE, &(int){RECEIVE_BUFFER}, sizeof(int));
  return setsockopt(udp_fd, SOL_UDP, UDP_GRO, &(int){1}, sizeof(int)) == 0;
}

static bool send_as_train(struct pump *pump, unsigned count) {
  uint16_t size = (uint16_t)pump->size;
  union {
    struct cmsghdr header;
    uint8_t bytes[CMSG_SPACE(sizeof size)];
  } control = {.header = {.cmsg_len = CMSG_LEN(sizeof size), .cmsg_level = SOL_UDP, .cmsg_type = UDP_SEGMENT}};
  const struct msghdr message = {
      .msg_iov = *pump->parts, .msg_iovlen = 2 * count, .msg_control = &control, .msg_controllen = sizeof control};
  memcpy(CMSG_DATA(&control.header), &size, sizeof size);
  return sendmsg(pump->udp_fd, &message, 0) >= 0;
}

/* A full socket or a path that refuses the size loses frames, as any link may. An error may be an earlier packet's; one that
 * returns though the datagrams pass one by one is of trains. */
static void send_waiting(struct pump *pump) {
  unsigned passed = 0, count = pump->count;
  pump->count = 0;
  for (int tries = 0; tries < 2 && count > 1 && *pump->trains; tries++) {
    if (send_as_train(pump, count) || errno == EAGAIN) return;
  }
  for (unsigned i = 0; i < count; i++) passed += writev(pump->udp_fd, pump->parts[i], 2) >= 0;
  if (count > 1 && passed == count) *pump->trains = false;
}

static void add(struct pump *pump, uint8_t *headers, unsigned headers_size, uint8_t *data, unsigned data_size) {
  unsigned size = headers_size + data_size;
  if (size > pump->size) send_waiting(pump);
  if (pump->count == 0) pump->size = size;
  struct iovec *parts = pump->parts[pump->count++];
  parts[0] = (struct iovec){headers, headers_size};
  parts[1] = (struct iovec){data, data_size};
  if (size < pump->size || pump->count == TRAIN || (pump->count + 1) * size > TRAIN_BYTES) send_waiting(pump);
}

/* Turns what the device gave into datagrams. Frames with a header that makes no sense are dropped. */
static void add_frame(struct pump *pump, uint8_t *packet, unsigned size) {
  struct virtio_net_hdr header;
  struct offload offload;
  memcpy(&header, packet + VNET_OFFSET, sizeof header);
  data_header(packet, pump->peer_session_id);
  if (header.gso_type == VIRTIO_NET_HDR_GSO_NONE) {
    if (!(header.flags & VIRTIO_NET_HDR_F_NEEDS_CSUM) || offload_complete(packet, size, &header))
      add(pump, packet, size, NULL, 0);
  } else if (offload_begin(&offload, packet, size, &header)) {
    unsigned number = 0, length = header.gso_size;
    for (unsigned at = offload.data; at < size; at += length) {
      uint8_t *headers = pump->headers[pump->made++ % TRAIN];
      if (length > size - at) length = size - at;
      offload_cut(&offload, headers, number++, at, length);
      add(pump, headers, offload.data, packet + at, length);
    }
  }
}

int tap_pump(int tap_fd, int udp_fd, bool *trains, uint32_t peer_session_id) {
  struct pump pump; /* its arrays are not cleared: 150 kB that most calls touch little of */
  int result = 0;
  unsigned used = 0;
  pump.udp_fd = udp_fd;
  pump.trains = trains;
  pump.peer_session_id = peer_session_id;
  pump.count = pump.size = pump.made = 0;
  for (int i = 0; i < BATCH && used + MAXIMUM_FRAME <= sizeof pump.frames; i++) {
    uint8_t *packet = pump.frames + used;
    ssize_t size = read(tap_fd, packet + VNET_OFFSET, MAXIMUM_FRAME - VNET_OFFSET);
    if (size < 0) {
      if (errno != EAGAIN && errno != EINTR && errno != EIO) result = -errno;
      break;
    }
    size += VNET_OFFSET;
    add_frame(&pump, packet, (unsigned)size);
    used += (unsigned)size;
  }
  send_waiting(&pump);
  return result;
}

void tap_deliver(int tap_fd, uint32_t session_id, uint8_t *train, unsigned size, unsigned piece) {
  uint8_t expected[DATA_HEADER_SIZE];
  struct iovec parts[OFFLOAD_PARTS];
  unsigned count;
  data_header(expected, session_id);
  for (unsigned at = 0; at < size; at += count * piece) {
    uint8_t *packet = train + at;
    count = 1;
    if (piece > size - at) piece = size - at;
    if (piece < DATA_HEADER_SIZE + ETHERNET_HEADER) continue;
    /* Version and session decide; the sublayer's sequence bits are ignored, RFC 3931 section 4.6. */
    if ((packet[0] & 0x80) != 0 || (packet[1] & 0x0f) != 3 || memcmp(packet + 4, expected + 4, 4) != 0) continue;
    count = offload_join(packet, size - at, piece, parts);
    (void)!writev(tap_fd, parts, (int)count);
  }
}
