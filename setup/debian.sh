# What ./demo and ./test share: saying what is missing, asking, and installing it from Debian. Sourced, not run.

say() { printf '\n== %s\n' "$*" >&2; }
has() { command -v "$1" >/dev/null 2>&1; }
die() { printf 'error: %s\n' "$*" >&2; exit 1; }

# Asks when a person is there to answer; --yes answers for them.
agree() {
  [ "${1:-}" = --yes ] && return 0
  [ -t 0 ] && [ -t 2 ] || return 0
  read -r -p 'Install them and go on? [Y/n] ' answer >&2
  case "$answer" in '' | [Yy]*) ;; *) die 'nothing was installed' ;; esac
}

install_packages() {
  local as_root=()
  [ "$(id -u)" = 0 ] || as_root=(sudo)
  has apt-get || die "install these by hand, this is no Debian: $*"
  "${as_root[@]}" apt-get update -qq
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >&2
}

need_cargo() { has cargo || die 'cargo is missing: install Rust 1.95 or later first'; }
