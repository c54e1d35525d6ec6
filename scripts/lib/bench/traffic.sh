# shellcheck shell=bash disable=SC2154
# SPDX-License-Identifier: Apache-2.0
# Sourced by scripts/bench: what passes a tunnel between two namespaces of one machine, up (router to broker) and down, by programs that
# are the same for every tunnel measured. All have the same inner MTU.

# tcp ADDRESS up|down: received Mbit/s, by iperf3; small_packets ADDRESS up|down: received packets a second, each a frame of 64 bytes
# with its check sum, at most. ADDRESS is the broker's.
tcp() { iperf "$1" "$2" | awk '/receiver/ { for (i = 2; i <= NF; i++) if ($i == "Mbits/sec") rate = $(i - 1) } END { print rate }'; }
small_packets() {
  local sender=router address=$1
  if [ "$2" = down ]; then sender=broker address=$(other_end "$1"); fi
  inside $sender "$top/bench/target/packets" send "$address" 7777 "${packets_millis:-1000}" >"$folder/packets.out" || return 1
  cut -d " " -f 1 "$folder/packets.out"
}
other_end() { if [ "$1" = "$inner_broker" ]; then echo "$inner_router"; else echo "$router_address"; fi; }
iperf() { # ADDRESS up|down OPTION…
  local address=$1 reverse=()
  [ "$2" = up ] || reverse=(-R)
  shift 2
  timeout $((${seconds:-5} + 20)) ip netns exec "$prefix-router" iperf3 -c "$address" -f m -t "${seconds:-5}" "${reverse[@]}" "$@" 2>&1 |
    tee "$folder/iperf.log"
}
start_takers() { # ADDRESS
  inside_background broker iperf3 -s --forceflush -B "$1" >"$folder/iperf-server.log" 2>&1
  await 10 "iperf3 listens" grep -q 'Server listening' "$folder/iperf-server.log"
  local end
  for end in broker router; do
    inside_background $end "$top/bench/target/packets" take 7777 >"$folder/packets-$end.log" 2>&1
    await 10 "the counter of packets listens" grep -q ready "$folder/packets-$end.log"
  done
}
both_ways() { # NAME tcp|small_packets ADDRESS
  local unit=Mbit/s way rate
  [ "$2" = tcp ] || unit=/s
  for way in up down; do
    rate=$("$2" "$3" $way)
    record "$1-$way" 0 "$rate" $unit
  done
}

measure_tap_tcp() { through_tap tcp; }
measure_tap_packets() { through_tap small_packets; }
through_tap() { # tcp|small_packets
  make_world
  our_tunnel tap
  start_takers "$inner_broker"
  both_ways ours "$1" "$inner_broker"
  stop_broker
  fastd_traffic null "$1"
  fastd_traffic null@l2tp "$1"
  fresh_world
  start_takers "$broker_address"
  both_ways veth "$1" "$broker_address"
}

fastd_traffic() { # METHOD tcp|small_packets
  fresh_world
  start_fastd "$1"
  start_takers "$inner_broker"
  both_ways "fastd-${1//@/-}" "$2" "$inner_broker"
}
start_fastd() { # METHOD
  command -v fastd >/dev/null || skipped "fastd is not installed and can't be"
  local name key
  for name in broker router; do fastd --generate-key >"$folder/$name.key" 2>/dev/null; done
  for name in broker router; do
    {
      printf 'mode tap;\ninterface "fast0";\nmethod "%s";\nmtu %d;\nsecret "%s";\n' \
        "$1" "$full_mtu" "$(awk '/^Secret/ { print $2 }' "$folder/$name.key")"
      if [ $name = broker ]; then
        key=$(awk '/^Public/ { print $2 }' "$folder/router.key")
        printf 'bind %s:10000;\npeer "router" { key "%s"; }\n' "$broker_address" "$key"
        printf 'on up "ip address add %s/24 dev fast0 && ip link set fast0 up";\n' "$inner_broker"
      else
        key=$(awk '/^Public/ { print $2 }' "$folder/broker.key")
        printf 'peer "broker" { remote %s:10000; key "%s"; }\n' "$broker_address" "$key"
        printf 'on up "ip address add %s/24 dev fast0 && ip link set fast0 up";\n' "$inner_router"
      fi
    } >"$folder/$name.fastd"
    inside_background $name fastd -c "$folder/$name.fastd" >"$folder/fastd-$name.log" 2>&1
  done
  await 30 "packets pass fastd" inside router ping -n -q -c 1 -W 1 "$inner_broker"
}

# The kernel's own L2TP, by the broker and client, and by hand.
# The first of the two has a colder machine, so that they take turns to be it.
measure_guest_data() {
  local ways=(ours hand) way
  if [ $((run % 2)) = 0 ]; then ways=(hand ours); fi
  for way in "${ways[@]}"; do
    fresh_world
    if [ "$way" = ours ]; then our_tunnel kernel; else tunnel_by_hand; fi
    start_takers "$inner_broker"
    both_ways "$way" tcp "$inner_broker"
  done
}
tunnel_by_hand() {
  half_by_hand broker "$broker_address" "$router_address" 8942 20000 100 1
  half_by_hand router "$router_address" "$broker_address" 20000 8942 1 100
  raise broker hand0 "$inner_broker"
  raise router hand0 "$inner_router"
  await 10 "packets pass the tunnel made by hand" inside router ping -n -q -c 1 -W 1 "$inner_broker"
}
half_by_hand() { # NAMESPACE LOCAL REMOTE LOCAL_PORT REMOTE_PORT ID PEER_ID
  ip -n "$prefix-$1" l2tp add tunnel local "$2" remote "$3" encap udp udp_sport "$4" udp_dport "$5" tunnel_id "$6" peer_tunnel_id "$7"
  ip -n "$prefix-$1" l2tp add session name hand0 tunnel_id "$6" session_id "$6" peer_session_id "$7"
  ip -n "$prefix-$1" link set hand0 mtu "$full_mtu"
}
