// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.bench.load;

/** A command line that makes no sense; the message says what is wrong with it. */
final class UsageException extends Exception {
    UsageException(String message) {
        super(message);
    }
}
