# shellcheck shell=bash disable=SC2034,SC2154
# SPDX-License-Identifier: Apache-2.0
# Sourced by scripts/bench: where figures go. raw.csv has one line a figure: measurement,run,figure,at,value,unit; `at` is the number of
# sessions that stood, or 0. absent.csv says of a measurement why there is none: measurement,skipped|broken,reason.

measurement='' run=1

# record FIGURE AT VALUE UNIT
record() {
  [[ $3 =~ ^[0-9]+(\.[0-9]+)?$ ]] || broken "no number for $1: '$3'"
  printf '%s,%s,%s,%s,%s,%s\n' "$measurement" "$run" "$1" "$2" "$3" "$4" >>"$results/raw.csv"
  note "   $1$([ "$2" = 0 ] || printf ' at %s' "$2"): $3 $4"
}
absent() { # skipped|broken REASON
  printf '%s,%s,%s\n' "$measurement" "$1" "$(printf '%s' "$2" | tr '\n,' ' ;')" >>"$results/absent.csv"
  note "   $1: $2"
}

# Both end the measurement, which runs in a subshell.
skipped() {
  absent skipped "$*"
  exit 77
}
broken() {
  absent broken "$*"
  exit 78
}

# take NAME RUN: one run of measure_NAME. Whatever it started lives in namespaces, which go with it; one that ends without a word of its
# own is broken too.
take() {
  local status=0 log
  measurement=$1 run=$2
  folder=$(mktemp -d "${TMPDIR:-/tmp}/tunneldigger-bench.XXXXXX")
  note "== $1, run $2"
  # In the background and waited for: a signal must not wait for its end.
  (
    set -e
    "measure_${1//-/_}"
    summarise_flights
  ) &
  wait $! || status=$?
  case $status in
    0 | 77) ;;
    *)
      any_broken=yes
      [ $status = 78 ] || absent broken "ended with status $status"
      for log in "$folder"/*.log; do
        [ -f "$log" ] || continue
        note "--- ${log##*/}"
        tail -n 15 "$log" >&2
      done
      ;;
  esac
  leave_world
  rm -rf "$folder"
  return $status
}

# per_second COUNT MICROSECONDS
per_second() { awk -v count="$1" -v micros="$2" 'BEGIN { printf "%.1f", count * 1e6 / micros }'; }
micros_now() { printf '%s\n' "${EPOCHREALTIME/./}"; }
