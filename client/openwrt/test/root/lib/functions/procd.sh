# shellcheck shell=dash
# SPDX-License-Identifier: Apache-2.0
#
# Stands for OpenWrt's /lib/functions/procd.sh: writes down what procd would be told.

procd_instance=

procd_open_instance() { # NAME
    [ -z "$procd_instance" ] || misuse "instance $1 in instance $procd_instance"
    procd_instance=$1
    record "instance $1"
}

procd_set_param() { # TYPE VALUE…
    [ -n "$procd_instance" ] || misuse "parameter $1 outside of an instance"
    case $1 in
    command | respawn | term_timeout | netdev) record " $(quoted "$@")" ;;
    *) misuse "parameter $1" ;;
    esac
}

procd_close_instance() {
    [ -n "$procd_instance" ] || misuse 'close without open'
    procd_instance=
}

close_service() {
    [ -z "$procd_instance" ] || misuse "instance $procd_instance is not closed"
}

procd_add_reload_trigger() { # PACKAGE…
    record "trigger config.change $* reload"
}

procd_add_interface_trigger() { # EVENT NETWORK COMMAND…
    record "trigger$(quoted "$@")"
}
