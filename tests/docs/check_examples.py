#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every topology file in the docs and the examples must be valid, by netyard and by its JSON schema.
Usage: check_examples.py NETYARD REPOSITORY"""
import json
import pathlib
import re
import subprocess
import sys
import tempfile

import jsonschema
import yaml

FENCE = re.compile(r"^```yaml\n(.*?)^```", re.M | re.S)


def fences(repository):
    for page in [repository / "README.md", *sorted((repository / "docs").rglob("*.md"))]:
        for number, text in enumerate(FENCE.findall(page.read_text()), 1):
            if re.search(r"^nodes:", text, re.M):
                yield f"{page.relative_to(repository)} fence {number}", text


def check(netyard, path, name, schema):
    result = subprocess.run([netyard, "check", path], capture_output=True, text=True)
    if result.returncode != 0:
        return [f"{name}: exit {result.returncode}\n{result.stdout}{result.stderr}"]
    try:
        jsonschema.validate(yaml.safe_load(pathlib.Path(path).read_text()), schema)
    except jsonschema.ValidationError as error:
        return [f"{name}: schema: {error.message} at {list(error.absolute_path)}"]
    return []


def main():
    netyard, repository = sys.argv[1], pathlib.Path(sys.argv[2])
    schema = json.loads(subprocess.run([netyard, "schema"], capture_output=True, check=True).stdout)
    jsonschema.Draft202012Validator.check_schema(schema)
    mistakes, checked = [], 0
    for path in sorted((repository / "examples").rglob("*.yaml")):
        mistakes += check(netyard, path, path.name, schema)
        checked += 1
    with tempfile.TemporaryDirectory() as directory:
        for number, (name, text) in enumerate(fences(repository)):
            path = pathlib.Path(directory) / f"fence-{number}.yaml"
            path.write_text(text)
            mistakes += check(netyard, path, name, schema)
            checked += 1
    print("\n".join(mistakes) or f"{checked} topology files are valid")
    return 1 if mistakes or checked < 10 else 0


if __name__ == "__main__":
    sys.exit(main())
