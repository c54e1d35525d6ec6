/* SPDX-License-Identifier: Apache-2.0 */
/* libFuzzer's way into the target that FUZZ_TARGET names. */
#include <syslog.h>

#include "fuzz.h"

int LLVMFuzzerInitialize(int *count, char ***arguments);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerInitialize(int *count, char ***arguments) {
  (void)count, (void)arguments;
  setlogmask(LOG_MASK(LOG_EMERG)); /* millions of inputs, none for the system's log */
  return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  FUZZ_TARGET(data, size);
  return 0;
}
