"""What a serving process sets at its start, so that redaction does not hold its event loop."""

import subprocess
import sys
from pathlib import Path

from house.sources import calls_of
from portico_cli import serve


def test_the_interpreter_is_handed_on_early_and_start_up_is_left_out_of_collections() -> None:
    program = (
        "import gc, sys; from portico_cli import serve; before = (sys.getswitchinterval(), gc.get_freeze_count());"
        "serve.keep_loop_responsive(); print(*before, sys.getswitchinterval(), gc.get_freeze_count())"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    plain_s, plain_frozen, interval_s, frozen = map(float, done.stdout.split())
    assert (plain_s, plain_frozen) == (0.005, 0)  # The control: what Python does by itself.
    assert interval_s == serve.SWITCH_INTERVAL_S <= 0.001
    assert frozen > 100_000


def test_gateway_and_console_set_it() -> None:
    assert len(list(calls_of(Path(serve.__file__), "keep_loop_responsive"))) == 2
