# shellcheck shell=bash disable=SC2154,SC2034
# SPDX-License-Identifier: Apache-2.0
# Sourced by run: the script that writes the broker's configuration.

# The other package's script: a file for the broker out of its UCI file.
broker_configuration() {
    local file name
    new_router
    for file in "$here"/broker/*.config no-file; do
        name=$(basename "$file" .config)
        rm -f "$IPKG_INSTROOT/etc/config/tunneldigger-broker"
        [ "$name" = no-file ] || cp "$file" "$IPKG_INSTROOT/etc/config/tunneldigger-broker"
        $shell "$package/../../packaging/openwrt-broker-config" >"$RECORD" 2>&1
        echo "; exit status $?" >>"$RECORD"
        [ -z "$write" ] || cp "$RECORD" "$here/broker/$name.expected"
        check "$shell: the broker's configuration: $name" same_file "$here/broker/$name.expected" "$RECORD"
    done
}

# What the page shows is what the script writes.
broker_example_of_the_page() {
    local page=$package/../../docs/openwrt-broker.md
    new_router
    # shellcheck disable=SC2016 # backticks around the examples
    sed -n '/^## An example/,/^becomes/p' "$page" | sed -n '/^```/,/^```/{/^```/!p}' >"$IPKG_INSTROOT/etc/config/tunneldigger-broker"
    # shellcheck disable=SC2016 # the same
    sed -n '/^becomes/,$p' "$page" | sed -n '/^```/,/^```/{/^```/!p}' >"$work/expected"
    $shell "$package/../../packaging/openwrt-broker-config" >"$RECORD" 2>&1
    check "$shell: the example of docs/openwrt-broker.md" same_file "$work/expected" "$RECORD"
}
