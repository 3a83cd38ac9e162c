#!/usr/bin/env bash
# Installs the system tools of the browser tests. Needs root or sudo; says so in one line where it has neither.
set -euo pipefail
run() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi; }
if [ "$(id -u)" != 0 ] && ! sudo -n true 2>/dev/null; then
  echo "error: the browser tests need Chromium: run 'apt-get install chromium' as root" >&2
  exit 1
fi
run apt-get -qq update
DEBIAN_FRONTEND=noninteractive run apt-get -qq install -y --no-install-recommends chromium >/dev/null
