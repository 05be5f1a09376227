# Sourced with ROOT set: MariaDB and Redis binaries. System packages when we are root or have sudo without a question,
# otherwise the same packages unpacked under .data/services (no root needed). No daemon is started and none is left.
SERVICES_ROOT="$ROOT/.data/services/root"
have_mariadb() {
  { [ -x /usr/sbin/mariadbd ] && [ -x /usr/bin/mariadb-install-db ]; } || [ -x "$SERVICES_ROOT/usr/sbin/mariadbd" ]
}
have_redis() { [ -x /usr/bin/redis-server ] || [ -x /usr/bin/redis-check-rdb ] || [ -x "$SERVICES_ROOT/usr/bin/redis-check-rdb" ]; }

install_packages() {
  if [ "$(id -u)" = 0 ]; then sudo=""; elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then sudo="sudo -n"; else return 1; fi
  # A database that the machine already runs is not ours: only binaries are installed, from packages without units.
  $sudo apt-get -o DPkg::Lock::Timeout=300 update -qq >&2 || return 1
  $sudo env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 install -y -qq --no-install-recommends \
    mariadb-server-core mariadb-client-core redis-tools >&2 || return 1
}

# Unpacked beside and moved into place whole, so that an interrupted run leaves nothing that looks finished.
unpack_packages() {
  work="$ROOT/.data/services"
  rm -rf "$work"
  mkdir -p "$work/lists/partial" "$work/cache/archives/partial" "$work/debs" "$work/draft"
  apt_own="-o Dir::State::lists=$work/lists -o Dir::Cache=$work/cache -o Debug::NoLocking=1 -o APT::Sandbox::User="
  # shellcheck disable=SC2086 # the options are words
  apt-get $apt_own update -qq >&2
  # shellcheck disable=SC2086
  (cd "$work/debs" && apt-get $apt_own download -qq mariadb-server-core mariadb-client-core redis-tools \
    libaio1 libnuma1 liburing2 libjemalloc2 liblzf1 libatomic1 libncurses6 libtinfo6 >&2)
  for deb in "$work"/debs/*.deb; do dpkg -x "$deb" "$work/draft"; done
  mv "$work/draft" "$SERVICES_ROOT"
  rm -rf "$work/debs" "$work/cache" "$work/lists"
}

# With both servers given from outside there is nothing to install.
if [ -z "${DATABASE_URL:-}" ] || [ -z "${REDIS_URL:-}" ]; then
  if ! have_mariadb || ! have_redis; then
    echo "setup: MariaDB and Redis binaries" >&2
    command -v apt-get >/dev/null || { echo "bin/setup: no apt-get here. Set DATABASE_URL and REDIS_URL to servers of yours, or use Debian 12." >&2; exit 1; }
    install_packages || unpack_packages
    have_mariadb && have_redis || { echo "bin/setup: MariaDB or Redis could not be installed; see the messages above." >&2; exit 1; }
  fi
fi
