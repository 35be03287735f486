# SPDX-License-Identifier: GPL-2.0
"""QEMU and virtiofsd: started as children that die with the harness, and ended by it."""

import contextlib
import ctypes
import glob
import os
import re
import resource
import signal
import socket
import subprocess
import tempfile

from vm_build import noatime_path
from vm_util import VmError, output_of, tool

PREFIX = "epscope-vm."  # of folders for temporary files: PREFIX, the harness's PID, ".", at random
PORTS = ("ctl", "in", "out", "err", "log")
# norandmaps: QEMU keys translated code by virtual address, so ASLR makes every exec translate anew.
CMDLINE = (
    "console=ttyS0 loglevel=4 panic=-1 oops=panic mitigations=off nokaslr norandmaps "
    "cryptomgr.notests tsc=reliable no_timer_check rcupdate.rcu_expedited=1"
)
PR_SET_PDEATHSIG = 1
CLONE_NEWNS, CLONE_NEWUSER = 0x00020000, 0x10000000
MS_RDONLY, MS_REC, MS_BIND, MS_PRIVATE = 1, 0x4000, 0x1000, 0x40000
SYS_MOUNT_SETATTR, AT_RECURSIVE, AT_FDCWD = 442, 0x8000, -100

LIBC = ctypes.CDLL(None, use_errno=True)


def check(result, what):
    """Raise for a failed system call."""
    if result:
        err = ctypes.get_errno()
        raise OSError(err, f"{what}: {os.strerror(err)}")


def die_with_parent(parent):
    """In a child: SIGKILL when the harness ends, however it ends."""
    check(LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL), "prctl")
    if os.getppid() != parent:
        os._exit(1)


def become_root():
    """In a child of an ordinary user: root in a user namespace, which may mount there."""
    uid, gid = os.geteuid(), os.getegid()
    check(LIBC.unshare(CLONE_NEWUSER), "user namespace")
    for name, text in (("setgroups", "deny"), ("uid_map", f"0 {uid} 1"), ("gid_map", f"0 {gid} 1")):
        with open(f"/proc/self/{name}", "w", encoding="ascii") as f:
            f.write(text)


def bind_root_read_only(path):
    """In a child: the whole file system, read-only, on PATH, visible to this process alone."""
    check(LIBC.unshare(CLONE_NEWNS), "mount namespace")
    check(LIBC.mount(b"none", b"/", None, MS_REC | MS_PRIVATE, None), "private mounts")
    check(LIBC.mount(b"/", os.fsencode(path), None, MS_BIND | MS_REC, None), "bind mount")
    # struct mount_attr: attr_set, attr_clr, propagation, userns_fd
    attr = (ctypes.c_uint64 * 4)(MS_RDONLY, 0, 0, 0)
    check(
        LIBC.syscall(
            SYS_MOUNT_SETATTR,
            AT_FDCWD,
            os.fsencode(path),
            AT_RECURSIVE,
            ctypes.byref(attr),
            ctypes.c_size_t(ctypes.sizeof(attr)),
        ),
        "read-only mount",
    )


def qemu_tcg():
    """(accelerator, CPU model) for the installed QEMU.

    Up to some version before 10, two faults of TCG crash guests: cmpxchg16b leaves garbage in
    EFLAGS, and code patched by one CPU is run stale by another when each has a thread. Without ERMS
    and FSRM the kernel clears and copies eight bytes at a time: an emulated `rep stosb` takes a turn for
    each byte, which was a quarter of a start of epscope.
    """
    text = output_of([tool("qemu-system-x86_64"), "--version"], "asking QEMU's version").decode()
    version = re.search(r"version (\d+)", text)
    cpu = "max,-erms,-fsrm"
    if version and int(version[1]) >= 10:
        return "tcg,thread=multi", cpu
    return "tcg,thread=single", cpu + ",-cx16"


def stale_remove():
    """Remove the folders of harnesses that were killed before they could do it themselves."""
    for path in glob.glob(os.path.join(tempfile.gettempdir(), f"{PREFIX}*.*")):
        owner = path.rsplit(PREFIX, 1)[1].split(".")[0]
        if os.path.exists(f"/proc/{owner}"):
            continue
        with contextlib.suppress(OSError):  # another user's, or another run is just removing it
            folder_remove(path)


def folder_remove(path):
    """Remove a folder of ours. Never recursively: the whole file system is mounted below it, if
    only in virtiofsd's eyes."""
    for entry in os.scandir(path):
        if entry.is_dir(follow_symlinks=False):
            os.rmdir(entry.path)
        else:
            os.unlink(entry.path)
    os.rmdir(path)


