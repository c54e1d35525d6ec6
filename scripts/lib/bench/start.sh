# shellcheck shell=bash disable=SC2154
# SPDX-License-Identifier: Apache-2.0
# Sourced by scripts/bench: from the start of scripts/broker to its line `ready:`, and from a tunnel's start to its right MTU.

measure_start() {
  [ -s "$(broker_archive)" ] || skipped "no class-data archive could be made for this java"
  make_world
  # One before the measured one: afterwards its files are in memory, as they are on a machine that runs.
  start_broker tap 1024 '' '[plugins]' 'enabled=bridge-per-mtu'
  stop_broker
  start_broker tap 1024 '' '[plugins]' 'enabled=bridge-per-mtu'
  record ready 0 $(($(date -d "$(grep -m 1 -F 'ready: ' "$folder/broker.log" | cut -d ' ' -f 1)" +%s%3N) - broker_started_millis)) ms
  stop_broker
}

# A path of 1400 bytes on which larger packets vanish without a word. The demonstration has the means.
measure_mtu() {
  "$top/scripts/demo" --once >"$folder/demo.out" 2>"$folder/demo.log" || broken "scripts/demo ended with status $?"
  record broker-end 0 "$(demo_figure "tunnel to the right MTU, broker's end")" ms
  record client-end 0 "$(demo_figure "tunnel to the right MTU, client's end")" ms
}
demo_figure() { awk -v what="   $1: " 'index($0, what) == 1 { print $(NF - 1); exit }' "$folder/demo.out"; }
