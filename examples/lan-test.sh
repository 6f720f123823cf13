#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A test suite in a lab of its own: nothing to clean up, and any number of them at once.
#
#   sudo ./lan-test.sh    # TAP
set -eu
netyard=${NETYARD:-netyard}
# Begins again, inside the lab.
if [ -z "${NETYARD_LAB:-}" ]; then exec "$netyard" up "$(dirname "$0")/lan.yaml" -- sh "$0"; fi

number=0
failed=0
check() { # NAME COMMAND...
  name=$1
  shift
  number=$((number + 1))
  if "$@" >/dev/null 2>&1; then
    echo "ok $number - $name"
  else
    echo "not ok $number - $name"
    failed=1
  fi
}

check "h1 reaches h4" "$netyard" exec h1 -- ping -c 1 -W 5 h4
check "ip netns sees the lab" ip netns exec lan.h2 ping -c 1 -W 5 192.168.1.1
"$netyard" link h3:eth0 down
check "a broken link is broken" sh -c "! '$netyard' exec h1 -- ping -c 1 -W 1 h3"
echo "1..$number"
exit $failed
