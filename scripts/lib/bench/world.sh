# shellcheck shell=bash disable=SC2034,SC2154,SC2015
# SPDX-License-Identifier: Apache-2.0
# Sourced by scripts/bench: two namespaces, `broker` (10.78.0.1) and `router` (10.78.0.2), joined by a veth pair, and what runs in them.

broker_address=10.78.0.1
router_address=10.78.0.2
inner_broker=10.79.0.1
inner_router=10.79.0.2
full_mtu=1446
prefix=td-bench$$

make_world() {
  ip netns add "$prefix-broker" && ip netns add "$prefix-router" || skipped "can't make network namespaces here"
  ip -n "$prefix-broker" link set lo up
  ip -n "$prefix-router" link set lo up
  ip -n "$prefix-broker" link add wan mtu 1500 type veth peer name wan netns "$prefix-router"
  ip -n "$prefix-broker" address add "$broker_address/24" dev wan
  ip -n "$prefix-router" address add "$router_address/24" dev wan
  ip -n "$prefix-broker" link set wan up
  ip -n "$prefix-router" link set wan up
  await 10 "the two namespaces reach each other" inside router ping -n -q -c 1 -W 1 "$broker_address"
}
# Silently: the shell would tell of each process that ends so.
leave_world() { { sweep_namespaces td-bench $$; wait; } 2>/dev/null; }
# For a further system under test within one run.
fresh_world() {
  leave_world
  make_world
}

await() { # SECONDS WHAT COMMAND…
  local end=$((SECONDS + $1)) what=$2
  shift 2
  until "$@" >/dev/null 2>&1; do
    [ $SECONDS -lt $end ] || broken "not in time: $what"
    sleep 0.05
  done
}

# await_text SECONDS WHAT TEXT FILE: without a process for each look, which in the guest takes as much as several sessions.
await_text() {
  local end=$((SECONDS + $1)) lines never
  exec {never}<> <(:)
  until mapfile -t lines 2>/dev/null <"$4" && [[ ${lines[*]} == *"$3"* ]]; do
    [ $SECONDS -lt $end ] || broken "not in time: $2"
    read -rt 0.05 -u "$never" || :
  done 2>/dev/null
  exec {never}>&-
}

# start_broker DATAPATH MOST_SESSIONS [PIN [LINE…]]: PIN is a list of processors, or empty; LINEs end the configuration.
start_broker() {
  local pin=()
  [ -z "${3:-}" ] || pin=(taskset -c "$3")
  {
    printf '[broker]\naddress=%s\nport=%s\ndatapath=%s\nmax_tunnels=%d\ntunnel_id_base=100\n' \
      "$broker_address" "${broker_ports:-8942}" "$1" "$2"
    printf '[log]\nverbosity=INFO\n'
    shift $(($# > 3 ? 3 : $#))
    [ $# -eq 0 ] || printf '%s\n' "$@"
  } >"$folder/broker.cfg"
  broker_started_millis=$(date +%s%3N)
  TUNNELDIGGER_NO_BUILD=1 recorded inside_background broker "${pin[@]}" "$top/scripts/broker" "$folder/broker.cfg" >"$folder/broker.log" 2>&1
  broker_pid=$!
  await 180 "the broker says ready" grep -q 'ready: ' "$folder/broker.log"
}
stop_broker() {
  kill -TERM "$broker_pid"
  wait "$broker_pid" || broken "the broker ended with status $?"
}

# start_router DATAPATH [PORT]: a real client with its interface td0.
start_router() {
  # shellcheck disable=SC2016 # for the hook's shell
  printf '#!/bin/sh\necho "$1 $2" >>%s/hooks\n' "$folder" >"$folder/hook"
  chmod +x "$folder/hook"
  : >"$folder/hooks"
  inside_background router "$top/client/tunneldigger" -f -u bench-router -i td0 --datapath "$1" -s "$folder/hook" \
    -b "$broker_address:${2:-8942}" >"$folder/router.log" 2>&1
  await 60 "the router's tunnel is up" grep -q '^session.up ' "$folder/hooks"
}

# raise NAMESPACE INTERFACE ADDRESS
raise() {
  ip -n "$prefix-$1" address add "$3/24" dev "$2"
  ip -n "$prefix-$1" link set "$2" up
}
# The router's port at the broker and td0 get addresses, and are ready to be measured when they have their full MTU.
raise_tunnel() {
  local port
  port=$(sed -n 's/.* up: uuid "bench-router".* interface //p' "$folder/broker.log" | tail -n 1)
  [ -n "$port" ] || broken "the broker has no interface"
  tunnel_port=$port
  raise broker "$port" "$inner_broker"
  raise router td0 "$inner_router"
  await 30 "both ends have an MTU of $full_mtu" both_have_full_mtu "$port"
  await 30 "packets pass the tunnel" inside router ping -n -q -c 1 -W 1 "$inner_broker"
}
both_have_full_mtu() {
  [ "$(inside broker cat "/sys/class/net/$1/mtu")" = "$full_mtu" ] && [ "$(inside router cat /sys/class/net/td0/mtu)" = "$full_mtu" ]
}
# The tunnel of this project, whole: broker, client, addresses.
our_tunnel() { # DATAPATH
  start_broker "$1" 16
  start_router "$1"
  raise_tunnel
}

# One process that polls: starting one each time would take from what is measured.
await_ports() { # COUNT SECONDS: until the broker's namespace has exactly so many interfaces l2tp…
  # shellcheck disable=SC2016 # for the shell inside
  inside broker bash -c 'cd /sys/class/net; end=$((SECONDS + $2)); exec 9<> <(:)
    shopt -s nullglob
    while ports=(l2tp*); [ ${#ports[@]} -ne "$1" ]; do
      [ $SECONDS -lt $end ] || exit 1
      read -rt 0.05 -u 9
      # listing them all takes from what is measured: a look at the last one first
      while [ "$1" = 0 ] && [ -e "${ports[-1]-}" ] && [ $SECONDS -lt $end ]; do read -rt 0.03 -u 9; done
    done
    exit 0' - "$1" "$2" || broken "not in time: $1 interfaces at the broker"
}

# load MODE ARGUMENT…: the generator, in the router's namespace; its lines `name value unit` go to load.out.
load() {
  inside router ${load_pin:+taskset -c "$load_pin"} "$top/bench/load" "$@" >"$folder/load.out" 2>"$folder/load.log" ||
    broken "bench/load $1 ended with status $?: $(tail -n 1 "$folder/load.log")"
}
# crowd COUNT AT_A_TIME: so many sessions of a program that takes little itself; they stay. Its lines go to load.out, too.
crowd() {
  inside_background router "$top/bench/target/crowd" "$broker_address" 8942 "$1" "$2" >"$folder/load.out" 2>"$folder/load.log"
  await_text 300 "the crowd has its tunnels" sessions-handshake-p99 "$folder/load.out"
}
loaded() { # NAME: the value of the generator's figure
  awk -v name="$1" '$1 == name { print $2; found = 1 } END { exit !found }' "$folder/load.out" || broken "bench/load printed no $1"
}

# Processor time of a process, in milliseconds, also of threads that have ended.
used_millis() {
  local used
  read_used_millis "$1"
  echo "$used"
}
# Sets `used` to it: utime and stime, in ticks of 10 ms.
read_used_millis() {
  local fields
  read -ra fields <"/proc/$1/stat"
  used=$(((fields[13] + fields[14]) * 10))
}
rss_megabytes() { awk '/^VmRSS/ { printf "%.1f", $2 * 1024 / 1e6 }' "/proc/$1/status"; }
