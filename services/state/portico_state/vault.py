"""What the placeholders of a conversation stand for: the only patient identifiers that leave the gateway process,
and they leave it encrypted.

Each conversation has a random data key, wrapped by the deployment's active wrapping key (envelope encryption), so
that ending a conversation destroys one small value and wrapping keys can be rotated. Whatever else holds the words of
a conversation, such as the turn kept for an Idempotency-Key, is sealed with the same data key and ends with it. A
version number guards the map: two turns at once must never give one placeholder to two values.

To retire a wrapping key: `stage` a new one in every process, `activate` it, `rewrap_all`, `retire` the old one
(keyring.py). Every save wraps anew as well, so conversations that go on need no sweep.

A destroyed value stays in the append-only file, still wrapped, until the server rewrites that file; who needs it gone
at once retires the wrapping key or runs BGREWRITEAOF.
"""

import json
import secrets
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field

from portico_core.errors import Conflict, ConversationClosed, NotFound
from portico_state.client import Store
from portico_state.keyring import KEY_BYTES, Keyring, KeySet
from portico_state.sealing import key_id_of, seal, unseal

_DATA_KEY_ID = "d"
_SCANNED = 500

_SAVE = """
local state = redis.call('HGET', KEYS[2], 'state')
if not state then return 'missing' end
if state ~= 'open' then return 'closed' end
if (redis.call('HGET', KEYS[1], 'version') or '0') ~= ARGV[1] then return 'conflict' end
redis.call('HSET', KEYS[1], 'version', ARGV[2], 'key', ARGV[3], 'map', ARGV[4])
redis.call('EXPIRE', KEYS[1], ARGV[5])
return 'saved'
"""


_REWRAP = """
if redis.call('HGET', KEYS[1], 'key') ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], 'key', ARGV[2])
return 1
"""


@dataclass(frozen=True, slots=True)
class VaultContents:
    """Placeholder → raw value, at a version; version 0 means that nothing was saved yet."""

    placeholders: dict[str, str] = field(repr=False)
    version: int = 0


@dataclass(frozen=True, slots=True)
class Vault:
    """The encrypted placeholder maps of one tenant."""

    store: Store
    keyring: Keyring

    async def load(self, conversation: str) -> VaultContents:
        """Return what the placeholders stand for; empty for a conversation that has none, or whose key is gone.

        Raises StateUnavailable when the stored value was changed or belongs to another conversation.
        """
        stored = await self._read(conversation)
        if not stored:
            return VaultContents({})
        plain = unseal(stored["map"], keys=self._data_key(conversation, stored), place=self._place(conversation, "map"))
        return VaultContents(json.loads(plain), int(stored["version"]))

    async def save(self, conversation: str, placeholders: Mapping[str, str], *, version: int) -> int:
        """Replace the map that was loaded at `version` and return the new version.

        Raises Conflict when another turn saved in between (load again and redact again), ConversationClosed, NotFound.
        """
        stored = await self._read(conversation) if version else {}
        if version and not stored:
            raise await self._gone(conversation)
        data_key = self._data_key(conversation, stored) if stored else _new_data_key()
        text = json.dumps(dict(placeholders), ensure_ascii=False).encode()
        sealed = seal(text, keys=data_key, place=self._place(conversation, "map"))
        wrapped = seal(data_key.active_key, keys=self.keyring.vault, place=self._place(conversation, "key"))
        names = [self.store.keys.vault(conversation), self.store.keys.conversation(conversation)]
        ttl_s = self.store.limits.vault_ttl_s
        _check(await self.store.script(_SAVE, names, [version, version + 1, wrapped, sealed, ttl_s]))
        return version + 1

    async def destroy(self, conversation: str) -> None:
        """Forget what the placeholders stood for. May be repeated."""
        await self.store.call(self.store.redis.delete(self.store.keys.vault(conversation)))

    async def seal(self, conversation: str, text: str, *, purpose: str) -> str:
        """Encrypt a text that belongs to a conversation, such as the turn kept for an Idempotency-Key.

        With the conversation's data key, so that it ends with it; where nothing was saved there is none, and nothing
        that a placeholder stands for, and the wrapping key does.
        """
        stored = await self._read(conversation)
        keys = self._data_key(conversation, stored) if stored else self.keyring.vault
        return seal(text.encode(), keys=keys, place=self._place(conversation, purpose))

    async def unseal(self, conversation: str, sealed: str, *, purpose: str) -> str:
        """Decrypt what `seal` gave for the same conversation and purpose; ConversationClosed when its key is gone."""
        keys = self.keyring.vault
        if key_id_of(sealed) == _DATA_KEY_ID:
            stored = await self._read(conversation)
            if not stored:
                raise ConversationClosed
            keys = self._data_key(conversation, stored)
        return unseal(sealed, keys=keys, place=self._place(conversation, purpose)).decode()

    async def rewrap(self, conversation: str) -> bool:
        """Wrap a data key with the active wrapping key; False where it is already, or there is none."""
        stored = await self._read(conversation)
        if not stored or key_id_of(stored["key"]) == self.keyring.vault.active:
            return False
        key = self._data_key(conversation, stored).active_key
        fresh = seal(key, keys=self.keyring.vault, place=self._place(conversation, "key"))
        changed = await self.store.script(_REWRAP, [self.store.keys.vault(conversation)], [stored["key"], fresh])
        return bool(changed) or await self.rewrap(conversation)

    async def rewrap_all(self, progress: Callable[[int], None] = lambda _done: None) -> int:
        """Wrap every data key of the tenant with the active wrapping key; return how many were not. May be repeated."""
        changed = done = 0
        async for conversation in self._conversations():
            changed += await self.rewrap(conversation)
            done += 1
            progress(done)
        return changed

    async def count_wrapped(self) -> Counter[str]:
        """Return wrapping key id → how many conversations need it."""
        counts = Counter[str]()
        async for conversation in self._conversations():
            stored = await self._read(conversation)
            if stored:
                counts[key_id_of(stored["key"])] += 1
        return counts

    async def _conversations(self) -> AsyncIterator[str]:
        """Give every conversation that has a vault; one may come twice, as SCAN has it."""
        cursor = 0
        while True:
            scan = self.store.redis.scan(cursor, match=self.store.keys.vaults, count=_SCANNED)
            cursor, names = await self.store.call(scan)
            for name in names:
                yield name.rpartition(":")[2]
            if not cursor:
                return

    async def _read(self, conversation: str) -> dict[str, str]:
        return dict(await self.store.call(self.store.redis.hgetall(self.store.keys.vault(conversation))))

    def _data_key(self, conversation: str, stored: Mapping[str, str]) -> KeySet:
        key = unseal(stored["key"], keys=self.keyring.vault, place=self._place(conversation, "key"))
        return KeySet(_DATA_KEY_ID, {_DATA_KEY_ID: key})

    def _place(self, conversation: str, purpose: str) -> tuple[str, ...]:
        return (self.store.keys.tenant, conversation, purpose)

    async def _gone(self, conversation: str) -> Conflict:
        """Say why a map that was there is not: the conversation ended, or its time to live did."""
        state = await self.store.call(self.store.redis.hget(self.store.keys.conversation(conversation), "state"))
        return Conflict() if state == "open" else ConversationClosed()


def _new_data_key() -> KeySet:
    return KeySet(_DATA_KEY_ID, {_DATA_KEY_ID: secrets.token_bytes(KEY_BYTES)})


def _check(outcome: str) -> None:
    match outcome:
        case "missing":
            raise NotFound
        case "closed":
            raise ConversationClosed
        case "conflict":
            raise Conflict
        case _:
            return
