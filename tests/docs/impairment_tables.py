#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The tables of docs/impairments.md must be those that netyard works by.
Usage: impairment_tables.py NETYARD REPOSITORY [--write]"""
import json
import pathlib
import re
import subprocess
import sys

MARKED = re.compile(r"(<!-- table: (\S+) -->\n).*?(<!-- end -->\n)", re.S)


def table(heading, rows):
    lines = ["| " + " | ".join(heading) + " |", "|" + "---|" * len(heading)]
    lines += ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def fields(keys):
    return table(["key", "values", "default", "meaning"],
                 [[f"`{key['key']}`", key["values"],
                   "required" if key.get("required") else key["default"], key["help"]]
                  for key in keys])


def tables(listed):
    out = {"words": fields(listed["words"])}
    out["presets"] = table(
        ["preset", "up", "down", "what it is", "whose figures"],
        [[f"`{one['preset']}`", one["up"], "the same" if one["up"] == one["down"] else one["down"],
          one["help"], one["source"]] for one in listed["presets"]])
    out["qdiscs"] = table(["kind", "what it is", "kernel"],
                          [[f"`{one['kind']}`", one["help"], one["kernel_option"]]
                           for one in listed["qdiscs"]])
    for kind in listed["qdiscs"]:
        out[kind["kind"]] = fields(kind["keys"])
        out[kind["kind"] + "-classes"] = fields(kind["class_keys"])
    return out


def main():
    netyard, repository = sys.argv[1], pathlib.Path(sys.argv[2])
    run = subprocess.run([netyard, "impairments", "--json"], capture_output=True, check=True)
    listed = json.loads(run.stdout)
    page = repository / "docs/impairments.md"
    made = tables(listed)
    text = page.read_text()
    wanted = MARKED.sub(lambda found: found[1] + made[found[2]] + found[3], text)
    shown = {found[2] for found in MARKED.finditer(text)}
    missing = [kind["kind"] for kind in listed["qdiscs"]
               if kind["kind"] not in shown | {"netem"}] + list({"words", "presets"} - shown)
    if "--write" in sys.argv:
        page.write_text(wanted)
    elif wanted != text:
        sys.exit("docs/impairments.md: a table is not up to date: run this with --write")
    if missing:
        sys.exit(f"docs/impairments.md lacks tables: {missing}")
    print(f"{len(shown)} tables are up to date")


if __name__ == "__main__":
    main()
