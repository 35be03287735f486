#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The live tests on Debian 12's kernel: the full tier.
exec "$(dirname "$0")/on-kernel" 6.1
