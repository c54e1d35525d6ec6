# shellcheck shell=bash disable=SC2034,SC2154
# SPDX-License-Identifier: Apache-2.0
# Sourced by scripts/demo after common.sh and namespaces.sh: the steps of the demonstration.
#
# Network: the namespace `broker` has a bridge `wan` (10.77.0.1) with a veth pair to each router a, b, c (10.77.0.2…).
# Clocks: the broker's log lines, the client's hook and `ip -timestamp monitor` stamp what they saw when they saw it;
# figures are differences of those stamps, so that this script's own waiting doesn't count.

broken=0
figures=()
monitors=()
broker_pid=
broker_address=10.77.0.1
gateway=10.254.0.2

say() { printf '\n== %s\n' "$*"; }
tell() { printf '   %s\n' "$*"; }
figure() {
  figures+=("$1" "$2")
  tell "$1: $2"
}
print_figures() { printf '   %-40s %s\n' "${figures[@]}"; }

fails() { ! "$@"; }
expect() { # WHAT COMMAND…
  local what=$1
  shift
  if "$@" >/dev/null 2>&1; then
    tell "ok: $what"
  else
    tell "FAILED: $what"
    broken=$((broken + 1))
  fi
}
# A step that the rest builds upon: without it the demonstration ends.
wait_for() { # SECONDS WHAT COMMAND…
  local end=$((SECONDS + $1)) what=$2
  shift 2
  until "$@" >/dev/null 2>&1; do
    if [ "$SECONDS" -ge "$end" ]; then
      tell "FAILED: $what"
      show_logs
      die "not in time: $what"
    fi
    sleep 0.05
  done
  tell "ok: $what"
}

show_logs() {
  local log
  for log in "$folder"/*.log; do
    printf -- '--- %s\n' "${log##*/}" >&2
    tail -n 25 "$log" >&2
  done
}

make_network() {
  local name number
  for name in broker a b c; do ip netns add "$prefix-$name" || die "can't make network namespaces here"; done
  inside broker sh -ec 'ip link set lo up
    ip link add wan mtu 1500 type bridge; ip address add 10.77.0.1/24 dev wan; ip link set wan up'
  number=1
  for name in a b c; do
    number=$((number + 1))
    ip -n "$prefix-broker" link add "to-$name" type veth peer name wan netns "$prefix-$name"
    ip -n "$prefix-broker" link set "to-$name" master wan up
    ip -n "$prefix-$name" link set lo up
    ip -n "$prefix-$name" link set wan up
    ip -n "$prefix-$name" address add "10.77.0.$number/24" dev wan
  done
  # The broker's side of the third pair: larger packets vanish there without a word, both ways.
  ip -n "$prefix-broker" link set to-c mtu 1400
  ip -n "$prefix-broker" link set wan mtu 1500
  tell "namespaces $prefix-broker, -a, -b, -c; the broker is at $broker_address"
}

write_configuration() {
  cat >"$folder/broker.cfg" <<CONFIG
[broker]
address=$broker_address
port=8942
interface=wan
max_tunnels=16
tunnel_id_base=100
connection_rate_limit=0
pmtu=0
datapath=auto

[log]
verbosity=INFO
log_ip_addresses=true

CONFIG
  "configure_$hooks" >>"$folder/broker.cfg"
  # A router's own script: its tunnel gets an address and comes up. It notes the time first, for the figures.
  cat >"$folder/client-hook" <<'HOOK'
#!/bin/sh
echo "$(date +%s%3N) $1 $2" >>"$TUNNELDIGGER_DEMO_HOOKS"
if [ "$1" = session.up ]; then
  ip address replace "$TUNNELDIGGER_DEMO_ADDRESS" dev "$2"
  ip link set dev "$2" up
fi
HOOK
  chmod +x "$folder/client-hook"
}

# The rule looks up what comes in by a bridge in a table of the mesh; here a number without routes stands for it.
configure_plugins() {
  : >"$folder/deny"
  cat <<CONFIG

[plugins]
enabled=access-list, bridge-per-mtu

[plugin.access-list]
deny=$folder/deny
check_interval=1

[plugin.bridge-per-mtu]
prefix=digger
address=$gateway/16
rule_table=100
rule_priority=1000
CONFIG
}
configure_scripts() {
  local folder=$top/scripts/hooks
  cat <<CONFIG

[hooks]
session.up=$folder/session.up.sh
session.pre-down=
session.down=$folder/session.down.sh
session.mtu-changed=$folder/session.mtu-changed.sh
broker.connection-rate-limit=$folder/broker.connection-rate-limit.sh
CONFIG
}

start_broker() {
  tell "scripts/broker $folder/broker.cfg"
  broker_started_millis=$(date +%s%3N)
  TUNNELDIGGER_RULE_TABLE=100 TUNNELDIGGER_NO_BUILD=1 inside_background broker "$top/scripts/broker" "$folder/broker.cfg" >"$folder/broker.log" 2>&1
  broker_pid=$!
}

tunnel_address() { printf '10.254.1.%d\n' "$1"; }

start_client() { # NAME NUMBER
  : >"$folder/$1.hooks"
  tell "tunneldigger -u demo-router-$1 -i td0 -b $broker_address:8942"
  client_started_millis=$(date +%s%3N)
  TUNNELDIGGER_DEMO_HOOKS=$folder/$1.hooks TUNNELDIGGER_DEMO_ADDRESS=$(tunnel_address "$2")/16 \
    inside_background "$1" "$top/client/tunneldigger" -f -u "demo-router-$1" -i td0 -t "$2" \
    -s "$folder/client-hook" -b "$broker_address:8942" >"$folder/client-$1.log" 2>&1
  disown # its namespace's end ends it, without a word of the shell
}

