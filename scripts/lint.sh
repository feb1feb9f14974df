#!/usr/bin/env bash
# Checks the Go code by .golangci.yml. The linter's cache is the checkout's own: one that is shared gives findings of other
# checkouts, and when such a checkout is gone, what excuses them cannot be read any more.
set -euo pipefail
cd "$(dirname "$0")/.."
export GOLANGCI_LINT_CACHE="$PWD/tmp/golangci-lint"
exec bin/golangci-lint run
