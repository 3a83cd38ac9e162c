"""`make soak`: hours at 70 % of what a gateway can do, and whether memory, descriptors and tasks stay flat.

    PYTHONPATH=tests .venv/bin/python -m reliability.soak --seconds 7200 [--leak]

A gateway of its own beside a demo; capacity is measured first, then requests come as a Poisson process (seeded), of
patients who are new every four minutes. Memory and descriptors are the kernel's (/proc), tasks are counted inside the
gateway (soak_probe). The first tenth is warm-up and not judged. The slope is that of a least-squares line; under
`JUDGED_S` it is printed and says nothing. `--leak` is the control: it keeps sockets open that nobody answers for.
Figures as JSON and a plot in build/soak.
"""

import argparse
import asyncio
import contextlib
import itertools
import json
import random
import socket
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import matplotlib
import numpy as np

matplotlib.use("Agg")
from matplotlib import pyplot

from own_gateway import OwnGateway, await_ready, own_gateway
from reliability.load import PATIENTS, URGENT_SHARE, Clinic, Outcome, Patient, Work, arrivals, figures_of, offer
from stack import running_stack

SHARE = 0.7
NEW_PATIENTS_S = 240.0
LOOKS = 240
JUDGED_S = 600.0
WARM_UP = 0.1
MOST_MB_AN_HOUR = 5.0
MOST_MORE = 10.0
"""Descriptors and tasks swing with what is in flight; a leak of one in a thousand turns passes this within minutes."""

PROBE = Path(__file__).parent / "soak_probe"


@dataclass(frozen=True, slots=True)
class Look:
    """What the gateway held at a moment, in seconds since the load began."""

    at_s: float
    memory_mb: float
    descriptors: int
    threads: int
    tasks: int


def look(gateway: OwnGateway, tasks: Path, at_s: float) -> Look:
    """Look at the gateway's process."""
    place = Path(f"/proc/{gateway.process.pid}")
    status = dict(line.split(":", 1) for line in (place / "status").read_text(encoding="ascii").splitlines())
    counted = int(tasks.read_text(encoding="ascii")) if tasks.exists() else 0
    memory_mb = int(status["VmRSS"].split()[0]) / 1024
    return Look(
        round(at_s, 1), round(memory_mb, 1), len(list((place / "fd").iterdir())), int(status["Threads"]), counted
    )


def slope_an_hour(looks: list[Look], name: str) -> float:
    """Return how much a figure grows in an hour, by least squares over what comes after the warm-up."""
    judged = looks[int(len(looks) * WARM_UP) :]
    times, values = [one.at_s / 3600 for one in judged], [float(getattr(one, name)) for one in judged]
    return round(float(np.polyfit(times, values, 1)[0]), 2) if len(judged) > 2 else 0.0


