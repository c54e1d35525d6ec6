/* SPDX-License-Identifier: Apache-2.0 */
#include "options.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "test.h"
#include "usage.h"

#ifndef MANUAL
#define MANUAL "tunneldigger.8"
#endif

/* Parses a command line given as one string, split at blanks; "''" is an empty argument. */
static enum options_result parse(struct options *options, const char *line) {
  static char text[4096];
  static char *words[64];
  int count = 0;
  snprintf(text, sizeof text, "tunneldigger %s", line);
  for (char *word = strtok(text, " "); word != NULL; word = strtok(NULL, " "))
    words[count++] = strcmp(word, "''") == 0 ? word + 2 : word;
  words[count] = NULL;
  return options_parse(options, count, words);
}

static void quiet(void) {
  int null = open("/dev/null", O_WRONLY);
  dup2(null, STDERR_FILENO);
  dup2(null, STDOUT_FILENO);
}

static void the_deployed_command_line(void) {
  struct options options;
  CHECK_EQUAL(parse(&options, "-f -u abcd -i l2tp0 -t 3 -b a.example:8942 -b 192.0.2.1:domain -L 1024 -s /lib/hook -I eth1 -l 192.0.2.7 -a"),
              OPTIONS_RUN);
  CHECK(strcmp(options.uuid, "abcd") == 0 && strcmp(options.interface, "l2tp0") == 0);
  CHECK(strcmp(options.hook, "/lib/hook") == 0 && strcmp(options.device, "eth1") == 0);
  CHECK_EQUAL(options.tunnel_id, 3);
  CHECK_EQUAL(options.limit_kbit, 1024);
  CHECK_EQUAL(options.broker_count, 2);
  CHECK(strcmp(options.brokers[0].host, "a.example") == 0 && strcmp(options.brokers[0].service, "8942") == 0);
  CHECK(strcmp(options.brokers[1].service, "domain") == 0);
  CHECK(options.has_local && options.local.v4.sin_addr.s_addr == inet_addr("192.0.2.7"));
  CHECK(options.foreground_log);
  CHECK_EQUAL(options.selection, SELECT_LEAST_USAGE);
}

static void defaults(void) {
  struct options options;
  CHECK_EQUAL(parse(&options, "-u u -i i -b h:1"), OPTIONS_RUN);
  CHECK_EQUAL(options.tunnel_id, 1);
  CHECK_EQUAL(options.limit_kbit, 0);
  CHECK_EQUAL(options.selection, SELECT_FIRST);
  CHECK_EQUAL(options.datapath, DATAPATH_AUTO);
  CHECK(!options.has_local && !options.foreground_log && options.hook == NULL && options.device == NULL);
}

static void long_forms(void) {
  struct options options;
  CHECK_EQUAL(parse(&options, "--uuid u --interface i --broker=[2001:db8::1]:8942 --datapath tap --random --limit 5 --local ::1 "
                              "--tunnel-id 4294967295 --hook h --bind-interface e --foreground"),
              OPTIONS_RUN);
  CHECK(strcmp(options.brokers[0].host, "2001:db8::1") == 0);
  CHECK_EQUAL(options.datapath, DATAPATH_TAP);
  CHECK_EQUAL(options.selection, SELECT_RANDOM);
  CHECK_EQUAL(options.tunnel_id, 4294967295LL);
  CHECK(options.has_local && endpoint_is_v6(&options.local));
}

static void any_local_address_means_none(void) {
  struct options options;
  CHECK_EQUAL(parse(&options, "-u u -i i -b h:1 -l 0.0.0.0"), OPTIONS_RUN);
  CHECK(!options.has_local);
}

static void mistakes_end_with_failure(void) {
  static const char *const lines[] = {"",
                                      "-u u -i i -b 192.0.2.1:0",
                                      "-u u -i i -b 192.0.2.1:65536",
                                      "-u u -i i -b 192.0.2.1:4294967297",
                                      "-h",
                                      "--help",
                                      "-i i -b h:1",
                                      "-u u -b h:1",
                                      "-u u -i i",
                                      "-u u -i i -b h",
                                      "-u u -i i -b h:",
                                      "-u u -i i -b :1",
                                      "-u u -i i -b 2001:db8::1:8942",
                                      "-u u -i i -b [2001:db8::1]",
                                      "-u u -i i -b [2001:db8::1:8942",
                                      "-u u -i i -b h:1 -t 0",
                                      "-u u -i i -b h:1 -t -1",
                                      "-u u -i i -b h:1 -t 4294967296",
                                      "-u u -i i -b h:1 -t 1x",
                                      "-u u -i i -b h:1 -L much",
                                      "-u u -i i -b h:1 -l nowhere",
                                      "-u u -i i -b h:1 --datapath pigeon",
                                      "-u u -i sixteen-letters0 -b h:1",
                                      "-u u -i l2tp%d -b h:1",
                                      "-u u -i a/b -b h:1",
                                      "-u u -i '' -b h:1",
                                      "-u u -i i -b h:1 stray",
                                      "-u u -i i -b h:1 -x",
                                      "-u u -i i -b h:1 -P ''",
                                      "-u u -i i -b h:1 --group ''",
                                      "-u u -i i -b h:1 --status-socket ''",
                                      "-u u -i i --srv ''",
                                      "-u u -i i -b h:1 --roam=1",
                                      "-u u -i i -b h:1 --st", /* --status or --status-socket? */
                                      "--status",
                                      "--json",
                                      "--status-socket p",
                                      "-u"};
  struct options options;
  quiet();
  for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
    if (parse(&options, lines[i]) != OPTIONS_EXIT_FAILURE) exit(2 + (int)i);
  }
}

