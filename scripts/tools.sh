#!/usr/bin/env bash
# Installs what the tests need of the system: a C compiler for the race detector, Chromium (the one without
# windows, which needs half the processor) and Firefox. By apt where we are root on Debian; else Chromium as
# Playwright brings it, and a word about the rest.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

have() { type -P "$1" >/dev/null; } # programs only: `command -v` finds functions too
firefox() { [[ -n ${FIREFOX:-} ]] || have firefox-esr || have firefox; }
browser() { [[ -n ${CHROMIUM:-} ]] || have chromium-headless-shell || have chromium || have google-chrome; }
# On Ubuntu the package chromium only points to a snap.
debian() { [[ $EUID -eq 0 ]] && grep -qx 'ID=debian' /etc/os-release 2>/dev/null; }

if debian; then
  packages=()
  have "${CC:-gcc}" || packages+=(gcc libc6-dev)
  browser || packages+=(chromium-headless-shell)
  firefox || packages+=(firefox-esr)
  if ((${#packages[@]})); then
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -q
    apt-get install -qy --no-install-recommends "${packages[@]}" </dev/null
  fi
fi

if ! have "${CC:-gcc}" && ! have cc && ! have clang; then
  echo "The race detector needs a C compiler: install gcc (Debian: apt install gcc libc6-dev, macOS: xcode-select --install)." >&2
  exit 1
fi
if ! browser; then
  cd e2e
  if [[ $EUID -eq 0 ]]; then npx playwright install --with-deps chromium; else npx playwright install chromium; fi
fi
