# shellcheck shell=bash disable=SC2034,SC2154
# SPDX-License-Identifier: Apache-2.0
# Sourced after common.sh: network namespaces by name, and their end.

namespaces_named() { # PREFIX
  ip netns list 2>/dev/null | awk -v prefix="$1" 'index($1, prefix) == 1 { print $1 }'
}

# Everything that lives only in the namespace goes with it, once no process holds it.
remove_namespace() { # NAME
  local pids try
  for try in 1 2 3 4 5; do
    pids=$(ip netns pids "$1" 2>/dev/null) || break
    [ -n "$pids" ] || break
    # shellcheck disable=SC2086 # one word a process
    kill -KILL $pids 2>/dev/null
    sleep 0.1
  done
  ip netns delete "$1" 2>/dev/null
}

# sweep_namespaces PREFIX [PID]: removes the namespaces PREFIX<pid>-… whose process is gone, or is PID.
sweep_namespaces() {
  local name owner
  for name in $(namespaces_named "$1"); do
    owner=${name#"$1"}
    owner=${owner%%-*}
    if [ "$owner" = "${2:-}" ] || ! [ -d "/proc/$owner" ]; then remove_namespace "$name"; fi
  done
}

# In one of the caller's namespaces, whose names start with $prefix.
inside() { # NAMESPACE COMMAND…
  local where=$prefix-$1
  shift
  ip netns exec "$where" "$@"
}
# Away from the terminal's group, so that Ctrl-C leaves these to the caller; the process is the command itself, so $! is its id.
inside_background() { # NAMESPACE COMMAND…
  local where=$prefix-$1
  shift
  setsid ip netns exec "$where" "$@" </dev/null &
}
