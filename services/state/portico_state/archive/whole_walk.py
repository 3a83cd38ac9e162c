"""Archive and live stream as one sequence of records, each once, in order.

Where a stretch is archived and still in the stream, the two copies are compared row by row: what is in both must be
equal, and only what a signed decision trimmed may be missing from the stream.
"""

from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass

from portico_state.archive.day_file import Row
from portico_state.archive.evidence import ArchiveEvidence
from portico_state.archive.manifest import Manifest
from portico_state.client import Store
from portico_state.findings import Finding, FindingKind

PAGE = 1_000
_PAGE_S = 10.0
Fields = dict[str, str]
Entry = tuple[str, Fields]


async def live_entries(store: Store, *, after: str = "", until: str = "+") -> AsyncIterator[Entry]:
    """Give the stream's entries after an id, page by page."""
    start = f"({after}" if after else "-"
    while page := await store.call(
        store.redis.xrange(store.keys.audit, min=start, max=until, count=PAGE), deadline_s=_PAGE_S
    ):
        for stream_id, fields in page:
            yield stream_id, fields
        start = f"({page[-1][0]}"


@dataclass(slots=True)
class WholeStream:
    """The stretches `kept` of an archive, then the live stream; what differs becomes a finding of the evidence."""

    store: Store
    evidence: ArchiveEvidence
    kept: Iterable[Manifest]
    trimmed: int
    passed: Callable[[Manifest], None]
    """Called when the rows of a stretch were given."""
    after: str = ""
    """Where the walk of the stream begins: behind this id."""

    async def entries(self) -> AsyncIterator[Entry]:
        """Give every entry once."""
        live = live_entries(self.store, after=self.after)
        waiting = await anext(live, None)
        for manifest in self.kept:
            for row in self.evidence.rows(manifest):
                while waiting is not None and order_of(waiting[0]) < order_of(row[0]):
                    self._find(waiting[0], "is in the stream between archived records, and not in the archive")
                    waiting = await anext(live, None)
                if waiting is not None and waiting[0] == row[0]:
                    self._compare(row, waiting)
                    waiting = await anext(live, None)
                elif manifest.number > self.trimmed:
                    self._find(row[0], "is archived and not trimmed, and gone from the stream")
                yield row[0], {"record": row[1]}
            self.passed(manifest)
        while waiting is not None:
            yield waiting
            waiting = await anext(live, None)

    def _compare(self, row: Row, live: Entry) -> None:
        if live[1] != {"record": row[1]}:
            self._find(row[0], "is another record in the stream than in the archive")

    def _find(self, stream_id: str, detail: str) -> None:
        self.evidence.findings.append(Finding(FindingKind.ARCHIVE, f"stream {stream_id}", detail))


def order_of(stream_id: str) -> tuple[int, int]:
    """Return what stream ids are ordered by."""
    milliseconds, _, number = stream_id.partition("-")
    return int(milliseconds), int(number or 0)
