// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.lab;

import java.time.Duration;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Waits for something to become true, and says what was missing and what was seen when it does not. */
public final class Await {
    /** Rarely enough to leave the emulated guest's processor to those that are waited for. */
    private static final long POLL_MILLIS = Boolean.getBoolean("lab.emulated") ? 100 : 10;

    /** A wait's limit is there to end a failure, not to promise anything; the emulated guest needs longer for all. */
    private static final int PATIENCE = Boolean.getBoolean("lab.emulated") ? 4 : 1;

    private final Supplier<String> evidence;

    /** @param evidence asked once a wait has failed: what to show beside the failure, such as the ends of logs */
    public Await(Supplier<String> evidence) {
        this.evidence = evidence;
    }

    /** @throws AssertionError when the condition does not hold within the limit */
    public void until(Duration limit, String what, BooleanSupplier condition) {
        value(limit, what, () -> condition.getAsBoolean() ? Optional.of(true) : Optional.empty());
    }

    /**
     * Waits for a value to be there and returns it.
     *
     * @throws AssertionError when there is none within the limit
     */
    public <T> T value(Duration limit, String what, Supplier<Optional<T>> source) {
        long deadlineNanos = System.nanoTime() + PATIENCE * limit.toNanos();
        while (true) {
            Optional<T> value = source.get();
            if (value.isPresent()) {
                return value.get();
            }
            if (System.nanoTime() - deadlineNanos > 0) {
                throw new AssertionError(
                        "not within " + PATIENCE * limit.toMillis() + " ms: " + what + "\n" + evidence.get());
            }
            pause();
        }
    }

    /**
     * Watches a condition for the whole span.
     *
     * @throws AssertionError as soon as it does not hold
     */
    public void throughout(Duration span, String what, BooleanSupplier condition) {
        long endNanos = System.nanoTime() + span.toNanos();
        while (System.nanoTime() - endNanos < 0) {
            if (!condition.getAsBoolean()) {
                throw new AssertionError(
                        "did not hold for " + span.toMillis() + " ms: " + what + "\n" + evidence.get());
            }
            pause();
        }
    }

    private static void pause() {
        try {
            Thread.sleep(POLL_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting", e);
        }
    }
}
