// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.netlink;

import java.util.List;
import org.tunneldigger.nativeio.NativeException;

/** Routing rules: what {@code ip rule … iif} does (linux/fib_rules.h). One thread. */
public final class Rules {
    private static final int RTM_NEWRULE = 32;
    private static final int RTM_DELRULE = 33;
    private static final int RTM_GETRULE = 34;
    private static final int FRA_IIFNAME = 3;
    private static final int FRA_PRIORITY = 6;
    private static final int FRA_TABLE = 15;
    private static final int FR_ACT_TO_TBL = 1;
    private static final int HEADER_SIZE = 12;

    private final NetlinkSocket socket;

    Rules(NetlinkSocket socket) {
        this.socket = socket;
    }

    /** @throws NativeException EEXIST if there is such a rule */
    public void add(Rule rule) throws NativeException {
        socket.execute(message("add", RTM_NEWRULE, NetlinkMessage.CREATE | NetlinkMessage.EXCLUSIVE, rule));
    }

    /** @throws NativeException ENOENT if there is no such rule */
    public void delete(Rule rule) throws NativeException {
        socket.execute(message("delete", RTM_DELRULE, 0, rule));
    }

    /** The rules that look a table up by input interface; all others are left out. */
    public List<Rule> all(boolean v6) throws NativeException {
        NetlinkMessage request = header(new NetlinkMessage("list rules", RTM_GETRULE, 0), v6, 0);
        return socket.dump(request, reply -> {
            Attributes attributes = reply.attributes(HEADER_SIZE);
            if (!attributes.has(FRA_IIFNAME) || reply.u8(7) != FR_ACT_TO_TBL) {
                return null;
            }
            return new Rule(
                    v6,
                    attributes.u32(FRA_PRIORITY, 0),
                    attributes.string(FRA_IIFNAME),
                    attributes.u32(FRA_TABLE, reply.u8(4)));
        });
    }

    private static NetlinkMessage message(String verb, int type, int flags, Rule rule) {
        String operation = verb + " rule iif " + rule.inputInterface() + " lookup " + rule.table();
        return header(new NetlinkMessage(operation, type, flags), rule.v6(), FR_ACT_TO_TBL)
                .attribute(FRA_IIFNAME, rule.inputInterface())
                .attribute32(FRA_PRIORITY, rule.priority())
                .attribute32(FRA_TABLE, rule.table());
    }

    /** struct fib_rule_hdr { u8 family, dst_len, src_len, tos, table, res1, res2, action; u32 flags } */
    private static NetlinkMessage header(NetlinkMessage message, boolean v6, int action) {
        return message.u8(v6 ? Addresses.AF_INET6 : Addresses.AF_INET)
                .u8(0)
                .u8(0)
                .u8(0)
                .u8(0)
                .u8(0)
                .u8(0)
                .u8(action)
                .u32(0);
    }
}
