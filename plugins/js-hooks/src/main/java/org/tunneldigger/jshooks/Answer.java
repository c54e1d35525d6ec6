// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.jshooks;

import org.graalvm.polyglot.Value;

/** Reads what a handler returned. */
@FunctionalInterface
interface Answer<T> {
    /** @throws IllegalArgumentException if it is nothing that this hook understands, with words for the operator */
    T read(HookName hook, Value returned);
}
