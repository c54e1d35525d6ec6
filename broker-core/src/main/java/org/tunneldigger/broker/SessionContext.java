// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.broker;

import org.tunneldigger.loop.EventLoop;
import org.tunneldigger.session.IdPool;

/** What all sessions of a broker share. Loop thread only. */
record SessionContext(
        EventLoop loop,
        SessionTable table,
        IdPool ids,
        ControlSender sender,
        BrokerCounters counters,
        Runnable whenTableIsEmpty) {}
