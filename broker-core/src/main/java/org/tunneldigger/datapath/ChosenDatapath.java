// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.datapath;

/**
 * The datapath that will be used.
 *
 * @param reason why it is this one, for the log
 */
public record ChosenDatapath(Datapath datapath, String reason) {}
