#!/usr/bin/env bash
# `s deploy` of Serverless Devs 3.1.10 loads the code of every component before it runs the file's global `pre-deploy` action. An
# action that checks a component, or that is to prepare something for it, comes too late for what the component does when it is
# loaded; an action that fails does stop the deploy.
#
# Seen: see the end of this script.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts @serverless-devs/s@3.1.10
mkdir component
printf '{"name":"component","version":"1.0.0","main":"index.js"}' >component/package.json
cat >component/index.js <<'JS'
const note = (text) => require('fs').appendFileSync(process.env.SEEN, `${text}\n`);
note('component loaded');
module.exports = class { deploy() { note('component deploys'); return {}; } };
module.exports.default = module.exports;
JS
cat >s.yaml <<'YAML'
edition: 3.0.0
name: order
access: default
actions:
  pre-deploy:
    - run: sh -c "echo pre-deploy action >>${env('SEEN')}; exit ${env('STATUS')}"
      path: ./
resources:
  one:
    component: ./component
    props:
      region: cn-shanghai
YAML
for status in 0 1; do
  printf 'the action ends with %s:\n' "$status" >>seen
  HOME=$folder NO_COLOR=1 SEEN=$folder/seen STATUS=$status AccountID=1 AccessKeyID=a AccessKeySecret=b \
    node_modules/.bin/s deploy -y >/dev/null 2>&1 || true
done
cat seen
diff - seen <<'SEEN'
the action ends with 0:
component loaded
pre-deploy action
component deploys
the action ends with 1:
component loaded
pre-deploy action
SEEN
