// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.netlink;

import static org.tunneldigger.netlink.Netfilter.number;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.tunneldigger.api.net.FilterFamily;
import org.tunneldigger.api.net.FilterTable;
import org.tunneldigger.api.net.PacketFilter.AddressElement;
import org.tunneldigger.api.net.PacketFilter.Element;
import org.tunneldigger.api.net.PacketFilter.InterfaceElement;
import org.tunneldigger.api.net.PacketFilter.SetName;
import org.tunneldigger.nativeio.Errno;
import org.tunneldigger.nativeio.NativeException;

/** Tables, sets and their elements: what {@code nft} does (linux/netfilter/nf_tables.h). One thread. */
public final class Nftables {
    private static final int SUBSYSTEM = 10;
    private static final int BATCH_BEGIN = 16;
    private static final int BATCH_END = 17;
    private static final int NEWTABLE = 0;
    private static final int DELTABLE = 2;
    private static final int NEWCHAIN = 3;
    private static final int NEWRULE = 6;
    private static final int DELRULE = 8;
    private static final int NEWSET = 9;
    private static final int GETSET = 10;
    private static final int NEWSETELEM = 12;
    private static final int DELSETELEM = 14;
    // the table's name is attribute 1 of each of them
    private static final int TABLE = 1;
    private static final int CHAIN_NAME = 3;
    private static final int CHAIN_HOOK = 4;
    private static final int CHAIN_POLICY = 5;
    private static final int CHAIN_TYPE = 7;
    private static final int HOOK_NUMBER = 1;
    private static final int HOOK_PRIORITY = 2;
    private static final int ACCEPT = 1;
    private static final int RULE_CHAIN = 2;
    private static final int RULE_EXPRESSIONS = 4;
    // of a set, and of a list of elements
    private static final int SET_NAME = 2;
    private static final int SET_FLAGS = 3;
    private static final int SET_KEY_TYPE = 4;
    private static final int SET_KEY_LENGTH = 5;
    private static final int SET_ID = 10;
    private static final int SET_USERDATA = 13;
    private static final int SET_HAS_TIMEOUTS = 0x10;
    private static final int ELEMENTS = 3;
    private static final int LIST_ITEM = 1;
    private static final int ELEMENT_KEY = 1;
    private static final int ELEMENT_TIMEOUT = 4;
    private static final int DATA_VALUE = 1;
    private static final int INTERFACE_NAME_SIZE = 16;

    private final NetlinkSocket socket;

    Nftables(NetlinkSocket socket) {
        this.socket = socket;
    }

    /** Makes and deletes a table in one transaction. */
    public void probe(FilterTable table) throws NativeException {
        List<NetlinkMessage> requests = new ArrayList<>();
        requests.add(table(NEWTABLE, NetlinkMessage.CREATE | NetlinkMessage.EXCLUSIVE, table.family(), table.name()));
        addContent(table, requests);
        requests.add(table(DELTABLE, 0, table.family(), table.name()));
        commit("try " + describe(table.family(), table.name()), requests);
    }

    /** Makes a table with what it lacks, and replaces the rules of its chains. */
    public void ensure(FilterTable table) throws NativeException {
        List<NetlinkMessage> requests = new ArrayList<>();
        requests.add(table(NEWTABLE, NetlinkMessage.CREATE, table.family(), table.name()));
        addContent(table, requests);
        commit("make " + describe(table.family(), table.name()), requests);
    }

    /** @throws NativeException ENOENT if there is none */
    public void delete(FilterFamily family, String table) throws NativeException {
        commit("delete " + describe(family, table), List.of(table(DELTABLE, 0, family, table)));
    }

    /** The set; null if there is none, or one of other things than interfaces or addresses. */
    public FilterTable.@Nullable ElementSet find(SetName name) throws NativeException {
        NetlinkMessage request = message("find " + describe(name), GETSET, 0, name.family())
                .attribute(TABLE, name.table())
                .attribute(SET_NAME, name.set());
        try {
            return socket.get(request, reply -> parse(name, reply.attributes(Netfilter.HEADER_SIZE)))
                    .orElse(null);
        } catch (NativeException e) {
            if (e.errno() == Errno.ENOENT) {
                return null;
            }
            throw e;
        }
    }

