# shellcheck shell=bash
# Words and small steps that ./demo, ./check and the set-up scripts share.
#
# Input: `ROOT`, the top of the tree, set by the script that sources this.
# Promises: nothing here installs anything; messages fit 80 columns.

export NODE_HOME="$ROOT/.tools/node"
export MODEM_HOME="$ROOT/.tools/modem"

# A headline, a plain line, and a complaint with its way out.
title() { printf '\n== %s\n' "$*"; }
say() { printf '   %s\n' "$*"; }
complain() { printf '!! %s\n' "$*" >&2; }

# Seconds as 1:02:03 or 2:03.
clock() {
  local s=$1
  if ((s >= 3600)); then
    printf '%d:%02d:%02d' $((s / 3600)) $((s / 60 % 60)) $((s % 60))
  else
    printf '%d:%02d' $((s / 60)) $((s % 60))
  fi
}

# Runs a command as root: directly, or through sudo.
as_root() {
  if [[ $(id -u) == 0 ]]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    complain "This needs root and there is no sudo: $*"
    return 1
  fi
}

# The UI's own Node first, and cargo where rustup puts it.
use_tools() {
  export PATH="$NODE_HOME/bin:$PATH"
  if ! command -v cargo >/dev/null && [[ -x ${CARGO_HOME:-$HOME/.cargo}/bin/cargo ]]; then
    export PATH="${CARGO_HOME:-$HOME/.cargo}/bin:$PATH"
  fi
}