stop_client() { # NAME
  pkill -TERM -f -- "-u demo-router-$1 " || :
  wait_for 10 "router ${1^^}'s client ends" fails pgrep -f -- "tunneldigger -f -u demo-router-$1 "
}

# What is in the kernel, as its own programs tell it.
show_kernel_state() {
  {
    ip -n "$prefix-broker" -br link show type bridge | grep digger
    ip -n "$prefix-broker" -br address show | grep digger
    ip -n "$prefix-broker" rule show | grep digger
    inside broker bridge -d link show | grep -o 'l2tp.* master .*\|isolated on'
  } | tr -s ' ' | while read -r line; do tell "$line"; done
}

reaches() { # NAME ADDRESS [PING OPTION…]
  local name=$1 address=$2
  shift 2
  inside "$name" ping -n -q -c 1 -W 1 "$@" "$address"
}
ping_times() { # NAME
  inside "$1" ping -n -q -c 20 -i 0.1 "$gateway" | awk -F '[=/ ]+' '/^rtt|^round/ { printf "min %s, mean %s, max %s ms\n", $6, $7, $8 }'
}

port_in_bridge() { # BRIDGE LEAST
  [ "$(ip -n "$prefix-broker" -o link show master "$1" | grep -c l2tp)" -ge "$2" ]
}
newest_port() {
  ip -n "$prefix-broker" -o link show | awk -F '[ :@]+' '$2 ~ /^l2tp/ { name = $2 } END { print name }'
}
mtu_of() { # NAMESPACE INTERFACE
  ip -n "$prefix-$1" -o link show dev "$2" 2>/dev/null | sed -n 's/.* mtu \([0-9]*\).*/\1/p'
}
small_mtu_stands() {
  [ "$(mtu_of broker "$(newest_port)")" = 1346 ] && [ "$(mtu_of c td0)" = 1346 ]
}

# Stamps of the log's first line, or a hook's, that has the pattern.
log_time_millis() { date -d "$(grep -m 1 -F "$1" "$folder/broker.log" | cut -d ' ' -f 1)" +%s%3N; }
hook_time_millis() { awk '$2 == "session.up" { print $1; exit }' "$folder/$1.hooks"; }

# Both bridges have the gateway's address and so a route to all routers; which one a router is behind, a routing daemon
# would find out.
route_to_router_c() {
  tell "ip route add $(tunnel_address 3) dev digger1346"
  ip -n "$prefix-broker" route replace "$(tunnel_address 3)" dev digger1346
}

watch_links() { # NAMESPACE
  TZ=UTC setsid ip -n "$prefix-$1" -tshort -oneline monitor link </dev/null >"$folder/$1.links" 2>/dev/null &
  monitors+=($!)
  disown
}
# When a line that has both words first came, by the monitor's own stamp: [2026-11-22T21:00:53.936123] …
link_time_millis() { # NAMESPACE INTERFACE WORDS
  local stamp
  stamp=$(awk -v name="$2" -v words="$3" '
    $0 ~ "[ :]" name "[:@ ]" && index($0, words) { print substr($1, 2, 26); exit }' "$folder/$1.links")
  [ -n "$stamp" ] && date -u -d "${stamp}Z" +%s%3N
}
millis_to_mtu() { # NAMESPACE INTERFACE: from the interface's first sight to its new MTU
  echo $(($(link_time_millis "$1" "$2" mtu) * -1 + $(link_time_millis "$1" "$2" 'mtu 1346')))
}
millis_to_mtu_at_client() {
  echo $(($(link_time_millis c td0 'mtu 1346') - $(link_time_millis broker "$(newest_port)" mtu)))
}

keep_running() {
  cat <<HINT

The broker keeps running until Ctrl-C. Try, in another shell as root:
   ip netns exec $prefix-a ping $gateway                 through router A's tunnel
   ip -n $prefix-broker link show master digger1446      the tunnels in their bridge
   tail -f $folder/broker.log
   pkill -f -- '-u demo-router-b'                        router B leaves; look at the log
HINT
  while kill -0 "$broker_pid" 2>/dev/null; do sleep 1; done
  show_logs
  die "the broker ended by itself"
}

stop_broker() {
  local started
  started=$(date +%s%3N)
  kill -TERM "$broker_pid"
  wait_for 25 "on SIGTERM the broker ends" fails kill -0 "$broker_pid"
  figure "SIGTERM to exit, three sessions" "$(($(date +%s%3N) - started)) ms"
  expect "its exit status is 0" wait "$broker_pid"
  broker_pid=
  wait_for 10 "the routers were told" grep -q ' session.down ' "$folder/a.hooks"
}

# Called on every exit: ends what runs, removes what was made.
demo_end() {
  local status=$?
  trap '' INT TERM HUP
  if [ -n "$broker_pid" ]; then
    kill -TERM "$broker_pid" 2>/dev/null && wait "$broker_pid" 2>/dev/null
  fi
  sweep_namespaces td-demo $$
  if [ ${#monitors[@]} -gt 0 ]; then kill "${monitors[@]}" 2>/dev/null; fi
  [ -z "$folder" ] || rm -rf "$folder"
  exit $status
}
