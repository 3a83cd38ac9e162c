"""What `make soak` makes of its looks: flat is flat, and each kind of growth is found; the run itself is by hand."""

from dataclasses import asdict, replace

import pytest

from reliability.soak import Look, grown, is_flat, slope_an_hour

HOUR = [Look(at_s=30.0 * n, memory_mb=400 + n % 3, descriptors=60 + n % 5, threads=20, tasks=30) for n in range(121)]


def figures(looks: list[Look]) -> dict[str, object]:
    named = {f"{name}_grown": grown(looks, name) for name in ("descriptors", "threads", "tasks")}
    slope = slope_an_hour(looks, "memory_mb")
    return {"seconds": looks[-1].at_s, "memory_mb_an_hour": slope, **named, "looks": [asdict(one) for one in looks]}


def test_what_swings_and_does_not_grow_is_flat() -> None:
    assert abs(slope_an_hour(HOUR, "memory_mb")) < 0.5
    assert is_flat(figures(HOUR))


def test_what_grows_while_it_warms_up_is_not_judged() -> None:
    assert is_flat(figures([replace(one, memory_mb=300) if n < 12 else one for n, one in enumerate(HOUR)]))


@pytest.mark.parametrize("name", ["memory_mb", "descriptors", "threads", "tasks"])
def test_what_grows_is_found(name: str) -> None:
    """Six megabytes an hour, or a descriptor, thread or task every two minutes."""
    step = 6 / 120 if name == "memory_mb" else 1 / 4
    leaking = [replace(one, **{name: getattr(one, name) + int(100 * n * step) / 100}) for n, one in enumerate(HOUR)]
    assert not is_flat(figures(leaking))
