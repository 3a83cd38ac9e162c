"""Become another program that gets SIGTERM when this process's parent dies.

    python die_with_parent.py PARENT_PID PROGRAM [ARGUMENT ...]

Started by `triton_server`: a demo that is killed must not leave a model server behind. The kernel's parent-death
signal survives exec; doing it here and not in a `preexec_fn` keeps fork handlers out of a threaded parent.
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
    os.execv(program[0], program)  # noqa: S606  the program is the server binary that triton_server found


if __name__ == "__main__":
    main(sys.argv[1:])
