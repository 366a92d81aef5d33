#!/usr/bin/env bash
# In s.yaml of Serverless Devs 3.1.10 the argument of env() may stand without quotes, but a default then always wins:
# ${env(NAME)} gives the value of the variable, ${env(NAME, 'text')} gives the text although the variable is set. Nothing is
# reported. With quotes around NAME both give the value.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts @serverless-devs/s@3.1.10
cat >s.yaml <<'YAML'
edition: 3.0.0
name: quotes
access: default
resources:
  one:
    component: fc3
    props:
      functionName: one
      environmentVariables:
        BARE: ${env(STAGE_NAME)}
        BARE_WITH_DEFAULT: ${env(STAGE_NAME, 'default')}
        QUOTED: ${env('STAGE_NAME')}
        QUOTED_WITH_DEFAULT: ${env('STAGE_NAME', 'default')}
YAML
HOME=$folder NO_COLOR=1 AccountID=1 AccessKeyID=a AccessKeySecret=b STAGE_NAME=production \
  node_modules/.bin/s preview -t s.yaml -o json 2>&1 |
  sed -n '/"environmentVariables"/,/}/p' | tr -d ' ' >seen
cat seen
diff - seen <<'SEEN'
"environmentVariables":{
"BARE":"production",
"BARE_WITH_DEFAULT":"default",
"QUOTED":"production",
"QUOTED_WITH_DEFAULT":"production"
}
SEEN