def grown(looks: list[Look], name: str) -> float:
    """Return by how much the median of the last quarter is above that of the first one after the warm-up."""
    judged = [float(getattr(one, name)) for one in looks[int(len(looks) * WARM_UP) :]]
    quarter = max(1, len(judged) // 4)
    return float(np.median(judged[-quarter:]) - np.median(judged[:quarter])) if judged else 0.0


async def keep_asking(clinic: Clinic, *, per_s: float, seconds: float) -> list[Outcome]:
    """Offer turns for so long, with new patients before their tokens end."""
    outcomes: list[Outcome] = []
    until = time.monotonic() + seconds
    for phase in itertools.count():
        left = until - time.monotonic()
        if left <= 0:
            return outcomes
        patients = itertools.cycle(await clinic.open(f"soak{phase}", PATIENTS))

        def ask(patients: Iterator[Patient] = patients) -> Work:
            return clinic.ask(next(patients), urgent=clinic.rng.random() < URGENT_SHARE)

        times = arrivals(clinic.rng, per_s=per_s, seconds=min(left, NEW_PATIENTS_S))
        outcomes += await offer(ask, times, most=500)
    return outcomes


async def soak(gateway: OwnGateway, tasks: Path, *, seconds: float, seed: int, leak: bool) -> dict[str, object]:
    """Measure capacity, load the gateway and look at it on the way."""
    clinic = Clinic(gateway, random.Random(seed))
    await clinic.capacity(1.0)
    capacity = await clinic.capacity(min(10.0, seconds / 3))
    begun, looks, kept = time.monotonic(), list[Look](), list[socket.socket]()
    asking = asyncio.create_task(keep_asking(clinic, per_s=SHARE * capacity, seconds=seconds))
    while not asking.done():
        looks.append(look(gateway, tasks, time.monotonic() - begun))
        if leak:
            kept += [socket.create_connection(("127.0.0.1", gateway.port)) for _ in range(2)]
        await asyncio.wait([asking], timeout=max(0.5, seconds / LOOKS))
    for connection in kept:
        connection.close()
    took = time.monotonic() - begun
    return {
        "seed": seed,
        "seconds": round(took, 1),
        "capacity_per_s": round(capacity, 1),
        "offered_per_s": round(SHARE * capacity, 1),
        "turns": figures_of(await asking, seconds=took),
        "statuses": dict(Counter(one.status for one in await asking)),
        "memory_mb_an_hour": slope_an_hour(looks, "memory_mb"),
        "descriptors_grown": grown(looks, "descriptors"),
        "threads_grown": grown(looks, "threads"),
        "tasks_grown": grown(looks, "tasks"),
        "looks": [asdict(one) for one in looks],
    }


def is_flat(figures: dict[str, object]) -> bool:
    """Say whether nothing grew beyond its bound; memory is judged over ten minutes and more."""
    grown_by = [float(str(figures[f"{name}_grown"])) for name in ("descriptors", "threads", "tasks")]
    steep = float(str(figures["seconds"])) >= JUDGED_S and float(str(figures["memory_mb_an_hour"])) >= MOST_MB_AN_HOUR
    return not steep and max(grown_by) <= MOST_MORE


def draw(figures: dict[str, object], path: Path) -> None:
    """Draw the looks, one panel a figure."""
    looks: list[dict[str, float]] = figures["looks"]  # type: ignore[assignment]
    names = {"memory_mb": "memory, MB", "descriptors": "descriptors", "threads": "threads", "tasks": "asyncio tasks"}
    drawn, axes = pyplot.subplots(len(names), 1, sharex=True, figsize=(8, 8))
    for axis, (name, label) in zip(axes, names.items(), strict=True):
        axis.plot([one["at_s"] / 60 for one in looks], [one[name] for one in looks])
        axis.set_ylabel(label)
        axis.set_ylim(bottom=0)
    axes[-1].set_xlabel(f"minutes at {figures['offered_per_s']} turns/s, 70 % of capacity")
    drawn.tight_layout()
    drawn.savefig(path)
    pyplot.close(drawn)


def main() -> int:
    """Soak, write figures and plot, and say with the exit status whether everything stayed flat."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=7200)
    parser.add_argument("--seed", type=int, default=20261127)
    parser.add_argument("--out", type=Path, default=Path("build/soak"))
    parser.add_argument("--leak", action="store_true")
    wanted = parser.parse_args()
    wanted.out.mkdir(parents=True, exist_ok=True)
    with running_stack() as stack, contextlib.ExitStack() as closing:
        folder = stack.state / "soak"
        probe = {"PYTHONPATH": str(PROBE), "SOAK_TASKS": str(folder / "tasks")}
        limits = {"PORTICO_PATIENT_PER_MINUTE": "6000", "PORTICO_TENANT_PER_SECOND": "100000"}
        gateway = closing.enter_context(own_gateway(stack.state, folder, tenant="soak", settings=limits | probe))
        work = soak(await_ready(gateway), folder / "tasks", seconds=wanted.seconds, seed=wanted.seed, leak=wanted.leak)
        figures = asyncio.run(work)
    (wanted.out / "soak.json").write_text(json.dumps(figures, indent=1), encoding="utf-8")
    draw(figures, wanted.out / "soak.svg")
    sys.stdout.write(json.dumps({name: value for name, value in figures.items() if name != "looks"}, indent=1) + "\n")
    return 0 if is_flat(figures) else 1


if __name__ == "__main__":
    raise SystemExit(main())
