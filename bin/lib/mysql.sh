# Sourced with ROOT set: a MySQL server beside MariaDB, for who wants to see the same tests on it. Debian's stable releases have none,
# its unstable has: it is unpacked with all that it needs, down to the C library, under .data/mysql. Nothing is installed and no root needed.
MYSQL_ROOT="$ROOT/.data/mysql/root"

have_mysql() { [ -x "$MYSQL_ROOT/usr/sbin/mysqld" ]; }

# Unpacked beside and moved into place whole, so that an interrupted run leaves nothing that looks finished.
unpack_mysql() {
  command -v apt-get >/dev/null || { echo "setup: no apt-get here, so no MySQL" >&2; return 1; }
  # shellcheck disable=SC2016 # apt's own words
  mirror=$(apt-get indextargets --format '$(RELEASE) $(REPO_URI)' 'Created-By: Packages' | awk -v of="$(. /etc/os-release && echo "${VERSION_CODENAME:-}")" '$1 == of { print $2; exit }')
  keys=/usr/share/keyrings/debian-archive-keyring.gpg
  { [ -n "$mirror" ] && [ -f "$keys" ]; } || { echo "setup: this is no Debian, so no MySQL" >&2; return 1; }
  work="$ROOT/.data/mysql"
  rm -rf "$work"
  mkdir -p "$work/lists/partial" "$work/cache/archives/partial" "$work/draft"
  echo "deb [signed-by=$keys] $mirror sid main" > "$work/sources.list"
  : > "$work/status"
  apt_own="-o Dir::Etc::sourcelist=$work/sources.list -o Dir::Etc::sourceparts=/dev/null -o Dir::State::status=$work/status
    -o Dir::State::lists=$work/lists -o Dir::Cache=$work/cache -o Debug::NoLocking=1 -o APT::Sandbox::User=
    -o APT::Install-Recommends=false -o Acquire::http::Timeout=20 -o Acquire::Retries=1"
  # shellcheck disable=SC2086 # the options are words
  apt-get $apt_own update -qq >&2 || return 1
  # shellcheck disable=SC2086
  apt-get $apt_own install -qq -y --download-only mysql-server-core >&2 || return 1
  for deb in "$work"/cache/archives/*.deb; do dpkg -x "$deb" "$work/draft" || return 1; done
  [ -x "$work/draft/usr/sbin/mysqld" ] || { echo "setup: the package holds no mysqld" >&2; return 1; }
  mv "$work/draft" "$MYSQL_ROOT"
  rm -rf "$work/cache" "$work/lists"
}
