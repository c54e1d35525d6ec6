#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# The MTU inside a tunnel has changed: moves its interface to the bridge of the new one. The old bridge stays, empty or not.
# Arguments: tunnel_id session_id interface old_mtu new_mtu uuid
# In the broker's configuration: [hooks] session.mtu-changed = /path/to/session.mtu-changed.sh

# Read from the folder of this script, wherever it was started from.
script=$0
[ ! -L "$script" ] || script=$(readlink -f -- "$script")
# shellcheck source=scripts/hooks/bridge_functions.sh
. "${script%/*}/bridge_functions.sh" || exit

interface=${3-} mtu=${5-}

bridge_port "$interface" "$mtu"
