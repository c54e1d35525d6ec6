/* SPDX-License-Identifier: Apache-2.0 */
/* The file by which watchdogs and scripts find this process. */
#ifndef TD_PIDFILE_H
#define TD_PIDFILE_H

/* Replaces what an earlier run left there. A file that cannot be written is logged and gone without: a tunnel is worth
 * more. `path` may be NULL. */
void pidfile_write(const char *path);
/* Unless another process has put its own there. */
void pidfile_remove(const char *path);

#endif
