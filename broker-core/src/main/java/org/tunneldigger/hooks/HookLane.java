// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.hooks;

import java.time.Instant;
import org.tunneldigger.api.event.EndReason;
import org.tunneldigger.api.event.SessionDown;
import org.tunneldigger.api.event.SessionInfo;
import org.tunneldigger.api.event.SessionMtuChanged;
import org.tunneldigger.api.event.SessionPreDown;
import org.tunneldigger.api.event.SessionUp;

/**
 * The ordered lane of one session. All methods are called by the event loop's thread, return at once and throw nothing.
 * A lane holds no thread and needs no closing.
 */
public final class HookLane {
    private final SessionInfo session;
    private final EventLane events;

    /** Whether the end was announced. Event loop's thread only. */
    private boolean ending;

    HookLane(SessionInfo session, EventLane events) {
        this.session = session;
        this.events = events;
    }

    /**
     * Tells session.up; before everything else.
     *
     * @param done as in {@link #preDown}
     */
    public void up(int mtu, Runnable done) {
        events.add(new HookEvent.Up(new SessionUp(session, mtu, Instant.now(), false)), done);
    }

    /**
     * Tells a plugin that was loaded later that the session is up, with an event that says so; ignored once the end was
     * announced.
     */
    public void announce(RegisteredPlugin plugin, int mtu) {
        if (!ending) {
            events.addFor(plugin, new HookEvent.Up(new SessionUp(session, mtu, Instant.now(), true)));
        }
    }

    /**
     * Tells session.mtu-changed. Merges with a change that no hook was called for yet; nothing is left to tell if that
     * leads back to the MTU told last. Ignored once the end was announced.
     */
    public void mtuChanged(int oldMtu, int newMtu) {
        if (!ending && oldMtu != newMtu) {
            events.addMtuChange(new SessionMtuChanged(session, oldMtu, newMtu, Instant.now()));
        }
    }

    /**
     * Tells session.pre-down after everything told before.
     *
     * @param done runs on a thread of the dispatcher, exactly once, when every hook was called, failed, was given up or
     *     was skipped
     */
    public void preDown(int mtu, EndReason reason, Runnable done) {
        ending = true;
        events.add(new HookEvent.PreDown(new SessionPreDown(session, mtu, reason, Instant.now())), done);
    }

    /**
     * Tells session.down after everything told before.
     *
     * @param done as in {@link #preDown}
     */
    public void down(int mtu, EndReason reason, Runnable done) {
        ending = true;
        events.add(new HookEvent.Down(new SessionDown(session, mtu, reason, Instant.now())), done);
    }
}
