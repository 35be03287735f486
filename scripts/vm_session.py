# SPDX-License-Identifier: GPL-2.0
"""One command in a running machine: streams, terminal, signals, time limit, status."""

import contextlib
import errno
import os
import select
import signal
import socket
import time

BOOT_LIMIT = 120  # seconds from QEMU's start to the command's; 2 are usual
TERM_GRACE = 3  # seconds that a command has to end after SIGTERM or SIGHUP
GIVE_UP = 3  # signals after which the machine is killed without waiting for the command
FORWARDED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)
CHUNK = 1 << 16


def write_all(fd, data):
    """Write everything, waiting as long as it takes. False when nobody reads any more."""
    view = memoryview(data)
    while view:
        try:
            view = view[os.write(fd, view) :]
        except BlockingIOError:
            select.select([], [fd], [])
        except OSError as e:
            if e.errno in (errno.EPIPE, errno.EIO, errno.EBADF):
                return False
            raise
    return True


def stdin_readable():
    """Whether reading stdin is ours to do: it may be the terminal of another job."""
    try:
        return not os.isatty(0) or os.tcgetpgrp(0) == os.getpgrp()
    except OSError:
        return False


class Session:
    """Moves bytes between our stdio and the machine's ports until the command has ended."""

    def __init__(self, machine, terminal=None, timeout=None):
        self.machine, self.terminal, self.timeout = machine, terminal, timeout
        self.ports = machine.ports
        self.got = {"out": 0, "err": 0, "log": 0}
        self.want = None  # the guest's own counts, once the command has ended
        self.status = None  # the command's, once it has ended
        self.started = self.timed_out = self.gave_up = False
        self.log = bytearray()
        self.closed = set()  # of our stdout, stderr: nobody reads
        self.ctl = b""
        self.stdin_open = stdin_readable()
        self.stdin_bytes, self.to_guest = 0, b""
        self.deadline = time.monotonic() + BOOT_LIMIT
        self.signals = []

    def say(self, text):
        """One line to init."""
        with contextlib.suppress(OSError):  # a machine that is gone is noticed by the loop
            self.ports["ctl"].sendall(text.encode() + b"\n")

    def on_ctl(self):
        """Lines from init: 'ready', 'exit STATUS OUT ERR LOG'."""
        self.ctl += self.ports["ctl"].recv(4096)
        *lines, self.ctl = self.ctl.split(b"\n")
        for line in lines:
            words = line.decode().split()
            if words[0] == "ready":
                self.started = True
                self.deadline = time.monotonic() + self.timeout if self.timeout else None
                if not self.stdin_open:
                    self.stdin_end()
            elif words[0] == "exit":
                self.status = int(words[1])
                self.want = dict(zip(("out", "err", "log"), map(int, words[2:])))

    def on_output(self, name):
        """A piece of the command's output."""
        data = self.ports[name].recv(CHUNK)
        self.got[name] += len(data)
        fd = 1 if name == "out" else 2
        if fd in self.closed or write_all(fd, data):
            return
        # As on the host: who writes to a pipe that nobody reads gets SIGPIPE.
        self.closed.add(fd)
        self.say(f"signal {int(signal.SIGPIPE)}")

    def on_log(self):
        """Records of the kernel's log."""
        data = self.ports["log"].recv(CHUNK)
        self.got["log"] += len(data)
        self.log += data

    def on_stdin(self):
        """A piece of stdin; the next one is read when the guest has taken this one."""
        try:
            data = os.read(0, CHUNK)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        self.stdin_bytes += len(data)
        self.to_guest = data
        if not data:
            self.stdin_open = False
            self.stdin_end()

    def stdin_end(self):
        """Tell the guest that stdin is at its end: by count, or by ^D on a pty."""
        if self.terminal:
            self.to_guest = b"\x04"
        else:
            self.say(f"eof {self.stdin_bytes}")

    def on_in_room(self):
        """The guest takes more of stdin."""
        with contextlib.suppress(BlockingIOError):
            self.to_guest = self.to_guest[self.ports["in"].send(self.to_guest) :]

    def on_signal(self, wake):
        """Window changes and signals to us go to the guest; at the third one we leave."""
        for number in wake.recv(64):
            if number == signal.SIGWINCH:
                if self.terminal:
                    self.say("size {}x{}".format(*self.terminal.size()))
                continue
            self.signals.append(number)
            self.say(f"signal {number}")
            if number in (signal.SIGTERM, signal.SIGHUP):
                self.deadline = time.monotonic() + TERM_GRACE
        self.gave_up = len(self.signals) >= GIVE_UP or (bool(self.signals) and not self.started)

    def interests(self, wake, qemu):
        """What to wait for now: (descriptor, events, handler)."""
        out = [
            (wake, select.POLLIN, lambda: self.on_signal(wake)),
            (qemu, select.POLLIN, lambda: None),
            (self.ports["ctl"], select.POLLIN, self.on_ctl),
            (self.ports["out"], select.POLLIN, lambda: self.on_output("out")),
            (self.ports["err"], select.POLLIN, lambda: self.on_output("err")),
            (self.ports["log"], select.POLLIN, self.on_log),
        ]
        if self.to_guest:
            out.append((self.ports["in"], select.POLLOUT, self.on_in_room))
        elif self.stdin_open and self.started:
            out.append((0, select.POLLIN, self.on_stdin))
        return out

    def on_deadline(self):
        """Time is up: first a SIGTERM, then the end."""
        if not self.started or self.timed_out or self.signals:
            self.gave_up = True
            return
        self.timed_out = True
        self.say(f"signal {int(signal.SIGTERM)}")
        self.deadline = time.monotonic() + TERM_GRACE

    def complete(self):
        """True once the command has ended and all that it wrote is here."""
        return self.want is not None and all(self.got[n] >= self.want[n] for n in self.want)

    def step(self, wake, qemu):
        """Wait once and handle what is ready. False when the machine is dead."""
        wanted = self.interests(wake, qemu)
        poll = select.poll()
        handlers = {}
        for fd, events, handler in wanted:
            number = fd if isinstance(fd, int) else fd.fileno()
            poll.register(number, events)
            handlers[number] = handler
        wait = None if self.deadline is None else max(0, self.deadline - time.monotonic()) * 1000
        ready = dict(poll.poll(wait))
        for number in ready:
            with contextlib.suppress(ConnectionError):
                handlers[number]()
        if not ready and self.deadline is not None and time.monotonic() >= self.deadline:
            self.on_deadline()
        # Dead, but what it sent before is still to be read.
        return qemu not in ready or len(ready) > 1 and not self.drained(ready, qemu)

    def drained(self, ready, qemu):
        """Whether a dead machine's sockets have nothing more than their end."""
        for number in ready:
            if number in (qemu, 0):
                continue
            sock = socket.socket(fileno=os.dup(number))
            with sock, contextlib.suppress(OSError):
                if sock.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT):
                    return False
        return True

    def run(self):
        """To the command's end, or the machine's. The result is in status, timed_out, gave_up."""
        wake, waker = socket.socketpair()
        waker.setblocking(False)
        for sock in self.ports.values():
            sock.setblocking(False)
        self.ports["ctl"].setblocking(True)
        signal.set_wakeup_fd(waker.fileno(), warn_on_full_buffer=False)
        old = {n: signal.signal(n, lambda *_: None) for n in FORWARDED + (signal.SIGWINCH,)}
        qemu = os.pidfd_open(self.machine.qemu.pid)
        try:
            while not self.complete() and not self.gave_up:
                if not self.step(wake, qemu):
                    break
        finally:
            os.close(qemu)
            signal.set_wakeup_fd(-1)
            for number, handler in old.items():
                signal.signal(number, handler)
            wake.close()
            waker.close()
