"""Who has looked at a patient's conversations, in the form a patient may ask for, and records as files.

An accounting names date, recipient, what was seen and why (45 CFR 164.528(b)(2)). That rule leaves out what is done for
treatment; this report leaves nothing out, because patients ask who looked. A record holds no words, so neither does it.
"""

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from portico_core.labels import AccessPurpose, access_purpose
from portico_state.audit_search import Record, is_by_staff

_WHAT: Mapping[AccessPurpose, str] = {
    AccessPurpose.LIST: "saw the ticket in the inbox",
    AccessPurpose.VIEW: "read the redacted conversation",
    AccessPurpose.CLAIM: "took the ticket",
    AccessPurpose.TAKE_OVER: "took the ticket over from a colleague",
    AccessPurpose.HAND_OVER: "handed the ticket to another group",
    AccessPurpose.NOTE: "wrote a note for the staff",
    AccessPurpose.REPLY: "replied to the patient",
    AccessPurpose.RELEASE: "gave the ticket back",
    AccessPurpose.CLOSE: "closed the ticket",
    AccessPurpose.REVEAL: "saw the identifiers of the conversation",
    AccessPurpose.BREAK_GLASS: "broke the glass in an emergency",
    AccessPurpose.BREAK_GLASS_USE: "saw the identifiers of the conversation, having broken the glass",
    AccessPurpose.REVIEW: "reviewed what the guard decided",
    AccessPurpose.REVIEWS_EXPORT: "exported what reviewers say, without whom it is of",
    AccessPurpose.WORKLOAD: "saw who has how much to do",
    AccessPurpose.SESSION_OPEN: "signed in",
    AccessPurpose.SESSION_END: "was signed out",
    AccessPurpose.SESSION_REFUSED: "was refused at the sign-in",
    AccessPurpose.AUDIT_LOG: "read the access log or the state of the chains",
    AccessPurpose.AUDIT_SEARCH: "searched the audit records of this patient",
    AccessPurpose.AUDIT_TRAIL: "read the audit trail of a turn",
    AccessPurpose.AUDIT_EXPORT: "exported audit records of this patient",
    AccessPurpose.AUDIT_REVEAL: "exported the identifiers of the conversation",
    AccessPurpose.AUDIT_REPORT: "made an accounting report for this patient",
}
# A cell that begins so is a formula to a spreadsheet (OWASP, CSV injection).
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class AccountingLine:
    """One access to a patient's conversation by somebody else."""

    time: str
    actor: str
    what: str
    purpose: str
    conversation: str
    turn: str


def is_export_of_all(record: Record) -> bool:
    """Say whether a record is of an export that was narrowed to no patient: it concerns every one."""
    return not record["patient"] and access_purpose(record["source"]) is AccessPurpose.AUDIT_EXPORT


def account_for(records: Iterable[Record]) -> tuple[AccountingLine, ...]:
    """Return the accesses by staff among records, in their order."""
    return tuple(_line(record) for record in records if is_by_staff(record))


def describe_access(source: str | None) -> str:
    """Say what an `access` record was written for."""
    if access_purpose(source) is AccessPurpose.PATIENT:
        return "the patient's own visit"
    return _WHAT.get(access_purpose(source), "another access")


def to_json(rows: Sequence[Record | AccountingLine]) -> str:
    """Return rows as a JSON list."""
    return json.dumps([_fields(row) for row in rows], ensure_ascii=False, indent=1)


def to_csv(rows: Sequence[Record | AccountingLine]) -> str:
    """Return rows as CSV (RFC 4180); what is not a plain value stands as JSON in its cell."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    listed = [_fields(row) for row in rows]
    if listed:
        writer.writerow(listed[0])
    for fields in listed:
        writer.writerow([csv_cell(value) for value in fields.values()])
    return out.getvalue()


def _line(record: Record) -> AccountingLine:
    what = "exported audit records of all patients" if is_export_of_all(record) else describe_access(record["source"])
    return AccountingLine(
        record["time"], record["actor"], what, record["source"],
        record["conversation"], record["turn"],
    )  # fmt: skip


def _fields(row: Record | AccountingLine) -> dict[str, Any]:
    return asdict(row) if isinstance(row, AccountingLine) else dict(row)


def csv_cell(value: Any) -> str:
    """Return a value as the text of one CSV cell that no spreadsheet runs."""
    text = "" if value is None else value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return "'" + text if text.startswith(_FORMULA) else text
