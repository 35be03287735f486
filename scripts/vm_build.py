# SPDX-License-Identifier: GPL-2.0
"""The runner's own C programs, compiled once per version of their sources."""

import glob
import hashlib
import os

from vm_util import SCRIPTS, VmError, cache_dir, cache_lock, output_of, tool


def build(pattern, flags, what):
    """Path of the program made from the files that match PATTERN in our folder."""
    sources = sorted(glob.glob(os.path.join(SCRIPTS, pattern)))
    digest = hashlib.sha256(" ".join(flags).encode())
    for source in sources:
        with open(source, "rb") as f:
            digest.update(f.read())
    path = os.path.join(cache_dir("build"), digest.hexdigest()[:16])
    if os.path.exists(path):
        return path
    with cache_lock("build", f"compiling {what}"):
        if os.path.exists(path):
            return path
        tmp = f"{path}.{os.getpid()}"
        args = [tool("gcc"), "-O2", "-Wall", "-Wextra", *flags, "-o", tmp]
        output_of(args + [s for s in sources if s.endswith(".c")], f"compiling {what}")
        os.rename(tmp, path)
    return path


def init_path():
    """The guest's init, static: the initramfs has no libraries."""
    try:
        return build("vm-init*.[ch]", ["-static"], "the guest's init")
    except VmError as e:
        raise VmError(f"{e}; is the static C library there (package libc6-dev)?") from e


def noatime_path():
    """The library that virtiofsd needs in an ordinary user's hands."""
    return build("vm-noatime.c", ["-shared", "-fPIC"], "the library for virtiofsd")
