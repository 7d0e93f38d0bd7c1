#!/usr/bin/env bash
# The two commands of the README on a Debian that has Rust and nothing else: a new root filesystem below target/, a clone of
# what is committed, no files of this machine but its Rust toolchain and its list of certificate authorities. Needs root, and
# debootstrap from Debian. Run by ./campaign fresh.
set -euo pipefail
cd "$(dirname "$0")/.."
. setup/debian.sh

readonly root=$PWD/target/fresh-machine
readonly release=bookworm
toolchain=$(rustc --print sysroot)
readonly toolchain

unmount() {
  local place
  for place in opt/rust dev proc; do
    ! mountpoint -q "$root/$place" || umount -R "$root/$place"
  done
}

make_machine() {
  unmount
  rm -rf "$root"
  debootstrap --variant=minbase "$release" "$root" >&2
  # Who could install Rust can check certificates and find hosts.
  mkdir -p "$root/opt/rust" "$root/srv/home"
  cp /etc/ssl/certs/ca-certificates.crt "$root/opt/certificates.crt"
  cp /etc/resolv.conf /etc/hosts "$root/etc/"
  mount -t proc proc "$root/proc"
  mount --rbind /dev "$root/dev"
  mount --make-rslave "$root/dev"
  mount --bind -o ro "$toolchain" "$root/opt/rust"
}

# Installing Debian's ca-certificates makes a new list, and npm reads none by itself: so the one that is there is named.
inside() {
  local list=/opt/certificates.crt
  chroot "$root" env -i HOME=/srv/home PATH=/opt/rust/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    LANG=C.UTF-8 SSL_CERT_FILE="$list" PIP_CERT="$list" NODE_EXTRA_CA_CERTS="$list" bash -euc "$1"
}

[ "$(id -u)" = 0 ] || die 'only root can make a root filesystem'
has debootstrap || install_packages debootstrap
say "a bare Debian $release in $root"
trap unmount EXIT
make_machine
inside '! command -v cc && ! command -v git && ! command -v python3 && ! command -v node && cargo --version' >&2
git clone --quiet . "$root/srv/tieout"
say './demo --no-serve'
inside 'cd /srv/tieout && time ./demo --no-serve </dev/null'
say './test'
inside 'cd /srv/tieout && time ./test </dev/null'
say 'both commands of the README work on a bare machine'
