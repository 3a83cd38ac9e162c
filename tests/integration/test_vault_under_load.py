"""The vault on a real Valkey: keys rotate under load, deletion destroys, nothing opens elsewhere, and nothing mixes."""

import asyncio
import random
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import redis

from portico_core.errors import ConfigurationError, Conflict, ConversationClosed, StateUnavailable
from portico_core.labels import PhiType
from portico_core.text import PhiSpan, RedactedText, Redaction
from portico_redaction.placeholders import PLACEHOLDER, PlaceholderBook, keep, spellings_of
from portico_state.client import StoreLimits, connect
from portico_state.conversations import Conversations
from portico_state.keyring import Keyring
from portico_state.sealing import key_id_of
from portico_state.vault import Vault, VaultContents
from unit.state.rig import PATIENT, StateRig, open_rig, say

SEED = 20_261_125
CONVERSATIONS = 100
TASKS = 2
TURNS = 10  # Of each task: 2,000 turns in all.


@pytest.fixture
async def rig(url: str, tmp_path: Path) -> AsyncIterator[StateRig]:
    """A rig with patient deadlines: the tests of the load are about mixing, not about time."""
    async with open_rig(url, tmp_path, limits=StoreLimits(connect_s=30, command_s=30)) as opened:
        yield opened


async def make_conversations(rig: StateRig, count: int) -> list[str]:
    made = await asyncio.gather(*(Conversations(rig.store).create(PATIENT) for _ in range(count)))
    return [conversation.id for conversation in made]


class UncheckedVault(Vault):
    """The negative control: saves without minding the version that was loaded."""

    async def save(self, conversation: str, placeholders: dict[str, str], *, version: int) -> int:  # type: ignore[override]
        while True:
            now = (await self.load(conversation)).version
            try:
                return await super().save(conversation, placeholders, version=now)
            except Conflict:
                continue


@dataclass(slots=True)
class Load:
    """Turns of many conversations at once; every value carries the number of its conversation."""

    vault: Vault
    conversations: list[str]
    given: dict[tuple[str, str], set[str]] = field(default_factory=dict)
    conflicts: int = 0

    async def take_turn(self, number: int, rng: random.Random, turn: str) -> None:
        """Redact names as the redactor does, save them, start again on a conflict; then note what was sent on."""
        values = [f"Patient{number} Name{rng.randrange(12)}" for _ in range(rng.randrange(1, 4))]
        conversation = self.conversations[number]
        while True:
            contents = await self.vault.load(conversation)
            await asyncio.sleep(rng.random() * 0.002)
            redaction = _redacted(values, contents)
            try:
                await self.vault.save(
                    conversation, keep(contents.placeholders, redaction, turn=turn), version=contents.version
                )
                break
            except Conflict:
                self.conflicts += 1
        for placeholder, value in redaction.placeholders.items():
            self.given.setdefault((conversation, placeholder), set()).add(value.casefold())

    async def run(self) -> None:
        async def task(number: int, seed: int) -> None:
            rng = random.Random(seed)
            for turn in range(TURNS):
                await self.take_turn(number, rng, f"{seed}-{turn}")

        await asyncio.gather(
            *(task(n, SEED + n * TASKS + t) for n in range(len(self.conversations)) for t in range(TASKS))
        )

    async def faults(self) -> list[str]:
        """Return placeholders that had two values, or a value of another conversation, or another one in the end."""
        found = [f"two values of {placeholder}" for (_, placeholder), values in self.given.items() if len(values) > 1]
        for number, conversation in enumerate(self.conversations):
            kept = (await self.vault.load(conversation)).placeholders
            for placeholder, value in kept.items():
                if PLACEHOLDER.fullmatch(placeholder) and not value.startswith(f"Patient{number} "):
                    found.append(f"foreign value of {placeholder}")
            for (owner, placeholder), values in self.given.items():
                if owner == conversation and kept.get(placeholder, "").casefold() not in values:
                    found.append(f"another value of {placeholder} in the end")
        return found


