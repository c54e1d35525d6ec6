// SPDX-License-Identifier: Apache-2.0
/**
 * The kernel's L2TPv3 as datapath: opens tunnels on sockets and takes them down again, by netlink. Called by the broker through
 * {@link org.tunneldigger.datapath.Datapath}; it knows nothing of the other datapath.
 */
@NullMarked
package org.tunneldigger.datapath.kernel;

import org.jspecify.annotations.NullMarked;
