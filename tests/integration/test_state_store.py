"""Conversations, vault, idempotency and the server itself, on a real Valkey."""

import asyncio
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import redis

from portico_core.errors import (
    ConfigurationError,
    Conflict,
    ConversationClosed,
    InvalidRequest,
    NotFound,
    StateUnavailable,
)
from portico_core.labels import AuditPhase
from portico_core.text import RedactedText
from portico_state.client import StoreLimits, connect, open_store
from portico_state.conversations import Conversations
from portico_state.effects import Effects, IdempotencyResult
from portico_state.events import latest_event_id, read_events
from portico_state.idempotency import Asked, Idempotency, ReservationState
from portico_state.identifiers import new_id
from portico_state.valkey_server import read_url, start_valkey
from portico_state.vault import Vault
from unit.state.rig import PATIENT, TENANT, StateRig, entry, open_rig, say

SEED = 20261123
OTHER_PATIENT = "6" * 32


async def test_a_conversation_is_its_owners_and_unknown_to_everybody_else(rig: StateRig) -> None:
    conversations = Conversations(rig.store)
    made = await conversations.create(PATIENT, locale="es")
    assert await conversations.load(made.id, patient=PATIENT) == made
    assert await conversations.load(made.id, patient=(OTHER_PATIENT, PATIENT)) == made
    for conversation, patient in ((made.id, OTHER_PATIENT), ("unknown", PATIENT), ("a:b", PATIENT), (made.id, ())):
        with pytest.raises(NotFound):
            await conversations.load(conversation, patient=patient)


async def test_the_window_keeps_the_last_messages(rig: StateRig) -> None:
    conversations = Conversations(rig.store)
    made = await conversations.create(PATIENT)
    for number in range(9):
        refused = entry(AuditPhase.REFUSED, new_id(), conversation=made.id)
        await rig.audit.append(refused, effects=Effects(window=RedactedText(str(number))))
    assert [text.text for text in await conversations.window(made.id)] == list("345678")


async def test_closing_destroys_the_vault_and_tells_the_page(rig: StateRig) -> None:
    conversations, vault = Conversations(rig.store), Vault(rig.store, rig.keyring)
    made = await conversations.create(PATIENT)
    version = await vault.save(made.id, {"[NAME_1]": "Mette"}, version=0)
    seen = await latest_event_id(rig.store, made.id)
    await conversations.close(made.id)
    await conversations.close(made.id)
    assert (await conversations.load(made.id, patient=PATIENT)).closed
    assert (await vault.load(made.id)).placeholders == {}
    assert [event.type for event in await read_events(rig.store, made.id, after_id=seen)] == ["closed"]
    for known in (0, version):
        with pytest.raises(ConversationClosed):
            await vault.save(made.id, {"[NAME_1]": "Mette"}, version=known)
    with pytest.raises(NotFound):
        await conversations.close("unknown")


async def test_the_vault_keeps_nothing_readable(rig: StateRig, admin: "redis.Redis") -> None:
    vault, conversations = Vault(rig.store, rig.keyring), Conversations(rig.store)
    made, other = await conversations.create(PATIENT), await conversations.create(PATIENT)
    placeholders = {"[NAME_1]": "Mette Ødegård", "[PHONE_1]": "555-0100"}
    assert await vault.save(made.id, placeholders, version=0) == 1
    loaded = await vault.load(made.id)
    assert (loaded.placeholders, loaded.version) == (placeholders, 1)
    assert "Mette" not in repr(loaded)
    stored = await rig.store.redis.hgetall(rig.store.keys.vault(made.id))
    assert not any(word in str(stored) for word in ("Mette", "555", "NAME"))
    admin.copy(rig.store.keys.vault(made.id), rig.store.keys.vault(other.id))
    with pytest.raises(StateUnavailable):
        await vault.load(other.id)
    assert 0 < admin.ttl(rig.store.keys.vault(made.id)) <= rig.store.limits.vault_ttl_s


async def test_the_vault_survives_a_rotation_and_says_when_a_key_is_missing(rig: StateRig) -> None:
    made = await Conversations(rig.store).create(PATIENT)
    await Vault(rig.store, rig.keyring).save(made.id, {"[NAME_1]": "Mette"}, version=0)
    rotated = Vault(rig.store, rig.keyring.rotate("vault"))
    await rotated.save(made.id, (await rotated.load(made.id)).placeholders, version=1)
    assert (await rotated.load(made.id)).placeholders == {"[NAME_1]": "Mette"}
    with pytest.raises(ConfigurationError, match="not in the keyring"):
        await Vault(rig.store, rig.keyring).load(made.id)


