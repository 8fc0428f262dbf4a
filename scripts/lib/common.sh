# Shared by every script here: where things live, and how to speak.
# Sourced, never run.

# shellcheck shell=bash
# shellcheck disable=SC2034  # read by the scripts that source this file
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
CACHE=${PLATE_GATE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/plate-gate}
TEST_VENV=$ROOT/.venv
DEMO_VENV=$ROOT/.venv-demo
PEER_VENV=$ROOT/.venv-peer

say() {
  if [ -t 2 ]; then printf '\033[2m%s\033[0m\n' "$*" >&2; else echo "$*" >&2; fi
}

die() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}

# Prints the comment block at the top of a script, which is its help text, and ends.
help_if_asked() { # SCRIPT ARGUMENT...
  case ${2:-} in -h | --help) ;; *) return 0 ;; esac
  sed -n '2,/^[^#]/{/^#/s/^# \{0,1\}//p}' "$1"
  exit 0
}
