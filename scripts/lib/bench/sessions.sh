# shellcheck shell=bash disable=SC2154
# SPDX-License-Identifier: Apache-2.0
# Sourced by scripts/bench: how many sessions a second come up and go, and the same work for the kernel by `ip -batch`.

at_a_time=16

# Bridged, isolated and routed. lab/measure has the means; each call is one run of all ways, so that they stand side by side.
hook_speed() { # DATAPATH SESSIONS SESSIONS_BY_SCRIPTS
  recorded "$top/lab/measure" --datapath "$1" hook-speed "$2" "$3" 1 >"$folder/hook-speed.out" 2>"$folder/hook-speed.log" ||
    broken "lab/measure hook-speed ended with status $?"
  record ip-batch "$2" "$(hook_speed_rate 'ip -batch, no handshake')" /s
  record ip-batch-in-use "$2" "$(hook_speed_rate 'ip -batch, ports in use')" /s
  record bare "$2" "$(hook_speed_rate 'broker, no hooks')" /s
  record broker "$2" "$(hook_speed_rate 'broker, bridge-per-mtu')" /s
  record scripts "$3" "$(hook_speed_rate 'broker, example scripts')" /s
}
hook_speed_rate() { awk -v way="$1" 'index($0, way) == 1 { sub(/.*sessions: */, ""); print $1 }' "$folder/hook-speed.out"; }

measure_sessions() {
  hook_speed tap "${session_count:-1000}" 100
  make_world
  start_broker tap 2000
  load sessions "$broker_address:8942" --count "${session_count:-1000}" --at-a-time "$at_a_time" --teardown
  record handshake-p99 "${session_count:-1000}" "$(loaded sessions-handshake-p99)" ms
  stop_broker
}
measure_guest_bridged() { hook_speed kernel "${session_count:-500}" 10; }

# Tunnels without hooks, and their end: SIGTERM until no interface is left.
measure_guest_bare() {
  local count=${session_count:-500} started rate
  make_world
  batch_tunnels "$count"
  fresh_world
  start_broker kernel $((count + 100))
  crowd "$count" "$at_a_time"
  rate=$(loaded sessions-rate)
  record broker "$count" "$rate" /s
  record handshake-p99 "$count" "$(loaded sessions-handshake-p99)" ms
  await_ports "$count" 60
  started=$(micros_now)
  kill -TERM "$broker_pid"
  await_ports 0 120
  record broker-teardown "$count" "$(per_second "$count" $(($(micros_now) - started)))" /s
  wait "$broker_pid" || broken "the broker ended with status $?"
}
batch_tunnels() { # COUNT
  local id started
  for ((id = 100; id < 100 + $1; id++)); do
    printf 'l2tp add tunnel local %s remote %s encap udp udp_sport %d udp_dport 8942 tunnel_id %d peer_tunnel_id %d\n' \
      "$broker_address" "$router_address" $((20000 + id)) $id $id
    printf 'l2tp add session name l2tp%d-%d tunnel_id %d session_id %d peer_session_id %d\n' $id $id $id $id $id
  done >"$folder/add"
  for ((id = 100; id < 100 + $1; id++)); do printf 'l2tp del tunnel tunnel_id %d\n' $id; done >"$folder/delete"
  record ip-batch "$1" "$(timed_batch "$1" add)" /s
  await_ports "$1" 5
  # ip returns when the kernel has taken note; the interfaces go after that
  started=$(micros_now)
  record ip-batch-teardown "$1" "$(timed_batch "$1" delete)" /s
  await_ports 0 60
  record ip-batch-gone "$1" "$(per_second "$1" $(($(micros_now) - started)))" /s
}
timed_batch() { # COUNT FILE
  local started
  started=$(micros_now)
  inside broker ip -batch "$folder/$2" || return 1
  per_second "$1" $(($(micros_now) - started))
}
