#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""docs/kinds.md must be what `netyard kinds --markdown` prints. Usage: check_kinds.py NETYARD REPOSITORY"""
import difflib
import pathlib
import subprocess
import sys


def main():
    netyard, repository = sys.argv[1], pathlib.Path(sys.argv[2])
    printed = subprocess.run([netyard, "kinds", "--markdown"], capture_output=True, check=True, text=True).stdout
    written = (repository / "docs/kinds.md").read_text()
    if printed == written:
        print("docs/kinds.md is up to date")
        return 0
    print("docs/kinds.md is not what 'netyard kinds --markdown' prints: write it anew")
    print("\n".join(list(difflib.unified_diff(written.split("\n"), printed.split("\n"), lineterm=""))[:40]))
    return 1


if __name__ == "__main__":
    sys.exit(main())