static void version_ends_well(void) {
  struct options options;
  quiet();
  CHECK_EQUAL(parse(&options, "--version"), OPTIONS_EXIT_OK);
}

static void uuid_limits(void) {
  struct options options;
  char uuid[MAXIMUM_HOST], line[512];
  memset(uuid, 'u', sizeof uuid);
  uuid[238] = '\0';
  snprintf(line, sizeof line, "-i i -b h:1 -u %s", uuid);
  CHECK_EQUAL(parse(&options, line), OPTIONS_RUN);
  CHECK_EQUAL(parse(&options, "-i i -b h:1 -u ''"), OPTIONS_RUN);
  uuid[238] = 'u';
  uuid[239] = '\0';
  snprintf(line, sizeof line, "-i i -b h:1 -u %s", uuid);
  quiet();
  CHECK_EQUAL(parse(&options, line), OPTIONS_EXIT_FAILURE);
}

static void as_many_brokers_as_built_for(void) {
  struct options options;
  char line[64 + 8 * (MAX_BROKERS + 1)] = "-u u -i i";
  for (int i = 0; i < MAX_BROKERS; i++) strcat(line, " -b h:1");
  CHECK_EQUAL(parse(&options, line), OPTIONS_RUN);
  CHECK_EQUAL(options.broker_count, MAX_BROKERS);
  strcat(line, " -b h:1");
  quiet();
  CHECK_EQUAL(parse(&options, line), OPTIONS_EXIT_FAILURE);
}

static void srv_names_come_first(void) {
  struct options options;
  CHECK_EQUAL(parse(&options, "-u u -i i -b a:1 --srv _x._udp.one -b b:2 --srv _x._udp.two -b c:3"), OPTIONS_RUN);
  static const char *const hosts[] = {"_x._udp.one", "_x._udp.two", "a", "b", "c"};
  CHECK_EQUAL(options.broker_count, 5);
  for (unsigned i = 0; i < 5; i++) {
    CHECK(strcmp(options.brokers[i].host, hosts[i]) == 0);
    CHECK_EQUAL(options.brokers[i].srv, i < 2);
  }
  CHECK(strcmp(options.brokers[4].service, "3") == 0);
  CHECK_EQUAL(parse(&options, "-u u -i i --srv _x._udp.one"), OPTIONS_RUN);
}

static void what_the_process_is_told(void) {
  struct options options;
  CHECK_EQUAL(parse(&options, "-u u -i i -b h:1"), OPTIONS_RUN);
  CHECK(options.pidfile == NULL && options.group == NULL && options.status_socket == NULL && !options.roam);
  CHECK_EQUAL(parse(&options, "-u u -i i -b h:1 -P /run/p --group mesh --status-socket /run/s --roam -s ''"), OPTIONS_RUN);
  CHECK(strcmp(options.pidfile, "/run/p") == 0 && strcmp(options.group, "mesh") == 0);
  CHECK(strcmp(options.status_socket, "/run/s") == 0 && options.roam && options.hook == NULL);
}

static void status_needs_little(void) {
  struct options options;
  char line[256], path[128];
  CHECK_EQUAL(parse(&options, "--status -i i"), OPTIONS_ASK_STATUS);
  CHECK(!options.json);
  CHECK_EQUAL(parse(&options, "--status --status-socket p --json"), OPTIONS_ASK_STATUS);
  CHECK(options.json);
  memset(path, 'p', sizeof path); /* 107 bytes fit beside the final zero: unix(7) */
  snprintf(line, sizeof line, "--status --status-socket %.107s", path);
  CHECK_EQUAL(parse(&options, line), OPTIONS_ASK_STATUS);
  quiet();
  snprintf(line, sizeof line, "--status --status-socket %.108s", path);
  CHECK_EQUAL(parse(&options, line), OPTIONS_EXIT_FAILURE);
}

/* The table against the parser, --help and the manual. */

