/* SPDX-License-Identifier: Apache-2.0 */
/* The group of the process and of every socket it makes from then on, by which firewalls mark packets. */
#ifndef TD_GROUP_H
#define TD_GROUP_H

#include <stdbool.h>

/* By name or number; NULL changes nothing. The user stays, and so do root's capabilities. False when it failed, which is
 * logged. */
bool group_enter(const char *group);

#endif
