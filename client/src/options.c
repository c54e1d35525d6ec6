/* SPDX-License-Identifier: Apache-2.0 */
#include "options.h"

#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "protocol.h"

enum { OPTION_DATAPATH = 256, OPTION_VERSION, OPTION_SRV, OPTION_GROUP, OPTION_STATUS_SOCKET, OPTION_ROAM };

static const char short_options[] = "+u:i:b:l:I:s:t:L:P:agrfh";

static const struct option long_options[] = {
    {"uuid", required_argument, NULL, 'u'},
    {"interface", required_argument, NULL, 'i'},
    {"broker", required_argument, NULL, 'b'},
    {"local", required_argument, NULL, 'l'},
    {"bind-interface", required_argument, NULL, 'I'},
    {"hook", required_argument, NULL, 's'},
    {"tunnel-id", required_argument, NULL, 't'},
    {"limit", required_argument, NULL, 'L'},
    {"least-usage", no_argument, NULL, 'a'},
    {"first", no_argument, NULL, 'g'},
    {"random", no_argument, NULL, 'r'},
    {"foreground", no_argument, NULL, 'f'},
    {"datapath", required_argument, NULL, OPTION_DATAPATH},
    {"srv", required_argument, NULL, OPTION_SRV},
    {"pidfile", required_argument, NULL, 'P'},
    {"group", required_argument, NULL, OPTION_GROUP},
    {"status-socket", required_argument, NULL, OPTION_STATUS_SOCKET},
    {"roam", no_argument, NULL, OPTION_ROAM},
    {"version", no_argument, NULL, OPTION_VERSION},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

static const char help_text[] =
    "usage: tunneldigger -u UUID -i IFACE -b HOST:PORT [-b …] [options]\n"
    "  -u, --uuid UUID              name of this router, told to the broker\n"
    "  -i, --interface IFACE        tunnel interface to create\n"
    "  -b, --broker HOST:PORT       broker; [ADDRESS]:PORT for IPv6; may be repeated\n"
    "  -l, --local ADDRESS          local address to send from (default any)\n"
    "  -I, --bind-interface IFACE   send through this interface only\n"
    "  -s, --hook PROGRAM           run as PROGRAM session.up|session.down IFACE\n"
    "  -t, --tunnel-id ID           local tunnel id (default 1)\n"
    "  -L, --limit KBPS             downstream limit to ask of the broker\n"
    "  -a, --least-usage            choose the broker with the least usage\n"
    "  -g, --first                  choose the first broker that answers (default)\n"
    "  -r, --random                 choose a broker at random\n"
    "      --datapath auto|kernel|tap   who carries the packets (default auto)\n"
    "      --srv NAME               SRV name whose brokers come before those of -b\n"
    "      --roam                   move back to a better broker\n"
    "  -P, --pidfile FILE           write the process id there\n"
    "      --group NAME|GID         run in this group\n"
    "      --status-socket PATH     answer --status here\n"
    "  -f, --foreground             log to stderr too\n"
    "      --version                show the version\n"
    "  -h, --help                   show this text\n";

static bool parse_number(const char *text, uint32_t least, uint32_t *out) {
  char *end;
  errno = 0;
  unsigned long long value = strtoull(text, &end, 10);
  if (errno != 0 || end == text || *end != '\0' || *text == '-' || value < least || value > UINT32_MAX) return false;
  *out = (uint32_t)value;
  return true;
}

static bool copy_part(char *out, size_t capacity, const char *from, size_t length) {
  if (length == 0 || length >= capacity) return false;
  memcpy(out, from, length);
  out[length] = '\0';
  return true;
}

/* A service's name, or a number that is a port: getaddrinfo would take 65537 for 1. */
static bool is_port(const char *text) {
  uint32_t number;
  if (text[strspn(text, "0123456789")] != '\0') return true;
  return parse_number(text, 1, &number) && number <= UINT16_MAX;
}

bool options_split_broker(const char *text, struct broker_name *out) {
  const char *host = text;
  const char *host_end = strchr(text, ':');
  const char *colon = host_end;
  if (*text == '[') {
    host = text + 1;
    host_end = strchr(host, ']');
    colon = host_end == NULL ? NULL : host_end + 1;
  }
  if (colon == NULL || *colon != ':' || strchr(colon + 1, ':') != NULL) return false;
  return copy_part(out->host, sizeof out->host, host, (size_t)(host_end - host)) &&
         copy_part(out->service, sizeof out->service, colon + 1, strlen(colon + 1)) && is_port(out->service);
}

static bool parse_local(struct options *options, const char *text) {
  struct endpoint *local = &options->local;
  memset(local, 0, sizeof *local);
  if (inet_pton(AF_INET, text, &local->v4.sin_addr) == 1) {
    local->v4.sin_family = AF_INET;
    options->has_local = local->v4.sin_addr.s_addr != INADDR_ANY;
    return true;
  }
  local->v6.sin6_family = AF_INET6;
  if (inet_pton(AF_INET6, text, &local->v6.sin6_addr) != 1) return false;
  options->has_local = !IN6_IS_ADDR_UNSPECIFIED(&local->v6.sin6_addr);
  return true;
}

static bool parse_datapath(const char *text, enum datapath_choice *out) {
  static const char *const names[] = {[DATAPATH_AUTO] = "auto", [DATAPATH_KERNEL] = "kernel", [DATAPATH_TAP] = "tap"};
  for (unsigned i = 0; i < sizeof names / sizeof *names; i++) {
    if (strcmp(text, names[i]) != 0) continue;
    *out = (enum datapath_choice)i;
    return true;
  }
  return false;
}

/* A name that the kernel takes literally: no pattern, no path. */
static bool is_interface_name(const char *text) {
  size_t length = strlen(text);
  return length > 0 && length < IFNAMSIZ && strpbrk(text, "/%: \t\n") == NULL && strcmp(text, ".") != 0 &&
         strcmp(text, "..") != 0;
}

static bool add_broker(struct options *options, const char *text, bool srv) {
  struct broker_name *brokers = options->brokers;
  unsigned place = options->broker_count;
  if (place == MAX_BROKERS) {
    fprintf(stderr, "tunneldigger: at most %d brokers\n", MAX_BROKERS);
    return false;
  }
  if (srv) {
    for (place = 0; brokers[place].srv; place++) continue;
    memmove(&brokers[place + 1], &brokers[place], (options->broker_count - place) * sizeof *brokers);
  }
  brokers[place] = (struct broker_name){.srv = srv};
  options->broker_count++;
  return srv ? copy_part(brokers[place].host, sizeof brokers[place].host, text, strlen(text))
             : options_split_broker(text, &brokers[place]);
}

static bool take(struct options *options, int option, const char *value) {
  switch (option) {
    case 'u': options->uuid = value; return strlen(value) <= MAXIMUM_UUID;
    case 'i': options->interface = value; return is_interface_name(value);
    case 'b': return add_broker(options, value, false);
    case 'l': return parse_local(options, value);
    case 'I': options->device = value; return is_interface_name(value);
    case 's': options->hook = value; return true;
    case 't': return parse_number(value, 1, &options->tunnel_id);
    case 'L': return parse_number(value, 0, &options->limit_kbit);
    case 'a': options->selection = SELECT_LEAST_USAGE; return true;
    case 'g': options->selection = SELECT_FIRST; return true;
    case 'r': options->selection = SELECT_RANDOM; return true;
    case 'f': options->foreground_log = true; return true;
    case 'P': options->pidfile = value; return *value != '\0';
    case OPTION_SRV: return add_broker(options, value, true);
    case OPTION_GROUP: options->group = value; return *value != '\0';
    case OPTION_STATUS_SOCKET: options->status_socket = value; return *value != '\0';
    case OPTION_ROAM: options->roam = true; return true;
    case OPTION_DATAPATH: return parse_datapath(value, &options->datapath);
    default: return false;
  }
}

static const char *option_name(int option) {
  for (const struct option *entry = long_options; entry->name != NULL; entry++) {
    if (entry->val == option) return entry->name;
  }
  return "?";
}

static enum options_result check_required(const struct options *options) {
  const char *missing = options->uuid == NULL           ? "-u UUID"
                        : options->interface == NULL    ? "-i IFACE"
                        : options->broker_count == 0    ? "-b HOST:PORT"
                                                        : NULL;
  if (missing == NULL) return OPTIONS_RUN;
  fprintf(stderr, "tunneldigger: %s is required\n%s", missing, help_text);
  return OPTIONS_EXIT_FAILURE;
}

enum options_result options_parse(struct options *options, int argc, char *argv[]) {
  *options = (struct options){.tunnel_id = 1, .selection = SELECT_FIRST, .datapath = DATAPATH_AUTO};
  optind = 1;
  for (;;) {
    int option = getopt_long(argc, argv, short_options, long_options, NULL);
    if (option == -1) break;
    if (option == OPTION_VERSION) {
      puts("tunneldigger " TUNNELDIGGER_VERSION);
      return OPTIONS_EXIT_OK;
    }
    if (option == 'h' || option == '?') {
      fputs(help_text, stderr);
      return OPTIONS_EXIT_FAILURE; /* -h exits 1 in deployed installations, and scripts know it */
    }
    if (!take(options, option, optarg)) {
      fprintf(stderr, "tunneldigger: --%s: invalid value \"%s\"\n", option_name(option), optarg);
      return OPTIONS_EXIT_FAILURE;
    }
  }
  if (optind < argc) {
    fprintf(stderr, "tunneldigger: unexpected argument \"%s\"\n", argv[optind]);
    return OPTIONS_EXIT_FAILURE;
  }
  return check_required(options);
}
