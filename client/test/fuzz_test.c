/* SPDX-License-Identifier: Apache-2.0 */
/* The fuzzers' kept inputs, once more: under the sanitizers, valgrind, and on machines of the other byte order. */
#include <dirent.h>
#include <string.h>
#include <syslog.h>

#include "fuzz.h"
#include "test.h"

#define CORPUS "fuzz/corpus"
#define MOST_BYTES 65536

static void feed_file(const char *path, void (*target)(const uint8_t *data, size_t size)) {
  static uint8_t data[MOST_BYTES];
  FILE *file = fopen(path, "rb");
  CHECK(file != NULL);
  size_t size = fread(data, 1, sizeof data, file);
  fclose(file);
  target(data, size);
}

static void feed(const char *folder, void (*target)(const uint8_t *data, size_t size)) {
  unsigned count = 0;
  DIR *files = opendir(folder);
  CHECK(files != NULL);
  setlogmask(LOG_MASK(LOG_EMERG));
  for (struct dirent *entry; (entry = readdir(files)) != NULL;) {
    char path[512];
    if (entry->d_name[0] == '.') continue;
    snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
    feed_file(path, target);
    count++;
  }
  closedir(files);
  CHECK(count > 10);
}

static void answers(void) { feed(CORPUS "/dns", fuzz_dns); }
static void offloads(void) { feed(CORPUS "/offload", fuzz_offload); }
static void packets(void) { feed(CORPUS "/packet", fuzz_packet); }
static void sessions(void) { feed(CORPUS "/session", fuzz_session); }

const struct test_case fuzz_cases[] = {
    {"fuzz: kept DNS answers", answers},
    {"fuzz: kept trains and large frames", offloads},
    {"fuzz: kept packets", packets},
    {"fuzz: kept sessions", sessions},
    {NULL, NULL},
};
