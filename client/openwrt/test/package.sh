# shellcheck shell=bash disable=SC2154,SC2034
# SPDX-License-Identifier: Apache-2.0
# Sourced by run: the package's Makefile, the command as procd would run it, and the page that describes them.

wait_until() {
    local deadline=$((SECONDS + 10))
    until "$@"; do
        [ $SECONDS -lt $deadline ] || return 1
        sleep 0.05
    done
}

# What watchdogs ask.
has_live_process() { [ -s "$1" ] && kill -0 "$(cat "$1")" 2>/dev/null; }

# As procd would: the recorded command, in a namespace without any network. The pidfile is where routers have it.
runs_for_real() {
    local pidfile=/var/run/tunneldigger.td-openwrt0.pid words
    if [ "$(id -u)" -ne 0 ] || [ ! -c /dev/net/tun ]; then
        skip 'the recorded command, run for real' 'it takes root and /dev/net/tun'
        return
    fi
    shell=dash
    new_router
    configure "$here/cases/run-for-real.config"
    service start
    eval "words=($(command_of tunneldigger_1))"
    unshare --net "$client/tunneldigger" "${words[@]:1}" 2>"$work/client.log" &
    started=$!
    check 'run for real: a watchdog finds the process by its pidfile' wait_until has_live_process "$pidfile"
    check 'run for real: it is the one that procd started' equal "$(cat "$pidfile" 2>&1)" "$started"
    check 'run for real: it runs in its group' equal "$(awk '/^Gid:/ { print $2, $3, $4, $5 }' "/proc/$started/status")" '301 301 301 301'
    check 'run for real: and keeps no other' equal "$(awk '/^Groups:/ { print $2 }' "/proc/$started/status")" ''
    check 'run for real: it tells how it is' grep -q '^interface: *td-openwrt0$' <("$client/tunneldigger" --status -i td-openwrt0)
    kill -KILL $started
    wait $started 2>/dev/null
    unshare --net "$client/tunneldigger" "${words[@]:1}" 2>>"$work/client.log" &
    started=$!
    check 'run for real: after a crash the file names the next one' wait_until grep -qsx $started "$pidfile"
    kill -TERM $started
    wait $started 2>/dev/null
    started=
    check 'run for real: no file stays behind' not test -e "$pidfile"
}

package_make() { # TARGET [VARIABLE…]: as in a buildroot, where the package is a link
    make -s -C "$work/buildroot/package/tunneldigger" "$1" TOPDIR="$work/buildroot" OUTPUT="$work/output" "${@:2}" 2>&1
}

package_is_built() {
    mkdir -p "$work/buildroot/package"
    cp -r "$here/buildroot/." "$work/buildroot/"
    ln -s "$package" "$work/buildroot/package/tunneldigger"
    local version root=$work/output/root
    version=$("$client/tunneldigger" --version)
    check 'the package has the name of the one that it replaces, and the version of the client' equal \
        "$(package_make info | head -n 1)" "$version"
    check 'it needs the kernel modules and no library' equal \
        "$(package_make info | sed -n 's/^depends: //p')" '+kmod-l2tp +kmod-l2tp-eth +TUNNELDIGGER_TAP:kmod-tun'
    check 'an upgrade keeps the configuration' equal \
        "$(package_make info | sed -n 's/^conffiles: //p')" /etc/config/tunneldigger
    check 'the package is built without a word' equal "$(package_make all CONFIG_TUNNELDIGGER_MAX_BROKERS=12)" ''
    check 'what it installs, and with which rights' equal \
        "$(cd "$root" && find . -type f -printf '%m %P\n' | sort -k 2 | xargs)" \
        '600 etc/config/tunneldigger 644 etc/hotplug.d/iface/90-tunneldigger 755 etc/init.d/tunneldigger 755 usr/bin/tunneldigger'
    shell=dash
    new_router
    cp "$root/usr/bin/tunneldigger" "$IPKG_INSTROOT/usr/bin/tunneldigger.built"
    mv "$IPKG_INSTROOT/usr/bin/tunneldigger.built" "$IPKG_INSTROOT/usr/bin/tunneldigger"
    configure "$here/cases/too-many-brokers.config"
    service start
    check 'a client built for twelve brokers gets twelve' equal "$(command_of tunneldigger_1 | grep -o -- '-b ' | wc -l)" 12
}

# docs/router.md leaves nothing out.
page_tells_all() {
    local page=$client/../docs/router.md word
    for word in $("$client/tunneldigger" --help 2>&1 | grep -o -- '--[a-z][a-z-]*' | sort -u); do
        check "the page names $word" grep -qF -- "$word" "$page"
    done
    for word in $(grep -oE 'config_get(_bool)? [a-z]+ "[^"]*" [a-z_]+' "$package/files/tunneldigger.init" | cut -d' ' -f4) limit_bw_down hook_script datapath status; do
        check "the page has the option $word" grep -q "^| \`$word\`" "$page"
    done
    while IFS= read -r word; do
        check "the page explains '$word'" grep -qF "ended: $word\`" "$page"
    done < <(sed -n 's/.*\[END_[A-Z_]*\] = "\(..*\)",$/\1/p' "$client/src/session.c")
}
