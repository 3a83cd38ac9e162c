"""Count the asyncio tasks of the process that Python starts with this folder on its path, for `make soak`.

Every second the number of tasks that have not ended is written into the file that SOAK_TASKS names. No endpoint tells
it, and none should: it is of use to nobody but who looks for a leak.
"""

import asyncio
import os
import threading
import time
from pathlib import Path


def _count(path: Path) -> None:
    while True:
        time.sleep(1)
        tasks = list(asyncio.tasks._all_tasks)  # type: ignore[attr-defined]
        written = path.with_suffix(".new")
        written.write_text(str(sum(not task.done() for task in tasks)), encoding="ascii")
        written.replace(path)


if "SOAK_TASKS" in os.environ:
    threading.Thread(target=_count, args=(Path(os.environ["SOAK_TASKS"]),), name="soak-tasks", daemon=True).start()
