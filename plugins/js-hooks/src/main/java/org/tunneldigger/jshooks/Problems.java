// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.jshooks;

import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.tunneldigger.api.hook.HookFailedException;

/** What went wrong in the scripts that were called for one event: the first is the hook's failure, the others are logged here. */
final class Problems {
    private final Logger logger;
    private @Nullable HookFailedException failed;
    private @Nullable TimeoutException timedOut;

    Problems(Logger logger) {
        this.logger = logger;
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
            logger.warn("{}", LogText.oneLine(String.valueOf(e.getMessage())));
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
            logger.warn("{}", first.getMessage());
        }
    }

    private boolean isFirst(Exception problem) {
        if (failed == null && timedOut == null) {
            return true;
        }
        logger.warn("{}", problem.getMessage());
        return false;
    }
}
