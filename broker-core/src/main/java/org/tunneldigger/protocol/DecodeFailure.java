// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.protocol;

/** Why a datagram is not a control message. Values, not exceptions: a stranger may cause any of them at line rate. */
public enum DecodeFailure implements Decoded {
    /** Fewer than the six bytes of the header. */
    TOO_SHORT,
    /** An L2TPv3 data packet (control bit clear, version 3): the datapath's business. */
    DATA_PACKET,
    /** Neither our magic nor a data packet. */
    FOREIGN_MAGIC,
    /** Our magic with another protocol version. */
    FOREIGN_VERSION,
    /** The length byte promises more than the datagram holds. */
    PAYLOAD_CUT_OFF,
    /** A message type below 0x80 that this protocol version does not have. */
    UNKNOWN_TYPE,
    /** A payload too short, or of an impossible length, for its type. */
    BAD_PAYLOAD,
    /** A uuid that is not UTF-8. */
    UUID_NOT_UTF8
}
