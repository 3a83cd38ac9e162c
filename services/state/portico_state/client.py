"""Connections to Redis or Valkey: every command has a deadline, no write is ever sent twice by the library.

redis-py repeats a command whose reply was lost, up to ten times by default; for an XADD that is a doubled record
(design/promises.md, row 3). So retries are off, and whoever may repeat does it with a dedupe key. Library errors may
quote arguments, hence `from None` everywhere. TLS is what `rediss://` and the named files say (portico_core.transport):
the URL takes no options, because one of them could loosen all of this.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import redis.exceptions
from redis.asyncio import BlockingConnectionPool, Connection, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from portico_core.errors import ConfigurationError, StateUnavailable
from portico_core.transport import RenewedTls, TlsFiles
from portico_state.keys import Keys

DAY_S = 86_400
NO_FILES = TlsFiles("PORTICO_REDIS")
_DURABLE = {"appendonly": "yes", "appendfsync": "always", "maxmemory-policy": "noeviction"}


@dataclass(frozen=True, slots=True)
class StoreLimits:
    """Deadlines in seconds, sizes and times to live of what is no audit record and no ticket.

    A vault must not end before its conversation, or `[NAME_1]` would get a second meaning: every turn renews both.
    """

    connect_s: float = 0.5
    command_s: float = 1.0
    max_connections: int = 64
    max_listeners: int = 512
    block_s: float = 25.0
    conversation_ttl_s: int = 30 * DAY_S
    vault_ttl_s: int = 30 * DAY_S
    idempotency_ttl_s: int = DAY_S
    once_ttl_s: int = 35 * DAY_S
    window_messages: int = 6
    recent_messages: int = 3
    events_kept: int = 1_000

    def __post_init__(self) -> None:
        if self.vault_ttl_s < self.conversation_ttl_s:
            raise ConfigurationError("vault_ttl_s must not be less than conversation_ttl_s")


@dataclass(frozen=True, slots=True)
class Store:
    """The connections of one process to one tenant's state. `redis` answers commands, `listening` blocks on events."""

    redis: "Redis" = field(repr=False)
    listening: "Redis" = field(repr=False)
    keys: Keys
    limits: StoreLimits
    address: "StoreAddress"

    async def call(self, command: Any, *, deadline_s: float | None = None) -> Any:
        """Await one command; raise StateUnavailable when it fails or is late."""
        try:
            async with asyncio.timeout(deadline_s or self.limits.command_s):
                return await command
        except (redis.exceptions.RedisError, OSError, TimeoutError):
            raise StateUnavailable from None

    async def script(self, text: str, keys: list[str], arguments: list[str | int]) -> Any:
        """Run a short script that touches only the given keys."""
        return await self.call(self.redis.eval(text, len(keys), *keys, *arguments))

    async def ping(self) -> None:
        """Raise StateUnavailable unless the server answers in time."""
        await self.call(self.redis.ping())

    async def verify_durability(self, *, trust_durability: bool = False) -> None:
        """Raise ConfigurationError unless an acknowledged write survives a power cut.

        Where CONFIG is not permitted (managed Redis) the operator vouches with `trust_durability`.
        """
        try:
            async with asyncio.timeout(self.limits.command_s):
                found = await self.redis.config_get(*_DURABLE)
        except redis.exceptions.ResponseError:
            if not trust_durability:
                raise ConfigurationError("CONFIG is not permitted: set trust_durability to vouch for it") from None
            return
        except (redis.exceptions.RedisError, OSError, TimeoutError):
            raise StateUnavailable from None
        wrong = [f"{name} must be {value}" for name, value in _DURABLE.items() if found.get(name) != value]
        if wrong:
            raise ConfigurationError(f"Redis would lose or evict records: {', '.join(wrong)}")

    async def verify_writable(self) -> None:
        """Raise StateUnavailable unless a write is acknowledged: a full disk or a replica still answers a ping."""
        await self.call(self.redis.set(self.keys.writable, "1", ex=60))

    async def close(self) -> None:
        """Close every connection."""
        await self.redis.aclose()
        await self.listening.aclose()


@dataclass(frozen=True, slots=True)
class StoreAddress:
    """Where the store is, and how it is reached; `tls` is there for `rediss://` and nothing else."""

    url: str = field(repr=False)
    tls: RenewedTls | None = None

    def client(self, *, connections: int, connect_s: float, read_s: float) -> "Redis":
        """Return a client that never repeats a command and never waits longer than told; raise ConfigurationError."""
        try:
            pool = BlockingConnectionPool.from_url(
                self.url,
                max_connections=connections,
                timeout=connect_s,
                socket_timeout=read_s,
                socket_connect_timeout=connect_s,
                retry=Retry(NoBackoff(), 0),
                decode_responses=True,
                encoding_errors="backslashreplace",  # What somebody else wrote must not break the reader, only differ.
                protocol=2,
                lib_name=None,
                lib_version=None,
            )
        except (ValueError, redis.exceptions.RedisError):
            raise ConfigurationError("the Redis URL is not valid") from None
        if self.tls is not None:
            pool.connection_class = _TlsConnection
            pool.connection_kwargs["tls"] = self.tls
        return Redis.from_pool(pool)


class _TlsConnection(Connection):
    """A connection with our own TLS context: the library's trusts public authorities beside the one it is given."""

    def __init__(self, *, tls: RenewedTls, **rest: Any) -> None:
        super().__init__(**rest)
        self._tls = tls

    def _connection_arguments(self) -> Mapping[str, Any]:
        return {**super()._connection_arguments(), "ssl": self._tls.context()}


def open_store(url: str, *, tenant: str, limits: StoreLimits | None = None, tls: TlsFiles = NO_FILES) -> Store:
    """Make a Store without I/O but reading the TLS files: connections open with the first command.

    Raises ConfigurationError for a URL or a file that cannot be used.
    """
    chosen = limits or StoreLimits()
    address = _address(url, tls)
    return Store(
        redis=address.client(connections=chosen.max_connections, connect_s=chosen.connect_s, read_s=chosen.command_s),
        listening=address.client(
            connections=chosen.max_listeners, connect_s=chosen.connect_s, read_s=chosen.block_s + chosen.command_s
        ),
        keys=Keys(tenant),
        limits=chosen,
        address=address,
    )


async def connect(
    url: str,
    *,
    tenant: str,
    limits: StoreLimits | None = None,
    trust_durability: bool = False,
    tls: TlsFiles = NO_FILES,
) -> Store:
    """Open a store and refuse one that is down (StateUnavailable) or not durable (ConfigurationError)."""
    store = open_store(url, tenant=tenant, limits=limits, tls=tls)
    try:
        await store.verify_durability(trust_durability=trust_durability)
    except BaseException:
        await store.close()
        raise
    return store


def _address(url: str, files: TlsFiles) -> StoreAddress:
    try:
        parts = urlsplit(url)
    except ValueError:
        raise ConfigurationError("the Redis URL is not valid") from None
    if parts.query:
        raise ConfigurationError(f"the Redis URL takes no options: name the files with {files.setting}_CA_FILE")
    if parts.scheme == "rediss":
        return StoreAddress(url, RenewedTls(files))
    if files.given:
        raise ConfigurationError(f"{files.setting}_*_FILE is set, but the Redis URL is not rediss://")
    return StoreAddress(url)
