# SPDX-License-Identifier: GPL-2.0
"""The guest kernel's log: from /dev/kmsg records to dmesg's form, and the search for trouble."""

import re

RECORD = re.compile(r"(\d+),\d+,(\d+),[^;]*;(.*)$")
TROUBLE = re.compile(
    r"WARNING:|BUG:|BUG at|\bOops\b|blocked for more than \d+ seconds|soft lockup|hard LOCKUP|"
    r"Call Trace|general protection|self-detected stall|detected stalls|Kernel panic|"
    r"unable to handle|scheduling while atomic|possible recursive locking|rcu: INFO:|"
    r"workqueue lockup|page allocation failure|allocation failed|Out of memory|oom-kill|"
    r"UBSAN|KASAN|refcount_t:|list_(add|del) corruption|segfault at|trap invalid opcode|"
    r"\bBPF\b.*(refused|invalid|fail)"
)
# What a test that takes the memory away on purpose brings about. It says so itself, in lines
# "epscope-test: no memory" and "epscope-test: memory again" written to /dev/kmsg.
PROVOKED = re.compile(r"Call Trace|page allocation failure|allocation failed|Out of memory|oom-kill")
BEGIN, END = "epscope-test: no memory", "epscope-test: memory again"


def unescape(text):
    """/dev/kmsg writes bytes that do not print as \\xNN."""
    return re.sub(r"\\x([0-9a-f]{2})", lambda m: chr(int(m[1], 16)), text)


def records(data):
    """Lines of /dev/kmsg as (facility, dmesg line), without the dictionaries below them."""
    for line in data.decode(errors="replace").splitlines():
        m = RECORD.match(line)
        if m:
            prio, usec, text = int(m[1]), int(m[2]), unescape(m[3])
            yield prio >> 3, f"[{usec // 1000000:5d}.{usec % 1000000:06d}] {text}"


def trouble(data, console):
    """Lines that tell of a kernel fault. DATA is from /dev/kmsg; what a program wrote there
    (facility other than kern) does not count. CONSOLE is text for a machine that died."""
    found, provoked = [], False
    for facility, line in records(data):
        if facility == 0 and TROUBLE.search(line):
            if not (provoked and PROVOKED.search(line)):
                found.append(line)
        elif facility and line.endswith((BEGIN, END)):
            provoked = line.endswith(BEGIN)
    return found + [line for line in console.replace("\r", "").splitlines() if TROUBLE.search(line)]


def log_text(data, console):
    """The whole log for a file."""
    text = "".join(line + "\n" for _, line in records(data))
    if console:
        text += "--- console ---\n" + console.replace("\r", "")
    return text
