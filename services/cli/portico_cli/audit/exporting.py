"""`portico audit export`: records as CSV or JSON lines, as they are read, in columns of a closed list.

A record holds no words of a patient, and only what is listed here leaves. The placeholders' values of one patient are
added on request alone (docs/adr/0016): to a file that only its owner may read, each conversation on record first.
"""

import contextlib
import csv
import hashlib
import json
import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Any

from portico_cli.audit.forms import ExportForm
from portico_cli.audit.place import AuditPlace
from portico_cli.audit.reading import Reading, Wanted, end_with, open_reading
from portico_core.errors import ConfigurationError, InvalidRequest
from portico_core.labels import AccessPurpose
from portico_state.accounting import csv_cell
from portico_state.audit_search import Record
from portico_state.vault import Vault

COLUMNS = (
    "time", "phase", "patient", "conversation", "turn", "actor", "source", "route", "label", "confidence", "policy",
    "models", "passages", "validators", "redactions", "latency_ms", "bytes_sha256", "id", "chain", "seq", "prev",
    "hash", "v", "tenant",
)  # fmt: skip


async def export(place: AuditPlace, wanted: Wanted, *, form: ExportForm, out: Path | None, reveal: str = "") -> int:
    """Write the records that are asked for; `reveal` is the reason for adding one patient's identifiers."""
    if reveal and (out is None or not wanted.patient):
        raise InvalidRequest("identifiers are exported for one --patient and into a file: give --out")
    async with open_reading(place, wanted, AccessPurpose.AUDIT_EXPORT) as reading:
        query, count = wanted.query(reading.keyring, place.tenant), 0
        with _opened(out) as file:
            writer = _Writer(file, form, (*COLUMNS, "identifiers") if reveal else COLUMNS)
            kept = list[Record]()

            def visit(_: str, record: Mapping[str, Any]) -> None:
                nonlocal count
                if query.takes(record):
                    count += 1
                    (kept.append if reveal else writer.add)(record)

            report = await reading.walk(visit)
            if reveal:
                await _write_revealed(reading, kept, writer, why=reveal)
            digest = writer.digest()
        await reading.note(f"{AccessPurpose.AUDIT_EXPORT.value}:done", said=f"records={count}", sha256=digest)
    sys.stderr.write(f"{count} records exported, SHA-256 {digest}\n")
    return end_with(report)


async def _write_revealed(reading: Reading, records: list[Record], writer: "_Writer", *, why: str) -> None:
    """Open the vault of each conversation once, after the record of it is durable."""
    vault, known = Vault(reading.store, reading.keyring), dict[str, dict[str, str]]()
    for record in records:
        conversation = record["conversation"]
        if conversation and conversation not in known:
            await reading.note(AccessPurpose.AUDIT_REVEAL.value, conversation=conversation, said=why)
            known[conversation] = (await vault.load(conversation)).placeholders
        writer.add({**record, "identifiers": known.get(conversation, {})})


class _Writer:
    """Writes rows of the columns and nothing else, and hashes what it wrote."""

    def __init__(self, file: IO[str], form: ExportForm, columns: tuple[str, ...]) -> None:
        self._file, self._form, self._columns = file, form, columns
        self._hash = hashlib.sha256()
        self._csv = csv.writer(self, lineterminator="\r\n")
        if form is ExportForm.CSV:
            self._csv.writerow(columns)

    def add(self, record: Record) -> None:
        """Write a record."""
        chosen = {name: record.get(name) for name in self._columns}
        match self._form:
            case ExportForm.CSV:
                self._csv.writerow([csv_cell(value) for value in chosen.values()])
            case ExportForm.JSONL:
                self.write(json.dumps(chosen, ensure_ascii=False) + "\n")

    def write(self, text: str) -> int:
        """Write text: what `csv` needs of a file."""
        self._hash.update(text.encode())
        return self._file.write(text)

    def digest(self) -> str:
        """Return the SHA-256 of what was written."""
        return self._hash.hexdigest()


@contextlib.contextmanager
def _opened(out: Path | None) -> Iterator[IO[str]]:
    """Give standard output, or a new file of its owner alone that gets its name when it is whole."""
    if out is None:
        yield sys.stdout
        return
    fresh = out.with_name(f".{out.name}.part")
    try:
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
            yield file
        fresh.replace(out)
    except OSError as error:
        raise ConfigurationError(f"the export {out} was not written: {error.strerror}") from None
    finally:
        fresh.unlink(missing_ok=True)
