/* SPDX-License-Identifier: Apache-2.0 */
#include "options.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "test.h"

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

const struct test_case option_cases[] = {
    {"options: the deployed command line", the_deployed_command_line},
    {"options: defaults", defaults},
    {"options: long forms", long_forms},
    {"options: any local address means none", any_local_address_means_none},
    {"options: mistakes end with failure", mistakes_end_with_failure},
    {"options: version ends well", version_ends_well},
    {"options: uuid limits", uuid_limits},
    {"options: as many brokers as built for", as_many_brokers_as_built_for},
    {NULL, NULL},
};
