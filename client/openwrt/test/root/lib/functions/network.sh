# shellcheck shell=dash
# SPDX-License-Identifier: Apache-2.0
#
# Stands for OpenWrt's /lib/functions/network.sh. $IPKG_INSTROOT/networks has lines `NETWORK L3-DEVICE`, the device `-` for
# none.

# A file `networks.next` stands for what the networks are like from now on.
network_flush_cache() {
    [ ! -f "$IPKG_INSTROOT/networks.next" ] || mv "$IPKG_INSTROOT/networks.next" "$IPKG_INSTROOT/networks"
}

network_get_device() { # VARIABLE NETWORK
    case $2 in
    *[!A-Za-z0-9_]*) # an ash ends here: it can't have a variable of that name
        misuse "network_get_device $2"
        exit 2
        ;;
    esac
    eval "$1="
    local net_name net_device
    while read -r net_name net_device; do
        if [ "$net_name" = "$2" ] && [ "$net_device" != - ]; then
            eval "$1=\$net_device"
            return 0
        fi
    done <"$IPKG_INSTROOT/networks"
    return 1
}
