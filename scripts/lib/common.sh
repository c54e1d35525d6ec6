# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Sourced by the commands in scripts/. Sets `top`, the checkout, and says things to people.

# Commands such as ip and modprobe live in sbin, which a job runner's PATH may lack. Not for scripts/broker: hooks
# inherit its environment as it was.
use_sbin() {
  case ":$PATH:" in
    *:/usr/sbin:*) ;;
    *) PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin ;;
  esac
}

# shellcheck disable=SC2034 # used by the scripts that source this file
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)

# Where downloads outlive a checkout: fresh clones share them.
cache_folder() {
  local folder=${TUNNELDIGGER_CACHE:-}
  if [ -z "$folder" ]; then
    folder=/var/cache/tunneldigger-lab
    mkdir -p "$folder" 2>/dev/null && [ -w "$folder" ] || folder=$top/.cache
  fi
  mkdir -p "$folder" && (cd "$folder" && pwd -P)
}

note() { printf '%s\n' "$*" >&2; }

die() {
  printf '%s: %s\n' "${0##*/}" "$*" >&2
  exit 1
}

need_root() { [ "$(id -u)" -eq 0 ] || die "must run as root: it makes network namespaces and interfaces"; }

# `ip netns exec` changes how / propagates mounts, for which / must be a mount. In a plain chroot it is none: there the
# command begins anew on a bind mount of the same files, in a mount namespace of its own. That bind mount needs a place
# from which it can't spread to the machine's own mounts; below /proc, once that is private, there is one.
need_root_mount() { # COMMAND [ARGUMENT…]
  if mountpoint -q /; then return; fi
  mountpoint -q /proc || die "/proc is not mounted"
  # shellcheck disable=SC2016 # for the shells inside
  exec unshare --mount --propagation unchanged -- bash -c \
    'mount --make-private /proc && mount --rbind / /proc/fs &&
      exec chroot /proc/fs bash -c "mount --make-rprivate / && cd \"\$1\" && shift && exec \"\$@\"" - "$@"' - "$PWD" "$@"
}
