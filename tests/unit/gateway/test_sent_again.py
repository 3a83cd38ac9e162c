"""A message sent again under its key: a turn that had ended makes room for a new one, but not without end."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, cast

import pytest

from portico_core.errors import Conflict
from portico_core.labels import Role
from portico_core.text import PatientText
from portico_gateway.pipeline import Delivery, TurnRequest, answer_turn
from portico_gateway.web import patient_api
from portico_gateway.web.identity import Identity
from portico_gateway.web.patient_api import KEY_ATTEMPTS, PatientApi, SentKey
from portico_state.idempotency import Asked, Reservation, ReservationState
from portico_state.keyring import Keyring
from unit.gateway.fakes import World, make_request


@dataclass(slots=True)
class FreeKeys:
    """Every reservation is new; what is given back is counted."""

    turns: list[str] = field(default_factory=list)
    released: int = 0

    async def reserve(self, asked: Sequence[Asked], *, key: str, turn: str) -> Reservation:
        self.turns.append(turn)
        return Reservation(ReservationState.NEW, turn, "kept under")

    async def release(self, reservation: Reservation) -> None:
        self.released += 1


class QuietSuggester:
    """Suggests nothing."""

    def start(self, turn: object) -> None:
        """Do nothing."""


def make_api(world: World, keys: FreeKeys) -> PatientApi:
    """Return an API of which only the answering once is used."""
    unused = cast(Any, None)
    return PatientApi(
        parts=world.parts(), tokens=unused, slots=unused, limits=unused, store=unused, audit=unused,
        conversations=unused, idempotency=cast(Any, keys), vault=unused, keyring=Keyring.generate(),
        suggester=cast(Any, QuietSuggester()), receive_deadline_s=1, drain=unused,
    )  # fmt: skip


@pytest.mark.parametrize("conflicts", range(KEY_ATTEMPTS + 1))
async def test_a_turn_that_had_ended_is_followed_by_another_so_many_times(
    conflicts: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    world, keys, left = World(), FreeKeys(), conflicts

    async def ended_so_often(turn: TurnRequest, parts: Any, **shown: Any) -> Delivery:
        nonlocal left
        left -= 1
        if left >= 0:
            raise Conflict
        return await answer_turn(turn, parts, **shown)

    monkeypatch.setattr(patient_api, "answer_turn", ended_so_often)
    api = make_api(world, keys)
    answering = api._answer_once(
        make_request(), key=SentKey("key", api.keyring.patient_hashes("p", tenant="demo")), stages=asyncio.Queue()
    )
    if conflicts < KEY_ATTEMPTS:
        assert (await answering).turn.answer is not None
    else:
        with pytest.raises(Conflict):
            await answering
    assert keys.released == min(conflicts, KEY_ATTEMPTS)
    assert len(set(keys.turns)) == len(keys.turns) == min(conflicts + 1, KEY_ATTEMPTS)


def test_the_ticket_of_a_message_has_one_name_before_and_after_a_rotation() -> None:
    """Also where the store could not be asked, so that no reservation says what the turn before was called."""
    before = make_api(World(), FreeKeys())
    after = replace(before, keyring=before.keyring.rotate("patient").rotate("patient"))
    who, text = Identity("u1", Role.PATIENT, "jordan"), PatientText("Should I double it?")
    named = {api._ticket_subject(who, SentKey("k1", ()), text) for api in (before, after)}
    assert len(named) == 1
    others = [("k2", who, text), ("k1", replace(who, patient="avery"), text), ("k1", who, PatientText("Should I?"))]
    assert all(before._ticket_subject(other, SentKey(key, ()), said) not in named for key, other, said in others)
    hashes = {api.keyring.patient_hash("jordan", tenant="demo") for api in (before, after)}
    assert len(hashes) == 2  # The control: a name made with the active key would not have lasted.
