"""Become another program that gets SIGTERM when the process that started it dies.

    python parent_death.py PARENT_PID PROGRAM [ARGUMENT ...]

A demo that is killed must not leave a store or a model server behind. The kernel's parent-death signal survives exec;
doing it here and not in a `preexec_fn` keeps fork handlers out of a threaded parent. The signal follows the thread
that started the child, not the process.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1  # <linux/prctl.h>


def main(arguments: list[str]) -> None:
    """Ask for the signal, look once whether the parent is already gone, and exec."""
    parent, program = int(arguments[0]), arguments[1:]
    if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGTERM) != 0:
        raise SystemExit("cannot ask the kernel for a parent-death signal")
    if os.getppid() != parent:
        raise SystemExit("the parent is gone")
    os.execv(program[0], program)  # noqa: S606  the program is chosen by the caller


if __name__ == "__main__":
    main(sys.argv[1:])
