/* SPDX-License-Identifier: Apache-2.0 */
#include "usage.h"

#include <string.h>

#define TEXT_COLUMN 32

const struct usage_row usage_rows[USAGE_ROWS] = {
    {'u', "uuid", "UUID", "name of this router, at most 238 bytes"},
    {'i', "interface", "IFACE", "tunnel interface to create"},
    {'b', "broker", "HOST:PORT", "a broker, [ADDRESS]:PORT for IPv6; repeatable"},
    {OPTION_SRV, "srv", "NAME", "SRV records whose brokers come before those of -b"},
    {'l', "local", "ADDRESS", "local address to send from (any)"},
    {'I', "bind-interface", "IFACE", "send through this interface only (any)"},
    {'s', "hook", "PROGRAM", "run as PROGRAM session.up|session.down IFACE"},
    {'t', "tunnel-id", "ID", "local tunnel id, 1 to 4294967295 (1)"},
    {'L', "limit", "KBPS", "downstream limit to ask of the broker, in kbit/s"},
    {'a', "least-usage", "", "choose the broker with the least usage"},
    {'g', "first", "", "choose the first broker that answers (the default)"},
    {'r', "random", "", "choose a broker at random"},
    {OPTION_ROAM, "roam", "", "move to a better broker when there is one"},
    {OPTION_DATAPATH, "datapath", "WHICH", "who carries frames: auto, kernel or tap (auto)"},
    {'P', "pidfile", "FILE", "keep the process id there while running"},
    {OPTION_GROUP, "group", "NAME|GID", "group of the process, its packets and its hooks"},
    {'f', "foreground", "", "log to stderr too"},
    {OPTION_STATUS, "status", "", "ask the client that runs for -i IFACE how it is"},
    {OPTION_JSON, "json", "", "with --status: answer in JSON"},
    {OPTION_STATUS_SOCKET, "status-socket", "PATH", "where --status is asked and answered"},
    {OPTION_VERSION, "version", "", "show the version"},
    {'h', "help", "", "show this text"},
};

const struct usage_row *usage_row(int letter) {
  const struct usage_row *row = usage_rows;
  while (row->letter != letter && row < usage_rows + USAGE_ROWS - 1) row++;
  return row;
}

void usage_print_row(FILE *out, const struct usage_row *row) {
  int column = row->letter > ' ' ? fprintf(out, "  -%c, --%s", row->letter, row->name) : fprintf(out, "      --%s", row->name);
  fprintf(out, " %-*s%s\n", TEXT_COLUMN - column, row->argument, row->text);
}

void usage_print(FILE *out) {
  fputs("usage: tunneldigger -u UUID -i IFACE -b HOST:PORT [-b HOST:PORT] [options]\n"
        "       tunneldigger --status [--json] -i IFACE\n",
        out);
  for (const struct usage_row *row = usage_rows; row < usage_rows + USAGE_ROWS; row++) usage_print_row(out, row);
}
