// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.jshooks;

import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.tunneldigger.api.hook.HookFailedException;

/** What went wrong in the scripts that were called for one event: the first is the hook's failure, the others are logged here. */
final class Problems {
    private final Consumer<String> log;
    private @Nullable HookFailedException failed;
    private @Nullable TimeoutException timedOut;

    /** @param log takes each line that is to be a warning */
    Problems(Consumer<String> log) {
        this.log = log;
    }

    /** A call of a script. */
    interface Call<T> {
        T run() throws HookFailedException, TimeoutException, InterruptedException;
    }

    /** @return the call's answer, or null if it failed */
    <T> @Nullable T during(Call<T> call) throws InterruptedException {
        try {
            return call.run();
        } catch (HookFailedException e) {
            if (isFirst(e)) {
                failed = e;
            }
        } catch (TimeoutException e) {
            if (isFirst(e)) {
                timedOut = e;
            }
        } catch (IllegalArgumentException e) {
            log.accept(LogText.oneLine(String.valueOf(e.getMessage())));
        }
        return null;
    }

    void throwFirst() throws HookFailedException, TimeoutException {
        if (failed != null) {
            throw failed;
        }
        if (timedOut != null) {
            throw timedOut;
        }
    }

    /** Where the hook itself does not fail. */
    void logFirst() {
        Exception first = failed != null ? failed : timedOut;
        if (first != null) {
            log.accept(String.valueOf(first.getMessage()));
        }
    }

    private boolean isFirst(Exception problem) {
        if (failed == null && timedOut == null) {
            return true;
        }
        log.accept(String.valueOf(problem.getMessage()));
        return false;
    }
}
