"""`portico audit search` and `report`: records found again, an accounting for a patient, a review of activity."""

import sys
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from portico_cli.audit.place import AuditPlace
from portico_cli.audit.reading import Reading, Wanted, end_with, open_reading, verification_of
from portico_cli.showing import print_json, table, verdict_of
from portico_core.labels import AccessPurpose
from portico_state.accounting import account_for, is_export_of_all
from portico_state.activity import ActivityReview, ActivityRules
from portico_state.archive.store_days import moment_of
from portico_state.audit_search import Record, RecordQuery
from portico_state.findings import VerifyReport

_SHOWN = ("time", "phase", "route", "label", "actor", "source", "conversation", "turn")


async def search(place: AuditPlace, wanted: Wanted, *, as_json: bool) -> int:
    """Print the records that are asked for, oldest first."""
    async with open_reading(place, wanted, AccessPurpose.AUDIT_SEARCH) as reading:
        query, found = wanted.query(reading.keyring, place.tenant), list[Record]()
        report = await reading.walk(lambda _, record: found.append(record) if query.takes(record) else None)
    if as_json:
        print_json({"records": found, "verification": verification_of(report)})
    else:
        rows = [["" if record[name] is None else record[name] for name in _SHOWN] for record in found]
        sys.stdout.write(table(_SHOWN, rows) + f"{len(found)} records; {verdict_of(report)}\n")
    return end_with(report)


async def account(place: AuditPlace, wanted: Wanted, *, as_json: bool) -> int:
    """Print who looked at a patient's conversations, exports of everybody's records included."""
    async with open_reading(place, wanted, AccessPurpose.AUDIT_REPORT) as reading:
        query, found = wanted.query(reading.keyring, place.tenant), list[Record]()
        exports = RecordQuery(since=wanted.since, until=wanted.until, staff_only=True)

        def visit(_: str, record: Mapping[str, Any]) -> None:
            if query.takes(record) or (is_export_of_all(record) and exports.takes(record)):
                found.append(record)

        report = await reading.walk(visit)
    lines = account_for(found)
    if as_json:
        print_json({"accounting": [asdict(line) for line in lines], "verification": verification_of(report)})
    else:
        rows = [(line.time, line.actor, line.what, line.purpose, line.conversation) for line in lines]
        sys.stdout.write(table(("time", "who", "what", "purpose", "conversation"), rows))
        sys.stdout.write(f"{len(lines)} accesses by others than the patient; {verdict_of(report)}\n")
    return end_with(report)


async def review(place: AuditPlace, wanted: Wanted, rules: ActivityRules, *, as_json: bool) -> int:
    """Print what staff did, person by person, and what is unusual."""
    async with open_reading(place, wanted, AccessPurpose.AUDIT_REPORT) as reading:
        reviewed, report = await _review(reading, rules)
    if as_json:
        print_json(_document(reviewed, report))
    else:
        _print(reviewed, report)
    return end_with(report)


async def _review(reading: Reading, rules: ActivityRules) -> tuple[ActivityReview, VerifyReport]:
    reviewed = ActivityReview(rules, lambda name: reading.keyring.patient_hashes(name, tenant=reading.place.tenant))
    since, until = reading.wanted.since, reading.wanted.until

    def visit(stream_id: str, record: Mapping[str, Any]) -> None:
        moment = moment_of(stream_id)
        if (since is None or moment >= since) and (until is None or moment < until):
            reviewed.feed(moment, record)

    return reviewed, await reading.walk(visit)


def _document(reviewed: ActivityReview, report: VerifyReport) -> dict[str, Any]:
    unusual = [
        {**asdict(found), "first": found.first.isoformat(), "last": found.last.isoformat()}
        for found in reviewed.unusual
    ]
    actors = {
        name: {"accesses": done.accesses, "patients": len(done.patients), "acts": dict(done.acts)}
        for name, done in sorted(reviewed.actors.items())
    }
    return {"actors": actors, "unusual": unusual, "verification": verification_of(report)}


def _print(reviewed: ActivityReview, report: VerifyReport) -> None:
    rows = [
        (name, done.accesses, len(done.patients), ", ".join(f"{act} {n}" for act, n in done.acts.most_common()))
        for name, done in sorted(reviewed.actors.items())
    ]
    sys.stdout.write(table(("who", "accesses", "patients", "acts"), rows) + "\n")
    shown = [
        (f"{found.first:%Y-%m-%d %H:%M:%S}Z", found.kind.value, found.actor, found.count, found.detail)
        for found in reviewed.unusual
    ]
    sys.stdout.write(table(("first", "unusual", "who", "count", "what"), shown))
    sys.stdout.write(f"{reviewed.records} records, {len(shown)} unusual; {verdict_of(report)}\n")
