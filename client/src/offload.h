/* SPDX-License-Identifier: Apache-2.0 */
/* TCP segmentation over L2TP data packets and its reverse: one frame of up to 64 kB at the device, one packet for each
 * segment on the wire. Pure: memory only, any alignment, either byte order. Source: linux/virtio_net.h, the legacy header. */
#ifndef TD_OFFLOAD_H
#define TD_OFFLOAD_H

#include <linux/virtio_net.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#define OFFLOAD_HEADERS 256 /* most bytes in front of a segment's data: L2TP, Ethernet with tags, IP and TCP with options */
#define OFFLOAD_PARTS 128   /* most packets joined to one */
#define VNET_OFFSET 2       /* in a packet: the device's header ends where that of L2TP does */

/* A TCP packet to be cut, or to be joined to. */
struct offload {
  const uint8_t *packet; /* from the L2TP header on */
  unsigned size;
  unsigned ip, tcp, data; /* where they begin in the packet */
  uint64_t pseudo;        /* sum over the pseudo-header but for the length */
  bool v6;
};

/* Completes the checksum that `header` asks for. False: the packet has no such place. */
bool offload_complete(uint8_t *packet, unsigned size, const struct virtio_net_hdr *header);
/* Reads the headers of a packet to be cut. False: it can't be. */
bool offload_begin(struct offload *offload, const uint8_t *packet, unsigned size, const struct virtio_net_hdr *header);
/* Writes the headers of segment `number`, whose `length` bytes of data are at `at` in the packet. */
void offload_cut(const struct offload *offload, uint8_t headers[OFFLOAD_HEADERS], unsigned number, unsigned at, unsigned length);
/* `train` is data packets of `piece` bytes each, the last one maybe less, of at most 65 535 bytes in all. Joins to the first
 * those that follow as segments of the same TCP packet, and returns how many packets that makes, at least 1. As many `parts`
 * become what the device gets: its header, written over the end of the first L2TP header, and the frame. */
unsigned offload_join(uint8_t *train, unsigned size, unsigned piece, struct iovec parts[OFFLOAD_PARTS]);

#endif
