"""Reads user data by cloud-init's own code and writes its files below a folder. Input: JSON lines of {userData, root}."""
import json
import os
import sys

import yaml
from cloudinit import util
from cloudinit.config import cc_write_files

for line in sys.stdin:
    case = json.loads(line)
    config = util.load_yaml(case["userData"].encode("utf-8"), default={})
    files = config.get("write_files", [])
    for entry in files:
        entry["path"] = case["root"] + entry["path"]
    try:
        cc_write_files.write_files("write_files", files, "root:root")
        problem = None
    except Exception as error:  # what cloud-init would log before it goes on with the next module
        problem = repr(error)
    print(json.dumps({
        "packages": config.get("packages"),
        "runcmd": config.get("runcmd"),
        "deferred": [entry["path"] for entry in files if entry.get("defer")],
        "paths": [os.path.relpath(entry["path"], case["root"]) for entry in files],
        "problem": problem,
        "pyyaml": yaml.__version__,
    }))
