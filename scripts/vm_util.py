# SPDX-License-Identifier: GPL-2.0
"""Errors, the cache folder, locks and tools of the VM runner."""

import contextlib
import fcntl
import os
import shutil
import subprocess
import sys

SCRIPTS = os.path.dirname(os.path.realpath(__file__))
EXTRA_PATH = ("/usr/sbin", "/sbin", "/usr/lib/qemu", "/usr/libexec")


class VmError(Exception):
    """The machine, not the command in it, failed: what, why, what to do."""


def note(text):
    """One line to the user, on stderr."""
    print(f"vm-run: {text}", file=sys.stderr, flush=True)


def cache_dir(*parts):
    """A folder below the cache, made if it is missing."""
    base = os.environ.get("EPSCOPE_CACHE")
    if not base:
        home = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
        base = os.path.join(home, "epscope")
    path = os.path.join(os.path.abspath(base), *parts)
    try:
        os.makedirs(path, exist_ok=True)
    except OSError as e:
        raise VmError(
            f"cannot make the cache folder {path}: {e.strerror}; "
            "set EPSCOPE_CACHE to a writable one"
        ) from e
    return path


@contextlib.contextmanager
def cache_lock(name, what):
    """Hold the cache's lock NAME; say what is waited for when another run has it."""
    with open(os.path.join(cache_dir(), f"{name}.lock"), "w", encoding="ascii") as f:
        try:
            fcntl.flock(f, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            note(f"waiting for another run that is busy: {what}")
            fcntl.flock(f, fcntl.LOCK_EX)
        yield


def tool_packages():
    """Program -> Debian package, from vm-deps."""
    out = subprocess.run(
        [os.path.join(SCRIPTS, "vm-deps"), "--tools"], check=True, capture_output=True, text=True
    ).stdout
    return dict(line.split() for line in out.splitlines())


def missing(name):
    """The error for a program or file that is not installed."""
    package = tool_packages().get(name, name)
    return VmError(f"{name} not found: install the package {package} (apt-get install {package})")


def tool(name):
    """Path of a program, or an error that names its package."""
    path = os.pathsep.join((os.environ.get("PATH", os.defpath),) + EXTRA_PATH)
    found = shutil.which(name, path=path)
    if not found:
        raise missing(name)
    return found


def output_of(args, what, **kwargs):
    """Stdout of a helper program; its failure is a VmError that carries its last words."""
    r = subprocess.run(args, capture_output=True, stdin=subprocess.DEVNULL, check=False, **kwargs)
    if r.returncode:
        words = r.stderr.decode(errors="replace").strip().splitlines()
        raise VmError(f"{what} failed ({args[0]}, status {r.returncode}): {' | '.join(words[-3:])}")
    return r.stdout


def write_atomic(path, data):
    """Write a file so that nobody ever sees half of it."""
    tmp = f"{path}.{os.getpid()}"
    with open(tmp, "wb") as f:
        f.write(data)
    os.rename(tmp, path)
