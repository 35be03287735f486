#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The programs that nobody here wrote in the full tier: all at once, and each without
# epscope, with loads for an emulated CPU.
PLAIN=yes COUNT=100 exec "$(dirname "$0")/../real/together.sh"
