/* SPDX-License-Identifier: Apache-2.0 */
#include "capture.h"

#include <stdio.h>
#include <string.h>

#include "protocol.h"

enum { CLIENT_ADDRESS = 0x0a4d0002, LINK_ETHERNET = 1, FILE_HEADER = 24, PACKET_HEADER = 16 };

/* A pcap's numbers have the byte order of the machine that wrote it. */
static uint32_t number_at(const uint8_t *bytes, bool swapped) {
  uint32_t number;
  memcpy(&number, bytes, sizeof number);
  return swapped ? __builtin_bswap32(number) : number;
}

/* UDP over IPv4 only. */
static bool find_datagram(const uint8_t *frame, size_t size, struct captured *out) {
  if (size < 42 || frame[12] != 0x08 || frame[13] != 0x00 || frame[23] != 17) return false;
  const uint8_t *ip = frame + 14;
  size_t header = 4u * (ip[0] & 15u);
  if (14 + header + 8 > size) return false;
  const uint8_t *udp = ip + header;
  *out = (struct captured){get_u32(ip + 12) == CLIENT_ADDRESS, udp + 8, get_u16(udp + 4) - 8u};
  return out->payload + out->size <= frame + size;
}

bool capture_read(const char *path, void (*each)(void *context, const struct captured *datagram), void *context) {
  static uint8_t file[1 << 20];
  struct captured datagram;
  FILE *stream = fopen(path, "rb");
  if (stream == NULL) return false;
  size_t size = fread(file, 1, sizeof file, stream);
  fclose(stream);
  if (size < FILE_HEADER) return false;
  bool swapped = number_at(file, true) == 0xa1b2c3d4;
  if (number_at(file, swapped) != 0xa1b2c3d4 || number_at(file + 20, swapped) != LINK_ETHERNET) return false;
  for (size_t at = FILE_HEADER; at + PACKET_HEADER <= size;) {
    size_t length = number_at(file + at + 8, swapped);
    at += PACKET_HEADER;
    if (length > size - at) return false;
    if (find_datagram(file + at, length, &datagram)) each(context, &datagram);
    at += length;
  }
  return true;
}
