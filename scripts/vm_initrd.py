# SPDX-License-Identifier: GPL-2.0
"""The initramfs of the test machine: a static init, modules, and the run's instructions."""

import os
import stat

from vm_build import init_path
from vm_util import VmError, write_atomic


def cpio_entry(ino, name, mode, data=b"", rdev=(0, 0)):
    """One member in the 'newc' format that the kernel unpacks."""
    name = name.encode() + b"\0"
    fields = (ino, mode, 0, 0, 1, 0, len(data), 0, 0, rdev[0], rdev[1], len(name), 0)
    out = b"070701" + b"".join(b"%08X" % f for f in fields) + name
    out += b"\0" * (-len(out) % 4) + data
    return out + b"\0" * (-len(data) % 4)


def cpio(members):
    """Members (name, mode, data, rdev) -> archive."""
    out = [cpio_entry(i + 1, *m) for i, m in enumerate(members)]
    out.append(cpio_entry(0, "TRAILER!!!", 0))
    return b"".join(out)


def config_text(pairs):
    """Instructions for init: NUL-terminated key=value strings."""
    for key, value in pairs:
        if "\0" in value:
            raise VmError(f"{key} holds a NUL byte: it cannot be passed to the guest")
    return b"".join(os.fsencode(f"{key}={value}") + b"\0" for key, value in pairs)


def initrd_write(path, modules, pairs):
    """Write the initramfs: MODULES are (name, file) in load order, PAIRS instructions."""
    with open(init_path(), "rb") as f:
        members = [("init", stat.S_IFREG | 0o755, f.read())]
    members.append(("dev", stat.S_IFDIR | 0o755))
    members.append(("dev/console", stat.S_IFCHR | 0o600, b"", (5, 1)))
    pairs = list(pairs)
    for name, file in modules:
        with open(file, "rb") as f:
            members.append((f"{name}.ko", stat.S_IFREG | 0o644, f.read()))
        pairs.append(("module", f"/{name}.ko"))
    members.append(("vm.conf", stat.S_IFREG | 0o600, config_text(pairs)))
    write_atomic(path, cpio(members))