static const char *value_for(const char *argument) {
  static const char *const values[][2] = {{"", ""},          {"UUID", "u"}, {"IFACE", "i0"}, {"HOST:PORT", "h:1"},
                                          {"NAME", "n"},     {"ID", "1"},   {"KBPS", "1"},   {"ADDRESS", "::1"},
                                          {"PROGRAM", "p"},  {"FILE", "f"}, {"PATH", "p"},   {"WHICH", "kernel"},
                                          {"NAME|GID", "g"}};
  for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
    if (strcmp(values[i][0], argument) == 0) return values[i][1];
  }
  return "";
}

static enum options_result parse_one(const char *form, const char *value) {
  struct options options;
  char line[256];
  snprintf(line, sizeof line, "-u u -i i -b h:1 %s %s", form, value);
  return parse(&options, line);
}

static void every_option_is_parsed(void) {
  struct usage_row row;
  unsigned rows = 0;
  quiet();
  for (const char *at = usage_table; (at = usage_next(at, &row)) != NULL; rows++) {
    char form[32];
    enum options_result expected = row.letter == 'h'              ? OPTIONS_EXIT_FAILURE
                                   : row.letter == OPTION_VERSION ? OPTIONS_EXIT_OK
                                   : row.letter == OPTION_STATUS  ? OPTIONS_ASK_STATUS
                                                                  : OPTIONS_RUN;
    snprintf(form, sizeof form, "--%s", row.name);
    if (parse_one(form, value_for(row.argument)) != expected) exit(2);
    snprintf(form, sizeof form, "-%c", row.letter);
    if (parse_one(form, value_for(row.argument)) != (row.letter > ' ' ? expected : OPTIONS_EXIT_FAILURE)) exit(3);
    if (*row.text == '\0') exit(4);
  }
  if (rows != USAGE_ROWS) exit(5);
}

static void help_shows_every_option(void) {
  struct usage_row row;
  char line[256];
  FILE *file = tmpfile();
  int shown = dup(STDERR_FILENO);
  CHECK(dup2(fileno(file), STDERR_FILENO) == STDERR_FILENO);
  usage_print();
  CHECK(dup2(shown, STDERR_FILENO) == STDERR_FILENO);
  rewind(file);
  for (int i = 0; i < 2; i++) CHECK(fgets(line, sizeof line, file) != NULL && strstr(line, "tunneldigger") != NULL);
  for (const char *at = usage_table; (at = usage_next(at, &row)) != NULL;) {
    char left[64];
    snprintf(left, sizeof left, row.letter > ' ' ? "  -%c, --%s %s" : "%6c--%s %s", row.letter > ' ' ? row.letter : ' ',
             row.name, row.argument);
    CHECK(fgets(line, sizeof line, file) != NULL);
    if (strncmp(line, left, strlen(left)) != 0) fprintf(stderr, "%s is not in %s", left, line);
    CHECK(strncmp(line, left, strlen(left)) == 0 && strlen(line) <= 80 + 1);
    CHECK(strncmp(line + 32, row.text, strlen(row.text)) == 0 && line[31] == ' ' && line[32 + strlen(row.text)] == '\n');
  }
  CHECK(fgets(line, sizeof line, file) == NULL);
  fclose(file);
}

static void the_manual_has_every_option(void) {
  static char manual[65536];
  struct usage_row row;
  unsigned items = 0;
  FILE *file = fopen(MANUAL, "r");
  CHECK(file != NULL);
  manual[fread(manual, 1, sizeof manual - 1, file)] = '\0';
  fclose(file);
  for (const char *at = usage_table; (at = usage_next(at, &row)) != NULL;) {
    char argument[32] = "", line[128];
    if (*row.argument != '\0') snprintf(argument, sizeof argument, " Ar %s", row.argument);
    if (row.letter > ' ') {
      snprintf(line, sizeof line, "\n.It Fl %c%s , Fl -%s%s\n", row.letter, argument, row.name, argument);
    } else {
      snprintf(line, sizeof line, "\n.It Fl -%s%s\n", row.name, argument);
    }
    if (strstr(manual, line) == NULL) fprintf(stderr, "missing: %s", line + 1);
    CHECK(strstr(manual, line) != NULL);
  }
  for (const char *at = manual; (at = strstr(at, "\n.It Fl ")) != NULL; at++) items++;
  CHECK_EQUAL(items, USAGE_ROWS); /* and none that is not */
}

const struct test_case option_cases[] = {
    {"options: the deployed command line", the_deployed_command_line},
    {"options: defaults", defaults},
    {"options: long forms", long_forms},
    {"options: any local address means none", any_local_address_means_none},
    {"options: mistakes end with failure", mistakes_end_with_failure},
    {"options: version ends well", version_ends_well},
    {"options: uuid limits", uuid_limits},
    {"options: SRV names come first", srv_names_come_first},
    {"options: what the process is told", what_the_process_is_told},
    {"options: --status needs little", status_needs_little},
    {"options: every option is parsed", every_option_is_parsed},
    {"options: --help shows every option", help_shows_every_option},
    {"options: the manual has every option", the_manual_has_every_option},
    {"options: as many brokers as built for", as_many_brokers_as_built_for},
    {NULL, NULL},
};
