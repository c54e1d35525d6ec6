# shellcheck shell=bash disable=SC2154
# SPDX-License-Identifier: Apache-2.0
# Sourced by scripts/bench: what a broker costs while sessions stand: memory, processor time when nothing happens, and what one more
# session, cookie, packet costs then. And the kernel's lookup of a tunnel's socket among many.

# Each size with a broker of its own. The figure at 0 is of a broker at rest after its start.
measure_standing() {
  local size
  for size in ${standing_sizes:-1 16 256 500 4096}; do
    fresh_world
    start_broker tap $((size + 1200))
    sleep 2
    [ "$size" != 1 ] || record rss 0 "$(rss_megabytes "$broker_pid")" MB
    stand "$broker_address:8942" "$size"
    await_ports "$size" 120
    standing_costs "$size"
    stop_broker
  done
}
# Sessions that stay until the namespace goes.
stand() { # ADDRESS COUNT
  inside_background router "$top/bench/load" sessions "$1" --count "$2" --at-a-time "$at_a_time" --hold 3600 >"$folder/stand.out" 2>"$folder/stand.log"
}
standing_costs() { # SESSIONS
  sleep 2 # the last handshakes' work is done
  record rss "$1" "$(rss_megabytes "$broker_pid")" MB
  # Once without being measured, so that the code is as warm with one session as it is after thousands.
  sessions_come_and_go "$1"
  steady_cookies
  idle_cost "${idle_seconds:-30}"
  record idle-cpu "$1" "$(awk -v share="$idle" 'BEGIN { printf "%.3f", share * 100 }')" %
  cost sessions_come_and_go "$1"
  record session-cpu "$1" "$cost" us
  cost steady_cookies
  record cookie-cpu "$1" "$cost" us
  start_router tap
  raise_tunnel
  start_takers "$inner_broker"
  steady_packets
  cost steady_packets
  record packet-cpu "$1" "$cost" us
  record packets "$1" "$(small_packets "$inner_broker" up)" /s
}

# Each sets `things`, how many there were.
sessions_come_and_go() { # STANDING
  things=500
  load sessions "$broker_address:8942" --count $things --at-a-time "$at_a_time" --teardown
  await_ports "$1" 60
}
steady_cookies() {
  load cookies "$broker_address:8942" --rate 20000 --seconds 3 --warm-up 0
  things=$(awk -v rate="$(loaded cookie-replies)" 'BEGIN { printf "%d", rate * 3 }')
}
steady_packets() {
  local before
  before=$(received_packets)
  seconds=3 iperf "$inner_broker" up -u -l 18 -b $((20000 * 18 * 8)) >/dev/null
  things=$(($(received_packets) - before))
}
received_packets() { inside broker cat "/sys/class/net/$tunnel_port/statistics/rx_packets"; }

# Sets `idle`, the part of one processor that the broker uses when left alone.
idle_cost() { # SECONDS
  local millis started
  millis=$(used_millis "$broker_pid") started=$(micros_now)
  sleep "$1"
  idle=$(awk -v cpu=$((($(used_millis "$broker_pid") - millis) * 1000)) -v micros=$(($(micros_now) - started)) 'BEGIN { printf "%.6f", cpu / micros }')
}
# Sets `cost`, the broker's processor time for each of the `things` that the command did, in microseconds, less what it uses when left
# alone.
cost() { # COMMAND…
  local millis started
  millis=$(used_millis "$broker_pid") started=$(micros_now)
  "$@"
  cost=$(awk -v cpu=$((($(used_millis "$broker_pid") - millis) * 1000)) -v micros=$(($(micros_now) - started)) -v idle="$idle" -v things="$things" \
    'BEGIN { cost = (cpu - idle * micros) / things; printf "%.3f", (cost > 0 ? cost : 0) }')
}

# Before Linux 6.13 the kernel looks for a packet's socket along one chain of all that have the same address and port. Packets go up,
# so that the broker's kernel looks them up.
measure_guest_lookup() {
  local size ports name
  for ports in 8942 8942,8943,8944,8945; do
    name=one-port
    [ "$ports" = 8942 ] || name=four-ports
    for size in ${lookup_sizes:-1 64 512 2048}; do
      fresh_world
      broker_ports=$ports start_broker kernel $((size + 100))
      stand_among "$ports" $((size - 1))
      await_ports $((size - 1)) 300
      start_router kernel
      raise_tunnel
      start_takers "$inner_broker"
      record "$name" "$size" "$(small_packets "$inner_broker" up)" /s
      record "$name-tcp" "$size" "$(tcp "$inner_broker" up)" Mbit/s
    done
  done
}
stand_among() { # PORTS COUNT: spread over the ports
  local ports port each
  IFS=, read -ra ports <<<"$1"
  [ "$2" -gt 0 ] || return 0
  each=$(($2 / ${#ports[@]}))
  for port in "${ports[@]:1}"; do
    [ $each = 0 ] || stand "$broker_address:$port" $each
  done
  stand "$broker_address:${ports[0]}" $(($2 - each * (${#ports[@]} - 1)))
}
