# shellcheck shell=dash
# SPDX-License-Identifier: Apache-2.0
#
# Stands for OpenWrt's /lib/functions.sh: UCI's sections. A configuration file in UCI's own form is shell as well, as long as
# its values are in single quotes.

record() { printf '%s\n' "$*" >>"$RECORD"; }
misuse() { record "MISUSE $*"; }

# The words as a shell takes them.
quoted() {
    local word
    for word in "$@"; do
        case $word in
        '' | *[!A-Za-z0-9_./:@%+=,-]*) word=$(printf '%s\n' "$word" | sed "s/'/'\\\\''/g; 1s/^/'/; \$s/\$/'/") ;;
        esac
        printf ' %s' "$word"
    done
}

logger() {
    local tag='' priority='' option
    while getopts t:p: option; do
        case $option in
        t) tag=$OPTARG ;;
        p) priority=$OPTARG ;;
        *) misuse "logger $*" ;;
        esac
    done
    shift $((OPTIND - 1))
    OPTIND=1
    record "log $tag $priority: $*"
}

is_name() {
    case $1 in '' | *[!A-Za-z0-9_]*) return 1 ;; esac
}

package() { :; }

config() { # TYPE [NAME]
    uci_count=$((uci_count + 1))
    uci_section=${2:-cfg$uci_count}
    uci_sections="$uci_sections $uci_section"
    eval "uci_type_$uci_section=\$1"
}

option() { # NAME VALUE
    is_name "$1" && eval "uci_${uci_section}_$1=\$2"
}

# OpenWrt joins a list's items with blanks where it is read as an option.
list() { # NAME VALUE
    eval "uci_${uci_section}_$1=\${uci_${uci_section}_$1:+\$uci_${uci_section}_$1 }\$2"
}

config_load() { # PACKAGE
    uci_count=0 uci_sections=''
    # shellcheck disable=SC2046 # a word a variable
    unset $(set | sed -n 's/^\(uci_[A-Za-z0-9_]*_[A-Za-z0-9_]*\)=.*/\1/p')
    [ -f "$IPKG_INSTROOT/etc/config/$1" ] || return 1
    # As OpenWrt's: what stands before the first slip counts, and there is no word of the rest.
    cp "$IPKG_INSTROOT/etc/config/$1" "$IPKG_INSTROOT/loaded"
    while ! sh -n "$IPKG_INSTROOT/loaded" 2>/dev/null; do sed -i '$d' "$IPKG_INSTROOT/loaded"; done
    # shellcheck source=/dev/null
    . "$IPKG_INSTROOT/loaded"
}

# Strict, as the program is unless it is told otherwise.
uci() {
    [ "$1 $2" = '-q show' ] || misuse "uci $*"
    sh -n "$IPKG_INSTROOT/etc/config/$3" 2>/dev/null && cat "$IPKG_INSTROOT/etc/config/$3"
}

config_foreach() { # FUNCTION TYPE
    local each type
    for each in $uci_sections; do
        eval "type=\$uci_type_$each"
        [ "$type" = "$2" ] && "$1" "$each"
    done
    return 0
}

config_get() { # VARIABLE SECTION OPTION [DEFAULT]
    is_name "$2" && is_name "$3" || return 0
    eval "$1=\${uci_${2}_$3:-\$4}"
}

config_get_bool() { # VARIABLE SECTION OPTION DEFAULT
    config_get "$@"
    eval "set -- \"\$1\" \"\$$1\" \"\$4\""
    case $2 in
    1 | on | true | yes | enabled) eval "$1=1" ;;
    0 | off | false | no | disabled) eval "$1=0" ;;
    *) eval "$1=\$3" ;;
    esac
}
