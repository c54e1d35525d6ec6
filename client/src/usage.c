/* SPDX-License-Identifier: Apache-2.0 */
#include "usage.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#define TEXT_COLUMN 31

/* One long text: pointers would cost a relocation each, arrays their padding. Codes are octal, as in enum. */
#define ROW(letter, name, argument, text) letter name "\0" argument "\0" text "\0"
const char usage_table[] =
    ROW("u", "uuid", "UUID", "name of this router, at most 238 bytes")
    ROW("i", "interface", "IFACE", "tunnel interface to create")
    ROW("b", "broker", "HOST:PORT", "a broker, [ADDRESS]:PORT for IPv6; repeatable")
    ROW("\2", "srv", "NAME", "SRV records of brokers, tried before those of -b")
    ROW("l", "local", "ADDRESS", "local address to send from (any)")
    ROW("I", "bind-interface", "IFACE", "send through this interface only (any)")
    ROW("s", "hook", "PROGRAM", "run as PROGRAM session.up|session.down IFACE")
    ROW("t", "tunnel-id", "ID", "local tunnel id, 1 to 4294967295 (1)")
    ROW("L", "limit", "KBPS", "downstream limit to ask of the broker, in kbit/s")
    ROW("a", "least-usage", "", "choose the broker with the least usage")
    ROW("g", "first", "", "choose the first broker that answers (default)")
    ROW("r", "random", "", "choose a broker at random")
    ROW("\4", "roam", "", "move to a better broker when there is one")
    ROW("\1", "datapath", "WHICH", "who carries frames: auto, kernel or tap (auto)")
    ROW("P", "pidfile", "FILE", "keep the process id there while running")
    ROW("\3", "group", "NAME|GID", "group of the process, its packets and its hooks")
    ROW("f", "foreground", "", "log to stderr too")
    ROW("\5", "status", "", "ask the client that runs for -i IFACE how it is")
    ROW("\7", "json", "", "with --status: answer in JSON")
    ROW("\6", "status-socket", "PATH", "where --status is asked and answered")
    ROW("\10", "version", "", "show the version")
    ROW("h", "help", "", "show this text");

static const char *after(const char *text) { return text + strlen(text) + 1; }

const char *usage_next(const char *at, struct usage_row *row) {
  if (*at == '\0') return NULL;
  row->letter = *at;
  row->name = at + 1;
  row->argument = after(row->name);
  row->text = after(row->argument);
  return after(row->text);
}

static void print(const struct usage_row *row) {
  bool has_letter = row->letter > ' ';
  int column = fprintf(stderr, has_letter ? "  -%c, --%s " : "%6c--%s ", has_letter ? row->letter : ' ', row->name);
  fprintf(stderr, "%-*s %s\n", TEXT_COLUMN - column, row->argument, row->text);
}

void usage_print_row(int letter) {
  struct usage_row row;
  for (const char *at = usage_table; (at = usage_next(at, &row)) != NULL;) {
    if (row.letter == letter) print(&row);
  }
}

void usage_print(void) {
  struct usage_row row;
  fputs("usage: tunneldigger -u UUID -i IFACE -b HOST:PORT [-b HOST:PORT] [options]\n"
        "       tunneldigger --status [--json] -i IFACE\n",
        stderr);
  for (const char *at = usage_table; (at = usage_next(at, &row)) != NULL;) print(&row);
}
