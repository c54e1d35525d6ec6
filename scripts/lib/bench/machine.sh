# shellcheck shell=bash disable=SC2034,SC2154,SC2015
# SPDX-License-Identifier: Apache-2.0
# Sourced by scripts/bench: what it is measured with and on, the guest, and the report.

# Lab, generator, report and the C programs. A change of the lab's main sources alone is seen here, of the rest by build_bench.
build_measurers() {
  local built=$top/lab/target/lab-built
  build_bench
  build_measuring_programs || return 1
  if [ ! -d "$top/lab/target/lib" ] || [ ! "$built" -nt "$(broker_jar)" ] ||
    [ -n "$(find "$top/lab" \( -name target -o -path '*/src/test' \) -prune -o -type f -newer "$built" -print -quit)" ]; then
    note "building the lab"
    (cd "$top" && exec mvn -q -B -Dmaven.test.skip=true -pl lab -am package </dev/null >&2) || return 1
    touch "$(broker_stamp)" "$built"
  fi
  # Maven may have made the broker's jar anew, which its archive then does not fit.
  ! broker_archive_due || make_broker_archive
}

# key,value lines; values may have commas.
describe_machine() {
  printf 'started,%s\n' "$(date -u +%FT%TZ)"
  printf 'command,%s\n' "scripts/bench${arguments[*]:+ ${arguments[*]}}"
  printf 'extent,%s\n' "$([ -n "$quick" ] && echo quick || echo full)"
  printf 'commit,%s\n' "$(git -c safe.directory="$top" -C "$top" describe --always --dirty 2>/dev/null || echo unknown)"
  printf 'processor,%s\n' "$(awk -F ': *' '/^model name/ { print $2; exit }' /proc/cpuinfo)"
  printf 'processors,%s\n' "$(nproc)"
  printf 'memory,%s\n' "$(awk '/^MemTotal/ { printf "%.1f GB", $2 * 1024 / 1e9 }' /proc/meminfo)"
  printf 'kernel,%s\n' "$(uname -sr)"
  printf 'system,%s\n' "$(. /etc/os-release && printf '%s' "$PRETTY_NAME")"
  printf 'java,%s\n' "$("$(broker_java)" -version 2>&1 | sed -n 2p)"
  printf 'iproute2,%s\n' "$(ip -Version | sed 's/.*iproute2-//; s/,.*//')"
  printf 'iperf3,%s\n' "$(iperf3 --version | awk 'NR == 1 { print $2 }')"
  printf 'fastd,%s\n' "$(fastd --version 2>/dev/null | awk '{ print $2 }')"
  printf 'load average at the start,%s\n' "$(cut -d ' ' -f 1-3 /proc/loadavg)"
}

# All of the guest's part in one boot. Its files come back by the writable folder.
take_in_guest() { # NAME…
  local names=$* name reason='' status=0
  if [ -z "$with_guest" ]; then
    reason='left out by --no-guest'
  elif ! (ensure_packages "${guest_packages[@]}"); then
    reason='QEMU is not installed and could not be'
  elif ! "$top/lab/guest/kernel" bookworm >/dev/null; then
    reason="the guest's kernel could not be downloaded"
  fi
  if [ -n "$reason" ]; then
    for measurement; do absent skipped "$reason"; done
    return
  fi
  note "== the guest"
  mkdir -p "$results/guest"
  "$top/lab/guest/run" --timeout 14400 --writable "$results/guest" "$top/scripts/bench" --in-guest ${quick:+--quick} ${runs:+--runs "$runs"} \
    --only "${names// /,}" --out "$results/guest" >&2 &
  wait $! || status=$?
  cat "$results/guest/raw.csv" >>"$results/raw.csv" 2>/dev/null
  cat "$results/guest/absent.csv" >>"$results/absent.csv" 2>/dev/null
  if grep -q ,broken, "$results/guest/absent.csv" 2>/dev/null; then any_broken=yes; fi
  for name; do
    if ! grep -q "^$name," "$results/raw.csv" "$results/absent.csv"; then
      any_broken=yes measurement=$name
      absent broken "the guest gave no figures and ended with status $status"
    fi
  done
  cat "$results/guest/about.csv" >>"$results/about.csv" 2>/dev/null
  printf 'guest machine,QEMU %s, emulated, two processors\n' "$(qemu-system-x86_64 --version | awk 'NR == 1 { print $4 }')" >>"$results/about.csv"
  rm -rf "$results/guest"
}

# The table on standard output; without --quick report, plots and results beside the raw data.
report() { # FOLDER
  "$(broker_java)" -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -cp "$top/bench/target/classes" org.tunneldigger.bench.report.Report "$1"
}
