"""The runs of the rig: what is broken, for how many turns, and which counts must be zero.

Each run takes a started `Rig` and a size, leaves the system whole again, and returns an `Outcome` with N and seed.
`make reliability` runs all of them at full size; `test_reliability.py` at the short one.
"""

import asyncio
import json
import random
import signal
import time
from typing import Any

import httpx2

from reliability.client_history import CRISIS, QUESTIONS, History, Patient, Told, mixed_words, new_key, speak
from reliability.faulty_triton import FAULTS, FaultyTriton, faulty_triton
from reliability.history_checker import Kept
from reliability.rig_stack import Rig
from reliability.run_parts import (
    MODEL_SHARE,
    PATIENTS,
    SETTLED_S,
    Outcome,
    Progress,
    nemesis,
    p99,
    polled,
    settle_and_check,
    speak_mixed,
    until_answered,
)

AT_ONCE = 24  # Below the gateway's own bound, so that nothing is shed.
KILL_EVERY_S = 2.0
DROPPED_SHARE = 0.05


async def run_kills(rig: Rig, *, n: int, seed: int, progress: Progress) -> Outcome:
    """Kill Valkey every two seconds while patients speak."""
    rng, kills = random.Random(seed), 0

    async def kill_now_and_then() -> None:
        nonlocal kills
        while True:
            await asyncio.sleep(KILL_EVERY_S)
            await rig.kill_valkey()
            kills += 1
            await rig.start_valkey()

    async with nemesis(kill_now_and_then()):
        history = await speak_mixed(rig, rng, n=n, progress=progress)
    outcome = await settle_and_check(rig, history, Outcome("valkey_killed", n, seed))
    outcome.figures["kills"] = kills
    return outcome


async def run_lost_replies(rig: Rig, *, n: int, seed: int, progress: Progress) -> Outcome:
    """Lose one Redis reply in twenty; every tenth message is sent again with its Idempotency-Key."""
    rng, again = random.Random(seed), 0
    faults = rig.redis_line.faults
    faults.rng, faults.drop_reply = random.Random(seed + 1), DROPPED_SHARE
    rig.redis_line.reset_all()
    history = History()

    async def step(patient: Patient, number: int) -> None:
        nonlocal again
        key, words = new_key(rng), mixed_words(rng, model_share=MODEL_SHARE)
        await patient.sends(number, words, key=key, stream=number % 7 == 0)
        if number % 10 == 0:
            again += 1
            await patient.sends(number, words, key=key)

    try:
        await speak(rig, step, turns=n, patients=PATIENTS, history=history, done=progress)
    finally:
        faults.drop_reply = 0.0
        rig.redis_line.reset_all()
    outcome = await settle_and_check(rig, history, Outcome("replies_lost", n, seed))
    outcome.figures |= {"replies": rig.redis_line.replies, "dropped": rig.redis_line.dropped, "sent_again": again}
    return outcome


