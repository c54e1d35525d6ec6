# shellcheck shell=bash disable=SC2154
# SPDX-License-Identifier: Apache-2.0
# Sourced after build.sh: the class-data archive, with which a JVM starts in a third of the time. It belongs to one java and one build;
# a JVM that it does not fit starts without it.

broker_java() {
  if [ -n "${JAVA_HOME:-}" ] && [ -x "$JAVA_HOME/bin/java" ]; then printf '%s\n' "$JAVA_HOME/bin/java"; else command -v java; fi
}

# A small footprint before peak speed: the packet path is the kernel's or a few hot methods. What runs a few times for each session is
# compiled late, and later the more waits to be compiled: the first hundreds of sessions need the processor themselves. The archive is of
# these options too.
broker_jvm_options=(-XX:+UseSerialGC -Xms8m -Xmx128m -Xss512k -XX:TieredStopAtLevel=1 -XX:CompileThresholdScaling=3
  -XX:Tier3LoadFeedback=1 -XX:-UsePerfData -Dfile.encoding=UTF-8)

# Named by the java that it is for, as one checkout may be run by several.
broker_archive() {
  local java
  java=$(readlink -f "$(broker_java)") || return 1
  printf '%s/broker-core/target/%s.jsa\n' "$top" "$(printf '%s' "$java" | tr -c 'A-Za-z0-9.\n' '-')"
}

# Missing, or older than the jar or than java itself. Only root can make it.
broker_archive_due() {
  local archive jar
  [ "$(id -u)" -eq 0 ] && archive=$(broker_archive) && jar=$(broker_jar) || return 1
  [ ! "$archive" -nt "$jar" ] || [ "$(readlink -f "$(broker_java)")" -nt "$archive" ]
}

# Without it everything works, so nothing here fails; an empty one says that it was tried.
make_broker_archive() {
  local archive jar java
  archive=$(broker_archive) && jar=$(broker_jar) && java=$(broker_java) || return 0
  (
    folder=$(mktemp -d) && trap 'rm -rf "$folder"' EXIT || exit 0
    printf '%s\n' '[broker]' address=127.0.0.1 interface=lo datapath=tap '[log]' verbosity=INFO '[plugins]' enabled=bridge-per-mtu \
      '[plugin.bridge-per-mtu]' address=10.254.0.2/16 rule_table=142 >"$folder/broker.cfg"
    # shellcheck disable=SC2016 # for the shell inside
    timeout -k 5 60 unshare -n bash -c 'top=$0 && . "$top/scripts/lib/archive.sh" && rehearse "${@:1}"' "$top" "$folder" "$archive.new" "$jar" "$java" \
      >"$folder/log" 2>&1 9>&- </dev/null
    rm -f "$archive" && touch "$archive.new" && mv -f "$archive.new" "$archive"
  )
  return 0
}

# A broker's life from start to stop with one session and a plugin, in an empty network namespace, for the JVM to see what classes it
# takes. A plugin's own classes can't be archived; those that it makes the broker take can.
rehearse() { # FOLDER ARCHIVE JAR JAVA
  ip link set lo up
  "$4" "${broker_jvm_options[@]}" -XX:ArchiveClassesAtExit="$2" -Xlog:cds=off -Xlog:cds+dynamic=off \
    -Dtunneldigger.plugins="$top/plugins/target/jars" -jar "$3" "$1/broker.cfg" 2>"$1/broker.log" &
  local broker=$!
  for _ in $(seq 200); do
    if grep -q ready: "$1/broker.log" || ! kill -0 $broker; then break; fi
    sleep 0.1
  done
  rehearse_session || :
  kill -TERM $broker
  wait $broker
}

# COOKIE, PREPARE with uuid "x", tunnel id 1 and flags, TUNNEL, KEEPALIVE (docs/protocol.md).
rehearse_session() {
  local cookie byte magic='\x80\x73\xa7\x01'
  exec 8<>/dev/udp/127.0.0.1/8942 || return
  printf '%b' "$magic"'\x01\x08\0\0\0\0\0\0\0\0' >&8
  for byte in $(timeout 5 dd bs=1500 count=1 <&8 2>/dev/null | od -An -v -tx1 -j6 -N8); do cookie=${cookie-}'\x'$byte; done
  printf '%b' "$magic"'\x02\x12'"${cookie-}"'\x01x\0\0\0\x01\0\0\0\x01' >&8
  timeout 5 dd bs=1500 count=4 <&8 >/dev/null 2>&1
  printf '%b' "$magic"'\x05\x04\0\0\0\x01\0\0' >&8
  sleep 1
}
