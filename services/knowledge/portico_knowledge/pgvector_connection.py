"""Connections to the PostgreSQL that holds the passages, for callers on worker threads.

Security choices: TLS with the server's name checked unless the address says `sslmode=disable`; the password comes from
a file that is read for every new connection, so it can be exchanged; nothing is read from the environment, a service
file or a password file of the user. Every call has one deadline for connecting, waiting and reading; whatever goes
wrong is SearchUnavailable, because a driver's message may hold what was asked.
"""

import asyncio
import contextlib
import struct
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import numpy as np
from numpy.typing import NDArray

from portico_core.errors import ConfigurationError, SearchUnavailable
from portico_core.transport import RenewedTls, TlsFiles

URL_FORM = "postgresql://user@host:5432/database"
MAX_PASSWORD_BYTES = 4_096
LEAST_PGVECTOR = (0, 6)
"""Of those tried (0.6.2, 0.8.6) the oldest; docs/adr/0036."""
_SPARE_S = 1.0  # The loop's own deadline comes first; this one is for a loop that is itself held up.


@dataclass(frozen=True, slots=True)
class Place:
    """A database and how to reach it. `tls` is None only where the address says `sslmode=disable`."""

    host: str
    port: int
    user: str
    database: str
    tls: RenewedTls | None
    password_file: Path | None
    deadline_s: float
    connections: int

    def password(self) -> str | None:
        """Return the password as it stands in its file now; raise ConfigurationError, naming the setting."""
        if self.password_file is None:
            return None
        try:
            with self.password_file.open("rb") as file:
                word = file.read(MAX_PASSWORD_BYTES).decode().strip()
        except (OSError, UnicodeDecodeError):
            raise ConfigurationError("PORTICO_SEARCH_PASSWORD_FILE cannot be read") from None
        if not word:
            raise ConfigurationError("PORTICO_SEARCH_PASSWORD_FILE is empty")
        return word


def parse_place(
    url: str, *, password_file: Path | None, tls: TlsFiles, deadline_s: float, connections: int = 8
) -> Place:
    """Read the address; raise ConfigurationError, naming the setting, for one that may not be used."""
    parts = urlsplit(url)
    try:
        port, query = parts.port or 5432, parse_qs(parts.query, strict_parsing=bool(parts.query))
    except ValueError:
        raise ConfigurationError(f"PORTICO_SEARCH_URL must read {URL_FORM}") from None
    database = parts.path.lstrip("/")
    if parts.scheme not in {"postgresql", "postgres"} or not (parts.hostname and parts.username and database):
        raise ConfigurationError(f"PORTICO_SEARCH_URL must read {URL_FORM}")
    if parts.password is not None:
        raise ConfigurationError("PORTICO_SEARCH_URL may hold no password: it comes from PORTICO_SEARCH_PASSWORD_FILE")
    mode = query.pop("sslmode", ["verify-full"])
    if query or mode not in (["verify-full"], ["disable"]):
        raise ConfigurationError("PORTICO_SEARCH_URL may end in ?sslmode=verify-full or ?sslmode=disable only")
    if mode == ["disable"] and tls.given:
        raise ConfigurationError(
            "PORTICO_SEARCH_URL says sslmode=disable, and there are files of PORTICO_SEARCH for TLS"
        )
    secured = RenewedTls(tls) if mode != ["disable"] else None
    user = unquote(parts.username)
    place = Place(parts.hostname, port, user, unquote(database), secured, password_file, deadline_s, connections)
    place.password()
    return place