def _redacted(values: list[str], contents: VaultContents) -> Redaction:
    book = PlaceholderBook(contents.placeholders)
    used = [(book.placeholder_for(PhiType.NAME, value), value) for value in values]
    spans = tuple(PhiSpan(0, 1, PhiType.NAME, 1.0) for _ in used)
    text = RedactedText(" ".join(placeholder for placeholder, _ in used))
    return Redaction(text, spans, book.values_of(p for p, _ in used), book.spellings_of(used))


async def test_no_placeholder_ever_stands_for_two_values_or_for_anothers(rig: StateRig) -> None:
    load = Load(Vault(rig.store, rig.keyring), await make_conversations(rig, CONVERSATIONS))
    await load.run()
    faults = await load.faults()
    turns = CONVERSATIONS * TASKS * TURNS
    say(f"seed {SEED}: {turns} turns, {CONVERSATIONS} conversations, {load.conflicts} conflicts, faults {len(faults)}")
    assert turns >= 2_000
    assert load.conflicts > 100
    assert faults == []


async def test_without_the_version_check_they_mix(rig: StateRig) -> None:
    """The negative control."""
    load = Load(UncheckedVault(rig.store, rig.keyring), await make_conversations(rig, 10))
    await load.run()
    faults = await load.faults()
    say(f"seed {SEED}: without the version check {len(faults)} faults")
    assert faults


async def test_keys_rotate_under_load_and_old_conversations_stay_readable(rig: StateRig) -> None:
    """Two processes: the new key is given to both before one makes it active, and the old one is retired at the end."""
    old = rig.keyring
    conversations = await make_conversations(rig, 12)
    idle = await make_conversations(rig, 40)
    for conversation in idle:
        await Vault(rig.store, old).save(conversation, {"[NAME_1]": f"of {conversation}"}, version=0)
    staged = old.stage("vault")
    active = staged.activate("vault")
    one, other = Load(Vault(rig.store, staged), conversations), Load(Vault(rig.store, active), conversations)
    rewrapping = Vault(rig.store, active)
    await asyncio.gather(one.run(), other.run(), *(rewrapping.rewrap(name) for name in (*idle, *conversations)))
    await rewrapping.rewrap_all()
    one.given = {key: one.given.get(key, set()) | other.given.get(key, set()) for key in {*one.given, *other.given}}
    retired = Vault(rig.store, active.retire("vault", old.vault.active))
    one.vault = retired
    assert await one.faults() == []
    for conversation in idle:
        assert (await retired.load(conversation)).placeholders == {"[NAME_1]": f"of {conversation}"}
    turns = 2 * len(conversations) * TASKS * TURNS
    say(f"seed {SEED}: {turns} turns over a rotation, {len(idle)} idle conversations read")
    assert await rewrapping.rewrap_all() == 0


async def test_without_wrapping_anew_a_retired_key_makes_them_unreadable(rig: StateRig) -> None:
    """The negative control."""
    (conversation,) = await make_conversations(rig, 1)
    await Vault(rig.store, rig.keyring).save(conversation, {"[NAME_1]": "Mette"}, version=0)
    retired = rig.keyring.rotate("vault").retire("vault", rig.keyring.vault.active)
    with pytest.raises(ConfigurationError):
        await Vault(rig.store, retired).load(conversation)


async def test_wrapping_anew_keeps_map_version_and_time_to_live(rig: StateRig, admin: "redis.Redis") -> None:
    (conversation,) = await make_conversations(rig, 1)
    await Vault(rig.store, rig.keyring).save(conversation, {"[NAME_1]": "Mette"}, version=0)
    name = rig.store.keys.vault(conversation)
    await rig.store.redis.expire(name, 1_000)
    before = await rig.store.redis.hgetall(name)
    rotated = Vault(rig.store, rig.keyring.rotate("vault"))
    assert await rotated.rewrap(conversation) is True
    assert await rotated.rewrap(conversation) is False
    after = await rig.store.redis.hgetall(name)
    assert (after["map"], after["version"]) == (before["map"], before["version"])
    assert key_id_of(after["key"]) == rotated.keyring.vault.active != key_id_of(before["key"])
    assert 0 < admin.ttl(name) <= 1_000