class Machine:
    """A running VM. Use as a context manager: leaving it kills and removes everything."""

    def __init__(self, kernel, mem, shares, count_instructions=False):
        self.kernel, self.mem, self.shares = kernel, mem, shares
        self.count_instructions = count_instructions
        stale_remove()
        self.dir = tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}.")
        self.initrd = os.path.join(self.dir, "initrd")  # to be written before start()
        self.console = os.path.join(self.dir, "console")
        self.children = []
        self.ports = {}
        self.qemu = None

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        for child in reversed(self.children):
            child.kill()
            child.wait()
        for sock in self.ports.values():
            sock.close()
        folder_remove(self.dir)

    def _spawn(self, args, log, fds, prepare=None, env=None):
        """Start a child in a session of its own: ^C on the terminal is for the guest."""
        parent = os.getpid()

        def in_child():
            if prepare:
                prepare()
            die_with_parent(parent)

        path = os.path.join(self.dir, log)
        with open(path, "wb") as out:
            try:
                child = subprocess.Popen(  # pylint: disable=consider-using-with
                    args,
                    stdin=subprocess.DEVNULL,
                    stdout=out,
                    stderr=out,
                    pass_fds=fds,
                    env={**os.environ, **(env or {})},
                    start_new_session=True,
                    preexec_fn=in_child,
                )
            except (OSError, subprocess.SubprocessError) as e:
                raise VmError(
                    f"cannot start {os.path.basename(args[0])}: {e}; it needs root, or user "
                    "namespaces for ordinary users, and Linux 5.12 or newer"
                ) from e
        self.children.append(child)
        return child

    def _virtiofsd(self, tag, path):
        """Share PATH (None: the whole file system, read-only); the socket QEMU connects to."""
        sock = os.path.join(self.dir, f"{tag}.sock")
        source = path or os.path.join(self.dir, "root")
        if not path:
            os.mkdir(source)
        program = tool("virtiofsd")
        user = os.geteuid() != 0

        def prepare():
            if user:
                become_root()
            if not path:
                bind_root_read_only(source)

        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(sock)
            listener.listen(1)
            files = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
            args = [program, f"--fd={listener.fileno()}", f"--rlimit-nofile={files}"]
            cache = "auto" if path else "always"
            if program.startswith("/usr/lib/qemu"):
                args += ["-o", f"source={source},cache={cache},sandbox=chroot", "-f"]
            else:
                args += [f"--shared-dir={source}", f"--cache={cache}", "--sandbox=chroot"]
                args.append("--no-announce-submounts")
            env = {"LD_PRELOAD": noatime_path()} if user else None
            self._spawn(args, f"virtiofsd-{tag}.log", [listener.fileno()], prepare, env)
        return sock

    def _device_args(self):
        """Ports for the streams, shared folders."""
        args, fds = ["-device", "virtio-serial-pci"], []
        for name in PORTS:
            ours, theirs = socket.socketpair()
            self.ports[name] = ours
            fds.append(theirs)
            args += ["-chardev", f"socket,id=p-{name},fd={theirs.fileno()}"]
            args += ["-device", f"virtserialport,chardev=p-{name},name={name}"]
        for tag, path in [("root", None)] + [(f"share{i}", p) for i, p in enumerate(self.shares)]:
            sock = self._virtiofsd(tag, path)
            args += ["-chardev", f"socket,id=f-{tag},path={sock}"]
            args += ["-device", f"vhost-user-fs-pci,chardev=f-{tag},tag={tag}"]
        return args, fds

    def start(self):
        """Boot. The streams are in self.ports, the console's text in the file self.console."""
        accel, cpu = qemu_tcg()
        if self.count_instructions:  # which several threads cannot
            accel = "tcg,thread=single"
        devices, fds = self._device_args()
        args = [tool("qemu-system-x86_64"), "-nodefaults", "-no-user-config", "-display", "none"]
        args += ["-monitor", "none", "-no-reboot", "-machine", "pc,memory-backend=mem"]
        args += ["-accel", accel, "-cpu", cpu, "-smp", "2", "-m", f"{self.mem}M"]
        args += ["-object", f"memory-backend-memfd,id=mem,size={self.mem}M,share=on"]
        args += ["-icount", "shift=0"] if self.count_instructions else []
        args += ["-kernel", os.path.join(self.kernel.folder, "vmlinux")]
        args += ["-initrd", self.initrd, "-append", CMDLINE]
        args += ["-serial", f"file:{self.console}"] + devices
        self.qemu = self._spawn(args, "qemu.log", [s.fileno() for s in fds])
        for sock in fds:
            sock.close()

    def last_words(self):
        """What the machine and its helpers said before they failed, for an error message."""
        words = []
        for name in sorted(os.listdir(self.dir)):
            if name == "console" or name.endswith(".log"):
                with open(os.path.join(self.dir, name), errors="replace", encoding="utf-8") as f:
                    lines = f.read().replace("\r", "").strip().splitlines()
                words += [f"{name}: {line}" for line in lines[-15:]]
        return "\n".join(words)
