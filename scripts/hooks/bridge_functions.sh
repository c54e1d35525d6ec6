# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
#
# Bridges of the example hooks, read by session.up.sh and its neighbours from their own folder. There is one bridge for each
# tunnel MTU, and tunnels reach the broker's machine through it but never each other.
#
# These scripts are configuration: adapt the settings below, or set them in the broker's environment, which hooks inherit.

# A bridge is named by this and the MTU: digger1446. At most 15 characters in all.
: "${TUNNELDIGGER_BRIDGE_PREFIX:=digger}"

# The machine's own address on every bridge.
: "${TUNNELDIGGER_BRIDGE_ADDRESS:=10.254.0.2/16}"

# What comes in by a bridge is routed by this table: a number, or a name that /etc/iproute2/rt_tables knows. Add the name
# there before the first tunnel comes up ("100 mesh"); without it tunnels stay down rather than use the wrong routes.
: "${TUNNELDIGGER_RULE_TABLE:=mesh}"
: "${TUNNELDIGGER_RULE_PRIORITY:=1000}"

# Every port is isolated by the bridge itself, so that no frame passes from one tunnel to another. A rule of ebtables can do
# more: nothing that comes in by the bridge leaves by any port of it, not even by one that you add yourself.
#   auto  set the rule where ebtables is there and the kernel has what it needs (nft_meta_bridge or ebtables' own tables)
#   yes   tunnels stay down where the rule can't be set
#   no    isolate ports alone
: "${TUNNELDIGGER_EBTABLES:=auto}"

# Held while a bridge is made, as several tunnels may come up at once. Must be where no other user can write.
: "${TUNNELDIGGER_BRIDGE_LOCK:=/run/tunneldigger-bridges.lock}"

# End of the settings.

# Marks a bridge that has all it needs. One that lacks the mark is completed, for instance after a hook was cut off.
BRIDGE_READY='tunneldigger: complete'

# Messages are compared below.
export LC_ALL=C

fail() {
    printf '%s: %s\n' "${0##*/}" "$*" >&2
    return 1
}

# An MTU, as it becomes part of a name.
require_mtu() {
    case $1 in
    '' | *[!0-9]*) fail "'$1' is not an MTU" ;;
    esac
}

link_exists() {
    ip link show dev "$1" >/dev/null 2>&1
}

bridge_is_ready() {
    case $(ip link show dev "$1" 2>/dev/null) in
    *"alias $BRIDGE_READY"*) return 0 ;;
    *) return 1 ;;
    esac
}

# ensure_bridge BRIDGE MTU: makes the bridge with its address and rules if it isn't there. Returns only when it is complete. The wait for the lock has
# no end of its own: the broker ends hooks that take too long, the lock's owner among them.
ensure_bridge() {
    bridge_is_ready "$1" && return 0
    (
        flock 9 || exit
        bridge_is_ready "$1" || complete_bridge "$1" "$2"
    ) 9>"$TUNNELDIGGER_BRIDGE_LOCK"
}

# Each step may have been done before.
complete_bridge() {
    link_exists "$1" || ip link add name "$1" type bridge || return
    keep_bridge_address "$1" || return
    # Said once, the MTU holds: also while the bridge is empty, when it would go back to 1500.
    ip link set dev "$1" mtu "$2" up || return
    ignore_while_empty "$1"
    ip address replace "$TUNNELDIGGER_BRIDGE_ADDRESS" dev "$1" || return
    add_routing_rule "$1" || return
    add_ebtables_rule "$1" || return
    ip link set dev "$1" alias "$BRIDGE_READY"
}

# Left alone, a bridge takes the lowest hardware address of its ports: each new tunnel might change the gateway's under all the
# routers that have learnt it. And since all bridges have the same IP address, a router whose tunnel moves to another bridge
# would go on sending to the old bridge's hardware address until it forgets that, half a minute later. So all bridges have one
# hardware address, made from what this machine is called.
keep_bridge_address() {
    seed=$(printf '%s %s %s' "$(cat /etc/machine-id 2>/dev/null)" "$(uname -n)" "$TUNNELDIGGER_BRIDGE_PREFIX" | cksum)
    seed=${seed%% *}
    ip link set dev "$1" address "$(printf '02:74:%02x:%02x:%02x:%02x' $((seed >> 24 & 255)) $((seed >> 16 & 255)) \
        $((seed >> 8 & 255)) $((seed & 255)))"
}

# All bridges have the same address. A bridge without ports would go on attracting the replies to tunnels that have moved to
# another one.
ignore_while_empty() {
    switch=/proc/sys/net/ipv4/conf/$1/ignore_routes_with_linkdown
    if [ -w "$switch" ]; then
        echo 1 >"$switch"
    fi
}

add_routing_rule() {
    problem=$(ip rule add from all iif "$1" lookup "$TUNNELDIGGER_RULE_TABLE" \
        priority "$TUNNELDIGGER_RULE_PRIORITY" 2>&1) && return 0
    case $problem in
    *'File exists'*) return 0 ;;
    *'invalid table ID'*)
        fail "there is no routing table '$TUNNELDIGGER_RULE_TABLE': name it in /etc/iproute2/rt_tables, or set" \
            "TUNNELDIGGER_RULE_TABLE to a number"
        ;;
    *) fail "no rule for $1: $problem" ;;
    esac
}

add_ebtables_rule() {
    [ "$TUNNELDIGGER_EBTABLES" != no ] || return 0
    rules=$(ebtables -L FORWARD 2>/dev/null)
    if printf '%s\n' "$rules" | grep -q -e "^--logical-in $1 -j DROP *\$"; then
        return 0
    fi
    problem=$(ebtables -A FORWARD --logical-in "$1" -j DROP 2>&1) && return 0
    [ "$TUNNELDIGGER_EBTABLES" = auto ] || fail "no ebtables rule for $1: $problem"
}

# Puts an interface with an MTU into the bridge for it, which is made if need be, and sets it up. A port that is up forwards from the moment it joins a bridge,
# and is not isolated then; so it is down until the bridge isolates it. Stops at the first step that fails, which leaves the
# port down.
bridge_port() {
    interface=$1 mtu=$2 bridge=$TUNNELDIGGER_BRIDGE_PREFIX$2
    require_interface "$interface" && require_mtu "$mtu" && ensure_bridge "$bridge" "$mtu" || return
    # A port needs no IPv6 address of its own; with many ports the kernel would spend most of its time on them. Fails where there is no IPv6.
    ip link set dev "$interface" addrgenmode none 2>/dev/null
    ip -batch - <<-EOF
	link set dev $interface down
	link set dev $interface mtu $mtu
	link set dev $interface master $bridge
	link set dev $interface type bridge_slave isolated on
	link set dev $interface up
	EOF
}

# An interface name that is one word, as it goes into a batch of commands.
require_interface() {
    case $1 in
    '' | *[!A-Za-z0-9._-]* | -*) fail "'$1' is not an interface" ;;
    esac
}
