#!/usr/bin/env bash
# A JSON string with a character beyond U+FFFF, escaped as json.dumps writes it (a pair of \u escapes), is read in three ways
# by YAML parsers. YAML 1.2 says that JSON is YAML; its \u escape names one code point, not half of a pair.
#
#   parser                                   what comes of "\ud83d\ude80"
#   PyYAML 6.0.3, SafeLoader (cloud-init)    two lone surrogates, which cannot be written as UTF-8
#   PyYAML 6.0.3, CSafeLoader (libyaml)      the document is refused
#   ruamel.yaml 0.18.16, pure Python         two lone surrogates, too
#   js-yaml 4.1.1 and yaml 2.9.1 (npm)       one character
#
# So JSON that passes a test with one loader loses the whole document, or fails later at writing, with another.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check PyYAML==6.0.3 ruamel.yaml==0.18.16
npm init -y >/dev/null
npm install --silent --no-audit --no-fund js-yaml@4.1.1 yaml@2.9.1

venv/bin/python >seen <<'PY'
import json

import ruamel.yaml
import yaml

text = json.dumps("\U0001f680")


def show(name, load):
    try:
        value = load(text)
    except Exception as error:  # each parser has errors of its own
        print(f"{name}: refused")
        return
    try:
        value.encode("utf-8")
        writable = "can be written"
    except UnicodeEncodeError:
        writable = "cannot be written"
    print(f"{name}: {len(value)} code points, {writable}")


show("PyYAML SafeLoader", lambda text: yaml.load(text, yaml.SafeLoader))
show("PyYAML CSafeLoader", lambda text: yaml.load(text, yaml.CSafeLoader))
show("ruamel.yaml pure", ruamel.yaml.YAML(typ="safe", pure=True).load)
PY
node - >>seen <<'JS'
const text = String.raw`"\ud83d\ude80"`;
console.log(`js-yaml: ${[...require('js-yaml').load(text)].length} code points`);
console.log(`yaml: ${[...require('yaml').parse(text)].length} code points`);
JS
cat seen
diff - seen <<'SEEN'
PyYAML SafeLoader: 2 code points, cannot be written
PyYAML CSafeLoader: refused
ruamel.yaml pure: 2 code points, cannot be written
js-yaml: 1 code points
yaml: 1 code points
SEEN
