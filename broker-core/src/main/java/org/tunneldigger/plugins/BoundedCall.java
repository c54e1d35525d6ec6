// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.plugins;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Runs a plugin's code on a thread of its own, so that code that never returns costs a thread and not the broker. */
final class BoundedCall {
    private BoundedCall() {}

    /**
     * @throws TimeoutException at the deadline; the thread was interrupted and may live on, as a daemon
     * @throws ExecutionException with whatever the code threw, errors included, as cause
     */
    static <T> T run(String threadName, Duration deadline, Callable<T> code)
            throws ExecutionException, TimeoutException, InterruptedException {
        FutureTask<T> task = new FutureTask<>(code);
        Thread thread = new Thread(task, threadName);
        thread.setDaemon(true);
        thread.start();
        try {
            return task.get(deadline.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException | InterruptedException e) {
            task.cancel(true);
            throw e;
        }
    }
}
