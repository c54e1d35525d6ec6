// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.loop;

/** Called on the loop's thread when a watched file descriptor is readable or has an error to report. */
@FunctionalInterface
public interface ReadyHandler {
    /** Must read a bounded number of packets and return; what is left makes the loop call again. */
    void onReady();
}
