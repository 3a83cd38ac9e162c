"""What leaves the process has the exact shape of contracts.md: nothing more, and unchangeable."""

from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from portico_core import turn as turn_module
from portico_core.labels import Route
from portico_core.turn import Transcript, Turn

TURN: dict[str, Any] = {
    "turn_id": "t1",
    "conversation_id": "c1",
    "route": "answer",
    "verdict": {
        "label": "informational",
        "confidence": 0.9,
        "scores": {"informational": 0.9},
        "source": "model",
        "model": "safety_classifier/0.1.0",
    },
    "answer": {
        "sentences": [{"text": "Metformin lowers blood sugar.", "citations": [1]}],
        "citations": [
            {
                "n": 1,
                "passage_id": "medicine.metformin#uses",
                "title": "Metformin",
                "section": "Uses",
                "url": "https://medlineplus.gov/",
                "reviewed_on": "2026-01-01",
                "reviewed": False,
                "quote": "Metformin lowers blood sugar.",
            }
        ],
        "reading_grade": 6.0,
        "lang": "en",
    },
    "message": None,
    "escalation": {"id": "esc-t1", "urgency": "routine", "reply_by": "2026-11-24T10:00:00.000Z"},
    "contacts": [{"label": "Call 911", "uri": "tel:911"}],
    "disclosure": {"text": "This reply comes from an AI.", "human_contact": "Call"},
    "redactions": {"NAME": 1},
    "degraded": False,
    "lang": "en",
}
# A path to every object inside a turn, so that a stray key is tried in each of them.
OBJECTS: list[tuple[str | int, ...]] = [
    (),
    ("verdict",),
    ("answer",),
    ("answer", "sentences", 0),
    ("answer", "citations", 0),
    ("escalation",),
    ("contacts", 0),
    ("disclosure",),
]


def with_stray_key(path: tuple[str | int, ...]) -> dict[str, Any]:
    copied: dict[str, Any] = _copy(TURN)
    place: Any = copied
    for step in path:
        place = place[step]
    place["raw_text"] = "Zebulon"
    return copied


def test_the_turn_of_the_contract_is_accepted_and_reads_back() -> None:
    turn = Turn.model_validate(TURN)
    assert turn.route is Route.ANSWER
    assert turn.model_dump(mode="json") == TURN
    assert Turn.model_validate_json(turn.model_dump_json()) == turn


@pytest.mark.parametrize("path", OBJECTS, ids=str)
def test_a_stray_key_is_refused_everywhere(path: tuple[str | int, ...]) -> None:
    with pytest.raises(ValidationError) as caught:
        Turn.model_validate(with_stray_key(path))
    assert [error["type"] for error in caught.value.errors()] == ["extra_forbidden"]
    assert "Zebulon" not in str(caught.value)


def test_every_model_of_the_module_forbids_extra_keys_and_changes() -> None:
    models = [
        kind
        for kind in vars(turn_module).values()
        if isinstance(kind, type) and issubclass(kind, BaseModel) and kind is not BaseModel
    ]
    assert len(models) >= 10
    assert {(kind.model_config["extra"], kind.model_config["frozen"]) for kind in models} == {("forbid", True)}


@pytest.mark.parametrize("name", sorted(TURN.keys() - {"lang"}))
def test_no_key_of_a_turn_may_be_missing(name: str) -> None:
    with pytest.raises(ValidationError):
        Turn.model_validate({key: value for key, value in TURN.items() if key != name})


def test_a_turn_that_an_earlier_release_stored_says_no_language() -> None:
    assert Turn.model_validate({key: value for key, value in TURN.items() if key != "lang"}).lang is None


def test_a_turn_cannot_be_changed() -> None:
    turn = Turn.model_validate(TURN)
    with pytest.raises(ValidationError):
        turn.route = Route.ESCALATE


def test_a_transcript_takes_only_authors_and_roles_of_the_closed_sets() -> None:
    message = {"author": "clinician", "text": "Hello", "time": "2026-11-23T10:00:00Z", "role": "nurse"}
    assert Transcript.model_validate({"id": "c1", "closed": False, "messages": [message]})
    for wrong in ({**message, "author": "robot"}, {**message, "role": "wizard"}):
        with pytest.raises(ValidationError):
            Transcript.model_validate({"id": "c1", "closed": False, "messages": [wrong]})


def _copy(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _copy(item) for key, item in value.items()}
    return [_copy(item) for item in value] if isinstance(value, list) else value
