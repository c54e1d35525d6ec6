/* SPDX-License-Identifier: Apache-2.0 */
/* The command line: arguments in, checked options out. Strings point into argv. */
#ifndef TD_OPTIONS_H
#define TD_OPTIONS_H

#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>

#include "endpoint.h"

#ifndef MAX_BROKERS
#define MAX_BROKERS 10
#endif

#define MAXIMUM_HOST 255
#define MAXIMUM_SERVICE 32

struct broker_name {
  char host[MAXIMUM_HOST + 1];       /* name or address, without brackets; or the name of SRV records */
  char service[MAXIMUM_SERVICE + 1]; /* "" with srv */
  bool srv;
};

enum selection_mode { SELECT_FIRST, SELECT_LEAST_USAGE, SELECT_RANDOM };
enum datapath_choice { DATAPATH_AUTO, DATAPATH_KERNEL, DATAPATH_TAP };

struct options {
  const char *uuid;
  const char *interface;
  const char *hook;   /* NULL = none */
  const char *device; /* bind to it; NULL = any */
  bool has_local;     /* a local address that is not a wildcard */
  struct endpoint local;
  uint32_t tunnel_id;
  uint32_t limit_kbit; /* per second, downstream; 0 = none */
  enum selection_mode selection;
  enum datapath_choice datapath;
  bool foreground_log;
  bool roam;                 /* move back to a better broker */
  const char *pidfile;       /* NULL = none */
  const char *group;         /* name or number; NULL = as started */
  const char *status_socket; /* NULL = the interface's own */
  bool ask_status;           /* of the client that runs, instead of running */
  bool json;                 /* of the answer to --status */
  unsigned broker_count;
  struct broker_name brokers[MAX_BROKERS]; /* SRV names first */
};

enum options_result { OPTIONS_RUN, OPTIONS_ASK_STATUS, OPTIONS_EXIT_OK, OPTIONS_EXIT_FAILURE };

/* Says what is wrong, or the help, on stderr; the version on stdout. */
enum options_result options_parse(struct options *options, int argc, char *argv[]);

/* "host:port" or "[address]:port" into its parts; false when it is neither. */
bool options_split_broker(const char *text, struct broker_name *out);

#endif
