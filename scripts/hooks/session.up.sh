#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# A tunnel is there: puts its interface into the bridge of its MTU, apart from all other tunnels, and sets it up.
# Arguments: tunnel_id session_id interface mtu endpoint_ip endpoint_port local_port uuid broker_port
# In the broker's configuration: [hooks] session.up = /path/to/session.up.sh

# Read from the folder of this script, wherever it was started from.
script=$0
[ ! -L "$script" ] || script=$(readlink -f -- "$script")
# shellcheck source=scripts/hooks/bridge_functions.sh
. "${script%/*}/bridge_functions.sh" || exit

interface=${3-} mtu=${4-}

bridge_port "$interface" "$mtu"
