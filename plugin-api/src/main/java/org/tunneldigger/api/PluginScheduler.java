// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.api;

import java.time.Duration;

/**
 * A plugin's own clock. Usable from every thread.
 *
 * <p>Thread: one of the plugin's own, started at first use, with the plugin's class loader as context class loader. Jobs run one
 * after the other; none runs after {@link PluginLifecycle#close} was called. There is no deadline: a job that hangs holds up the
 * plugin's other jobs, nobody else's.
 *
 * <p>Failure: what a job throws, errors included, is counted and logged; a repeated job goes on.
 */
public interface PluginScheduler {
    /** Work to do later. */
    @FunctionalInterface
    interface Job {
        void run() throws Exception;
    }

    /** A job that was handed over. */
    interface Task {
        /** The job does not begin any more; one that runs is not disturbed. */
        void cancel();
    }

    /** Runs the job once, after the delay. */
    Task after(Duration delay, Job job);

    /**
     * Runs the job again and again, first after one interval, each time an interval after the last run ended.
     *
     * @param interval at least 1 ms
     */
    Task every(Duration interval, Job job);
}
