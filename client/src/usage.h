/* SPDX-License-Identifier: Apache-2.0 */
/* The table of options: the parser, --help and the check of the manual page read the same one. */
#ifndef TD_USAGE_H
#define TD_USAGE_H

/* Codes of options that have no letter; none is printable. */
enum {
  OPTION_DATAPATH = 1,
  OPTION_SRV,
  OPTION_GROUP,
  OPTION_ROAM,
  OPTION_STATUS,
  OPTION_STATUS_SOCKET,
  OPTION_JSON,
  OPTION_VERSION
};

#define USAGE_ROWS 22

struct usage_row {
  int letter; /* or a code from above */
  const char *name;
  const char *argument; /* "" = takes none */
  const char *text;
};

/* Where the table begins: hand it to usage_next, which fills `row` and returns where the next one is; NULL = there was
 * none. */
extern const char usage_table[];
const char *usage_next(const char *at, struct usage_row *row);

/* One option's line of --help, or all, on stderr. */
void usage_print_row(int letter);
void usage_print(void);

#endif
