"""Escalations on their whole way, from the patient's message to the announcement, while every part of it is killed."""

import asyncio
import random
import signal
import subprocess
from collections import Counter

from reliability.client_history import CRISIS, EMERGENCY, History, Patient, new_key, speak
from reliability.history_checker import Kept
from reliability.notifier_kills import KEYS, start_worker
from reliability.rig_stack import TENANT, Rig
from reliability.run_parts import PATIENTS, Outcome, Progress, all_ended, nemesis, settle_and_check
from reliability.webhook_receiver import Manner, Receiver, receiving

KILL_EVERY_S = 2.0
ANNOUNCED_S = 120.0


async def run_escalation_kills(rig: Rig, *, n: int, seed: int, progress: Progress) -> Outcome:
    """Kill gateway, Valkey and notifier in turn while N patients' messages become tickets and announcements.

    Every message is sent again under its Idempotency-Key until its fixed text is there, as the widget does.
    """
    rng, history, outcome = random.Random(seed), History(), Outcome("escalations_killed", n, seed)
    kills: Counter[str] = Counter()

    async def step(patient: Patient, number: int) -> None:
        key, words = new_key(rng), rng.choice((CRISIS, EMERGENCY))
        while not (await patient.sends(number, words, key=key)).turn:  # noqa: ASYNC110  the parts are other processes
            await asyncio.sleep(0.2)

    with receiving(KEYS) as receiver:
        failing = random.Random(seed + 1)
        receiver.manner = lambda body: Manner(500 if failing.random() < 0.1 else 204)
        worker = _Worker(rig, receiver)
        try:
            async with nemesis(_kill_in_turn(rig, worker, kills)):
                await speak(rig, step, turns=n, patients=PATIENTS, history=history, done=progress)
            await rig.start_gateway_if_gone()
            await rig.until(rig.is_ready, "readiness")
            await all_ended(rig)
            await settle_and_check(rig, history, outcome)
            wanted = {f"dlv-{ticket}" for ticket in Kept.read(rig).tickets}
            await rig.until(lambda: _has_taken(receiver, wanted), "every announcement", within_s=ANNOUNCED_S)
        finally:
            worker.end()
    told = {each.key: each.turn["escalation"]["id"] for each in history.told if each.turn}
    outcome.zeros |= {
        "messages_without_ticket": n - len(told),
        "tickets_beyond_messages": abs(len(Kept.read(rig).tickets) - n),
        "announcements_of_nothing": len(set(receiver.taken) - wanted),
        "forged": receiver.forged,
    }
    outcome.figures |= {"kills": dict(kills), "announced": len(receiver.taken), "requests": len(receiver.seen)}
    return outcome


class _Worker:
    """A notifier process that can be killed and started again."""

    def __init__(self, rig: Rig, receiver: Receiver) -> None:
        self._addresses = (rig.valkey.url, receiver.url)
        self._process = self._started()

    def kill(self) -> None:
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()
        self._process = self._started()

    def end(self) -> None:
        self._process.terminate()
        self._process.wait(30)

    def _started(self) -> "subprocess.Popen[bytes]":
        return start_worker(*self._addresses, PORTICO_TENANT=TENANT)


async def _kill_in_turn(rig: Rig, worker: _Worker, kills: "Counter[str]") -> None:
    while True:
        await asyncio.sleep(KILL_EVERY_S)
        await rig.kill_valkey()
        await rig.start_valkey()
        await asyncio.sleep(KILL_EVERY_S)
        await asyncio.to_thread(worker.kill)
        await asyncio.sleep(KILL_EVERY_S)
        await rig.kill_gateway()
        await rig.start_gateway()
        kills.update(("valkey", "notifier", "gateway"))


async def _has_taken(receiver: Receiver, wanted: set[str]) -> bool:
    return wanted <= set(receiver.taken)
