/* SPDX-License-Identifier: Apache-2.0 */
/* What main arranges for this process and a child must undo. */
#ifndef TD_PROCESS_H
#define TD_PROCESS_H

#include <stdint.h>

/* Blocks the signals that the loop reads and returns a signalfd for them, or a negative errno. */
int process_open_signals(void);
/* Returns the next pending signal, 0 when there is none. */
int process_next_signal(int signal_fd);
/* In a child before exec: all signals unblocked and at their defaults. */
void process_become_ordinary(void);
/* Monotonic, never set back; milliseconds. */
int64_t process_now_ms(void);

#endif
