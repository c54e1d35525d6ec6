/* SPDX-License-Identifier: Apache-2.0 */
/* The tunnel in user space: frames between a TAP device and the tunnel's UDP socket, on the wire as the kernel's. The device
 * gives and takes up to 64 kB of TCP at once (offload.h), the socket trains of datagrams (UDP GSO and GRO), where the kernel
 * can. One tunnel at a time. */
#ifndef TD_TAP_H
#define TD_TAP_H

#include <stddef.h>
#include <stdbool.h>
#include <stdint.h>

/* Opens (creates) the TAP device `name`; returns its descriptor or a negative errno. */
int tap_open(const char *name);
/* Removes a TAP device that nobody holds open; 0 when it is gone. */
int tap_remove_leftover(const char *name);
/* From now on frames go through this socket: it may receive trains, if the kernel can. Returns whether it can send them. */
bool tap_use_socket(int udp_fd);
/* Sends what the device offers, one batch at most; `trains` becomes false when the way proves to take none. Returns 0, or a
 * negative errno when the device is gone. */
int tap_pump(int tap_fd, int udp_fd, bool *trains, uint32_t peer_session_id);
/* Writes the frames of those packets of the train (as in session.h) to the device that are data for `session_id`. */
void tap_deliver(int tap_fd, uint32_t session_id, uint8_t *train, unsigned size, unsigned piece);

#endif
