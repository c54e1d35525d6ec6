/* SPDX-License-Identifier: Apache-2.0 */
#include "options.h"

#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

#include "log.h"
#include "protocol.h"
#include "usage.h"

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
    fprintf(stderr, "tunneldigger: built for at most %d brokers (-D MAX_BROKERS)\n", MAX_BROKERS);
    return false;
  }
  if (srv) {
    for (; place > 0 && !brokers[place - 1].srv; place--) brokers[place] = brokers[place - 1];
  }
  brokers[place] = (struct broker_name){.srv = srv};
  options->broker_count++;
  return srv ? copy_part(brokers[place].host, sizeof brokers[place].host, text, strlen(text))
             : options_split_broker(text, &brokers[place]);
}

/* Returns whether the value makes sense. */
static bool take(struct options *options, int letter, const char *value) {
  switch (letter) {
    case 'u': options->uuid = value; return strlen(value) <= MAXIMUM_UUID;
    case 'i': options->interface = value; return is_interface_name(value);
    case 'b': return add_broker(options, value, false);
    case OPTION_SRV: return add_broker(options, value, true);
    case 'l': return parse_local(options, value);
    case 'I': options->device = value; return is_interface_name(value);
    case 's': options->hook = *value == '\0' ? NULL : value; break;
    case 't': return parse_number(value, 1, &options->tunnel_id);
    case 'L': return parse_number(value, 0, &options->limit_kbit);
    case 'a': options->selection = SELECT_LEAST_USAGE; break;
    case 'g': options->selection = SELECT_FIRST; break;
    case 'r': options->selection = SELECT_RANDOM; break;
    case OPTION_ROAM: options->roam = true; break;
    case OPTION_DATAPATH: return parse_datapath(value, &options->datapath);
    case 'P': options->pidfile = value; return *value != '\0';
    case OPTION_GROUP: options->group = value; return *value != '\0';
    case 'f': options->foreground_log = true; break;
    case OPTION_STATUS: options->ask_status = true; break;
    case OPTION_JSON: options->json = true; break;
    case OPTION_STATUS_SOCKET:
      options->status_socket = value;
      return *value != '\0' && strlen(value) < sizeof ((struct sockaddr_un *)NULL)->sun_path;
    default: break;
  }
  return true;
}

static enum options_result refuse(const char *what, const char *value, int letter) {
  fprintf(stderr, "tunneldigger: %s%s:\n", what, value);
  usage_print_row(letter);
  return OPTIONS_EXIT_FAILURE;
}

static enum options_result check_required(const struct options *options) {
  int missing = options->interface == NULL && (options->status_socket == NULL || !options->ask_status) ? 'i'
                : options->ask_status                                                                  ? 0
                : options->uuid == NULL                                                                ? 'u'
                : options->broker_count == 0                                                           ? 'b'
                                                                                                       : 0;
  if (missing != 0) return refuse("needed", "", missing);
  return options->ask_status ? OPTIONS_ASK_STATUS : OPTIONS_RUN;
}

/* The table in the form that getopt_long wants. */
static void fill_getopt(struct option *out, char *letters) {
  struct usage_row row;
  *letters++ = '+';
  for (const char *at = usage_table; (at = usage_next(at, &row)) != NULL;) {
    bool takes_value = *row.argument != '\0';
    *out++ = (struct option){row.name, takes_value, NULL, row.letter};
    if (row.letter < ' ') continue;
    *letters++ = (char)row.letter;
    if (takes_value) *letters++ = ':';
  }
  *out = (struct option){0};
  *letters = '\0';
}

enum options_result options_parse(struct options *options, int argc, char *argv[]) {
  struct option names[USAGE_ROWS + 1];
  char letters[2 * USAGE_ROWS + 2];
  *options = (struct options){.tunnel_id = 1, .selection = SELECT_FIRST, .datapath = DATAPATH_AUTO};
  fill_getopt(names, letters);
  optind = 0; /* begins anew, also after a line that was left in its middle */
  for (;;) {
    int letter = getopt_long(argc, argv, letters, names, NULL);
    if (letter == -1) break;
    if (letter == '?') {
      fputs("tunneldigger: --help shows all options\n", stderr);
      return OPTIONS_EXIT_FAILURE;
    }
    if (letter == 'h') {
      usage_print();
      return OPTIONS_EXIT_FAILURE; /* so it is in deployed installations, and scripts know it */
    }
    if (letter == OPTION_VERSION) {
      puts("tunneldigger " TUNNELDIGGER_VERSION);
      return OPTIONS_EXIT_OK;
    }
    if (!take(options, letter, optarg)) return refuse("cannot take ", optarg, letter);
  }
  if (optind < argc) {
    fprintf(stderr, "tunneldigger: \"%s\" belongs to no option\n", argv[optind]);
    return OPTIONS_EXIT_FAILURE;
  }
  return check_required(options);
}
