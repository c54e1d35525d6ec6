// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.loop;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tunneldigger.nativeio.Epoll;
import org.tunneldigger.nativeio.EventFd;

/**
 * One thread, one epoll, one clock reading a turn. All broker state belongs to the thread in {@link #run}; other threads
 * hand it commands through {@link #post}. A fault in a handler is logged and costs that one call, never the loop.
 */
public final class EventLoop implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(EventLoop.class);
    private static final long INBOX = 0;

    private record Watch(int fd, ReadyHandler handler) {}

    private final Epoll epoll;
    private final EventFd wakeUp;
    private final ConcurrentLinkedQueue<Runnable> inbox = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean wakeUpPending = new AtomicBoolean();
    private final PriorityQueue<Timer> timers = new PriorityQueue<>();

    /** By token, not by fd: an fd closed and reused within one turn must not get the old one's events. */
    private final Map<Long, Watch> watches = new HashMap<>();

    private final Map<Integer, Long> tokens = new HashMap<>();
    private long nextToken = INBOX + 1;
    private long nextTimerOrder;
    private long nowNanos = System.nanoTime();
    private long longestTurnNanos;
    private boolean stopped;

    public EventLoop() throws IOException {
        epoll = Epoll.open();
        wakeUp = EventFd.open();
        epoll.add(wakeUp.fd(), Epoll.IN, INBOX);
    }

    /** The time, as {@code System.nanoTime()} has it; read when a turn begins, and before its timers. */
    public long nowNanos() {
        return nowNanos;
    }

    /** The longest turn so far, in nanoseconds: how long a packet may have waited for the loop. */
    public long longestTurnNanos() {
        return longestTurnNanos;
    }

    /** Any thread: has the loop run the command in one of its next turns, in the order of posting. */
    public void post(Runnable command) {
        inbox.add(command);
        if (wakeUpPending.compareAndSet(false, true)) {
            wakeUp.signal();
        }
    }

    /** Loop thread: calls the handler whenever the descriptor is readable or in error, until {@link #unwatch}. */
    public void watch(int fd, ReadyHandler handler) throws IOException {
        long token = nextToken++;
        epoll.add(fd, Epoll.IN, token);
        watches.put(token, new Watch(fd, handler));
        tokens.put(fd, token);
    }

    /** Loop thread; before the descriptor is closed. An fd that is not watched is fine. */
    public void unwatch(int fd) {
        Long token = tokens.remove(fd);
        if (token == null) {
            return;
        }
        watches.remove(token);
        try {
            epoll.remove(fd);
        } catch (IOException e) {
            log.warn("cannot stop watching descriptor {}: {}", fd, e.getMessage());
        }
    }

    /** Loop thread: runs the action once, at or soon after the given time. */
    public Timer schedule(long atNanos, Runnable action) {
        Timer timer = new Timer(atNanos, nextTimerOrder++, action);
        timers.add(timer);
        return timer;
    }

    /** Loop thread: {@link #run} returns after this turn. */
    public void stop() {
        stopped = true;
    }

    /** Serves until {@link #stop}; the calling thread is the loop's thread from then on. */
    public void run() throws IOException {
        while (!stopped) {
            int ready = epoll.await(nanosToNextTimer());
            nowNanos = System.nanoTime();
            long turnStart = nowNanos;
            for (int i = 0; i < ready; i++) {
                dispatch(epoll.token(i));
            }
            runInbox();
            runTimers(turnStart);
            longestTurnNanos = Math.max(longestTurnNanos, System.nanoTime() - turnStart);
        }
    }

    private long nanosToNextTimer() {
        Timer next = timers.peek();
        while (next != null && next.isCancelled()) {
            timers.remove();
            next = timers.peek();
        }
        return next == null ? -1 : Math.max(0, next.atNanos() - System.nanoTime());
    }

    private void dispatch(long token) {
        if (token == INBOX) {
            return; // the inbox is emptied every turn
        }
        Watch watch = watches.get(token);
        if (watch != null) {
            guarded(watch.handler()::onReady);
        }
    }

    private void runInbox() {
        if (wakeUpPending.get()) {
            wakeUp.drain();
            wakeUpPending.set(false); // after the drain, before the queue is read: no command can be missed
        }
        List<Runnable> commands = new ArrayList<>(0);
        for (Runnable command = inbox.poll(); command != null; command = inbox.poll()) {
            commands.add(command);
        }
        commands.forEach(EventLoop::guarded);
    }

    /** Those that were due when the turn began: what the peer sent before that is handled already. */
    private void runTimers(long dueNanos) {
        nowNanos = System.nanoTime(); // what they ask for next counts from now, however long the packets took
        for (Timer next = timers.peek(); next != null && next.atNanos() - dueNanos <= 0; next = timers.peek()) {
            timers.remove();
            if (!next.isCancelled()) {
                guarded(next::fire);
            }
        }
    }

    // The loop must outlive any defect in a handler; an Error such as a broken class in one path is no different.
    private static void guarded(Runnable call) {
        try {
            call.run();
        } catch (Throwable e) {
            log.error("a defect in the broker, please report it", e);
        }
    }

    @Override
    public void close() {
        wakeUp.close();
        epoll.close();
    }
}
