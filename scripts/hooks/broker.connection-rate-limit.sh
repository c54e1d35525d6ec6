#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# An address opened tunnels faster than connection_rate_limit_per_ip_* allows: adds it to an ipset for some time. The set
# does nothing by itself; a rule of your firewall has to look into it:
#   iptables  -I INPUT -p udp --dport 8942 -m set --match-set tunneldigger_blocked src -j DROP
#   ip6tables -I INPUT -p udp --dport 8942 -m set --match-set tunneldigger_blocked6 src -j DROP
# Arguments: endpoint_ip endpoint_port uuid
# In the broker's configuration: [hooks] broker.connection-rate-limit = /path/to/broker.connection-rate-limit.sh

# These settings are configuration: adapt them, or set them in the broker's environment.
# The set for IPv4; that for IPv6 has a 6 behind it. One that you have made yourself is used as it is.
: "${TUNNELDIGGER_BLOCKED_SET:=tunneldigger_blocked}"
# How long an address stays in a set that is made here, in seconds; 0: for ever.
: "${TUNNELDIGGER_BLOCKED_SECONDS:=600}"

# Without the interface of a link-local address.
address=${1-}
address=${address%%\%*}

case $address in
'' | *[!0-9A-Fa-f:.]*)
    printf '%s: %s is not an address\n' "${0##*/}" "'$address'" >&2
    exit 1
    ;;
*:*) set_name=${TUNNELDIGGER_BLOCKED_SET}6 family=inet6 ;;
*) set_name=$TUNNELDIGGER_BLOCKED_SET family=inet ;;
esac

ipset -exist add "$set_name" "$address" 2>/dev/null && exit
# Another hook may make the set at the same time, and a set of yours may differ: adding decides.
ipset -exist create "$set_name" hash:ip family "$family" timeout "$TUNNELDIGGER_BLOCKED_SECONDS" 2>/dev/null
ipset -exist add "$set_name" "$address"
