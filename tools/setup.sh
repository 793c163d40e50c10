#!/usr/bin/env bash
# Makes this machine ready: Debian packages, npm packages, build. Each part is done only when it is not done yet.
#
#   tools/setup.sh                what `make demo` needs
#   tools/setup.sh --demo-swarm   and what `make demo-swarm` needs beside that
#   tools/setup.sh --test         and what `make test` and `make bench` need beside both
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# package=command: a command that is there already, from wherever it came, is as good as the package. A path: a file of it.
run_packages=(
  podman=podman conmon=conmon crun=crun runc=runc nftables=nft iproute2=ip busybox-static=busybox catatonit=catatonit util-linux=nsenter
  procps=ps ca-certificates=update-ca-certificates
  wireguard-tools=wg wireguard-go=wireguard-go # encrypted overlays; wireguard-go where the kernel has no WireGuard
  python3=python3 make=make g++=g++ # sqlite3 is compiled where no prebuilt one is to be had
)
demo_swarm_packages=(
  docker.io=docker # its command line: the daemon that comes with it is not started
)
test_packages=(
  docker.io=dockerd docker-compose=docker-compose docker-registry=docker-registry dnsperf=dnsperf unbound=unbound iperf3=iperf3
  bind9-dnsutils=dig iputils-ping=ping tcpdump=tcpdump qemu-system-x86=qemu-system-x86_64 tmux=tmux jq=jq openssl=openssl
  python3-docker=/usr/lib/python3/dist-packages/docker/client.py
)

say() { printf 'setup: %s\n' "$*"; }
fail() { printf 'setup: %s\n' "$*" >&2; exit 1; }