    public void flush(SetName set) throws NativeException {
        commit(
                "empty " + describe(set),
                List.of(message("empty " + describe(set), DELSETELEM, 0, set.family())
                        .attribute(TABLE, set.table())
                        .attribute(SET_NAME, set.set())));
    }

    /**
     * Puts an element into a set, or lets its time begin anew.
     *
     * @param timeout zero for ever
     */
    public void add(SetName set, Element element, Duration timeout) throws NativeException {
        List<NetlinkMessage> requests = new ArrayList<>();
        requests.add(element("add to ", NEWSETELEM, NetlinkMessage.CREATE, set, element, timeout));
        if (!timeout.isZero()) {
            // Before Linux 6.12 an element that is in the set keeps its old time. Removing it needs it to be there,
            // hence the
            // first request; nobody sees the set without it.
            requests.add(element("renew in ", DELSETELEM, 0, set, element, Duration.ZERO));
            requests.add(element("add to ", NEWSETELEM, NetlinkMessage.CREATE, set, element, timeout));
        }
        commit("add to " + describe(set), requests);
    }

    /** @throws NativeException ENOENT if it is not in the set */
    public void remove(SetName set, Element element) throws NativeException {
        commit(
                "remove from " + describe(set),
                List.of(element("remove from ", DELSETELEM, 0, set, element, Duration.ZERO)));
    }

    private void addContent(FilterTable table, List<NetlinkMessage> requests) {
        int id = 0;
        for (FilterTable.ElementSet set : table.sets()) {
            requests.add(newSet(table, set, ++id));
        }
        for (FilterTable.Chain chain : table.chains()) {
            requests.add(newChain(table, chain));
            requests.add(rule("empty", DELRULE, 0, table, chain));
            for (FilterTable.Rule rule : chain.rules()) {
                requests.add(rule("add a rule to", NEWRULE, NetlinkMessage.CREATE | NetlinkMessage.APPEND, table, chain)
                        .nested(RULE_EXPRESSIONS, list -> Expressions.write(list, rule)));
            }
        }
    }

    private static NetlinkMessage table(int type, int flags, FilterFamily family, String name) {
        String verb = type == NEWTABLE ? "make " : "delete ";
        return message(verb + describe(family, name), type, flags, family).attribute(TABLE, name);
    }

    private static NetlinkMessage newSet(FilterTable table, FilterTable.ElementSet set, int id) {
        SetName name = new SetName(table.family(), table.name(), set.name());
        NetlinkMessage message = message("make " + describe(name), NEWSET, NetlinkMessage.CREATE, table.family())
                .attribute(TABLE, table.name())
                .attribute(SET_NAME, set.name());
        number(message, SET_FLAGS, set.timeouts() ? SET_HAS_TIMEOUTS : 0);
        number(message, SET_KEY_TYPE, keyType(set.key()));
        number(message, SET_KEY_LENGTH, keyLength(set.key()));
        number(message, SET_ID, id);
        // For nft, which shows the elements by it: { type 0 = byte order of the key, length 4, 1 = host or 2 = network
        // }
        byte[] userdata = new byte[6];
        userdata[1] = 4;
        ByteBuffer.wrap(userdata)
                .order(ByteOrder.nativeOrder())
                .putInt(2, set.key() == FilterTable.Key.INTERFACE ? 1 : 2);
        return message.attribute(SET_USERDATA, userdata);
    }

    private static NetlinkMessage newChain(FilterTable table, FilterTable.Chain chain) {
        String operation = "make the chain " + chain.name() + " of " + describe(table.family(), table.name());
        NetlinkMessage message = message(operation, NEWCHAIN, NetlinkMessage.CREATE, table.family())
                .attribute(TABLE, table.name())
                .attribute(CHAIN_NAME, chain.name())
                .nested(CHAIN_HOOK, hook -> {
                    // enum nf_inet_hooks, and the same numbers in enum nf_br_hooks
                    number(hook, HOOK_NUMBER, chain.hook() == FilterTable.Hook.INPUT ? 1 : 2);
                    number(hook, HOOK_PRIORITY, chain.priority());
                });
        return number(message, CHAIN_POLICY, ACCEPT).attribute(CHAIN_TYPE, "filter");
    }

