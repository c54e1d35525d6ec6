// SPDX-License-Identifier: Apache-2.0
/**
 * The configuration file: text in, an immutable {@link org.tunneldigger.config.BrokerConfig} or every mistake at once
 * out, each with file and line. Owns the keys, their defaults and ranges, and the dialect of the file. Called by
 * {@code main}, once at start. Must not know what its values are used for: it opens no socket, asks no interface,
 * loads no plugin and writes no log; the one thing that it looks at beside the file is whether named scripts and
 * folders exist.
 */
@NullMarked
package org.tunneldigger.config;

import org.jspecify.annotations.NullMarked;
