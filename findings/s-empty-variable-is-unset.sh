#!/usr/bin/env bash
# `s` of Serverless Devs 3.1.10 reads an environment variable that is set but empty as one that is not set: env('NAME', 'text')
# gives the text, and env('NAME') without a default stops with "not found". A value of .env does not help either: a variable
# that the process has, though empty, hides it. In the same file a value that is written as null disappears with its name, while
# one that env() makes empty by its own default ('') stays.
#
# Seen: see the end of this script.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts @serverless-devs/s@3.1.10
printf 'IN_FILE=file\nIN_BOTH=file\n' >.env
cat >s.yaml <<'YAML'
edition: 3.0.0
name: empty
access: default
resources:
  one:
    component: fc3
    props:
      functionName: one
      environmentVariables:
        SET_BUT_EMPTY: ${env('SET_BUT_EMPTY', 'default')}
        IN_FILE: ${env('IN_FILE', 'default')}
        IN_BOTH: ${env('IN_BOTH', 'default')}
        EMPTY_DEFAULT: ${env('NOT_SET', '')}
        WRITTEN_NULL: ~
YAML
s() {
  HOME=$folder NO_COLOR=1 AccountID=1 AccessKeyID=a AccessKeySecret=b SET_BUT_EMPTY='' IN_BOTH='' \
    node_modules/.bin/s preview -o json "$@" 2>&1 || true
}
s -t s.yaml | sed -n '/"environmentVariables"/,/}/p' | tr -d ' ' >seen
sed 's/, .default.)}/)}/' s.yaml >bare.yaml
s -t bare.yaml | grep -o "env('SET_BUT_EMPTY') not found" | head -n 1 >>seen
cat seen
diff - seen <<'SEEN'
"environmentVariables":{
"SET_BUT_EMPTY":"default",
"IN_FILE":"file",
"IN_BOTH":"default",
"EMPTY_DEFAULT":""
}
env('SET_BUT_EMPTY') not found
SEEN