missing_packages() {
  local entry package command
  for entry in "$@"; do
    package=${entry%%=*} command=${entry#*=}
    if [[ $package == busybox-static ]]; then
      # Its busybox goes into images, where no library is.
      dpkg-query -W -f '${db:Status-Status}' busybox-static 2>/dev/null | grep -qx installed || echo "$package"
    elif [[ $command == /* ]]; then
      [[ -e $command ]] || echo "$package"
    elif ! PATH=$PATH:/usr/sbin:/sbin command -v "$command" >/dev/null; then
      echo "$package"
    fi
  done
}

# Services that come with packages (Docker's, the registry's) must neither start now nor at the next boot: skep needs
# their programs, and a Docker daemon would change this machine's firewall. A service that was there before is not touched.
policy=/usr/sbin/policy-rc.d
deny_service_starts() {
  trap restore_service_starts EXIT
  if [[ -e $policy ]]; then mv "$policy" "$policy.skep-setup"; fi
  printf '#!/bin/sh\n# Put here by skep while it installs packages.\nexit 101\n' >"$policy"
  chmod 755 "$policy"
}
restore_service_starts() {
  rm -f "$policy"
  # What was put aside is the machine's own; what stands in its place is ours.
  if [[ -e $policy.skep-setup ]]; then mv "$policy.skep-setup" "$policy"; fi
  trap - EXIT
}
# One run at a time, else another's would be taken for what a killed one left. apt inherits the lock: it may go on after that.
one_run_at_a_time() {
  exec 9<"${policy%/*}"
  flock -n 9 && return
  say 'waiting for another run to end'
  flock -w 600 9 || fail 'another run has been at work for ten minutes; try again when it has ended'
}
# A run that was killed left its own in place: no package could start a service on this machine any more.
mend_service_starts() {
  if ! grep -qs 'Put here by skep' "$policy" && [[ ! -e $policy.skep-setup ]]; then return; fi
  if [[ $EUID -ne 0 ]]; then
    say "$policy is of a run as root that goes on or was killed; if it was killed, run tools/setup.sh as root to mend it"
    return
  fi
  say "$policy is of a run that was killed: putting back what was there before"
  restore_service_starts
  # An earlier skep could take what it had left for the machine's own.
  if grep -qs 'Put here by skep' "$policy"; then rm "$policy"; fi
}
disable_new_services() {
  command -v systemctl >/dev/null || return 0
  local package units
  for package in "$@"; do
    units=$(dpkg-query -L "$package" 2>/dev/null | sed -n 's#^\(/usr\)\?/lib/systemd/system/\([^/]*\.\(service\|socket\|timer\)\)$#\2#p')
    # shellcheck disable=SC2086 # one word a unit
    [[ -z $units ]] || systemctl disable --quiet $units >/dev/null 2>&1 || true
  done
}

# Only an error is worth reading.
quietly() {
  local log
  log=$(mktemp)
  "$@" </dev/null >"$log" 2>&1 || { cat "$log" >&2; fail "failed: $*"; }
  rm -f "$log"
}

install_packages() {
  local -a missing before new
  if [[ $EUID -eq 0 ]]; then one_run_at_a_time; fi
  mend_service_starts
  mapfile -t missing < <(missing_packages "$@" | sort -u)
  if [[ ${#missing[@]} -eq 0 ]]; then
    say 'Debian packages: all there'
    return
  fi
  command -v apt-get >/dev/null || fail "this is not a Debian system; install by hand what gives: ${missing[*]}"
  [[ $EUID -eq 0 ]] || fail "must run as root to install: ${missing[*]}"
  say "Debian packages: installing ${missing[*]}"
  local apt=(apt-get -qq -y -o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=300)
  export DEBIAN_FRONTEND=noninteractive
  mapfile -t before < <(dpkg-query -W -f '${Package}\n')
  deny_service_starts
  quietly "${apt[@]}" update
  # --no-remove: rather fail than take away something that conflicts, say a Docker Engine from elsewhere.
  quietly "${apt[@]}" install --no-install-recommends --no-upgrade --no-remove "${missing[@]}"
  mapfile -t new < <(dpkg-query -W -f '${Package}\n' | grep -Fxv -f <(printf '%s\n' "${before[@]}"))
  disable_new_services "${new[@]}"
  restore_service_starts
}

install_npm_packages() {
  local stamp=node_modules/.skep-setup want
  want=$(node -p 'process.version'; sha256sum package-lock.json)
  if [[ -f $stamp && $(<"$stamp") == "$want" ]]; then
    say 'npm packages: all there'
    return
  fi
  local prefix
  prefix=$(dirname "$(dirname "$(readlink -f "$(command -v node)")")")
  # Node's headers, where they came with Node: otherwise node-gyp downloads them.
  if [[ -z ${npm_config_nodedir-} && -f $prefix/include/node/node.h ]]; then export npm_config_nodedir=$prefix; fi
  say 'npm packages: installing (a few minutes where sqlite3 has to be compiled)'
  npm ci --no-audit --no-fund --loglevel=error </dev/null
  printf '%s\n' "$want" >"$stamp"
}

# Debian's kernel for tests of what this machine's kernel lacks. It is unpacked, not installed: nothing boots it but qemu.
fetch_guest_kernel() {
  local target=node_modules/.cache/skep-guest package folder
  if [[ -d $target/boot && -d $target/lib ]]; then
    say 'guest kernel: there'
    return
  fi
  package=$(apt-cache depends linux-image-cloud-amd64 | sed -n 's/^ *Depends: \(linux-image-[0-9].*\)/\1/p' | head -1)
  [[ -n $package ]] || fail 'linux-image-cloud-amd64 is not among the packages of this system: apt-get update may help'
  say "guest kernel: fetching $package"
  folder=$(mktemp -d)
  chmod 755 "$folder"
  (cd "$folder" && quietly apt-get -qq download "$package" && dpkg-deb -x ./*.deb unpacked)
  mkdir -p "$target"
  cp -r "$folder/unpacked/boot" "$folder/unpacked/lib" "$target"
  rm -rf "$folder"
}

build() {
  local stamp=dist/.skep-setup
  local sources=(apps libs migrations tools/copy-assets.mjs tools/bundle.mjs package.json tsconfig.json tsconfig.build.json)
  # Folders as well as files: a folder's time tells that a file is gone from it.
  if [[ -f $stamp && -z $(find "${sources[@]}" node_modules/.skep-setup -newer "$stamp" -print -quit) ]]; then
    say 'build: up to date'
    return
  fi
  say 'build: compiling'
  local started
  started=$(mktemp)
  npm run -s build
  mv "$started" "$stamp"
}

command -v node >/dev/null || fail 'Node.js 20.19 or newer is needed; see https://nodejs.org'
node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)' ||
  fail "Node.js 20.19 or newer is needed, this is $(node --version)"

case ${1-} in
  '') install_packages "${run_packages[@]}" ;;
  --demo-swarm) install_packages "${run_packages[@]}" "${demo_swarm_packages[@]}" ;;
  --test) install_packages "${run_packages[@]}" "${demo_swarm_packages[@]}" "${test_packages[@]}" ;;
  *) fail "unknown argument $1: nothing, --demo-swarm, or --test" ;;
esac
install_npm_packages
if [[ ${1-} == --test ]]; then fetch_guest_kernel; fi
build
