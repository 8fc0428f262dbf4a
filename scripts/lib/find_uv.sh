# Sets UV to a working uv: the one on the PATH, or one from the package index in a
# private folder of the cache. Sourced by scripts/setup.

# shellcheck shell=bash

# An old uv does not know how to replace an environment.
_uv_works() { "$UV" venv --help 2>/dev/null | grep -q -e '--clear'; }

_pip_install_uv() { # PIP COMMAND... : puts uv into $CACHE/uv, whole or not at all
  rm -rf "$CACHE/uv.new"
  PIP_ROOT_USER_ACTION=ignore "$@" install --quiet --no-cache-dir --disable-pip-version-check \
    --no-warn-script-location --target "$CACHE/uv.new" uv >&2 ||
    die "uv could not be fetched from the package index; is the network there?"
  rm -rf "$CACHE/uv"
  mv "$CACHE/uv.new" "$CACHE/uv"
}

find_uv() {
  UV=$(command -v uv || true)
  if _uv_works; then return; fi
  UV=$CACHE/uv/bin/uv
  if _uv_works; then return; fi

  command -v python3 >/dev/null || die "python3 is needed to fetch uv: install either"
  say "Installing uv into $CACHE/uv"
  if python3 -m venv --clear "$CACHE/bootstrap" >/dev/null 2>&1; then
    _pip_install_uv "$CACHE/bootstrap/bin/python" -m pip
  elif python3 -m pip --version >/dev/null 2>&1; then
    _pip_install_uv python3 -m pip
  else
    # A bare Debian has neither pip nor ensurepip; its pip wheel runs as it lies.
    debian_unpack "$CACHE/pip" python3-pip-whl ||
      die "python3 has no pip here; install it, or uv, and try again"
    _pip_install_uv python3 "$(find "$CACHE/pip" -name 'pip-*.whl')/pip"
  fi
  rm -rf "$CACHE/bootstrap" "$CACHE/pip"
  _uv_works || die "uv was installed into $CACHE/uv but does not run"
}
