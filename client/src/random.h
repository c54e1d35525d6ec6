/* SPDX-License-Identifier: Apache-2.0 */
/* Random numbers for spreading load; nothing secret hangs on them. */
#ifndef TD_RANDOM_H
#define TD_RANDOM_H

#include <stdint.h>

uint32_t random_u32(void);
uint32_t random_below(uint32_t limit); /* 0 … limit - 1; 0 when limit is 0 */

#endif
