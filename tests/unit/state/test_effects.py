"""Effects become plain commands, and tickets sort by urgency and then by what is due first."""

import json
from datetime import UTC, datetime, timedelta

from portico_core.labels import AuditPhase, Author, Urgency
from portico_core.text import RedactedText
from portico_core.turn import TranscriptMessage
from portico_state.client import StoreLimits
from portico_state.effects import Effects, NewTicket, StoredMessage, score_range, ticket_id, ticket_score
from portico_state.identifiers import now_utc
from portico_state.keys import Keys
from unit.state.rig import entry

NOW = datetime(2026, 11, 23, tzinfo=UTC)


def test_urgency_outranks_any_due_time() -> None:
    tickets = [
        (urgency, NOW + timedelta(hours=hours))
        for urgency in (Urgency.IMMEDIATE, Urgency.URGENT, Urgency.ROUTINE)
        for hours in (-100_000, 0, 1, 100_000)
    ]
    scores = [ticket_score(urgency, due) for urgency, due in tickets]
    assert scores == sorted(scores)
    assert all(
        score_range(urgency)[0] <= ticket_score(urgency, due) <= score_range(urgency)[1] for urgency, due in tickets
    )
    assert max(scores) < 2**53  # Exact as a double, which is what a sorted set holds.


def test_a_message_reads_back_as_a_transcript_message() -> None:
    message = StoredMessage(Author.CLINICIAN, RedactedText("Hello [NAME_1]"), now_utc(), turn_id="t1", role="nurse")
    read = TranscriptMessage.model_validate_json(message.to_json())
    assert (read.author, read.text, read.role) == (Author.CLINICIAN, "Hello [NAME_1]", "nurse")


def test_operations_are_json_and_name_keys_of_the_tenant_only() -> None:
    ticket = NewTicket(Urgency.ROUTINE, now_utc(), now_utc(), (RedactedText("[NAME_1] asks"),))
    effects = Effects(
        messages=(StoredMessage(Author.PATIENT, RedactedText("a"), now_utc()),), window=RedactedText("a"), ticket=ticket
    )
    operations = effects.operations(entry(AuditPhase.DECIDED, "t1"), Keys("demo"), StoreLimits())
    assert json.loads(json.dumps(operations)) == operations
    assert [operation["act"] for operation in operations] == ["push", "push", "touch", "touch", "ticket"]
    assert all(operation["key"].startswith("portico:{demo}:") for operation in operations)
    assert operations[-1]["ticket"] == ticket_id("t1")


def test_no_effects_are_no_operations() -> None:
    assert Effects().operations(entry(AuditPhase.ACCEPTED, "t1"), Keys("demo"), StoreLimits()) == []
