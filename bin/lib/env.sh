# Sourced with ROOT set: Node and pnpm at the pinned versions, first on the PATH.
case "$(uname -s)-$(uname -m)" in
  Linux-x86_64 | Linux-aarch64) ;;
  *) echo "bin/setup: made for Linux on x64 or arm64 with glibc; this is $(uname -s) $(uname -m)." >&2; exit 1 ;;
esac
command -v npm >/dev/null || { echo "bin/setup: npm is not on the PATH. Install Node 20 or newer with npm, then run this again." >&2; exit 1; }

# npm and pnpm keep their caches at home; some users (nobody, a build user) have none.
if [ ! -w "${HOME:-/nonexistent}" ]; then
  HOME="$ROOT/.data/home"
  mkdir -p "$HOME"
  export HOME
fi

TOOLING="$ROOT/tooling"

# pnpm has a `doctor` of its own, about pnpm, and an `audit`, about dependencies; here they mean the scripts that check the books.
write_pnpm() {
  rm -f "$TOOLING/node_modules/.bin/pnpm"
  {
    echo '#!/bin/sh'
    echo 'case "${1:-}" in doctor | audit) set -- run "$@" ;; esac'
    printf 'exec "$(dirname "$0")/../@pnpm/%s/pnpm" "$@"\n' "$(basename "$(dirname "$1")")"
  } > "$TOOLING/node_modules/.bin/pnpm"
  chmod +x "$TOOLING/node_modules/.bin/pnpm"
}

tooling_stamp="$TOOLING/node_modules/.ok-$(cat "$TOOLING/package-lock.json" "$ROOT/bin/lib/env.sh" | cksum | tr -d ' ')"
if [ ! -f "$tooling_stamp" ]; then
  echo "setup: Node and pnpm at the pinned versions" >&2
  rm -f "$TOOLING"/node_modules/.ok-*
  npm ci --prefix "$TOOLING" --ignore-scripts --no-audit --no-fund --loglevel=error >&2
  mkdir -p "$TOOLING/node_modules/.bin"
  for exe in "$TOOLING"/node_modules/@pnpm/exe.*/pnpm; do
    if [ -f "$exe" ]; then chmod +x "$exe"; write_pnpm "$exe"; fi
  done
  for exe in "$TOOLING"/node_modules/node-linux-*/bin/node; do
    if [ -f "$exe" ]; then ln -sf "$exe" "$TOOLING/node_modules/.bin/node"; fi
  done
  : > "$tooling_stamp"
fi
PATH="$TOOLING/node_modules/.bin:$PATH"
export PATH
export TURBO_TELEMETRY_DISABLED=1 DO_NOT_TRACK=1
# What Node has compiled: what runs again begins in two thirds of the time.
export NODE_COMPILE_CACHE="$ROOT/.data/compile-cache"
