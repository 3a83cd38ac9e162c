#!/usr/bin/env bash
# Installs the system tools of the tests: Chromium, Node for the widget's build, and Prometheus. Needs root or sudo; says so in one line where it has neither.
set -euo pipefail
run() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi; }
if [ "$(id -u)" != 0 ] && ! sudo -n true 2>/dev/null; then
  echo "error: the tests need Chromium, Node and Prometheus: run 'apt-get install chromium nodejs npm prometheus' as root" >&2
  exit 1
fi
run apt-get -qq update
packages=()
command -v chromium >/dev/null || packages+=(chromium)
command -v npm >/dev/null || packages+=(nodejs npm)
command -v prometheus >/dev/null || packages+=(prometheus)
DEBIAN_FRONTEND=noninteractive run apt-get -qq install -y --no-install-recommends "${packages[@]}" >/dev/null
