"""Run by the probes of a pod without a port: a file must have been touched lately.

alive.py FILE SECONDS

The worker touches it each time round, so a process that hangs is seen as one that is gone. Standard library only.
"""

import sys
import time
from pathlib import Path


def is_alive(path: str, *, within_s: float) -> bool:
    """Say whether a file was touched within the last seconds, by the clock of this machine."""
    try:
        return abs(time.time() - Path(path).stat().st_mtime) <= within_s
    except OSError:
        return False


if __name__ == "__main__":
    sys.exit(0 if is_alive(sys.argv[1], within_s=float(sys.argv[2])) else 1)
