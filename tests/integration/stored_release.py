"""What a release leaves in a store and a state folder, as a file that later releases must read.

    PYTHONPATH=tests .venv/bin/python -m integration.stored_release 0.1.0     once, with the code of that release

Values are kept as what they are (hash, list, sorted set, stream, string), not as the server's own dump. The keys are
made for this file and open nothing else; all words are made up.
"""

import argparse
import asyncio
import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from portico_core.labels import AuditPhase, Author, Urgency
from portico_core.text import RedactedText
from portico_state.checkpoints import CheckpointLog
from portico_state.client import Store, connect
from portico_state.conversations import Conversations
from portico_state.deliveries import GROUP, Deliveries
from portico_state.effects import ConversationEvent, Effects, IdempotencyResult, NewTicket, StoredMessage
from portico_state.escalations import Escalations
from portico_state.idempotency import Asked, Idempotency
from portico_state.identifiers import new_id, now_utc
from portico_state.keyring import Keyring
from portico_state.redis_audit import RedisAudit
from portico_state.spool import RefusalSpool
from portico_state.valkey_server import start_valkey
from portico_state.vault import Vault
from unit.state.rig import PATIENT, TENANT, empty, entry

FOLDER = Path(__file__).parents[1] / "contract" / "stored"
QUESTION, REPLY = RedactedText("what is [NAME_1]'s dose of metformin"), RedactedText("Please call us, [NAME_1].")
NAMES = {"[NAME_1]": "Avery"}
SENT, SENT_KEY = [Asked(PATIENT, "b" * 64)], "key-1"


async def write(store: Store, folder: Path) -> dict[str, Any]:
    """Leave a conversation, its records, a claimed ticket, an untold crisis and a spooled refusal; return their ids."""
    keyring = Keyring.load(folder / "keys.json")
    audit = await RedisAudit.start(
        store, keyring=keyring, checkpoints=CheckpointLog(folder / "checkpoints", keyring, TENANT)
    )
    conversation = (await Conversations(store).create(PATIENT)).id
    await Deliveries(store).prepare()
    vault, turn = Vault(store, keyring), new_id()
    await vault.save(conversation, NAMES, version=0)
    reservation = await Idempotency(store).reserve(SENT, key=SENT_KEY, turn=turn)
    sealed = await vault.seal(conversation, '{"route": "escalate"}', purpose="turn")
    effects = Effects(
        messages=(StoredMessage(Author.PATIENT, QUESTION, now_utc(), turn_id=turn),),
        window=QUESTION,
        ticket=NewTicket(Urgency.ROUTINE, now_utc(), now_utc(), (QUESTION,), now_utc()),
        idempotency=IdempotencyResult(reservation.key, sealed),
        events=(ConversationEvent("turn", {"turn_id": turn}),),
    )
    await audit.append(entry(AuditPhase.ACCEPTED, turn, conversation=conversation))
    decided = entry(AuditPhase.DECIDED, turn, conversation=conversation, route="escalate", label="clinician")
    await audit.append(decided, effects=effects)
    desk = Escalations(store, audit)
    (ticket,) = await desk.list()
    claimed = await desk.claim(ticket.id, actor="nurse-1")
    await desk.reply(ticket.id, actor="nurse-1", text=REPLY, fence=claimed.fence)
    crisis = NewTicket(Urgency.IMMEDIATE, now_utc(), now_utc(), (RedactedText("i have pills here"),))
    later = new_id()
    RefusalSpool(folder / "spool", keyring=keyring, tenant=TENANT).put(
        entry(AuditPhase.REFUSED, later, conversation=conversation, route="crisis"), Effects(ticket=crisis)
    )
    await audit.close()
    return {"conversation": conversation, "turn": turn, "ticket": ticket.id, "spooled_turn": later}


async def dump(store: Store) -> list[dict[str, Any]]:
    """Return every key with its value; what ends by itself is kept without its time to live."""
    found = []
    for key in sorted(await store.redis.keys("*")):
        kind = await store.redis.type(key)
        match kind:
            case "hash":
                value: Any = await store.redis.hgetall(key)
            case "list":
                value = await store.redis.lrange(key, 0, -1)
            case "zset":
                value = await store.redis.zrange(key, 0, -1, withscores=True)
            case "set":
                value = sorted(await store.redis.smembers(key))
            case "stream":
                value = await store.redis.xrange(key)
            case _:
                value = await store.redis.get(key)
        found.append({"key": key, "kind": kind, "value": value})
    return found


async def restore(store: Store, kept: Mapping[str, Any], folder: Path) -> Keyring:
    """Put what a release left into an empty store and a folder; return its keys."""
    await empty(store)
    for each in kept["store"]:
        key, value = each["key"], each["value"]
        match each["kind"]:
            case "hash":
                await store.redis.hset(key, mapping=value)
            case "list":
                await store.redis.rpush(key, *value)
            case "zset":
                await store.redis.zadd(key, dict(value))
            case "set":
                await store.redis.sadd(key, *value)
            case "stream":
                for stream_id, fields in value:
                    await store.redis.xadd(key, fields, id=stream_id)
            case _:
                await store.redis.set(key, value)
    await store.redis.xgroup_create(store.keys.ticket_stream, GROUP, id="0")
    for name, text in kept["files"].items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
        (folder / name).chmod(0o600)
    return Keyring.load(folder / "keys.json")


def _files(folder: Path) -> dict[str, str]:
    paths = sorted(path for path in folder.rglob("*") if path.is_file() and path.stat().st_size)
    return {str(path.relative_to(folder)): path.read_text(encoding="utf-8") for path in paths}


async def _make(release: str, folder: Path, url: str) -> None:
    Keyring.create(folder / "keys.json")
    store = await connect(url, tenant=TENANT)
    ids = await write(store, folder)
    kept = {
        "release": release,
        "ids": ids,
        "files": _files(folder),
        "store": await dump(store),
    }
    await store.close()
    FOLDER.mkdir(exist_ok=True)
    text = json.dumps(kept, indent=1, ensure_ascii=False, sort_keys=True) + "\n"
    (FOLDER / f"{release}.json").write_text(text, encoding="utf-8")


def main() -> None:
    """Write the file of a release."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("release")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as place, start_valkey(Path(place) / "valkey") as server:
        (Path(place) / "state").mkdir()
        asyncio.run(_make(args.release, Path(place) / "state", server.admin_url))


if __name__ == "__main__":
    main()
