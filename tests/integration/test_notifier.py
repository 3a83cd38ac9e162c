"""The notifier on a real Valkey and a real HTTP receiver: failing, slow, dead and gone; and workers that are killed."""

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator, Iterator

import pytest

from portico_console.notifier.metrics import NotifierMetrics
from portico_console.notifier.signing import signed_headers, verify_signature
from portico_console.notifier.webhook import Answer, Webhook
from portico_console.notifier.worker import Notifier, RetryPolicy
from portico_core.errors import ConfigurationError, Conflict, NotFound
from portico_core.labels import Urgency
from portico_state.deliveries import Deliveries, Delivery, DeliveryState, delivery_id
from portico_state.escalations import Escalations
from portico_state.keyring import KeySet
from portico_state.undelivered import oldest_undelivered
from portico_state.verify import verify_audit
from reliability.notifier_kills import KEYS, open_ticket, run, settled, wait_for
from reliability.webhook_receiver import Manner, Receiver, receiving
from unit.state.rig import PATIENT, StateRig, say

OPERATOR = "operator:rae"
DICE = random.Random(7)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving(KEYS) as listening:
        yield listening


@contextlib.asynccontextmanager
async def notifying(
    rig: StateRig,
    address: str,
    *,
    attempts: int = 6,
    deadline_s: float = 2.0,
    at_once: int = 8,
    metrics: NotifierMetrics | None = None,
) -> AsyncIterator[Deliveries]:
    """Run a worker in this process; its back-off is short."""
    deliveries, stop = Deliveries(rig.store), asyncio.Event()
    retry = RetryPolicy(attempts=attempts, first_s=0.05)
    async with Webhook(address, keys=KEYS, tenant="demo", deadline_s=deadline_s) as webhook:
        worker = Notifier(
            deliveries, webhook, retry, metrics or NotifierMetrics(), lease_s=deadline_s + 2, at_once=at_once
        )
        working = asyncio.create_task(worker.run(stop))
        yield deliveries
        stop.set()
        await working


async def test_a_notification_is_signed_and_holds_no_words(rig: StateRig, receiver: Receiver) -> None:
    async with notifying(rig, receiver.url) as deliveries:
        ticket = await open_ticket(rig, DICE)
        await wait_for(lambda: bool(receiver.taken))
        await settled(deliveries)
    (body,) = receiver.seen
    assert receiver.forged == 0
    assert (body["id"], body["header_id"], body["escalation"]) == (delivery_id(ticket),) * 2 + (ticket,)
    fields = {"type", "id", "tenant", "escalation", "urgency", "opened_at", "reply_by", "messages", "header_id"}
    assert set(body) == fields
    stored = await Escalations(rig.store, rig.audit).get(ticket)
    for secret in ("patient's own words", f'"{stored.conversation}"', stored.patient):
        assert secret.encode() not in receiver.texts[0]
    assert stored.context[0].text.encode() not in receiver.texts[0]
    assert ticket.encode() in receiver.texts[0]


async def test_a_receiver_that_fails_gets_it_again_under_the_same_id(rig: StateRig, receiver: Receiver) -> None:
    statuses, metrics = iter([500, 404, 302, 503, 204]), NotifierMetrics()
    receiver.manner = lambda body: Manner(next(statuses))
    async with notifying(rig, receiver.url, metrics=metrics) as deliveries:
        await open_ticket(rig, DICE)
        await wait_for(lambda: bool(receiver.taken))
        await settled(deliveries)
    assert len(receiver.seen) == 5
    assert len({body["id"] for body in receiver.seen}) == 1
    assert counted(metrics, "portico_delivery_attempts_total") == {"failed": 1, "refused": 2, "busy": 1, "taken": 1}
    assert counted(metrics, "portico_delivery_outcomes_total") == {"waiting": 4, "sent": 1}
    assert sum(counted(metrics, "portico_delivery_seconds_count").values()) == 1


def counted(metrics: NotifierMetrics, name: str) -> dict[str, float]:
    """Return what a metric counted, by its label; nothing that is zero."""
    samples = [sample for family in metrics.registry.collect() for sample in family.samples if sample.name == name]
    assert samples, "no such metric"
    return {next(iter(sample.labels.values())): sample.value for sample in samples if sample.value}


