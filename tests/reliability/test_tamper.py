"""The short form of `make tamper`: every kind of tampering on chains of the real writer, and its controls."""

from reliability.tamper import TAMPERINGS, run
from unit.state.rig import say

N = 12
CLEAN = 24


async def test_every_tampering_is_found_at_its_place_and_clean_chains_are_accepted() -> None:
    outcome = await run(n=N, clean=CLEAN, sites=2)
    say(f"{N * len(TAMPERINGS)} tamperings, {outcome.clean_chains} clean chains, seed {outcome.seed}")
    assert {name: kind.missed for name, kind in outcome.kinds.items() if kind.missed} == {}
    assert all(kind.found == kind.n == N and kind.through_store for kind in outcome.kinds.values())
    assert (outcome.clean_chains, outcome.clean_accepted) == (CLEAN, CLEAN)
    assert {name: control for name, control in outcome.controls.items() if not control.missed} == {}
    assert outcome.holds
