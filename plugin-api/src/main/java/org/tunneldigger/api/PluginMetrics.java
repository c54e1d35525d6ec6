// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.api;

import java.util.function.DoubleSupplier;

/**
 * Figures that a plugin shows the operator; they appear with the broker's own, under the plugin's id. Usable from every thread.
 * They go with the plugin when it is unloaded.
 *
 * <p>Names are {@code [a-z][a-z0-9_]*}, at most 64 characters. Asking again for a counter gives the same one.
 */
public interface PluginMetrics {
    /** A number that only grows. Safe for all threads. */
    interface Counter {
        default void increment() {
            add(1);
        }

        /** @param amount at least 0 */
        void add(long amount);

        long value();
    }

    /**
     * @param help what is counted, in one sentence
     * @throws IllegalArgumentException if the name is no such name or a gauge's
     */
    Counter counter(String name, String help);

    /**
     * A number that is asked for when somebody looks; one that throws is left out.
     *
     * @param help what it tells, in one sentence
     * @param value called on any thread, must not block; a gauge of the same name is replaced
     * @throws IllegalArgumentException if the name is no such name or a counter's
     */
    void gauge(String name, String help, DoubleSupplier value);
}