class Connections:
    """A pool on a loop of its own: searches run on the gateway's worker threads, the driver on this one."""

    def __init__(self, place: Place) -> None:
        """Connect to nothing yet; raise ConfigurationError where the driver is not installed."""
        try:
            import asyncpg  # noqa: F401, PLC0415
        except ImportError:
            raise ConfigurationError("PORTICO_SEARCH_URL needs the extra `engine` (requirements/engine.txt)") from None
        self.place = place
        self._pool: Any = None
        self._opening = asyncio.Lock()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="search-engine", daemon=True)
        self._thread.start()

    def fetch(self, statement: str, *given: object, deadline_s: float | None = None) -> Sequence[Any]:
        """Return the rows of one statement; raise SearchUnavailable, with nothing of the driver's message."""
        limit = deadline_s or self.place.deadline_s
        work = asyncio.run_coroutine_threadsafe(self._fetch(statement, given, limit), self._loop)
        try:
            return work.result(limit + _SPARE_S)
        except ConfigurationError:
            raise
        except Exception:
            work.cancel()
            raise SearchUnavailable from None

    def close(self) -> None:
        """Drop every connection and end the thread. May be called twice."""
        if self._loop.is_closed():
            return
        with contextlib.suppress(Exception):
            asyncio.run_coroutine_threadsafe(self._drop(), self._loop).result(_SPARE_S)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _fetch(self, statement: str, given: tuple[object, ...], limit: float) -> Sequence[Any]:
        async with asyncio.timeout(limit):
            async with self._opening:
                self._pool = self._pool or await open_pool(self.place)
            connection = await self._pool.acquire()
            try:
                return list(await connection.fetch(statement, *given, timeout=limit))
            except BaseException:
                connection.terminate()  # Its server may hang: nobody waits for a cancelled statement to end.
                raise
            finally:
                await self._pool.release(connection)

    async def _drop(self) -> None:
        if self._pool is not None:
            self._pool.terminate()
        await asyncio.sleep(0)


async def open_pool(place: Place) -> Any:
    """Return a pool that opens connections when they are asked for."""
    import asyncpg  # noqa: PLC0415

    async def open_one(*_: object, **given: Any) -> Any:
        return await connect(place, **given)

    async def keep(_: object) -> None:
        """Leave a connection as `teach_vectors` made it: no statement of ours changes its session."""

    return await asyncpg.create_pool(
        min_size=0, max_size=place.connections, connect=open_one, init=teach_vectors, reset=keep
    )


async def connect(place: Place, *, within_s: float | None = None, **given: Any) -> Any:
    """Return one connection; a statement that runs for longer than `within_s`, or the deadline, is ended."""
    import asyncpg  # noqa: PLC0415

    return await asyncpg.connect(
        **given,
        host=place.host,
        port=place.port,
        user=place.user,
        database=place.database,
        password=place.password() or "",
        ssl=place.tls.context() if place.tls else False,
        timeout=place.deadline_s,
        command_timeout=within_s or place.deadline_s,
        server_settings={
            "application_name": "portico",
            "jit": "off",
            "client_connection_check_interval": "1000",  # A statement whose caller has gone ends (PostgreSQL 14).
        },
    )


async def teach_vectors(connection: Any) -> None:
    """Make the connection read and write pgvector's type; raise ConfigurationError for a database without it."""
    row = await connection.fetchrow(
        "select extversion, nspname from pg_extension join pg_namespace n on n.oid = extnamespace "
        "where extname = 'vector'"
    )
    if row is None:
        raise ConfigurationError("PORTICO_SEARCH_URL: the database lacks pgvector (`create extension vector`)")
    if tuple(map(int, row["extversion"].split(".")[:2])) < LEAST_PGVECTOR:
        least = ".".join(map(str, LEAST_PGVECTOR))
        raise ConfigurationError(f"PORTICO_SEARCH_URL: pgvector {row['extversion']} is older than {least}")
    await connection.set_type_codec(
        "vector", schema=row["nspname"], encoder=_to_bytes, decoder=_from_bytes, format="binary"
    )
    await connection.fetch("select set_config('search_path', quote_ident($1), false)", row["nspname"])


def _to_bytes(vector: NDArray[np.float32]) -> bytes:
    return struct.pack("!HH", len(vector), 0) + np.asarray(vector, dtype=">f4").tobytes()


def _from_bytes(content: bytes) -> NDArray[np.float32]:
    return np.frombuffer(content, dtype=">f4", offset=4).astype(np.float32)
