// SPDX-License-Identifier: Apache-2.0
/**
 * Where SLF4J's log goes: standard error, a line a record. A session that comes up has its line, and thousands may come up at once, so a
 * line is to cost little (docs/adr/0016-own-log-lines.md). Everybody else knows SLF4J only.
 */
@NullMarked
package org.tunneldigger.log;

import org.jspecify.annotations.NullMarked;
