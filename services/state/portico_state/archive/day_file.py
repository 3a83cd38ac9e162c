"""The Parquet file of a stretch: the records exactly as the stream held them, readable by any Parquet reader.

Two columns are the evidence (`stream_id`, `record`); nothing is derived, so nothing can contradict. Rows are written
and read in small groups: memory does not grow with the day. pyarrow is imported when a file is touched, because only
the archive's commands need it (docs/adr/0013).
"""

import contextlib
import hashlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from portico_core.errors import ConfigurationError, PorticoError

if TYPE_CHECKING:
    from types import ModuleType

ROWS_A_GROUP = 5_000
_STREAM_ID = re.compile(r"[0-9]{1,20}-[0-9]{1,20}")
Row = tuple[str, str]


class UnreadableArchive(PorticoError):
    """The bytes are no Parquet file of ours any more."""

    code = "archive"


class DayFileWriter:
    """Write rows one by one; use it in a `with` block."""

    def __init__(self, path: Path) -> None:
        self._arrow, parquet = _pyarrow()
        self._schema = _schema(self._arrow)
        self._writer = parquet.ParquetWriter(path, self._schema, compression="zstd")
        self._rows: list[Row] = []

    def __enter__(self) -> "DayFileWriter":
        return self

    def __exit__(self, *_: object) -> None:
        self._flush()
        self._writer.close()

    def add(self, row: Row) -> None:
        """Take one row."""
        self._rows.append(row)
        if len(self._rows) >= ROWS_A_GROUP:
            self._flush()

    def _flush(self) -> None:
        if self._rows:
            columns = [list(column) for column in zip(*self._rows, strict=True)]
            self._writer.write_table(self._arrow.table(columns, schema=self._schema))
            self._rows = []


def read_rows(path: Path) -> Iterator[Row]:
    """Give the rows in order; raise UnreadableArchive when the bytes are damaged."""
    arrow, parquet = _pyarrow()
    try:
        with contextlib.closing(parquet.ParquetFile(path)) as file:
            # A damaged name of a column leaves a file that reads well and lacks it.
            if not file.schema_arrow.equals(_schema(arrow)):
                raise UnreadableArchive("its columns are not those of an archive")
            for batch in file.iter_batches(batch_size=ROWS_A_GROUP):
                rows = zip(batch.column(0).to_pylist(), batch.column(1).to_pylist(), strict=True)
                for stream_id, record in rows:
                    if not isinstance(record, str) or not _STREAM_ID.fullmatch(stream_id or ""):
                        raise UnreadableArchive("a row of it is no archived record")
                    yield stream_id, record
    # Damaged bytes come out of pyarrow as errors of many kinds; MemoryError is that of a damaged length.
    except (arrow.ArrowException, OSError, ValueError, LookupError, MemoryError):
        raise UnreadableArchive("its bytes cannot be read as Parquet") from None


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file, read in blocks."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _schema(arrow: Any) -> Any:
    return arrow.schema([("stream_id", arrow.string()), ("record", arrow.string())])


def _pyarrow() -> "tuple[ModuleType | Any, Any]":
    try:
        import pyarrow  # noqa: PLC0415 - only the archive's commands have it.
        import pyarrow.parquet  # noqa: PLC0415
    except ImportError:
        raise ConfigurationError("the archive needs pyarrow: pip install -r requirements/archive.txt") from None
    return pyarrow, pyarrow.parquet
