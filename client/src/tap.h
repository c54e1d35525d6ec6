/* SPDX-License-Identifier: Apache-2.0 */
/* The tunnel in user space: frames between a TAP device and the tunnel's UDP socket, on the wire as the kernel's. */
#ifndef TD_TAP_H
#define TD_TAP_H

#include <stddef.h>
#include <stdint.h>

#define TAP_BATCH 64 /* frames moved before the loop looks at control messages again */

/* Opens (creates) the TAP device `name`; returns its descriptor or a negative errno. */
int tap_open(const char *name);
/* Removes a TAP device that nobody holds open; 0 when it is gone. */
int tap_remove_leftover(const char *name);
/* Sends what the device offers, one batch at most. Returns 0, or a negative errno when the device is gone. */
int tap_pump(int tap_fd, int udp_fd, uint32_t peer_session_id);
/* Writes a data packet's frame to the device if it is for `session_id`. */
void tap_deliver(int tap_fd, uint32_t session_id, const uint8_t *packet, size_t size);

#endif
