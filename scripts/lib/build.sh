# shellcheck shell=bash disable=SC2034,SC2154
# SPDX-License-Identifier: Apache-2.0
# Sourced after common.sh, with archive.sh: builds the broker when its jars are missing or older than its sources.

broker_jar() {
  local jar
  for jar in "$top"/broker-core/target/broker-core-*.jar; do
    case $jar in
      *-sources.jar | *-javadoc.jar | *-tests.jar) ;;
      *) [ -f "$jar" ] && printf '%s\n' "$jar" && return ;;
    esac
  done
  return 1
}

# Maven leaves a jar alone whose content did not change, so the jar's age alone can't tell that a build is due.
broker_stamp() { printf '%s\n' "$top/broker-core/target/broker-built"; }

broker_up_to_date() {
  local jar stamp newer
  jar=$(broker_jar) || return 1
  stamp=$(broker_stamp)
  [ "$stamp" -nt "$jar" ] || stamp=$jar
  newer=$(find "$top/pom.xml" "$top/.mvn" "$top/plugin-api" "$top/broker-core" "$top/plugins" \
    \( -name target -o -path '*/src/test' \) -prune -o -type f -newer "$stamp" -print -quit)
  [ -z "$newer" ] && [ -n "$(find "$top/plugins/target/jars" -name '*.jar' -print -quit 2>/dev/null)" ]
}

# Quiet, everything to stderr, in a subshell: the caller's working directory and descriptors stay as they are.
build_broker() {
  if broker_up_to_date && ! broker_archive_due; then return 0; fi
  mkdir -p "$top/.cache"
  (
    exec 1>&2 </dev/null
    flock 9
    if ! broker_up_to_date; then # another start may have built it while this one waited
      command -v mvn >/dev/null || die "a build is due and there is no mvn (scripts/demo installs what is needed)"
      note "building the broker"
      cd "$top" || exit 1
      mvn -q -B -Dmaven.test.skip=true -pl '!lab,!bench' package 9>&- || exit 1
      touch "$(broker_stamp)"
    fi
    ! broker_archive_due || make_broker_archive
  ) 9>"$top/.cache/build.lock"
}

# The load generator and the benchmarks, with the broker's parts that they use.
bench_class_path() { printf '%s:' "$top/bench/target/classes" "$top"/bench/target/lib/*.jar; }

build_bench() {
  local built=$top/bench/target/bench-built
  [ "${TUNNELDIGGER_NO_BUILD:-}" != 1 ] || [ ! -d "$top/bench/target/lib" ] || return 0
  if [ -f "$built" ] && [ -d "$top/bench/target/lib" ] && [ -z "$(find "$top/pom.xml" "$top/plugin-api" "$top/broker-core" "$top/bench" \
    \( -name target -o -path '*/src/test' \) -prune -o -type f -newer "$built" -print -quit)" ]; then return 0; fi
  command -v mvn >/dev/null || die "a build is due and there is no mvn (scripts/demo installs what is needed)"
  note "building the benchmarks"
  mkdir -p "$top/.cache"
  (
    exec 1>&2 </dev/null
    flock 9
    cd "$top" && mvn -q -B -Dmaven.test.skip=true -pl bench -am package 9>&- && touch "$built"
  ) 9>"$top/.cache/build.lock" || die "the build failed"
}

# The C programs that measure: what only echoes, sends packets, or asks for tunnels.
build_measuring_programs() {
  local program out=$top/bench/target
  mkdir -p "$out"
  for program in echo packets crowd; do
    if [ -z "$(find "$top/bench/$program.c" "$top"/client/src/protocol.[ch] -newer "$out/$program" -print -quit 2>&1)" ]; then continue; fi
    cc -O2 -Wall -Wextra -Werror -I"$top/client/src" -o "$out/$program" "$top/bench/$program.c" "$top/client/src/protocol.c" || return 1
  done
}

build_client() { make -s -C "$top/client" </dev/null >&2; }
