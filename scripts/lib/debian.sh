# Takes packages of Debian's next release into a private folder, without root and
# without touching the system's own package lists. Sourced by scripts/setup.

# shellcheck shell=bash
DEBIAN_SUITE=forky
DEBIAN_KEYRING=/usr/share/keyrings/debian-archive-keyring.gpg

# The mirror that this machine is set up for.
_debian_mirror() {
  apt-get update --print-uris 2>/dev/null |
    sed -n "s#^'\([a-z+]*://[^']*/debian/\)dists/.*#\1#p" | sed -n 1p
}

# A configuration that keeps all of apt's doings in one folder. The machine's own
# settings still count (it may need a proxy), but not its clean-up hooks. A mirror that
# is a snapshot, as mirrors behind a wall often are, may be old; signed it must be.
_configure_apt() { # FOLDER
  local apt=$1 mirror
  mirror=$(_debian_mirror)
  [ -n "$mirror" ] || die "this machine's apt knows no Debian mirror"
  rm -rf "$apt"
  mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial" "$apt/none"
  printf 'deb [signed-by=%s] %s %s main\n' "$DEBIAN_KEYRING" "$mirror" \
    "$DEBIAN_SUITE" >"$apt/sources.list"
  cat >"$apt/apt.conf" <<END
Dir::State::Lists "$apt/lists";
Dir::State::status "/dev/null";
Dir::Cache "$apt/cache";
Dir::Etc::sourcelist "$apt/sources.list";
Dir::Etc::sourceparts "$apt/none";
Dir::Etc::preferences "/dev/null";
Dir::Etc::preferencesparts "$apt/none";
Acquire::Check-Valid-Until "false";
Acquire::Languages "none";
APT::Sandbox::User "$(id -un)";
APT::Update::Error-Mode "any";
Debug::NoLocking "1";
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
END
}

# Downloads packages and unpacks them into FOLDER; fails if this is no Debian.
debian_unpack() { # FOLDER PACKAGE...
  local target=$1 apt=$CACHE/apt deb
  shift
  command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null &&
    [ -r "$DEBIAN_KEYRING" ] || return 1
  _configure_apt "$apt"
  apt-get -qq -c "$apt/apt.conf" update >&2 ||
    die "Debian's package lists could not be fetched; is the network there?"
  rm -rf "$target"
  mkdir -p "$target/debs"
  (cd "$target/debs" && apt-get -qq -c "$apt/apt.conf" download "$@" >&2) ||
    die "Debian's packages could not be fetched; is the network there?"
  for deb in "$target/debs"/*.deb; do
    dpkg-deb -x "$deb" "$target" || die "${deb##*/} could not be unpacked"
  done
  rm -rf "$target/debs" "$apt"
}
