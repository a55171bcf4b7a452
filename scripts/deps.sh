#!/usr/bin/env bash
# Makes sure that everything `make test` runs against is there: PostgreSQL's
# server programs, curl, git, strace, nginx, lame, Debian's python3-requests,
# python3-jwt and python3-authlib, Node.js with the pinned newman, OpenID client
# and browser driver, Chromium, a typeface with Russian letters, and pngquant for
# the pictures of the README. What is missing is installed from Debian's packages
# when this may be done (root and apt-get); otherwise it fails and names the packages.
# Quick and silent when nothing is missing; safe to run again.
set -euo pipefail
cd "$(dirname "$0")/.."

missing=()

# need PACKAGE COMMAND…: PACKAGE is missing unless COMMAND succeeds.
need() {
  local package=$1
  shift
  "$@" >/dev/null 2>&1 || missing+=("$package")
}

has() { command -v "$1"; }

# An existing configuration file is kept, so that dpkg never asks.
install() { apt-get install -y --no-install-recommends -o Dpkg::Options::=--force-confold "$@"; }

# Debian keeps the server programs out of PATH.
has_postgres() {
  { has initdb && has postgres; } || compgen -G '/usr/lib/postgresql/*/bin/postgres'
}

# The tests run Debian's own interpreter: python3 in PATH may be another one.
has_requests() { /usr/bin/python3 -c 'import requests'; }
# Its EdDSA needs python3-cryptography, which python3-jwt only recommends.
has_jwt() { /usr/bin/python3 -c 'import jwt, cryptography'; }

has_authlib() { /usr/bin/python3 -c 'import authlib'; }

has_php_curl() { php -r 'exit(extension_loaded("curl") ? 0 : 1);'; }

has_nginx() { has nginx || test -x /usr/sbin/nginx; }

# The browser's driver runs on Node.js 20 and later.
has_node() { node -e 'process.exit(parseInt(process.versions.node) >= 20 ? 0 : 1)'; }

# Pages name this typeface first.
has_inter() { compgen -G '/usr/share/fonts/opentype/inter/*.otf'; }

need postgresql has_postgres
need curl has curl
need git has git
need strace has strace
need nginx has_nginx
need lame has lame
need python3-requests has_requests
need python3-jwt has_jwt
need python3-cryptography has_jwt
need python3-authlib has_authlib
need php-cli has php
need php-curl has_php_curl
need nodejs has_node
need npm has npm
need chromium has chromium
need fonts-inter has_inter
need pngquant has pngquant

if ((${#missing[@]})); then
  if [[ $(id -u) != 0 ]] || ! has apt-get >/dev/null; then
    echo "deps: missing packages: ${missing[*]}" >&2
    echo "deps: install them, on Debian: sudo apt-get install ${missing[*]}" >&2
    exit 1
  fi
  echo "deps: installing ${missing[*]}" >&2
  export DEBIAN_FRONTEND=noninteractive
  # A cluster of the machine's own is not wanted: tests start their own server.
  if [[ " ${missing[*]} " == *" postgresql "* ]] && [[ ! -e /etc/postgresql-common/createcluster.conf ]]; then
    mkdir -p /etc/postgresql-common
    echo 'create_main_cluster = false' >/etc/postgresql-common/createcluster.conf
  fi
  # Nor is a web server on port 80.
  policy=/usr/sbin/policy-rc.d
  if [[ " ${missing[*]} " == *" nginx "* ]] && [[ ! -e $policy ]]; then
    trap 'rm -f "$policy"' EXIT
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 755 "$policy"
  fi
  log=$(mktemp)
  if ! { apt-get update && install "${missing[@]}"; } >"$log" 2>&1 </dev/null; then
    cat "$log" >&2
    echo "deps: could not install: ${missing[*]}" >&2
    exit 1
  fi
  rm -f "$log"
fi

# npm's packages are installed from their lock files, and again only when those
# change. Nothing of theirs is run for it.
npm_ci() {
  if cmp -s "$1/package-lock.json" "$1/node_modules/.propusk-lock"; then
    return
  fi
  echo "deps: installing the npm packages of $1 (npm ci)" >&2
  if ! npm ci --prefix "$1" --ignore-scripts --no-audit --no-fund --loglevel=error >&2 </dev/null; then
    echo "deps: could not install the npm packages of $1" >&2
    exit 1
  fi
  cp "$1/package-lock.json" "$1/node_modules/.propusk-lock"
}

npm_ci test/newman
npm_ci test/foreign
npm_ci test/spectral
npm_ci test/browser
