#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# A tunnel goes: takes its interface out of its bridge. After session.down the interface is gone already, and out of the
# bridge with it, so that nothing is left to do; named as session.pre-down the script finds it and ends the traffic before
# the tunnel goes.
# Arguments: tunnel_id session_id interface mtu endpoint_ip endpoint_port local_port uuid broker_port
# In the broker's configuration: [hooks] session.down = /path/to/session.down.sh

# Read from the folder of this script, wherever it was started from.
script=$0
[ ! -L "$script" ] || script=$(readlink -f -- "$script")
# shellcheck source=scripts/hooks/bridge_functions.sh
. "${script%/*}/bridge_functions.sh" || exit

interface=${3-}

require_interface "$interface" || exit
link_exists "$interface" || exit 0
if ! problem=$(ip link set dev "$interface" down nomaster 2>&1) && link_exists "$interface"; then
    fail "$interface: $problem"
fi
