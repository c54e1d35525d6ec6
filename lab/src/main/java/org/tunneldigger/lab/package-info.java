// SPDX-License-Identifier: Apache-2.0
/**
 * The lab: real brokers and clients in network namespaces, with a router between them that can misbehave. Owns the namespaces,
 * processes and files of one scenario and removes them with it. The scenarios call it, on this kernel and in the emulated
 * guest alike. It knows the wire format by its own hand, so that it can contradict the broker's codec.
 */
@NullMarked
package org.tunneldigger.lab;

import org.jspecify.annotations.NullMarked;
