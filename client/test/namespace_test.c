/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"
const struct test_case namespace_cases[] = {{NULL, NULL}};
