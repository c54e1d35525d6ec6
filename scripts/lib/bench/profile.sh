# shellcheck shell=bash disable=SC2034,SC2154
# SPDX-License-Identifier: Apache-2.0
# Sourced by scripts/bench: what brokers do while they are measured, by the JVM's own recorder, as texts.

# With --profile, what comes is run with a recording for each broker that it starts; not in the guest, where that takes too long.
recorded() { # COMMAND…
  local options=${TUNNELDIGGER_JAVA_OPTIONS:-}
  if [ -n "$profile" ] && [ -z "$in_guest" ]; then
    mkdir -p "$folder/flights"
    options+=" -XX:StartFlightRecording=filename=$folder/flights/,settings=profile -Xlog:jfr*=off"
  fi
  TUNNELDIGGER_JAVA_OPTIONS=$options "$@"
}

# Of brokers that ended by SIGTERM, in the order in which they were started: only these have left their recordings.
summarise_flights() {
  [ -d "$folder/flights" ] || return 0
  mkdir -p "$results/profiles"
  local flight
  for flight in $(find "$folder/flights" -name '*.jfr' | sort -V); do
    "$(broker_java)" -cp "$(bench_class_path)" org.tunneldigger.bench.profile.FlightSummary "$flight" || return 1
  done >"$results/profiles/$measurement.txt"
}
