// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.hooks;

/** How one hook call of one plugin ended; every call ends in exactly one. */
public enum Outcome {
    /** The hook returned in time. */
    OK,
    /** The hook threw. */
    FAILED,
    /** The deadline came first. */
    TIMED_OUT,
    /** The hook was not called: an earlier call of the plugin is stuck, or the broker stops. */
    SKIPPED
}
