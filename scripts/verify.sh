#!/usr/bin/env bash
# Checks what is written by programs and committed: generated code, go.mod, lock files. Generates
# anew and compares with what was there, so it needs no clean checkout. On a difference the new
# files stay, to be looked at and committed.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

generated=(graph admin/src/gql widgets/operations.ts)
wrong=0
complain() { echo "verify: $*" >&2; wrong=1; }

before=$(mktemp -d)
trap 'rm -rf "$before"' EXIT
tar cf - --exclude node_modules "${generated[@]}" | tar xf - -C "$before"
make --no-print-directory generate >/dev/null
for path in "${generated[@]}"; do
  if diff -r -q -x node_modules "$before/$path" "$path" >/dev/null; then
    # Nothing changed but the time, which would have the front ends built again.
    tar cf - -C "$before" "$path" | tar xpf -
  else
    diff -ru -x node_modules "$before/$path" "$path" | head -n 60 >&2 || true
    complain "$path was not up to date; it is now (make generate): look at it and commit it"
  fi
done

for module in . tool; do
  (cd "$module" && go mod tidy -diff >&2) || complain "$module/go.mod or go.sum is not tidy: run go mod tidy in $module"
done

# A file of the repository names no place that only one machine knows: no package registry (npm and
# Go have their own settings for that), not the directory it was written in.
files=$(git ls-files --cached --others --exclude-standard 2>/dev/null || find . -name node_modules -prune -o -type f -print)
existing=$(while read -r file; do [[ -f $file ]] && echo "$file"; done <<<"$files")
locks=$(grep -E '(^|/)package-lock\.json$' <<<"$existing")
xargs grep -nE '"resolved": "[a-z]+:' <<<"$locks" >&2 && complain "lock files name hosts: put omit-lockfile-registry-resolved=true into .npmrc and write them again"
xargs grep -nIE 'registry[.](npmjs|yarnpkg)|npm[.]pkg[.]github|proxy[.]golang[.]org' <<<"$existing" >&2 && complain "a file names a package registry"
here=$(pwd)
if [[ $here == /*/* && $here != "$HOME" ]]; then
  xargs grep -nIE "(^|[^[:alnum:]_./-])${here//./[.]}(/|[^[:alnum:]]|\$)" <<<"$existing" >&2 && complain "a file names the directory $here"
fi

exit "$wrong"