async def test_a_slow_receiver_is_cut_off_and_holds_nobody_else_up(rig: StateRig, receiver: Receiver) -> None:
    slow = await open_ticket(rig, DICE)
    receiver.manner = lambda body: Manner(wait_s=1.5 if body["escalation"] == slow else 0)
    async with notifying(rig, receiver.url, attempts=2, deadline_s=0.3) as deliveries:
        others = [await open_ticket(rig, DICE) for _ in range(20)]
        await wait_for(lambda: {delivery_id(ticket) for ticket in others} <= set(receiver.taken), patience_s=30)
        await wait_for(lambda: len(receiver.of(slow)) == 2, patience_s=30)
        await dead_letters(deliveries, 1)
        (letter,) = await deliveries.dead()
    assert (letter.ticket, letter.said) == (slow, Answer.LATE)


async def dead_letters(deliveries: Deliveries, wanted: int) -> None:
    for _ in range(1_000):
        if (await deliveries.counts())[DeliveryState.DEAD] == wanted:
            return
        await asyncio.sleep(0.02)
    raise AssertionError(f"there are {await deliveries.counts()}")


async def test_what_was_given_up_is_listed_and_sent_again_with_a_record(rig: StateRig, receiver: Receiver) -> None:
    receiver.manner = lambda body: Manner(500)
    async with notifying(rig, receiver.url, attempts=2) as deliveries:
        ticket = await open_ticket(rig, DICE)
        await dead_letters(deliveries, 1)
        (letter,) = await deliveries.dead()
        assert (letter.id, letter.attempts, letter.said) == (delivery_id(ticket), 2, Answer.FAILED)
        receiver.manner = lambda body: Manner()
        await deliveries.resend(letter.id, actor=OPERATOR, audit=rig.audit)
        await wait_for(lambda: receiver.taken[letter.id] == 1)
        await settled(deliveries)
        for refused, error in ((letter.id, Conflict), ("dlv-none", NotFound)):
            with pytest.raises(error):
                await deliveries.resend(refused, actor=OPERATOR, audit=rig.audit)
    sources = [(record["source"], record["actor"]) for record in await rig.records() if record["source"]]
    assert sources == [("delivery.resend", OPERATOR)]
    assert (await verify_audit(rig.store, keyring=rig.keyring, checkpoints=None)).ok


async def test_a_flood_of_one_patient_is_announced_once_and_a_crisis_always(rig: StateRig, receiver: Receiver) -> None:
    routine = random.Random(0)
    routine.choice = lambda _: Urgency.ROUTINE  # type: ignore[method-assign]
    crisis = random.Random(0)
    crisis.choice = lambda _: Urgency.IMMEDIATE  # type: ignore[method-assign]
    first, *_ = [await open_ticket(rig, routine, patient=PATIENT) for _ in range(30)]
    grave = [await open_ticket(rig, crisis, patient=PATIENT) for _ in range(5)]
    # All of it waits before anything is sent, and goes out one by one: an order that can be seen.
    waiting = Deliveries(rig.store)
    await waiting.prepare()
    assert await waiting.take_in(consumer="reader") == 6
    async with notifying(rig, receiver.url, at_once=1) as deliveries:
        await wait_for(lambda: len(receiver.taken) == 6)
        await settled(deliveries)
    assert {body["escalation"] for body in receiver.seen} == {first, *grave}
    assert [body["messages"] for body in receiver.of(first)] == [30]
    assert {body["urgency"] for body in receiver.seen[:5]} == {"immediate"}  # The most urgent went first.


async def test_a_lost_lease_settles_nothing(rig: StateRig) -> None:
    deliveries = Deliveries(rig.store)
    await deliveries.prepare()
    await open_ticket(rig, DICE)
    assert await deliveries.take_in(consumer="one") == 1
    (lost,) = await deliveries.take(most=5, lease_s=0)
    (held,) = await deliveries.take(most=5, lease_s=60)
    assert (lost.id, lost.fence + 1) == (held.id, held.fence)
    assert await deliveries.take(most=5, lease_s=60) == ()
    assert not await deliveries.settle(lost, DeliveryState.DEAD, said="late")
    assert await deliveries.settle(held, DeliveryState.SENT, said="taken")
    assert await deliveries.counts() == {DeliveryState.WAITING: 0, DeliveryState.DEAD: 0}


async def test_what_a_dead_reader_had_read_is_taken_over(rig: StateRig, monkeypatch: pytest.MonkeyPatch) -> None:
    deliveries, store = Deliveries(rig.store), rig.store
    await deliveries.prepare()
    await open_ticket(rig, DICE)
    read = await store.redis.xreadgroup("notifier", "dead", {store.keys.ticket_stream: ">"})
    assert len(read[0][1]) == 1
    assert await deliveries.take_in(consumer="alive", block_ms=1) == 0  # Not yet: it may still be working.
    monkeypatch.setattr("portico_state.deliveries.STALLED_MS", 0)
    assert await deliveries.take_in(consumer="alive", block_ms=1) == 1
    assert await deliveries.take_in(consumer="alive", block_ms=1) == 0


