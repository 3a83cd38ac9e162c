"""What happens to the files under the store and the spool: power cuts, full and read-only disks, deleted files."""

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator

from reliability.client_history import History, Patient, Told, mixed_words, speak
from reliability.faulty_disk import DiskMode
from reliability.rig_stack import Rig
from reliability.run_parts import (
    MODEL_SHARE,
    PATIENTS,
    Outcome,
    Progress,
    all_ended,
    is_alerted,
    is_unalerted,
    polled,
    settle_and_check,
    until_answered,
)

ALERT_S = 10.0
SPOOL_FAILURES = 'portico_audit_failures_total{sink="spool"}'


async def run_power_cuts(rig: Rig, *, n: int, seed: int, progress: Progress, rounds: int = 20) -> Outcome:
    """Cut the power of the store once in every share of the turns, at a moment drawn by chance."""
    return await _cut_power(rig, Outcome("power_cut", n, seed), rounds=rounds, progress=progress)


async def run_everysec_control(rig: Rig, *, n: int, seed: int, progress: Progress, rounds: int = 20) -> Outcome:
    """Do the same to a store that syncs once a second, which must lose what it has acknowledged."""
    outcome = await _cut_power(
        rig, Outcome("everysec_control", n, seed), rounds=rounds, progress=progress, fsync="everysec"
    )
    lost = outcome.zeros["body_without_record"]
    outcome.figures["acknowledged_lost"] = lost
    outcome.zeros = {"nothing_was_lost": int(lost == 0)}
    return outcome


async def _cut_power(rig: Rig, outcome: Outcome, *, rounds: int, progress: Progress, fsync: str = "always") -> Outcome:
    rng, torn, history = random.Random(outcome.seed), 0, History()
    share = max(1, outcome.n // rounds)

    async def step(patient: Patient, number: int) -> None:
        await patient.sends(number, mixed_words(rng, model_share=MODEL_SHARE))

    for _ in range(rounds):
        with rig.raw() as store:
            store.config_set("appendfsync", fsync)
        cut_at = len(history.told) + rng.randint(share // 2, share)

        async def cut(at: int = cut_at) -> None:
            nonlocal torn
            await polled(lambda: len(history.told) >= at)
            torn += (await rig.cut_power_of_valkey()).torn_off
            await rig.start_valkey()

        cutting = asyncio.create_task(cut())
        await speak(rig, step, turns=share, patients=PATIENTS, history=history, done=progress)
        await cutting
    outcome.n = share * rounds
    await settle_and_check(rig, history, outcome)
    outcome.figures |= {"cuts": rounds, "bytes_torn_off": torn}
    return outcome


async def run_deleted_files(rig: Rig, *, n: int, seed: int, progress: Progress) -> Outcome:
    """N times: delete the store's files under load and kill it, then the spool's files while it is down."""
    rng, history, outcome = random.Random(seed), History(), Outcome("files_deleted", n, seed)
    alert_s = []
    async with _speaking(rig, history, rng):
        for number in range(n):
            await until_answered(rig)
            await rig.until(lambda: is_unalerted(rig), "the end of the last alert")
            for file in (rig.folder / "valkey" / "appendonlydir").glob("*"):
                file.unlink()
            alert_s.append(await rig.until(lambda: is_alerted(rig), "the alert", within_s=30))
            await until_answered(rig)
            await rig.kill_valkey()
            await polled(lambda: rig.spooled() > 0)
            for file in (rig.state / "spool").glob("refusals.*jsonl"):
                file.unlink()
            await asyncio.sleep(rng.uniform(0.5, 3.0))
            await rig.start_valkey()
            progress(number)
    await settle_and_check(rig, history, outcome)
    outcome.limits["alert_s"] = (round(max(alert_s), 2), ALERT_S)
    outcome.figures["turns"] = len(history.told)
    return outcome


async def run_full_disk(rig: Rig, *, n: int, seed: int, progress: Progress) -> Outcome:
    """N times: fill the disk under the store, and write-protect those of store and spool; repair each."""
    rng, history, outcome = random.Random(seed), History(), Outcome("disk_fails", n, seed)
    alert_s, answered, unwritten = [], 0, list[Told]()
    async with _speaking(rig, history, rng):
        for number in range(2 * n):
            await until_answered(rig)
            await rig.until(lambda: is_unalerted(rig), "the end of the last alert")
            before = len(history.told)
            rig.disk.turn(DiskMode.READ_ONLY if number % 2 else DiskMode.FULL)
            if number % 2:
                rig.gateway_disk.turn(DiskMode.READ_ONLY)
            alert_s.append(await rig.until(lambda: is_alerted(rig), "the alert", within_s=30))
            await asyncio.sleep(rng.uniform(0.5, 3.0))
            failed = history.told[before + PATIENTS :]  # What was in flight when the disk failed may still be recorded.
            answered += sum(bool(each.turn.get("answer")) for each in failed)
            rig.disk.turn(DiskMode.WORKS)
            rig.gateway_disk.turn(DiskMode.WORKS)
            await rig.kill_valkey()  # With `always` it ends itself when it cannot write; whoever runs it starts it.
            await rig.start_valkey()
            if number % 2:
                unwritten += [each for each in history.told[before:] if each.turn.get("degraded")]
            progress(number)
    outcome.zeros["spool_failure_not_counted"] = int(await rig.metric(SPOOL_FAILURES) == 0)
    history.told = [each for each in history.told if each not in unwritten]
    await all_ended(rig)
    await settle_and_check(rig, history, outcome)
    outcome.zeros["answers_meanwhile"] = answered
    outcome.limits["alert_s"] = (round(max(alert_s), 2), ALERT_S)
    outcome.figures |= {"turns": len(history.told), "refusals_without_any_disk": len(unwritten)}
    return outcome


@contextlib.asynccontextmanager
async def _speaking(rig: Rig, history: History, rng: random.Random) -> AsyncIterator[None]:
    """Let patients speak in conversations that are open already for as long as the block lasts."""
    over = asyncio.Event()

    async def step(patient: Patient, number: int) -> None:
        while not over.is_set():
            await patient.sends(number, mixed_words(rng, model_share=0.5))
            await asyncio.sleep(0.05)

    speaking = asyncio.create_task(speak(rig, step, turns=PATIENTS, patients=PATIENTS, history=history))
    try:
        yield
    finally:
        over.set()
        await speaking
