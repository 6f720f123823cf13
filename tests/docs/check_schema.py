#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The JSON schema must take the workloads that netyard takes, and refuse the mistakes of shape that
it refuses. Usage: check_schema.py NETYARD"""
import json
import pathlib
import subprocess
import sys
import tempfile

import jsonschema
import yaml

TAKEN = """
{}
{w: sleep 1}
{w: [sleep, 1]}
{w: {command: x, user: 1000, groups: [adm, 27], umask: "022", cwd: /, hostname: x}}
{w: {command: x, env: {A: 1, B: yes, C: ""}, env_files: a.env}}
{w: {command: x, env: [A=1], env_files: [a.env, /b.env]}}
{w: {command: x, capabilities: [NET_RAW], seccomp: unconfined, no_new_privs: false}}
{w: {command: x, seccomp: {profile: x.json, allow: mount, deny: [kill], action: log}}}
{w: {command: x, seccomp: {only: [read, write], report: true}}}
{w: {command: x, landlock: {read: [/usr], write: /tmp}}}
{w: {command: x, limits: {memory: 1G, swap: 0, cpu: 0.5, cpu_weight: 10, cpus: 0-1, pids: 9}}}
{w: {command: x, limits: {cpus: 1, cpu: 50%, io: {/dev/vda: {read: 1048576, write: 1M}}}}}
{w: {command: x, rlimits: {nofile: 1024, core: unlimited, nproc: 100:200}, nice: -1}}
{w: {command: x, oom_score_adj: 5, read_only: false, rootfs: root, binds: /a, tmpfs: "/t:1M"}}
{w: {command: x, devices: [/dev/net/tun], uid_map: "0:1000:1", gid_map: ["0:1000:1"]}}
{w: {command: x, share: [pid, ipc]}}
{w: {command: x, time: {boottime: 5, monotonic: -5}}}
{w: {command: x, restart: no}}
{w: {command: x, restart: "no"}}
{w: {command: x, restart: {policy: on-failure, delay: 0.5, max_delay: 5s, tries: 0}}}
{w: {command: x, ready: {tcp: 80, timeout: 5}}}
{w: {command: x, ready: {log: up}}}
{w: {command: x, healthcheck: {exec: [x, y], interval: 1s, retries: 2, start_period: 0}}}
{w: {command: x, stop_signal: 2, stop_timeout: 1m, log: {size: 1M, files: 3}, autostart: off}}
{v: x, w: {command: x, after: v}}
{v: x, w: {command: x, after: [v, n/v]}}
{w: {command: x, limits: , rlimits: , env: , log: , time: , landlock: , binds: , after: }}
"""
REFUSED = """
[x]
{w: }
{w: []}
{w: {}}
{w: {comand: x}}
{w: {command: x, user: [a]}}
{w: {command: x, read_only: 3}}
{w: {command: x, seccomp: {dney: [kill]}}}
{w: {command: x, seccomp: [kill]}}
{w: {command: x, landlock: {exec: [/]}}}
{w: {command: x, limits: 64M}}
{w: {command: x, limits: {mem: 64M}}}
{w: {command: x, limits: {io: {/dev/vda: 1M}}}}
{w: {command: x, rlimits: {nofiles: 1}}}
{w: {command: x, time: {realtime: 1}}}
{w: {command: x, restart: yes}}
{w: {command: x, restart: sometimes}}
{w: {command: x, restart: {delay: 1s}}}
{w: {command: x, ready: 80}}
{w: {command: x, ready: }}
{w: {command: x, ready: {timeout: 5}}}
{w: {command: x, ready: {tcp: 0}}}
{w: {command: x, ready: {tcp: 80, udp: 80}}}
{w: {command: x, healthcheck: {log: up}}}
{w: {command: x, log: {szie: 1M}}}
{w: {command: x, after: {a: b}}}
"""
DEFAULTS_TAKEN = "{workload: {user: nobody, limits: {pids: 9}, env: {A: 1}}}"
DEFAULTS_REFUSED = """
{node: {run: {w: x}}}
{workload: {command: x}}
{workload: {ready: {tcp: 80}}}
{workload: {after: v}}
"""


def file_with(run="{}", defaults="{}"):
    return f"name: x\ndefaults: {defaults}\nnodes: {{n: {{run: {run}}}}}\n"


def judge(netyard, validator, text, good):
    with tempfile.TemporaryDirectory() as directory:
        path = pathlib.Path(directory) / "x.yaml"
        path.write_text(text)
        result = subprocess.run([netyard, "check", path], capture_output=True, text=True)
    if (result.returncode == 0) != good:
        yield f"netyard: exit {result.returncode} for\n{text}{result.stdout}{result.stderr}"
    error = jsonschema.exceptions.best_match(validator.iter_errors(yaml.safe_load(text)))
    if (error is None) != good:
        yield f"schema: {error.message if error else 'takes'}\n{text}"


def main():
    netyard = sys.argv[1]
    schema = json.loads(subprocess.run([netyard, "schema"], capture_output=True, check=True).stdout)
    validator = jsonschema.Draft202012Validator(schema)
    cases = [(file_with(run=line), True) for line in TAKEN.split("\n") if line]
    cases += [(file_with(run=line), False) for line in REFUSED.split("\n") if line]
    cases += [(file_with(defaults=DEFAULTS_TAKEN), True)]
    cases += [(file_with(defaults=line), False) for line in DEFAULTS_REFUSED.split("\n") if line]
    mistakes = [m for text, good in cases for m in judge(netyard, validator, text, good)]
    print("\n".join(mistakes) or f"{len(cases)} files are judged alike")
    return 1 if mistakes else 0


if __name__ == "__main__":
    sys.exit(main())
