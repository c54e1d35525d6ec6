/* SPDX-License-Identifier: Apache-2.0 */
/* An IPv4 or IPv6 address with UDP port, and the connected sockets made from it. */
#ifndef TD_ENDPOINT_H
#define TD_ENDPOINT_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>

struct endpoint {
  union {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
  };
};

#define ENDPOINT_TEXT 72 /* "[address%scope]:port" and the final zero */

bool endpoint_is_v6(const struct endpoint *endpoint);
socklen_t endpoint_size(const struct endpoint *endpoint);
bool endpoint_equal(const struct endpoint *a, const struct endpoint *b);
const char *endpoint_text(const struct endpoint *endpoint, char text[ENDPOINT_TEXT]);

/* Opens a non-blocking, close-on-exec UDP socket connected to `to`, with DF set and the path MTU cache ignored, so that
 * probes leave at their size. `from` (NULL = any) and `device` (NULL = any) narrow the way out.
 * Returns the descriptor or a negative errno. */
int endpoint_connect(const struct endpoint *to, const struct endpoint *from, const char *device);
/* True when a socket to `to` opened now would send from another address than `fd` does. */
bool endpoint_source_changed(int fd, const struct endpoint *to, const char *device);

#endif
