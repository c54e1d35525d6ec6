// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.netlink;

import static org.tunneldigger.netlink.Netfilter.number;

import java.util.function.Consumer;
import org.tunneldigger.api.net.FilterTable;
import org.tunneldigger.api.net.IpFamily;

/** Rules as the kernel's small programs (linux/netfilter/nf_tables.h): load a field into register 1, compare it or look it up. */
final class Expressions {
    private static final int LIST_ITEM = 1;
    private static final int NAME = 1;
    private static final int DATA = 2;
    private static final int VERDICT_REGISTER = 0;
    private static final int REGISTER = 1;
    private static final int META_IIFNAME = 6;
    private static final int META_OIFNAME = 7;
    private static final int META_NFPROTO = 15;
    private static final int META_L4PROTO = 16;
    private static final int NFPROTO_IPV4 = 2;
    private static final int NFPROTO_IPV6 = 10;
    private static final int PROTOCOL_UDP = 17;
    private static final int NETWORK_HEADER = 1;
    private static final int TRANSPORT_HEADER = 2;

    private Expressions() {}

    static void write(NetlinkMessage list, FilterTable.Rule rule) {
        rule.matches().forEach(match -> write(list, match));
        drop(list);
    }

    private static void write(NetlinkMessage list, FilterTable.Match match) {
        if (match instanceof FilterTable.InputInterface input) {
            meta(list, META_IIFNAME);
            lookup(list, input.set());
        } else if (match instanceof FilterTable.OutputInterface output) {
            meta(list, META_OIFNAME);
            lookup(list, output.set());
        } else if (match instanceof FilterTable.Source source) {
            boolean v4 = source.family() == IpFamily.V4;
            meta(list, META_NFPROTO);
            equal(list, (byte) (v4 ? NFPROTO_IPV4 : NFPROTO_IPV6));
            payload(list, NETWORK_HEADER, v4 ? 12 : 8, v4 ? 4 : 16);
            lookup(list, source.set());
        } else if (match instanceof FilterTable.Udp) {
            meta(list, META_L4PROTO);
            equal(list, (byte) PROTOCOL_UDP);
        } else if (match instanceof FilterTable.UdpTo to) {
            meta(list, META_L4PROTO);
            equal(list, (byte) PROTOCOL_UDP);
            payload(list, TRANSPORT_HEADER, 2, 2);
            equal(list, (byte) (to.port() >> 8), (byte) to.port());
        } else {
            throw new IllegalArgumentException(match.toString());
        }
    }

    private static void meta(NetlinkMessage list, int key) {
        expression(list, "meta", data -> number(number(data, 1, REGISTER), 2, key));
    }

    private static void payload(NetlinkMessage list, int base, int offset, int length) {
        expression(
                list,
                "payload",
                data -> number(number(number(number(data, 1, REGISTER), 2, base), 3, offset), 4, length));
    }

    private static void equal(NetlinkMessage list, byte... value) {
        int equals = 0;
        expression(
                list,
                "cmp",
                data -> number(number(data, 1, REGISTER), 2, equals).nested(3, operand -> operand.attribute(1, value)));
    }

    private static void lookup(NetlinkMessage list, String set) {
        expression(list, "lookup", data -> number(data.attribute(1, set), 2, REGISTER));
    }

    private static void drop(NetlinkMessage list) {
        int drop = 0;
        expression(
                list,
                "immediate",
                data -> number(data, 1, VERDICT_REGISTER)
                        .nested(2, value -> value.nested(2, verdict -> number(verdict, 1, drop))));
    }

    private static void expression(NetlinkMessage list, String name, Consumer<NetlinkMessage> data) {
        list.nested(LIST_ITEM, item -> item.attribute(NAME, name).nested(DATA, data));
    }
}
