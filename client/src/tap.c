/* SPDX-License-Identifier: Apache-2.0 */
#include "tap.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <stdbool.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "protocol.h"

#define ETHERNET_HEADER 14
#define MAXIMUM_FRAME 2048 /* the interface's MTU is at most 1446 */

int tap_open(const char *name) {
  int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
  if (fd < 0) return -errno;
  struct ifreq request = {.ifr_flags = IFF_TAP | IFF_NO_PI};
  strncpy(request.ifr_name, name, IFNAMSIZ - 1);
  if (ioctl(fd, TUNSETIFF, &request) == 0) return fd;
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

int tap_pump(int tap_fd, int udp_fd, uint32_t peer_session_id) {
  uint8_t packet[DATA_HEADER_SIZE + MAXIMUM_FRAME];
  data_header(packet, peer_session_id);
  for (int i = 0; i < TAP_BATCH; i++) {
    ssize_t size = read(tap_fd, packet + DATA_HEADER_SIZE, MAXIMUM_FRAME);
    if (size < 0) return errno == EAGAIN || errno == EINTR || errno == EIO ? 0 : -errno;
    /* A full socket or a path that refuses the size loses the frame, as any link may. */
    (void)!send(udp_fd, packet, DATA_HEADER_SIZE + (size_t)size, MSG_DONTWAIT);
  }
  return 0;
}

void tap_deliver(int tap_fd, uint32_t session_id, const uint8_t *packet, size_t size) {
  uint8_t expected[DATA_HEADER_SIZE];
  data_header(expected, session_id);
  if (size < DATA_HEADER_SIZE + ETHERNET_HEADER) return;
  /* Version and session decide; the sublayer's sequence bits are ignored, RFC 3931 section 4.6. */
  if ((packet[0] & 0x80) != 0 || (packet[1] & 0x0f) != 3 || memcmp(packet + 4, expected + 4, 4) != 0) return;
  (void)!write(tap_fd, packet + DATA_HEADER_SIZE, size - DATA_HEADER_SIZE);
}
