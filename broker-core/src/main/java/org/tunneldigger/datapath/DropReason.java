// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.datapath;

/** Why a data packet or a frame was not carried. */
public enum DropReason {
    /** From the peer: shorter than the L2TP header and an Ethernet header. */
    TOO_SHORT,
    /** From the peer: not an L2TPv3 data message. */
    NOT_DATA,
    /** From the peer: of another session. */
    OTHER_SESSION,
    /** From the peer: the interface is down. */
    INTERFACE_DOWN,
    /** From the peer: the interface did not take the frame. */
    INTERFACE_REFUSED,
    /** From the peer: seen by the broker although the kernel carries the tunnel's data. */
    NOT_OURS_TO_CARRY,
    /** To the peer: the frame says of itself what cannot be, so it can be neither cut nor summed up. */
    NOT_UNDERSTOOD,
    /** To the peer: the socket's or the device's queue is full. */
    SOCKET_FULL,
    /** To the peer: the path takes no packet of this size. */
    TOO_LONG,
    /** To the peer: any other error of the socket. */
    SOCKET_ERROR
}
