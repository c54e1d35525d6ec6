#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# The MTU inside a tunnel has changed: moves its interface to the bridge of the new one. The old bridge stays, empty or not.
# Arguments: tunnel_id session_id interface old_mtu new_mtu uuid
# In the broker's configuration: [hooks] session.mtu-changed = /path/to/session.mtu-changed.sh

# shellcheck source=scripts/hooks/bridge_functions.sh
. "$(dirname -- "$(readlink -f -- "$0")")/bridge_functions.sh" || exit

interface=${3-} mtu=${5-}

require_interface "$interface" || exit
bridge=$(bridge_name "$mtu") || exit
ensure_bridge "$bridge" || exit
bridge_port "$interface" "$mtu" "$bridge"