    private static NetlinkMessage rule(String verb, int type, int flags, FilterTable table, FilterTable.Chain chain) {
        String operation = verb + " the chain " + chain.name() + " of " + describe(table.family(), table.name());
        return message(operation, type, flags, table.family())
                .attribute(TABLE, table.name())
                .attribute(RULE_CHAIN, chain.name());
    }

    private static NetlinkMessage element(
            String verb, int type, int flags, SetName set, Element element, Duration timeout) {
        return message(verb + describe(set), type, flags, set.family())
                .attribute(TABLE, set.table())
                .attribute(SET_NAME, set.set())
                .nested(
                        ELEMENTS,
                        list -> list.nested(LIST_ITEM, item -> {
                            item.nested(ELEMENT_KEY, key -> key.attribute(DATA_VALUE, keyBytes(element)));
                            if (!timeout.isZero()) {
                                byte[] millis = ByteBuffer.allocate(8)
                                        .putLong(Math.max(1, timeout.toMillis()))
                                        .array();
                                item.attribute(ELEMENT_TIMEOUT, millis);
                            }
                        }));
    }

    private void commit(String operation, List<NetlinkMessage> requests) throws NativeException {
        NetlinkMessage begin = Netfilter.header(new NetlinkMessage(operation, BATCH_BEGIN, 0), 0, SUBSYSTEM);
        NetlinkMessage end = Netfilter.header(new NetlinkMessage(operation, BATCH_END, 0), 0, SUBSYSTEM);
        socket.transact(begin, requests, end);
    }

    private static NetlinkMessage message(String operation, int type, int flags, FilterFamily family) {
        return Netfilter.header(new NetlinkMessage(operation, SUBSYSTEM << 8 | type, flags), protocol(family), 0);
    }

    private static Optional<FilterTable.ElementSet> parse(SetName name, Attributes set) {
        boolean timeouts = (big(set, SET_FLAGS) & SET_HAS_TIMEOUTS) != 0;
        int length = big(set, SET_KEY_LENGTH);
        int type = big(set, SET_KEY_TYPE);
        for (FilterTable.Key key : FilterTable.Key.values()) {
            if (keyLength(key) == length && keyType(key) == type) {
                return Optional.of(new FilterTable.ElementSet(name.set(), key, timeouts));
            }
        }
        return Optional.empty();
    }

    private static int big(Attributes attributes, int type) {
        byte[] bytes = attributes.bytes(type);
        return bytes.length == 4 ? ByteBuffer.wrap(bytes).getInt() : 0;
    }

    /** NFPROTO_… of linux/netfilter.h */
    private static int protocol(FilterFamily family) {
        return switch (family) {
            case INET -> 1;
            case IP -> 2;
            case BRIDGE -> 7;
            case IP6 -> 10;
        };
    }

    /** nft's own numbers of its types: the kernel keeps them for it. */
    private static int keyType(FilterTable.Key key) {
        return switch (key) {
            case V4 -> 7;
            case V6 -> 8;
            case INTERFACE -> 41;
        };
    }

    private static int keyLength(FilterTable.Key key) {
        return key == FilterTable.Key.V4 ? 4 : 16;
    }

    private static byte[] keyBytes(Element element) {
        if (element instanceof AddressElement address) {
            return address.address().getAddress();
        }
        byte[] name = ((InterfaceElement) element).name().getBytes(StandardCharsets.UTF_8);
        if (name.length == 0 || name.length >= INTERFACE_NAME_SIZE) {
            throw new IllegalArgumentException("interface name of " + name.length + " bytes");
        }
        return Arrays.copyOf(name, INTERFACE_NAME_SIZE);
    }

    private static String describe(FilterFamily family, String table) {
        return "the nftables table " + family.name().toLowerCase(Locale.ROOT) + " " + table;
    }

    private static String describe(SetName set) {
        return "the set " + set.set() + " of " + describe(set.family(), set.table());
    }
}