async def test_two_turns_at_once_never_share_a_placeholder(rig: StateRig) -> None:
    vault, made = Vault(rig.store, rig.keyring), await Conversations(rig.store).create(PATIENT)
    conflicts = 0

    async def add(value: str) -> None:
        nonlocal conflicts
        while True:
            loaded = await vault.load(made.id)
            placeholders = {**loaded.placeholders, f"[NAME_{len(loaded.placeholders) + 1}]": value}
            try:
                await vault.save(made.id, placeholders, version=loaded.version)
                return
            except Conflict:
                conflicts += 1

    await asyncio.gather(*(add(f"name {number}") for number in range(20)))
    loaded = await vault.load(made.id)
    assert sorted(loaded.placeholders.values()) == sorted(f"name {number}" for number in range(20))
    assert (loaded.version, conflicts > 0) == (20, True)


async def test_sealed_turns_open_for_their_conversation_only(rig: StateRig) -> None:
    vault = Vault(rig.store, rig.keyring)
    sealed = await vault.seal("c1", '{"turn": 1}', purpose="turn")
    assert await vault.unseal("c1", sealed, purpose="turn") == '{"turn": 1}'
    for conversation, purpose in (("c2", "turn"), ("c1", "map")):
        with pytest.raises(StateUnavailable):
            await vault.unseal(conversation, sealed, purpose=purpose)


async def test_one_answer_per_idempotency_key(rig: StateRig) -> None:
    idempotency = Idempotency(rig.store)
    reservations = await asyncio.gather(
        *(idempotency.reserve([Asked(PATIENT, "a")], key="k1", turn=f"t{number}") for number in range(50))
    )
    states = [reservation.state for reservation in reservations]
    assert (states.count(ReservationState.NEW), states.count(ReservationState.IN_PROGRESS)) == (1, 49)
    winner = next(reservation for reservation in reservations if reservation.state is ReservationState.NEW)
    assert {reservation.turn for reservation in reservations} == {winner.turn}
    effects = Effects(idempotency=IdempotencyResult(winner.key, "sealed"))
    await rig.audit.append(entry(AuditPhase.DECIDED, winner.turn), effects=effects)
    again = await idempotency.reserve([Asked(PATIENT, "a")], key="k1", turn="t99")
    assert (again.state, again.turn, again.sealed) == (ReservationState.DONE, winner.turn, "sealed")
    with pytest.raises(Conflict):
        await idempotency.reserve([Asked(PATIENT, "b")], key="k1", turn="t99")
    foreign = await idempotency.reserve([Asked(OTHER_PATIENT, "b")], key="k1", turn="t99")
    assert foreign.state is ReservationState.NEW


async def test_a_released_reservation_is_gone_and_an_expired_one_is_taken_over_under_its_first_turn(
    rig: StateRig,
) -> None:
    idempotency = Idempotency(rig.store)
    first = await idempotency.reserve([Asked(PATIENT, "a")], key="any ⌘ text", turn="t1")
    await idempotency.release(first)
    second = await idempotency.reserve([Asked(PATIENT, "a")], key="any ⌘ text", turn="t2")
    assert (second.state, second.turn) == (ReservationState.NEW, "t2")
    crashed = Idempotency(rig.store, lease_s=0)
    for turn in ("t3", "t4"):
        third = await crashed.reserve([Asked(PATIENT, "a")], key="k2", turn=turn)
        assert (third.state, third.turn) == (ReservationState.NEW, "t3")
    for key in ("", "x" * 201):
        with pytest.raises(InvalidRequest):
            await idempotency.reserve([Asked(PATIENT, "a")], key=key, turn="t1")


async def test_events_arrive_in_order_and_an_empty_wait_ends(rig: StateRig) -> None:
    conversations = Conversations(rig.store)
    made = await conversations.create(PATIENT)
    assert await read_events(rig.store, made.id, after_id="0-0", block_ms=50) == ()
    waiting = asyncio.create_task(read_events(rig.store, made.id, block_ms=2_000))
    await asyncio.sleep(0.1)
    await conversations.close(made.id)
    assert [event.type for event in await waiting] == ["closed"]


