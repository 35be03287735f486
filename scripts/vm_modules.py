# SPDX-License-Identifier: GPL-2.0
"""Which kernel modules the test machine must load, and in which order.

Debian's kernel packages carry no modules.dep (depmod runs when they are installed), so
dependencies are read from the modules' own .modinfo.
"""

import lzma
import os
import struct
import subprocess

from vm_util import VmError, tool

# Wanted in the guest; what is built in, or absent in a kernel that does without, is skipped.
WANTED = (
    "virtio_pci",
    "virtio_console",
    "virtiofs",
    "overlay",
)


def module_name(path):
    """File name -> module name: the kernel takes - and _ for the same."""
    return os.path.basename(path).split(".ko")[0].replace("-", "_")


def module_unpack(path, data):
    """A module's plain ELF."""
    if path.endswith(".xz"):
        return lzma.decompress(data)
    if path.endswith(".zst"):
        args = [tool("zstd"), "-dcq"]
        return subprocess.run(args, input=data, check=True, capture_output=True).stdout
    return data


def modinfo(elf):
    """The key=value strings of an ELF64 module's .modinfo section, as a dict of lists."""
    shoff = struct.unpack_from("<Q", elf, 0x28)[0]
    shentsize, shnum, shstrndx = struct.unpack_from("<HHH", elf, 0x3A)
    sections = [struct.unpack_from("<IIQQQQ", elf, shoff + i * shentsize) for i in range(shnum)]
    names = sections[shstrndx][4]
    info = {}
    for name, _, _, _, offset, size in sections:
        start = names + name
        if elf[start : elf.index(b"\0", start)] != b".modinfo":
            continue
        for line in elf[offset : offset + size].split(b"\0"):
            key, eq, value = line.decode(errors="replace").partition("=")
            if eq:
                info.setdefault(key, []).append(value)
    return info


def needs(info):
    """Modules that must be loaded before: hard dependencies and soft ones marked pre."""
    names = [n for v in info.get("depends", ()) for n in v.split(",") if n]
    for soft in info.get("softdep", ()):
        before = False
        for word in soft.split():
            if word.endswith(":"):
                before = word == "pre:"
            elif before:
                names.append(word)
    return [n.replace("-", "_") for n in names]


def load_order(files, builtin, read):
    """Modules to load as [(name, elf)], dependencies first.

    FILES maps a module's name to its path, BUILTIN holds names compiled in, READ gives a path's
    content. Raises when the root file system could not be mounted.
    """
    done, order = set(), []

    def visit(name, needed):
        if name in done or name in builtin:
            return
        done.add(name)
        if name not in files:
            if needed:
                raise VmError(f"kernel package without the module {name}: choose another kernel")
            return
        elf = module_unpack(files[name], read(files[name]))
        for dep in needs(modinfo(elf)):
            visit(dep, False)
        order.append((name, elf))

    for name in WANTED:
        visit(name, name == "virtiofs" and bool(files))
    return order
