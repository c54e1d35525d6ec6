# shellcheck shell=bash disable=SC2034,SC2154
# SPDX-License-Identifier: Apache-2.0
# Sourced after common.sh: installs Debian packages, only those that are missing.

# Never at the cost of a package that is there: some compilers exclude one another.
apt_quiet() {
  DEBIAN_FRONTEND=noninteractive apt-get -qq -o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=300 \
    -o Acquire::Retries=3 -o APT::Get::Remove=false "$@" </dev/null
}

package_installed() {
  [ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

# ensure_packages NAME[=COMMAND]…: a package whose COMMAND is already on the PATH counts as installed, so that a
# machine with, say, its own JDK gets no second one.
ensure_packages() {
  local wanted package missing=() log
  for wanted in "$@"; do
    package=${wanted%%=*}
    if [ "$wanted" != "$package" ] && command -v "${wanted#*=}" >/dev/null; then continue; fi
    package_installed "$package" || missing+=("$package")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  command -v apt-get >/dev/null || die "missing packages (${missing[*]}) and no apt-get to install them"
  [ "$(id -u)" -eq 0 ] || die "missing packages: ${missing[*]}; install them or run as root"
  note "installing ${missing[*]}"
  log=$(mktemp)
  # The package lists may be absent or too old: they are fetched only when the install fails without.
  if ! apt_quiet install --no-install-recommends "${missing[@]}" >"$log" 2>&1 &&
    ! { apt_quiet update >"$log" 2>&1 && apt_quiet install --no-install-recommends "${missing[@]}" >>"$log" 2>&1; }; then
    tail -n 20 "$log" >&2
    rm -f "$log"
    die "could not install ${missing[*]}"
  fi
  rm -f "$log"
}

# What can't be installed is told, and left to the suites that need it to skip.
optional_packages() { (ensure_packages "$@") || :; }

build_packages=(default-jdk-headless=javac maven=mvn)
client_packages=(gcc=gcc make=make libc6-dev)
network_packages=(iproute2=ip iputils-ping=ping procps=ps)
guest_packages=(qemu-system-x86=qemu-system-x86_64 busybox-static kmod cpio=cpio xz-utils=xz)
client_check_packages=(valgrind=valgrind musl-tools=musl-gcc)
fuzz_packages=(clang=clang libclang-rt-dev)
cross_packages=(gcc-mips-linux-gnu=mips-linux-gnu-gcc gcc-mipsel-linux-gnu=mipsel-linux-gnu-gcc
  gcc-arm-linux-gnueabi=arm-linux-gnueabi-gcc gcc-aarch64-linux-gnu=aarch64-linux-gnu-gcc
  libc6-dev-mips-cross libc6-dev-mipsel-cross libc6-dev-armel-cross libc6-dev-arm64-cross qemu-user-static=qemu-mips-static)