async def run_outage(rig: Rig, *, n: int, seed: int, progress: Progress, down_s: float = 60.0) -> Outcome:
    """Take Valkey away for a minute while patients in crisis write; half of them send again when it is back."""
    rng, history, outcome = random.Random(seed), History(), Outcome("valkey_down", n, seed)
    opened = asyncio.Event()
    ready = 0

    async def step(patient: Patient, number: int) -> None:
        nonlocal ready
        ready += 1
        await opened.wait()
        if time.monotonic() < up_at:
            await asyncio.sleep(rng.uniform(0, down_s * PATIENTS / n / 2))
        key = new_key(rng)
        keys.append((patient.conversation, patient.name, key, number))
        await patient.sends(number, CRISIS, key=key)

    keys: list[tuple[str, str, str, int]] = []
    up_at = time.monotonic() + 3600
    speaking = asyncio.create_task(speak(rig, step, turns=n, patients=PATIENTS, history=history, done=progress))
    await polled(lambda: ready >= PATIENTS)
    await rig.kill_valkey()
    up_at = time.monotonic() + down_s
    opened.set()
    await speaking
    await asyncio.sleep(max(0.0, up_at - time.monotonic()))
    during = list(history.told)
    await rig.start_valkey()
    back = time.monotonic()
    await _send_again(rig, keys[: n // 2], history)
    wanted = {each.turn["escalation"]["id"] for each in during if each.turn.get("escalation")}
    await polled(lambda: time.monotonic() - back > SETTLED_S or wanted <= set(Kept.read(rig).tickets))
    outcome.limits["seconds_until_tickets"] = (round(time.monotonic() - back, 2), 10.0)
    await settle_and_check(rig, history, outcome)
    outcome.zeros["not_shown_fixed_text"] = sum("988" not in str(each.turn.get("message")) for each in during)
    outcome.zeros["not_one_ticket_each"] = abs(n - len(wanted))
    slowest = p99([each.seconds for each in during])
    outcome.limits["refusal_p99_s"] = (slowest, 2.0)
    outcome.figures["down_s"] = down_s
    return outcome


async def run_stopped(rig: Rig, *, n: int, seed: int, progress: Progress, stopped_s: float = 10.0) -> Outcome:
    """Stop Valkey (SIGSTOP) under load, again and again until N refusals were seen; watch the health check."""
    rng, history, outcome = random.Random(seed), History(), Outcome("valkey_stopped", n, seed)
    health: list[float] = []
    recovered: list[float] = []
    stopped: list[tuple[float, float]] = []

    async def stop_and_go() -> None:
        while True:
            rig.signal_valkey(signal.SIGSTOP)
            begun = time.time()
            await asyncio.sleep(stopped_s)
            rig.signal_valkey(signal.SIGCONT)
            stopped.append((begun, time.time()))
            recovered.append(await until_answered(rig))
            await asyncio.sleep(2.0)

    async def step(patient: Patient, number: int) -> None:
        await patient.sends(number, mixed_words(rng, model_share=0.5))

    async with nemesis(stop_and_go()), nemesis(_watch_health(rig, health)):
        await speak(rig, step, turns=n, patients=PATIENTS, history=history, done=progress)
        await polled(lambda: bool(recovered))
    rig.signal_valkey(signal.SIGCONT)
    await settle_and_check(rig, history, outcome)
    refused = [each.seconds for each in history.told if each.turn.get("degraded")]
    outcome.limits |= {
        "refusal_p99_s": (p99(refused), 2.0),
        "health_p99_s": (p99(health), 0.1),
        "recovery_s": (round(max(recovered), 2), 5.0),
    }
    outcome.figures |= {"stops": len(stopped), "refusals": len(refused), "health_checks": len(health)}
    outcome.seconds = {"refusal": refused, "health": health}
    return outcome


async def run_triton_kills(rig: Rig, *, n: int, seed: int, progress: Progress) -> Outcome:
    """Kill Triton N times while questions are in flight; an answer must be one that a whole Triton gives."""
    rng, history, first, refused = random.Random(seed), History(), [], 0
    whole = await _whole_answers(rig, history)

    async def step(patient: Patient, number: int) -> None:
        while not over.is_set():
            await patient.sends(number, rng.choice(QUESTIONS))
            await asyncio.sleep(0.05)

    over = asyncio.Event()
    speaking = asyncio.create_task(speak(rig, step, turns=4, patients=4, history=history))
    for number in range(n):
        await asyncio.sleep(rng.uniform(0.3, 1.0))
        await rig.kill_triton()
        key = new_key(rng)
        keyed = await _sends_keyed(rig, key)
        await rig.start_triton()
        first.append(await until_answered(rig))
        again = await _sends_keyed(rig, key, conversation=keyed.conversation)
        refused += (keyed.route, again.route) != ("unavailable", "answer")
        progress(number)
    over.set()
    await speaking
    outcome = await settle_and_check(rig, history, Outcome("triton_killed", n, seed))
    answered = [each for each in history.told if each.turn.get("answer")]
    outcome.zeros["half_answers"] = sum(_sentences(each.turn) != whole[each.text] for each in answered)
    outcome.zeros["sent_again_and_not_answered"] = refused
    outcome.limits["first_answer_s"] = (round(max(first), 2), 5.0)
    outcome.figures |= {"turns": len(history.told), "answers": len(answered)}
    return outcome


async def run_guard_faults(rig: Rig, *, n: int, seed: int, progress: Progress) -> Outcome:
    """Break the classifier in every way, for an equal share of N questions each; nothing may be answered."""
    share, history = n // len(FAULTS), History()
    outcome = Outcome("guard_faults", share * len(FAULTS), seed)
    real = rig.triton_line.target
    answered: dict[str, int] = {}

    async def step(patient: Patient, number: int) -> None:
        await patient.sends(number, QUESTIONS[number % len(QUESTIONS)])

    async with faulty_triton(real, rig.triton_line.reset_all) as broken:
        rig.triton_line.target = broken.port
        rig.triton_line.reset_all()
        await until_answered(rig)  # The control: through the same endpoint, unbroken, the question is answered.
        for fault in FAULTS:
            _break_line(rig, broken, fault)
            before = len(history.told)
            await speak(rig, step, turns=share, patients=min(share, PATIENTS), history=history, done=progress)
            answered[fault] = sum(bool(each.turn.get("answer")) for each in history.told[before:])
            calls, broken.fault, rig.triton_line.faults.refusing = broken.received, None, False
            await until_answered(rig)
            broken.received = 0
            outcome.figures.setdefault("calls_a_turn", {})[fault] = round(calls / share, 2)
    rig.triton_line.target = real
    rig.triton_line.reset_all()
    await settle_and_check(rig, history, outcome)
    outcome.zeros["answers"] = sum(answered.values())
    outcome.faults += [f"{fault}: {count} answers" for fault, count in answered.items() if count]
    careless = [each for each in history.told if not each.turn.get("degraded")]
    outcome.zeros["not_degraded"] = len(careless)
    outcome.faults += [f"{each.route} after {each.seconds:.2f} s: {each.text}" for each in careless]
    outcome.limits["calls_a_turn"] = (max(outcome.figures["calls_a_turn"].values()), 1.2)
    return outcome


def _break_line(rig: Rig, broken: FaultyTriton, fault: str) -> None:
    broken.received, broken.fault = 0, fault
    rig.triton_line.faults.refusing = fault == "down"
    if fault == "down":
        rig.triton_line.reset_all()


async def run_interleaved(rig: Rig, *, n: int, seed: int, progress: Progress, patients: int = 200) -> Outcome:
    """Let many patients speak at once, each with a name of their own; two in five go away before the answer."""
    rng, history, gone = random.Random(seed), History(), 0
    names = {f"patient-{number}": f"zq{seed % 97:02}x{number:04}@example.org" for number in range(patients)}
    foreign: list[str] = []
    at_once = asyncio.Semaphore(AT_ONCE)

    def look(name: str, content: str) -> None:
        foreign.extend(other for other in names.values() if other != names[name] and other in content)

    async def step(patient: Patient, number: int) -> None:
        nonlocal gone
        words = f"My mail is {names[patient.name]}. {mixed_words(rng, model_share=MODEL_SHARE)}"
        leaves = rng.random() < 0.4
        gone += leaves
        async with at_once:
            told = await patient.sends(number, words, leave_s=rng.uniform(0.001, 0.3) if leaves else None)
        look(patient.name, json.dumps(told.turn))

        if rng.random() < 0.02:
            look(patient.name, await patient.reads())

    await speak(rig, step, turns=n, patients=patients, history=history, done=progress)
    await rig.until(lambda: _is_idle(rig), "an idle gateway")
    outcome = await settle_and_check(rig, history, Outcome("interleaved", n, seed))
    outcome.zeros["foreign_canaries"] = len(foreign)
    outcome.figures |= {"patients": patients, "went_away": gone}
    return outcome


async def _is_idle(rig: Rig) -> bool:
    return await rig.metric('portico_inflight{stage="record"}') == 0


async def _send_again(rig: Rig, keys: list[tuple[str, str, str, int]], history: History) -> None:
    async with httpx2.AsyncClient(base_url=rig.url, timeout=15, trust_env=False) as client:
        for conversation, name, key, number in keys:
            patient = Patient(rig, name, client, history, conversation)
            await patient.sends(number, CRISIS, key=key)


async def _sends_keyed(rig: Rig, key: str, *, conversation: str = "") -> Told:
    async with httpx2.AsyncClient(base_url=rig.url, timeout=15, trust_env=False) as client:
        patient = Patient(rig, "keyed", client, History(), conversation)
        await patient.opens()
        return await patient.sends(0, QUESTIONS[0], key=key)


async def _watch_health(rig: Rig, seconds: list[float]) -> None:
    async with httpx2.AsyncClient(base_url=rig.url, timeout=10, trust_env=False) as client:
        while True:
            begun = time.monotonic()
            answer = await client.get("/healthz")
            assert answer.status_code == 200
            seconds.append(time.monotonic() - begun)
            await asyncio.sleep(0.1)


async def _whole_answers(rig: Rig, history: History) -> dict[str, list[str]]:
    async with httpx2.AsyncClient(base_url=rig.url, timeout=15, trust_env=False) as client:
        patient = Patient(rig, "whole", client, history)
        await patient.opens()
        return {words: _sentences((await patient.sends(0, words)).turn) for words in QUESTIONS}


def _sentences(turn: dict[str, Any]) -> list[str]:
    return [sentence["text"] for sentence in turn["answer"]["sentences"]]