async def test_how_long_nobody_was_told_is_known_without_a_notifier(
    rig: StateRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From a ticket that nobody read, through the outbox and a lease, until it is sent or given up."""
    deliveries, store = Deliveries(rig.store), rig.store
    for _ in range(12):
        await open_ticket(rig, DICE)
    assert await oldest_undelivered(store) == {}, "no notifier ever ran here: nobody is to be told"
    await deliveries.prepare()
    tickets = await Escalations(store, rig.audit).list()
    wanted = {u: min(t.opened_at for t in tickets if t.urgency is u) for u in {t.urgency for t in tickets}}
    assert await oldest_undelivered(store) == wanted, "nobody has read one"
    await store.redis.xreadgroup("notifier", "dead", {store.keys.ticket_stream: ">"}, count=5)
    assert await oldest_undelivered(store) == wanted, "a notifier died with five of them"
    monkeypatch.setattr("portico_state.deliveries.STALLED_MS", 0)
    assert sum([await deliveries.take_in(consumer="alive", block_ms=1) for _ in range(2)]) == 12
    assert await oldest_undelivered(store) == wanted, "all are in the outbox"
    *others, last = await deliveries.take(most=20, lease_s=60)
    assert [await deliveries.settle(each, DeliveryState.SENT, said="taken") for each in others] == [True] * 11
    assert await oldest_undelivered(store) == {last.urgency: last.opened_at}
    assert await deliveries.settle(last, DeliveryState.DEAD, said="late")
    assert await oldest_undelivered(store) == {}, "what was given up is counted elsewhere"


def test_a_changed_old_or_foreign_body_is_refused() -> None:
    body, now = b'{"id":"dlv-1"}', 1_764_000_000
    signed = signed_headers(body, delivery="dlv-1", now_s=now, keys=KEYS)
    other = KeySet("w2", {"w2": b"z" * 32})
    assert verify_signature(body, signed, keys=KEYS, now_s=now + 299)
    assert verify_signature(
        body, signed, keys=KeySet("w2", {**other.keys, **KEYS.keys}), now_s=now
    )  # After a rotation.
    assert not verify_signature(body + b" ", signed, keys=KEYS, now_s=now)
    assert not verify_signature(body, signed, keys=KEYS, now_s=now + 301)
    assert not verify_signature(body, signed, keys=other, now_s=now)
    for name, value in (("Portico-Delivery", "dlv-2"), ("Portico-Time", str(now + 1)), ("Portico-Key", "w9")):
        assert not verify_signature(body, signed | {name: value}, keys=KEYS, now_s=now), name
    assert not verify_signature(body, {}, keys=KEYS, now_s=now)


@pytest.mark.parametrize("address", ["", "http://hospital.example/hook", "ftp://127.0.0.1/", "https://"])
def test_an_address_without_tls_beyond_loopback_is_refused(address: str) -> None:
    with pytest.raises(ConfigurationError):
        Webhook(address, keys=KEYS, tenant="demo", deadline_s=1)


def test_waits_double_up_to_a_quarter_of_an_hour_and_differ() -> None:
    plain = RetryPolicy(jitter=lambda: 0.0)
    assert [plain.wait_s(tried) for tried in (1, 2, 3, 11, 12)] == [1, 2, 4, 900, 900]
    assert RetryPolicy(jitter=lambda: 1.0).wait_s(3) == 2
    assert plain.wait_s(1, asked_s=60) == 60
    assert len({RetryPolicy().wait_s(5) for _ in range(20)}) == 20


def test_a_delivery_has_no_field_for_words() -> None:
    assert set(Delivery.__slots__) == {
        "id", "ticket", "urgency", "opened_at", "reply_by", "joined", "attempts", "fence",
    }  # fmt: skip


async def test_workers_that_are_killed_lose_nothing() -> None:
    found = await run(escalations=150, kills=4)
    assert (found["lost"], found["unknown"], found["second_ids"], found["forged"]) == (0, 0, 0, 0)
    assert found["requests"] > 150  # The kills and the failing receiver made some of them repetitions.
    say(f"kill -9 of the notifier: {found}")