async def test_a_deleted_conversation_leaves_nothing_that_opens(rig: StateRig) -> None:
    """Whoever kept the stored bytes and has every wrapping key, but not the destroyed data key, reads nothing."""
    conversations, vault = Conversations(rig.store), Vault(rig.store, rig.keyring)
    (conversation,) = await make_conversations(rig, 1)
    await vault.save(conversation, {"[NAME_1]": "Mette"}, version=0)
    sealed = await vault.seal(conversation, "Hello Mette", purpose="idempotency:k")
    assert await vault.unseal(conversation, sealed, purpose="idempotency:k") == "Hello Mette"
    stored = await rig.store.redis.hgetall(rig.store.keys.vault(conversation))
    await conversations.close(conversation)
    assert await rig.store.redis.exists(rig.store.keys.vault(conversation)) == 0
    with pytest.raises(ConversationClosed):
        await vault.unseal(conversation, sealed, purpose="idempotency:k")
    another = (await make_conversations(rig, 1))[0]
    await vault.save(another, {"[NAME_1]": "Bo"}, version=0)
    fresh = await rig.store.redis.hget(rig.store.keys.vault(another), "key")
    await rig.store.redis.hset(rig.store.keys.vault(conversation), mapping={**stored, "key": fresh})
    with pytest.raises(StateUnavailable):  # The map with any other key, moved back in.
        await vault.load(conversation)


@pytest.mark.parametrize("field_name", ["map", "key"])
async def test_nothing_opens_in_another_conversation_or_tenant(
    rig: StateRig, url: str, admin: "redis.Redis", field_name: str
) -> None:
    vault = Vault(rig.store, rig.keyring)
    one, other = await make_conversations(rig, 2)
    await vault.save(one, {"[NAME_1]": "Mette"}, version=0)
    await vault.save(other, {"[NAME_1]": "Bo"}, version=0)
    moved = await rig.store.redis.hget(rig.store.keys.vault(one), field_name)
    await rig.store.redis.hset(rig.store.keys.vault(other), field_name, moved)
    with pytest.raises(StateUnavailable):
        await vault.load(other)
    foreign = await connect(url, tenant="elsewhere")
    admin.copy(rig.store.keys.vault(one), foreign.keys.vault(one))
    with pytest.raises(StateUnavailable):
        await Vault(foreign, rig.keyring).load(one)
    await foreign.close()
    assert (await vault.load(one)).placeholders == {"[NAME_1]": "Mette"}  # Where it belongs, it opens.


async def test_only_this_tenants_vaults_are_wrapped_anew(rig: StateRig, url: str) -> None:
    (conversation,) = await make_conversations(rig, 1)
    await Vault(rig.store, rig.keyring).save(conversation, {"[NAME_1]": "Mette"}, version=0)
    foreign = await connect(url, tenant="elsewhere")
    assert await Vault(foreign, rig.keyring.rotate("vault")).rewrap_all() == 0
    await foreign.close()
    assert await Vault(rig.store, rig.keyring.rotate("vault")).rewrap_all() == 1


async def test_the_spellings_of_a_turn_are_kept_sealed_as_well(rig: StateRig) -> None:
    vault, (conversation,) = Vault(rig.store, rig.keyring), await make_conversations(rig, 1)
    book = PlaceholderBook({})
    used = [(book.placeholder_for(PhiType.NAME, name), name) for name in ("Mette", "METTE")]
    redaction = Redaction(RedactedText("[NAME_1] [NAME_1]"), (), book.values_of(["[NAME_1]"]), book.spellings_of(used))
    await vault.save(conversation, keep({}, redaction, turn="t1"), version=0)
    kept = (await vault.load(conversation)).placeholders
    assert spellings_of(kept, turn="t1") == {"[NAME_1]": ["Mette", "METTE"]}
    assert "METTE" not in str(await rig.store.redis.hgetall(rig.store.keys.vault(conversation)))


def test_a_keyring_is_staged_activated_and_retired() -> None:
    first = Keyring.generate()
    staged = first.stage("vault")
    assert staged.vault.active == first.vault.active and len(staged.vault.keys) == 2
    active = staged.activate("vault")
    assert active.vault.active not in first.vault.keys
    for name in (active.vault.active, "v99"):
        with pytest.raises(ConfigurationError):
            active.retire("vault", name)
    assert list(active.retire("vault", first.vault.active).vault.keys) == [active.vault.active]
