"""What a review of activity names, and what it leaves alone."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from portico_core.clocks import parse_business_hours
from portico_state.activity import ActivityReview, ActivityRules, Unusual
from portico_state.keyring import Keyring

NOON = datetime(2026, 11, 24, 17, tzinfo=UTC)  # A Tuesday, noon in New York.
NIGHT = datetime(2026, 11, 24, 4, tzinfo=UTC)
CLINIC = parse_business_hours("mon-fri 08:00-17:00", zone="America/New_York", holidays="2026-11-26")
KEYRING = Keyring.generate().rotate("patient")


def look(
    actor: str, patient: str = "p", source: str | None = "escalation.view", phase: str = "access"
) -> dict[str, Any]:
    return {"phase": phase, "actor": actor, "patient": patient, "source": source, "turn": "t1"}


def review(fed: Iterable[tuple[datetime, dict[str, Any]]], rules: ActivityRules | None = None) -> ActivityReview:
    made = ActivityReview(rules or ActivityRules(), lambda name: KEYRING.patient_hashes(name, tenant="demo"))
    for moment, record in fed:
        made.feed(moment, record)
    return made


def kinds(made: ActivityReview) -> list[Unusual]:
    return [found.kind for found in made.unusual]


@pytest.mark.parametrize(
    ("moment", "named"),
    [
        (NOON, False),
        (NIGHT, True),
        (datetime(2026, 11, 24, 21, 59, tzinfo=UTC), False),  # 16:59 there.
        (datetime(2026, 11, 24, 22, tzinfo=UTC), True),  # 17:00: closed.
        (datetime(2026, 11, 22, 17, tzinfo=UTC), True),  # A Sunday.
        (datetime(2026, 11, 26, 17, tzinfo=UTC), True),  # A holiday.
    ],
)
def test_a_look_out_of_hours_is_named(moment: datetime, named: bool) -> None:
    made = review([(moment, look("clinician:dana"))], ActivityRules(CLINIC))
    assert kinds(made) == ([Unusual.OUT_OF_HOURS] if named else [])


def test_a_night_is_named_once_with_its_count_and_without_hours_never() -> None:
    fed = [(NIGHT + timedelta(minutes=number), look("clinician:dana")) for number in range(5)]
    found = review(fed, ActivityRules(CLINIC)).unusual
    assert [(each.count, each.first, each.last) for each in found] == [(5, fed[0][0], fed[4][0])]
    assert found[0].detail == "outside business hours on 2026-11-23"
    assert review(fed).unusual == []


@pytest.mark.parametrize(("patients", "apart_s", "named"), [(20, 10, True), (19, 10, False), (20, 60, False)])
def test_many_patients_in_a_short_time_are_named(patients: int, apart_s: int, named: bool) -> None:
    fed = [(NOON + timedelta(seconds=apart_s * n), look("clinician:sam", f"p{n}")) for n in range(patients)]
    assert kinds(review(fed)) == ([Unusual.MANY_PATIENTS] if named else [])


def test_one_patient_seen_often_and_lines_of_the_inbox_are_not_many_patients() -> None:
    again = [(NOON, look("clinician:sam", "p")) for _ in range(50)]
    lines = [(NOON, look("clinician:sam", f"p{n}", "inbox.list")) for n in range(50)]
    assert review([*again, *lines]).unusual == []


def test_a_second_burst_is_named_again_with_its_own_peak() -> None:
    first = [(NOON, look("clinician:sam", f"p{n}")) for n in range(22)]
    pause = [(NOON + timedelta(hours=1), look("clinician:sam", "p0"))]
    second = [(NOON + timedelta(hours=2), look("clinician:sam", f"p{n}")) for n in range(30)]
    assert [found.count for found in review([*first, *pause, *second]).unusual] == [22, 30]


@pytest.mark.parametrize("role", ["patient", "proxy"])
@pytest.mark.parametrize("linked_first", [True, False])
@pytest.mark.parametrize("key", [0, 1])
def test_a_look_at_ones_own_record_is_named_also_as_a_proxy(role: str, linked_first: bool, key: int) -> None:
    """Kim signs in to the portal for a child; the link may stand under an older patient key, and come later."""
    visit = (NOON, look(f"{role}:{KEYRING.patient_hashes('kim', tenant='demo')[key]}", "child", None, "decided"))
    looks = [(NOON, look("clinician:kim", "child")), (NOON, look("clinician:dana", "child"))]
    found = review([visit, *looks] if linked_first else [*looks, visit]).unusual
    assert [(each.kind, each.actor, each.count) for each in found] == [(Unusual.OWN_RECORD, "clinician:kim", 1)]


def test_taking_over_and_identifiers_are_named_with_their_reason() -> None:
    made = review([
        (NOON, look("clinician:dana", source="escalation.take_over:shift_ended")),
        (NOON, look("clinician:dana", source="escalation.reveal")),
        (NOON, look("clinician:sam", source="break_glass.grant:life_at_risk")),
        (NOON, look("clinician:sam", source="break_glass.use")),
        (NOON, look("operator:root", source="audit.reveal")),
        (NOON, look("clinician:dana", source="escalation.claim")),
    ])  # fmt: skip
    assert sorted((each.kind.value, each.actor) for each in made.unusual) == [
        ("break_glass", "clinician:dana"), ("break_glass", "clinician:sam"),
        ("identifiers", "clinician:dana"), ("identifiers", "clinician:sam"), ("identifiers", "operator:root"),
    ]  # fmt: skip
    details = " ".join(each.detail for each in made.unusual if each.kind is Unusual.BREAK_GLASS)
    assert "shift_ended" in details and "broke the glass of a ticket that they did not hold: life_at_risk" in details


def test_patients_and_the_system_are_no_staff_and_acts_without_a_patient_count() -> None:
    made = review([
        (NIGHT, look("patient:x", source=None)),
        (NIGHT, look("system:recovery")),
        (NIGHT, look("proxy:x", source=None)),
        (NIGHT, look("portal:mychart", source="token.mint")),
        (NIGHT, look("operator:root", "", "switch.off")),
    ], ActivityRules(CLINIC))  # fmt: skip
    assert {name: dict(done.acts) for name, done in made.actors.items()} == {"operator:root": {"switch.off": 1}}
    assert made.unusual == []
