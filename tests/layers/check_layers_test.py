#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""check_layers.py must see what it is there for. Usage: check_layers_test.py CHECK_LAYERS SRC"""
import pathlib
import shutil
import subprocess
import sys
import tempfile

PLANTED = {
    "base/x.h": '#include "netlink/link.h"\n',
    "topology/x.cc": "#include <unistd.h>\n",
    "topology/y.cc": '#include "netlink/socket.h"\n',
    "topology/z.cc": '#include "process/spawn.h"\n',
    "cli/x.cc": '#include "netns/pin.h"\n',
    "engine/x.cc": "#include <CLI/App.hpp>\n",
    "netlink/x.h": "#include <netlink/route/link.h>\n",
    "netlink/kinds/unlisted.cc": "\n",
}


def run(check, src):
    return subprocess.run([sys.executable, check, src], capture_output=True, text=True)


def main():
    check, src = sys.argv[1:]
    for name, text in PLANTED.items():
        with tempfile.TemporaryDirectory() as directory:
            copy = pathlib.Path(directory) / "src"
            shutil.copytree(src, copy)
            (copy / name).write_text(text)
            result = run(check, copy)
            if result.returncode == 0 or name not in result.stdout:
                sys.exit(f"{name} was not found:\n{result.stdout}{result.stderr}")
    print(f"all {len(PLANTED)} planted mistakes were found")


if __name__ == "__main__":
    main()
