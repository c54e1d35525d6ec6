# shellcheck shell=bash disable=SC2034,SC2154
# SPDX-License-Identifier: Apache-2.0
# Sourced after common.sh: runs test suites, counts their results, prints one line a suite and the sum.

reports=$top/target/check
total_passed=0 total_failed=0 total_skipped=0

# suite NAME COMMAND…: runs the command with its output in a file. The command reports its tests by `counted`; without
# that it counts as one test that its exit status decides. A command that fails though no counted test did is one more.
suite() {
  local name=$1 log=$reports/$1.log started=$SECONDS status=0
  local passed=0 failed=0 skipped=0
  shift
  rm -f "$reports/$name.counts" "$reports/$name.skips" "$reports/$name.failures"
  # In the background and waited for: a signal must not wait for the suite's end.
  ("$@") >"$log" 2>&1 </dev/null &
  wait $! || status=$?
  if [ -s "$reports/$name.counts" ]; then
    read -r passed failed skipped <"$reports/$name.counts"
    if [ "$status" -ne 0 ] && [ "$failed" -eq 0 ]; then failed=1; fi
  elif [ "$status" -eq 0 ]; then
    passed=1
  else
    failed=1
  fi
  printf 'suite %s: %d passed, %d failed, %d skipped (%d s)\n' \
    "$name" "$passed" "$failed" "$skipped" $((SECONDS - started))
  if [ -s "$reports/$name.skips" ]; then sed 's/^/  skipped: /' "$reports/$name.skips"; fi
  if [ "$failed" -gt 0 ]; then
    if [ -s "$reports/$name.failures" ]; then
      sed '/^ /!s/^/failed: /; s/^/  /' "$reports/$name.failures" | head -n 80
      printf '  more in %s\n' "${log#"$top"/}"
    else
      printf '  the end of %s:\n' "${log#"$top"/}"
      tail -n 40 "$log" | sed 's/^/  | /'
    fi
  fi
  total_passed=$((total_passed + passed))
  total_failed=$((total_failed + failed))
  total_skipped=$((total_skipped + skipped))
}

# skip_suite NAME REASON: a suite that can't run here counts as one skipped test.
skip_suite() {
  printf 'suite %s: 0 passed, 0 failed, 1 skipped (0 s)\n  skipped: %s\n' "$1" "$2"
  total_skipped=$((total_skipped + 1))
}

# counted NAME PASSED FAILED SKIPPED
counted() { printf '%d %d %d\n' "$2" "$3" "$4" >"$reports/$1.counts"; }

# counted_by_last_line NAME: the suite's own last line says `N passed, N failed[, N skipped]`. A line `skipped: WHAT` tells
# of one that was skipped, and the line before it why.
counted_by_last_line() {
  local line
  grep -B 1 '^skipped: ' "$reports/$1.log" | sed -n '/^skipped: /{s///;G;s/\n/: /;p};h' >"$reports/$1.skips"
  line=$(grep -Eo '[0-9]+ passed, [0-9]+ failed(, [0-9]+ skipped)?' "$reports/$1.log" | tail -n 1)
  [ -n "$line" ] || return 0
  # shellcheck disable=SC2046 # the numbers are words
  counted "$1" $(printf '%s 0' "$line" | tr -cd '0-9 ')
}

# counted_by_xml NAME FILE…: sums JUnit's XML reports and lists what was skipped and why, and what failed.
counted_by_xml() {
  local name=$1
  shift
  [ $# -gt 0 ] || return 0
  awk -v counts="$reports/$name.counts" -v skips="$reports/$name.skips" -v failures="$reports/$name.failures" '
    function attribute(line, key,   start) {
      start = index(line, " " key "=\"")
      if (!start) return ""
      line = substr(line, start + length(key) + 3)
      return substr(line, 1, index(line, "\"") - 1)
    }
    function plain(text) {
      gsub(/&#10;.*/, "", text); gsub(/&quot;/, "\"", text); gsub(/&apos;/, "\047", text)
      gsub(/&lt;/, "<", text); gsub(/&gt;/, ">", text); gsub(/&amp;/, "\\&", text)
      return text
    }
    /<testsuite / {
      tests += attribute($0, "tests"); skipped += attribute($0, "skipped")
      failed += attribute($0, "failures") + attribute($0, "errors")
    }
    /<testcase / {
      class = attribute($0, "classname"); sub(/.*\./, "", class)
      test = class "." plain(attribute($0, "name"))
    }
    /<skipped/ {
      reason = attribute($0, "message")
      if (reason == "" && match($0, /CDATA\[/)) { reason = substr($0, RSTART + 6); sub(/\]\].*/, "", reason) }
      # A message that begins with a line feed stands on the line after.
      if (reason ~ /: *$/ && (getline next_line) > 0) reason = reason next_line
      print test ": " plain(reason) > skips
    }
    # The head of the failure: what was expected and where, not the whole stack.
    /<(failure|error)[ >]/ { print test > failures; left = 12; sub(/.*<!\[CDATA\[/, ""); sub(/.*<(failure|error)[^>]*>/, "") }
    left > 0 && NF { text = $0; sub(/\]\]>.*/, "", text); print "  " plain(text) > failures; left-- }
    /<\/(failure|error)>/ { left = 0 }
    END { print tests - failed - skipped, failed + 0, skipped + 0 > counts }
  ' "$@"
}

print_total() {
  printf '%d passed, %d failed, %d skipped\n' "$total_passed" "$total_failed" "$total_skipped"
  [ "$total_failed" -eq 0 ]
}
