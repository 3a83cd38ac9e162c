"""Which turns have ended, for a walk over years of records: kept in a file of SQLite's own, so that memory stays flat.

The file is temporary, private and deleted by SQLite when it is closed; it exists only once its few megabytes of
cache are full. It holds turn ids, which are random.
"""

import sqlite3
from dataclasses import dataclass, field

from portico_core.errors import ConfigurationError

_CACHE_KIB = 8_192


def _open() -> sqlite3.Connection:
    connection = sqlite3.connect("", isolation_level=None, check_same_thread=False)
    connection.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
    connection.execute("PRAGMA journal_mode = OFF")
    connection.execute("CREATE TABLE ended (turn TEXT PRIMARY KEY) WITHOUT ROWID")
    return connection


@dataclass(slots=True)
class EndedTurns:
    """A set of turn ids that may outgrow memory."""

    _connection: sqlite3.Connection = field(default_factory=_open, repr=False)

    def add(self, turn: str) -> bool:
        """Note the end of a turn; say whether it is the first one."""
        try:
            done = self._connection.execute("INSERT OR IGNORE INTO ended VALUES (?)", (turn,))
        except sqlite3.Error:
            raise ConfigurationError("the folder for temporary files (TMPDIR) takes no more") from None
        return done.rowcount == 1

    def __contains__(self, turn: str) -> bool:
        return self._connection.execute("SELECT 1 FROM ended WHERE turn = ?", (turn,)).fetchone() is not None

    def close(self) -> None:
        """Forget everything."""
        self._connection.close()
