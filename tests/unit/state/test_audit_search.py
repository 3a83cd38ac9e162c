"""Which audit records a question takes, and how they read as an accounting, CSV and JSON."""

import csv
import io
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from portico_core.audit import ChainPosition, seal_record
from portico_core.labels import AuditPhase
from portico_state.accounting import account_for, to_csv, to_json
from portico_state.audit_search import RecordQuery, is_by_staff
from unit.state.rig import PATIENT, entry

NINE = datetime(2026, 11, 23, 9, tzinfo=UTC)


def record(phase: AuditPhase, *, time: str = "2026-11-23T09:00:00Z", **more: object) -> dict[str, Any]:
    return seal_record(entry(phase, "t1", **more), at=ChainPosition("c.k1", 1, ""), record_id="r1", time=time, key=b"k")


VIEW = record(AuditPhase.ACCESS, actor="clinician:dana", source="escalation.view")


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        (RecordQuery(), True),
        (RecordQuery(patients=("6" * 32, PATIENT)), True),  # One person under an old key and the new one.
        (RecordQuery(patients=("6" * 32,)), False),
        (RecordQuery(turn="t1"), True),
        (RecordQuery(turn="t2"), False),
        (RecordQuery(actor="clinician:dana"), True),
        (RecordQuery(actor="clinician:da"), False),  # A part of a name is another name.
        (RecordQuery(phases=frozenset({AuditPhase.DECIDED})), False),
        (RecordQuery(since=NINE), True),
        (RecordQuery(until=NINE), False),
        (RecordQuery(staff_only=True), True),
    ],
)
def test_a_question_takes_what_it_names(query: RecordQuery, wanted: bool) -> None:
    assert query.takes(VIEW) is wanted


def test_a_time_that_cannot_be_read_hides_nothing() -> None:
    assert RecordQuery(since=NINE).takes(record(AuditPhase.ACCESS, time="yesterday"))


def test_patients_proxies_portals_and_the_system_are_not_staff_and_an_unknown_role_is() -> None:
    others = ("patient:x", "proxy:x", "portal:mychart", "launch:portico", "system:recovery")
    staff = ("clinician:x", "supervisor:x", "compliance:x", "operator:root", "visitor:x", "proxyclinician:x")
    sources = dict.fromkeys(others, False) | dict.fromkeys(staff, True)
    found = {actor: is_by_staff(record(AuditPhase.ACCESS, actor=actor)) for actor in sources}
    assert found == sources
    assert not is_by_staff(record(AuditPhase.DECIDED, actor="clinician:x"))


def test_an_accounting_says_who_looked_when_and_why() -> None:
    own = record(AuditPhase.ACCESS, actor="patient:x")
    lines = account_for([VIEW, own, record(AuditPhase.DECIDED)])
    assert [(line.actor, line.what, line.purpose) for line in lines] == [
        ("clinician:dana", "read the redacted conversation", "escalation.view")
    ]
    assert json.loads(to_json(lines))[0]["time"] == "2026-11-23T09:00:00Z"


def test_a_cell_cannot_be_a_formula_and_reads_back() -> None:
    hostile = record(AuditPhase.ACCESS, actor='=HYPERLINK("https://evil.example")', source="escalation.view")
    rows = list(csv.DictReader(io.StringIO(to_csv([hostile]))))
    assert rows[0]["actor"].startswith("'=")
    assert json.loads(rows[0]["models"]) == {"safety_classifier": "1"}
    assert to_csv([]) == ""
