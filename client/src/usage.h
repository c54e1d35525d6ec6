/* SPDX-License-Identifier: Apache-2.0 */
/* The table of options: the parser, --help and the check of the manual page read the same one. */
#ifndef TD_USAGE_H
#define TD_USAGE_H

#include <stdio.h>

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

/* Arrays, not pointers: those would cost a relocation each. */
struct usage_row {
  char letter; /* or a code from above */
  char name[15];
  char argument[10]; /* "" = takes none */
  char text[54];
};

#define USAGE_ROWS 22
extern const struct usage_row usage_rows[USAGE_ROWS];

const struct usage_row *usage_row(int letter);
void usage_print_row(FILE *out, const struct usage_row *row);
void usage_print(FILE *out);

#endif