async def test_cancelled_commands_never_hand_their_reply_to_another(url: str, tmp_path: Path) -> None:
    """The redis-py fault of March 2023 gave one user's reply to the next; two connections make a mix-up certain."""
    rng, tried, foreign = random.Random(SEED), 600, 0
    async with open_rig(url, tmp_path, limits=StoreLimits(max_connections=2)) as rig:
        for number in range(10):
            await rig.store.redis.set(f"portico:k{number}", f"value of {number}")

        async def read(number: int) -> None:
            nonlocal foreign
            foreign += await rig.store.call(rig.store.redis.get(f"portico:k{number}")) != f"value of {number}"

        for _ in range(tried // 20):
            tasks = [asyncio.create_task(read(rng.randrange(10))) for _ in range(20)]
            for task in tasks:
                if rng.random() < 0.4:
                    asyncio.get_running_loop().call_later(rng.random() * 0.01, task.cancel)
            results = await asyncio.gather(*tasks, return_exceptions=True)
            assert all(result is None or isinstance(result, asyncio.CancelledError) for result in results)
    say(f"{tried} reads, 40 % cancelled, foreign replies {foreign}, seed {SEED}")
    assert foreign == 0


async def test_state_survives_a_restart(tmp_path: Path) -> None:
    with start_valkey(tmp_path / "valkey") as server:
        async with open_rig(server.url, tmp_path) as rig:
            made = await Conversations(rig.store).create(PATIENT)
            await Vault(rig.store, rig.keyring).save(made.id, {"[NAME_1]": "Mette"}, version=0)
            await rig.audit.append(entry(AuditPhase.DECIDED, new_id()))
            keyring = rig.keyring
    with start_valkey(tmp_path / "valkey") as server:
        assert read_url(tmp_path / "valkey") == server.url
        store = await connect(server.url, tenant=TENANT)
        assert (await Conversations(store).load(made.id, patient=PATIENT)).id == made.id
        assert (await Vault(store, keyring).load(made.id)).placeholders == {"[NAME_1]": "Mette"}
        assert await store.redis.xlen(store.keys.audit) == 1
        await store.close()


@pytest.mark.parametrize("fault", ["everysec", "evicting", "appendonly"])
async def test_a_store_that_may_lose_records_is_refused(fault: str, tmp_path: Path) -> None:
    policy = "everysec" if fault == "everysec" else "always"
    with start_valkey(tmp_path / "valkey", appendfsync=policy) as server:
        setting = {"evicting": ("maxmemory-policy", "allkeys-lru"), "appendonly": ("appendonly", "no")}.get(fault)
        store = open_store(server.admin_url, tenant=TENANT)
        if setting:
            await store.redis.config_set(*setting)
        with pytest.raises(ConfigurationError, match="would lose or evict"):
            await connect(server.url, tenant=TENANT)
        await store.redis.acl_setuser(
            "app", enabled=True, passwords=["+pw"], keys=["*"], categories=["+@all"], commands=["-config"]
        )
        await store.close()
        app_url = f"redis://app:pw@127.0.0.1:{server.port}/0"
        with pytest.raises(ConfigurationError, match="trust_durability"):
            await connect(app_url, tenant=TENANT)
        await (await connect(app_url, tenant=TENANT, trust_durability=True)).close()


async def test_a_bad_url_and_a_silent_port_are_said(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="URL"):
        open_store("http://127.0.0.1", tenant=TENANT)
    with pytest.raises(StateUnavailable):
        await connect("redis://127.0.0.1:1/0", tenant=TENANT)


def test_a_server_that_cannot_start_is_one_line(tmp_path: Path, url: str) -> None:
    taken = int(url.rsplit(":", 1)[1].split("/", maxsplit=1)[0])
    (tmp_path / "file").write_text("in the way")
    (tmp_path / "damaged" / "appendonlydir").mkdir(parents=True)
    (tmp_path / "damaged" / "appendonlydir" / "appendonly.aof.manifest").write_text("nonsense\n")
    with pytest.raises(ConfigurationError, match="in use"):
        start_valkey(tmp_path / "a", port=taken)
    with pytest.raises(ConfigurationError, match="cannot write"):
        start_valkey(tmp_path / "file")
    with pytest.raises(StateUnavailable, match="log is"):
        start_valkey(tmp_path / "damaged")
    with pytest.raises(ConfigurationError, match="appendfsync"):
        start_valkey(tmp_path / "b", appendfsync="sometimes")
    with pytest.raises(StateUnavailable, match="no Valkey was started"):
        read_url(tmp_path / "c")


_STARTER = """
import sys, time
from pathlib import Path
from portico_state.valkey_server import start_valkey
server = start_valkey(Path(sys.argv[1]))
print(server.process.pid, flush=True)
time.sleep(60)
"""


def test_the_server_dies_with_the_process_that_started_it(tmp_path: Path) -> None:
    starter = subprocess.Popen([sys.executable, "-c", _STARTER, str(tmp_path / "v")], stdout=subprocess.PIPE, text=True)
    assert starter.stdout is not None
    server_id = int(starter.stdout.readline())
    starter.send_signal(signal.SIGKILL)
    starter.wait()
    starter.stdout.close()
    with start_valkey(tmp_path / "v"):  # Waits for the folder's lock: the old one must be gone first.
        assert not _is_running(server_id)


def _is_running(process: int) -> bool:
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        try:
            os.kill(process, 0)
            if Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z":
                return False
        except (ProcessLookupError, FileNotFoundError):
            return False
        time.sleep(0.05)
    return True


def test_files_of_the_server_are_private(tmp_path: Path) -> None:
    with start_valkey(tmp_path / "valkey") as server:
        password = server.url.split(":")[2].split("@")[0]
        for path in (tmp_path / "valkey").glob("valkey.*"):
            assert path.stat().st_mode & 0o077 == 0, path
        assert password not in Path(f"/proc/{server.process.pid}/cmdline").read_text()
        assert password not in server.log.read_text()
