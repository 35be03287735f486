#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The live tests in the full tier, on Debian 12's and Debian 13's kernels, both VMs at a time: each
# keeps one core busy. Forced mechanisms are tried on one of them.
. "$(dirname "$0")/../lib.sh"

LIVE="tests/live/server.sh tests/live/workloads.sh tests/live/snapshot.sh" \
	spawn tests/vm/on-kernel 6.1 >"$TMP/6.1" 2>&1
first=$SPAWNED
LIVE="tests/live/server.sh tests/live/workloads.sh tests/live/mechanisms.sh tests/live/self.sh" \
	spawn tests/vm/on-kernel 6.12 >"$TMP/6.12" 2>&1
second=$SPAWNED
wait "$first" || failures=$((failures + 1))
wait "$second" || failures=$((failures + 1))
sed -E 's/^(ok|not ok|skip) /\1 6.1: /' "$TMP/6.1"
sed -E 's/^(ok|not ok|skip) /\1 6.12: /' "$TMP/6.12"
