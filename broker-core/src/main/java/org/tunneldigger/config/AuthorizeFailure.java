// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.config;

/** What becomes of a client about whom a plugin should decide and doesn't: {@code authorize_failure} in {@code [plugins]}. */
public enum AuthorizeFailure {
    /** It is refused. */
    DENY,
    /** It gets its session, if no other plugin denies it. */
    ALLOW
}
