"""`make reliability`: every run of the rig at full size, with a report (JSON, Markdown, plots) under build/.

    PYTHONPATH=tests .venv/bin/python -m reliability.reliability [--only NAME ...] [--share 1.0] [--seed 20261126]

`--share` scales every N; the report says the N that was run. Exit status 1 when one of them fails.
"""

import argparse
import asyncio
import dataclasses
import json
import os
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
from matplotlib import pyplot
from rich.console import Console
from rich.progress import Progress as Bar

from reliability import escalation_runs, runs, store_runs
from reliability.rig_stack import running_rig
from reliability.run_parts import Outcome

Run = Callable[..., Awaitable[Outcome]]

# What issue and promises ask for.
FULL: dict[str, tuple[Run, int]] = {
    "valkey_killed": (runs.run_kills, 10_000),
    "power_cut": (store_runs.run_power_cuts, 10_000),
    "everysec_control": (store_runs.run_everysec_control, 2_000),
    "replies_lost": (runs.run_lost_replies, 10_000),
    "guard_faults": (runs.run_guard_faults, 4_800),
    "valkey_down": (runs.run_outage, 200),
    "valkey_stopped": (runs.run_stopped, 1_000),
    "triton_killed": (runs.run_triton_kills, 50),
    "interleaved": (runs.run_interleaved, 20_000),
    "escalations_killed": (escalation_runs.run_escalation_kills, 2_000),
    "disk_fails": (store_runs.run_full_disk, 10),
    "files_deleted": (store_runs.run_deleted_files, 20),
}


async def run_one(name: str, *, n: int, seed: int, progress: Callable[[int], None] = lambda _: None) -> Outcome:
    """Start a rig of its own for one run."""
    with tempfile.TemporaryDirectory(prefix="portico-rig-") as folder:
        async with running_rig(Path(folder)) as rig:
            return await FULL[name][0](rig, n=n, seed=seed, progress=progress)


def shown(outcome: Outcome) -> str:
    """Return N, seed, every zero and every figure as lines."""
    lines = [f"{outcome.name}: N {outcome.n}, seed {outcome.seed}, {'kept' if outcome.ok else 'BROKEN'}"]
    lines += [f"  {name:<28} {count} of {outcome.n}" for name, count in outcome.zeros.items()]
    lines += [f"  {name:<28} {value} (at most {most})" for name, (value, most) in outcome.limits.items()]
    lines += [f"  {name:<28} {value}" for name, value in outcome.figures.items()]
    return "\n".join([*lines, *(f"  ! {fault}" for fault in outcome.faults[:10])])


def write_report(outcomes: list[Outcome], folder: Path) -> None:
    """Write report.json, report.md and one plot of latencies a run."""
    folder.mkdir(parents=True, exist_ok=True)
    machine = {
        "cpus": os.cpu_count(),
        "load": round(os.getloadavg()[0], 1),
        "written": time.strftime("%FT%TZ", time.gmtime()),
    }
    plain = [{**dataclasses.asdict(each), "ok": each.ok, "seconds": None} for each in outcomes]
    (folder / "report.json").write_text(json.dumps({"machine": machine, "runs": plain}, indent=2), encoding="utf-8")
    parts = [f"# Reliability\n\n{json.dumps(machine)}\n"]
    for outcome in outcomes:
        parts.append(f"## {outcome.name}\n\n```\n{shown(outcome)}\n```\n")
        if outcome.seconds:
            _plot(outcome, folder / f"{outcome.name}.svg")
            parts.append(f"![latencies of {outcome.name}]({outcome.name}.svg)\n")
    (folder / "report.md").write_text("\n".join(parts), encoding="utf-8")


def _plot(outcome: Outcome, path: Path) -> None:
    """Draw how many requests took at most so long."""
    figure, axes = pyplot.subplots(figsize=(7, 3.5))
    for name, seconds in outcome.seconds.items():
        ordered = sorted(seconds)
        axes.plot(
            ordered, [(number + 1) / len(ordered) for number in range(len(ordered))], label=f"{name}, N {len(ordered)}"
        )
    axes.set(xscale="log", xlabel="seconds", ylabel="share within", title=outcome.name)
    axes.grid(alpha=0.3)
    axes.legend()
    figure.tight_layout()
    figure.savefig(path)
    pyplot.close(figure)


def main() -> int:
    """Run what was asked for, writing the report anew after each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="*", choices=FULL, default=list(FULL))
    parser.add_argument("--share", type=float, default=1.0)
    parser.add_argument("--seed", type=int, default=20_261_126)
    parser.add_argument("--out", type=Path, default=Path("build/reliability"))
    wanted, outcomes = parser.parse_args(), []
    with Bar(console=Console(stderr=True), disable=not sys.stderr.isatty()) as bar:
        for name in wanted.only:
            n = max(1, round(FULL[name][1] * wanted.share))
            task = bar.add_task(name, total=n)
            run = run_one(name, n=n, seed=wanted.seed, progress=lambda _, at=task: bar.advance(at))
            outcomes.append(asyncio.run(run))
            sys.stdout.write(shown(outcomes[-1]) + "\n")
            sys.stdout.flush()
            write_report(outcomes, wanted.out)
    return 0 if all(outcome.ok for outcome in outcomes) else 1


if __name__ == "__main__":
    raise SystemExit(main())
