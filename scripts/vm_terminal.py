# SPDX-License-Identifier: GPL-2.0
"""The host's terminal while a guest's pty is shown on it."""

import fcntl
import os
import struct
import sys
import termios
import tty

# For a machine that died under a full-screen program: leave the alternate screen, show the cursor,
# plain text, normal cursor and keypad keys, no mouse reports, no bracketed paste.
RESET = (
    "\033[?1049l\033[?25h\033[0m\033[?1l\033>"
    "\033[?1000l\033[?1002l\033[?1003l\033[?1006l\033[?2004l"
)


def window_size(default=(80, 24)):
    """(columns, rows) of the first of stdin, stdout, stderr that is a terminal with a size."""
    for fd in (0, 1, 2):
        try:
            data = fcntl.ioctl(fd, termios.TIOCGWINSZ, bytes(8))
        except OSError:
            continue
        rows, columns = struct.unpack("HHHH", data)[:2]
        if rows and columns:
            return columns, rows
    return default


class Terminal:
    """Raw mode for stdin while in use; what was there before always comes back."""

    def __init__(self, size=None):
        self.forced = size
        self.saved = None

    def __enter__(self):
        if os.isatty(0):
            self.saved = termios.tcgetattr(0)
            tty.setraw(0, termios.TCSADRAIN)
        return self

    def __exit__(self, *exc):
        if self.saved:
            termios.tcsetattr(0, termios.TCSADRAIN, self.saved)

    def size(self):
        """(columns, rows) that the guest's pty should have now."""
        return self.forced or window_size()

    def reset(self):
        """Undo what a program that could not end itself left on the screen."""
        if os.isatty(1):
            sys.stdout.write(RESET)
            sys.stdout.flush()
