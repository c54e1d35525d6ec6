// SPDX-License-Identifier: Apache-2.0
/**
 * What must hold between real brokers and clients, one class a subject. lab/scenarios runs them, for the datapath named by the
 * property {@code lab.datapath}; a plain Maven test run does not. They know processes, packets and interfaces, nothing of the
 * broker's classes.
 */
@NullMarked
package org.tunneldigger.lab.scenario;

import org.jspecify.annotations.NullMarked;
