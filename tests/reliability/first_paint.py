"""What the widget costs a portal's page while it comes up: layout shift, and tasks that hold the page over 50 ms.

    make bench-paint        (PYTHONPATH=tests .venv/bin/python -m reliability.first_paint --loads 30)

The true demo page and bundle in Chromium, each load in a fresh profile. The browser's own observers count
(Layout Instability and Long Tasks of the W3C), from the first byte until a second after the launcher stands. `control`
is the same page with a shift and a task of 80 ms put in, which both observers must see.
"""

import argparse
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from playwright.sync_api import Browser, Page, expect

from e2e.browser import open_chromium, open_context, serve
from e2e.widget_stub import Stub

REST_MS = 1_000
LAUNCHER = "Ask a health question"
_OBSERVE = """
window.shifts = []; window.longTasks = [];
const watch = (type, keep) => new PerformanceObserver((list) => list.getEntries().forEach(keep)).observe({ type, buffered: true });
watch("layout-shift", (entry) => window.shifts.push(entry.value));
watch("longtask", (entry) => window.longTasks.push(entry.duration));
"""  # noqa: E501
_CONTROL = """
const disturb = () => {
  const bar = document.createElement("p");
  bar.style.height = "200px";
  document.querySelector("main").prepend(bar);
  const until = performance.now() + 80;
  while (performance.now() < until);
};
// What moves before it was ever painted shifts nothing for anybody.
addEventListener("load", () => new PerformanceObserver((list, painted) => {
  painted.disconnect();
  requestAnimationFrame(() => requestAnimationFrame(disturb));
}).observe({ type: "paint", buffered: true }));
"""


@dataclass(frozen=True, slots=True)
class Load:
    """One load of the page: the sum of its layout shifts, and the milliseconds of each long task."""

    shift: float
    long_tasks: tuple[float, ...]


@contextmanager
def loaded(browser: Browser, url: str, *, control: bool) -> Iterator[Page]:
    """Load the page in a fresh profile and wait until it has come to rest with the launcher on it."""
    with open_context(browser) as context:
        page = context.new_page()
        page.add_init_script(_OBSERVE + (_CONTROL if control else ""))
        page.goto(url)
        expect(page.get_by_role("button", name=LAUNCHER)).to_be_visible()
        page.wait_for_timeout(REST_MS)
        yield page


def measure_load(browser: Browser, url: str, *, control: bool = False) -> Load:
    """Load the page once."""
    with loaded(browser, url, control=control) as page:
        shifts, tasks = page.evaluate("[window.shifts, window.longTasks]")
        return Load(sum(shifts), tuple(tasks))


def measure(loads: int) -> dict[str, object]:
    """Load the page so many times, and the control once."""
    with open_chromium() as browser, serve(Stub().app()) as address:
        url = f"{address}/demo"
        measure_load(browser, url)  # The browser's own start is not the widget's.
        found = [measure_load(browser, url) for _ in range(loads)]
        control = measure_load(browser, url, control=True)
    return {
        "loads": loads,
        "layout_shift_max": max(load.shift for load in found),
        "long_tasks": sum(len(load.long_tasks) for load in found),
        "longest_ms": max((ms for load in found for ms in load.long_tasks), default=0),
        "control_layout_shift": round(control.shift, 3),
        "control_long_tasks": len(control.long_tasks),
    }


def main() -> int:
    """Measure, print, and fail where anything shifted or held the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--loads", type=int, default=30)
    figures = measure(parser.parse_args().loads)
    sys.stdout.write(json.dumps(figures) + "\n")
    seen = figures["control_layout_shift"] and figures["control_long_tasks"]
    return 0 if seen and not figures["layout_shift_max"] and not figures["long_tasks"] else 1


if __name__ == "__main__":
    raise SystemExit(main())
