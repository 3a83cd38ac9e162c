"""No PHI in any sink: the short form of `make canaries`, and the scanner's own controls."""

import base64
import random
from collections.abc import Callable
from urllib.parse import quote

import pytest

from portico_core.labels import PhiType
from reliability.canaries import run_canaries, shown
from reliability.canary_values import CLASSES, Scanner, make_canaries

SEED = 20_261_125
TURNS = 60
DISGUISES: dict[str, Callable[[str], bytes]] = {
    "plain": lambda value: value.encode(),
    "upper": lambda value: value.upper().encode(),
    "reversed": lambda value: value.encode()[::-1],
    "hex": lambda value: value.encode().hex().upper().encode(),
    "url": lambda value: quote(value, safe="").encode(),
    "base64": lambda value: base64.b64encode(value.encode() + b"tail"),
    "base64, shifted by one": lambda value: base64.b64encode(b"x" + value.encode() + b"tail"),
    "base64, shifted by two": lambda value: base64.urlsafe_b64encode(b"xy" + value.encode() + b"tail"),
}


def test_no_canary_is_in_any_sink() -> None:
    figures = run_canaries(turns=TURNS, seed=SEED)
    print(shown(figures))  # noqa: T201  N, the seed and the hits
    assert figures["hits"] == []
    assert figures["turns"] >= TURNS
    # A question beside many identifiers goes to a person more often than not, so the answer may be the last one's.
    kinds = {*figures["answers"], *figures["invented"].values()}
    assert {"answer", "escalate", "unavailable", "400", "415", "500"} <= kinds
    assert list(figures["invented"].values()) == ["escalate", "answer"]  # A person that the responder made up; nobody.
    places = " ".join(hit.sink for hit in figures["control"])
    assert "logs/gateway.log" in places and "tmp/" in places  # What was leaked on purpose is found, plain and coded.


def test_there_is_a_canary_of_every_class() -> None:
    canaries = make_canaries(random.Random(1))
    assert {canary.letter for canary in canaries} == set(CLASSES)
    assert set(CLASSES.values()) == {kind.value for kind in PhiType}
    assert all(len(value) >= 8 for canary in canaries for value in canary.values)


@pytest.mark.parametrize("disguise", DISGUISES)
def test_the_scanner_finds_every_canary_in_every_disguise(disguise: str) -> None:
    rng = random.Random(SEED)
    canaries = [canary for _ in range(5) for canary in make_canaries(rng)]
    scanner = Scanner(canaries)
    noise = rng.randbytes(5_000)
    values = [value for canary in canaries for value in canary.values]
    for offset, value in enumerate(values):
        content = noise[: offset % 97] + DISGUISES[disguise](value) + noise[:50]
        assert scanner.scan("file", content), value
    assert scanner.scan("file", noise) == []
