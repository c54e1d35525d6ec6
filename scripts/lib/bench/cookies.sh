# shellcheck shell=bash disable=SC2034,SC2154
# SPDX-License-Identifier: Apache-2.0
# Sourced by scripts/bench: how many cookie requests a second are answered, by the broker and by a program that only echoes. The one
# that answers and the generator have a processor each; how busy the answering one was tells which of the two was the limit.

answerer_core=0
load_core=1

measure_cookies() { answer_cookies tap 2; }
# In the guest: emulated processors, and a generator that needs longer to become fast.
measure_guest_cookies() { answer_cookies kernel 6; }

answer_cookies() { # DATAPATH WARM_UP_SECONDS
  need_cores
  local load_pin=$load_core rate answering=(--seconds "${seconds:-5}" --warm-up "$2")
  make_world
  inside_background broker taskset -c "$answerer_core" "$top/bench/target/echo" "$broker_address" 8942 >"$folder/echo.log" 2>&1
  load_watched $! cookies "$broker_address:8942" "${answering[@]}"
  record echo 0 "$(loaded cookie-replies)" /s
  record echo-busy 0 "$busy" %
  fresh_world
  start_broker "$1" 16 "$answerer_core"
  load_watched "$broker_pid" cookies "$broker_address:8942" "${answering[@]}"
  rate=$(loaded cookie-replies)
  record broker 0 "$rate" /s
  record broker-busy 0 "$busy" %
  load cookies "$broker_address:8942" "${answering[@]}" --rate $((${rate%.*} / 2))
  record p99-at-half 0 "$(awk -v micros="$(loaded cookie-latency-p99)" 'BEGIN { printf "%.3f", micros / 1000 }')" ms
  stop_broker
}

need_cores() { [ "$(nproc)" -ge 2 ] || skipped "one processor: generator and broker would share it"; }

# load_watched PID ARGUMENT…: load, and `busy`, the largest part of a second, in percent, that the process used of one processor
# meanwhile. Without starting a process each time: that would take from what is measured.
load_watched() {
  local pid=$1 loader used before
  shift
  load "$@" &
  loader=$!
  busy=0 before=$(used_millis "$pid")
  exec 9<> <(:)
  while kill -0 $loader 2>/dev/null; do
    read -rt 1 -u 9 || :
    read_used_millis "$pid"
    if [ $(((used - before) / 10)) -gt "$busy" ]; then busy=$(((used - before) / 10)); fi
    before=$used
  done
  wait $loader || exit $?
}
