#!/usr/bin/env bash
# `npm sbom --omit dev` (npm 10.9.4 and 11.19.1) leaves out packages that production needs: every one that a development
# dependency needs as well, even when it is a direct entry of "dependencies". The bill of materials is valid and incomplete, and
# the exit status is 0. `npm ls --omit dev --all` lists the package, and without --omit the bill has it, marked as required.
#
# Seen: see the end of this script.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
# debug needs ms: production asks for ms, development for debug.
printf '{"name":"app","version":"1.0.0","dependencies":{"ms":"2.1.3"},"devDependencies":{"debug":"4.4.3"}}' >package.json
npm install --silent --no-audit --no-fund --ignore-scripts
components() {
  node -e 'let text = ""; process.stdin.on("data", (part) => (text += part)).on("end", () => {
    const names = JSON.parse(text).components.map(({ name, version, scope }) => `${name}@${version} ${scope}`).sort();
    console.log(names.join(", ") || "nothing"); })'
}
for version in 10.9.4 11.19.1; do
  npm() { command npx --yes "npm@$version" "$@"; }
  printf 'npm %s, sbom --omit dev: ' "$version"
  npm sbom --sbom-format cyclonedx --omit dev --package-lock-only | components
  printf 'npm %s, sbom: ' "$version"
  npm sbom --sbom-format cyclonedx --package-lock-only | components
  printf 'npm %s, ls --omit dev: ' "$version"
  npm ls --omit dev --all --parseable --long | sed -n 's/.*:\(ms@.*\)/\1/p' | cut -d: -f1
done | tee seen
diff - seen <<'SEEN'
npm 10.9.4, sbom --omit dev: nothing
npm 10.9.4, sbom: debug@4.4.3 optional, ms@2.1.3 required
npm 10.9.4, ls --omit dev: ms@2.1.3
npm 11.19.1, sbom --omit dev: nothing
npm 11.19.1, sbom: debug@4.4.3 optional, ms@2.1.3 required
npm 11.19.1, ls --omit dev: ms@2.1.3
SEEN
