#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Fails when a file in src/ includes what its layer must not know. Usage: check_layers.py SRC"""
import pathlib
import re
import sys

# Who may include whom. topology sees of netlink and process only the headers that hold values.
ALLOWED = {
    "base": set(),
    "netlink": {"base"},
    "netns": {"base", "netlink"},
    "process": {"base", "netns"},
    "topology": {"base"},
    "engine": {"base", "netlink", "netns", "process", "topology"},
    "cli": {"base", "topology", "engine"},
}
VALUE_HEADERS = {"netlink/address.h", "netlink/bridge_table.h", "netlink/kind.h",
                 "netlink/link.h", "netlink/route.h",
                 "netlink/encap.h", "netlink/mpls_route.h", "netlink/names.h", "netlink/neighbor.h",
                 "netlink/nexthop.h", "netlink/route_metrics.h", "netlink/rule.h",
                 "netlink/link_fields.h", "netlink/macsec.h", "netlink/wireguard.h",
                 "netlink/field.h", "netlink/filter.h", "netlink/offload.h", "netlink/qdisc.h",
                 "process/service.h", "process/workload.h"}

# Libraries and system headers that belong to certain places only: (pattern, where, why).
CONFINED = [
    (r"<netlink/", r"^netlink/.*\.cc$", "libnl-route is for the .cc files of netlink"),
    (r"<libmnl/", r"^netlink/.*\.cc$", "libmnl is for the .cc files of netlink"),
    (r"<spdlog/", r"^base/log\.cc$", "spdlog is for base/log.cc"),
    (r"<CLI/", r"^cli/", "CLI11 is for the command line"),
    (r"<archive", r"^process/image/.*\.cc$", "libarchive is for process/image"),
    (r"<openssl/", r"^(process/image/.*|engine/(macsec|wireguard)_keys)\.cc$",
     "libcrypto is for process/image and the keys of engine"),
    (r"<yaml\.h>", r"^topology/.*\.cc$", "libyaml is for topology"),
    (r"<(sys/|unistd|fcntl|sched|signal)", r"^(?!topology/)", "topology makes no system call"),
]
INCLUDE = re.compile(r'^\s*#\s*include\s+([<"][^>"]+[>"])', re.M)


def mistakes_in(name, text):
    layer = name.split("/")[0]
    for include in INCLUDE.findall(text):
        for pattern, where, why in CONFINED:
            if re.search(pattern, include) and not re.search(where, name):
                yield f"{name}: {include}: {why}"
        path = include.strip('<">')
        other = path.split("/")[0]
        if include[0] == "<" or other not in ALLOWED or other == layer:
            continue
        if layer == "topology" and path in VALUE_HEADERS:
            continue
        if other not in ALLOWED[layer]:
            yield f"{name}: {layer} may not include {path}"


def unlisted_kinds(src):
    listed = (src / "netlink/kind.cc").read_text()
    for file in sorted((src / "netlink/kinds").glob("*.cc")):
        if f"&kinds::{file.stem}" not in listed:
            yield f"netlink/kinds/{file.name}: not in the list in netlink/kind.cc"


def unlisted_qdiscs(src):
    listed = (src / "netlink/qdisc.cc").read_text()
    for file in sorted((src / "netlink/qdiscs").glob("*.cc")):
        if "const QdiscKind " in file.read_text() and f"&qdiscs::{file.stem}" not in listed:
            yield f"netlink/qdiscs/{file.name}: not in the list in netlink/qdisc.cc"


def main():
    src = pathlib.Path(sys.argv[1])
    files = [f for f in sorted(src.rglob("*")) if f.suffix in (".h", ".cc")]
    mistakes = []
    for file in files:
        mistakes += mistakes_in(file.relative_to(src).as_posix(), file.read_text())
    mistakes += unlisted_kinds(src)
    mistakes += unlisted_qdiscs(src)
    print("\n".join(mistakes) or f"{len(files)} files keep to their layers")
    return 1 if mistakes or not files else 0


if __name__ == "__main__":
    sys.exit(main())
