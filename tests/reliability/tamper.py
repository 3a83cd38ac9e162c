"""`make tamper`: thousands of changes to real audit chains, all to be found, and clean chains, all to be accepted.

    PYTHONPATH=tests .venv/bin/python -m reliability.tamper --n 500 --clean 1000 --out build/reliability/tamper.json

The chains are written by the real writer into a real Valkey, with their checkpoint files. Each tampering changes a
copy of that evidence (unit/state/tampering.py), and the finding must name the place. Every fiftieth is also written
back into Valkey and verified there by `verify_audit`. The controls are verifiers with one check taken out: each must
miss tamperings of the kind that the check is for, else the run fails.
"""

import argparse
import asyncio
import contextlib
import json
import random
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import Progress

from portico_core.labels import AuditPhase
from portico_state.chain_walk import ChainWalk, Position
from portico_state.checkpoints import CheckpointLog
from portico_state.client import Store, StoreLimits, connect
from portico_state.findings import VerifyReport
from portico_state.identifiers import new_id
from portico_state.keyring import Keyring
from portico_state.redis_audit import AuditLimits, RedisAudit
from portico_state.valkey_server import start_valkey
from portico_state.verify import verify_audit
from portico_state.witness import read_witness
from unit.state.rig import Evidence, Moment, entry
from unit.state.tampering import TAMPERINGS, Tampering, edit, swap, truncate

SEED = 20261126
SITES = 20
CHAINS = 12
WRITERS = 3
TURNS = 5
AT_ONCE = 20
MOST_CONTROLS = 50
THROUGH_STORE_EVERY = 50
QUIET = AuditLimits(deadline_s=20, attempt_s=10, checkpoint_s=3_600, checkpoint_records=10_000)
"""Checkpoints only where the run asks for them; deadlines that a crowded machine cannot miss."""
PATIENT = StoreLimits(connect_s=10, command_s=20, max_connections=4)


@dataclass(frozen=True, slots=True)
class Site:
    """One tenant's evidence as the real writer left it, and the folder of its checkpoint file."""

    evidence: Evidence
    checkpoints: Path
    chains: int


@dataclass(slots=True)
class Kind:
    """What became of one kind of tampering."""

    n: int = 0
    found: int = 0
    placed: int = 0
    through_store: int = 0
    missed: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Control:
    """What a verifier with a check taken out missed."""

    n: int
    missed: int


@dataclass(slots=True)
class Outcome:
    """The report of a run."""

    seed: int
    kinds: dict[str, Kind]
    clean_chains: int = 0
    clean_accepted: int = 0
    controls: dict[str, Control] = field(default_factory=dict)

    @property
    def holds(self) -> bool:
        """Say whether everything was found at its place, everything clean accepted, and every control missed some."""
        kinds = all(kind.n == kind.found == kind.placed for kind in self.kinds.values())
        controls = all(control.missed > 0 for control in self.controls.values())
        return kinds and controls and self.clean_accepted == self.clean_chains


class _NoHash(ChainWalk):
    def _check_hash(self, record: dict[str, Any], where: str) -> bool:
        return True


class _NoSequence(ChainWalk):
    """Take every record as the one that was expected; the ends of the chains are still compared."""

    def _follow(self, record: dict[str, Any], where: str) -> None:
        reached = self.positions.get(record["chain"], Position(0, "", ""))
        at = Position(max(reached.seq, record["seq"]), record["hash"], record["time"])
        self.resume({record["chain"]: at}, {})


class _NoEnds(ChainWalk):
    def _check_end(self, chain: str, signed: int) -> None:
        return

    def _check_stored_head(self, chain: str, head: str) -> None:
        return


def _cut_last_line_unwitnessed(evidence: Evidence, _: random.Random) -> tuple[str, ...]:
    del evidence.lines[-1]
    evidence.witness = {}
    return ("checkpoints ",)


CONTROLS: dict[str, tuple[Tampering, type[ChainWalk]]] = {
    "no hash": (edit, _NoHash),
    "no sequence": (swap, _NoSequence),
    "no ends": (truncate, _NoEnds),
    "no witness": (_cut_last_line_unwitnessed, ChainWalk),
}


async def run(
    *, n: int, clean: int, sites: int = SITES, seed: int = SEED, show: Callable[[int, int], None] | None = None
) -> Outcome:
    """Tamper `n` times in each of eight ways with the evidence of some sites, and verify `clean` chains."""
    outcome = Outcome(seed, {tamper.__name__: Kind() for tamper in TAMPERINGS})
    with tempfile.TemporaryDirectory() as folder, start_valkey(Path(folder) / "valkey") as server:
        bench = _Bench(server.admin_url, Path(folder), seed, outcome, show or (lambda _done, _of: None))
        bench.total = n * len(TAMPERINGS) + clean
        written = await asyncio.gather(*(bench.write_site(f"site{number}") for number in range(sites)))
        for tamper in TAMPERINGS:
            for number in range(n):
                await bench.tamper(tamper, number, written[number % sites])
        bench.run_controls(written, n)
        chains = [min(CHAINS, clean - first) for first in range(0, clean, CHAINS)]
        for first in range(0, len(chains), AT_ONCE):
            wanted = enumerate(chains[first : first + AT_ONCE], start=first)
            await asyncio.gather(*(bench.verify_clean(f"clean{number}", count) for number, count in wanted))
    return outcome


@dataclass(slots=True)
class _Bench:
    """A running Valkey and what is done on it."""

    url: str
    folder: Path
    seed: int
    outcome: Outcome
    show: Callable[[int, int], None]
    total: int = 0
    done: int = 0

    async def write_site(self, tenant: str, chains: int = CHAINS) -> Site:
        """Let real writers, three at the same time, write their turns; the key is rotated on the way."""
        rng, keyring, checkpoints = random.Random(f"{self.seed}{tenant}"), Keyring.generate(), self.folder / tenant
        store = await connect(self.url, tenant=tenant, limits=PATIENT)
        moments: list[Moment] = []
        for first in range(0, chains, WRITERS):
            keyring = keyring.rotate("audit") if first == WRITERS else keyring
            log = CheckpointLog(checkpoints, keyring, tenant)
            count = min(WRITERS, chains - first)
            writers = [RedisAudit(store, keyring=keyring, checkpoints=log, limits=QUIET) for _ in range(count)]
            async with contextlib.AsyncExitStack() as stack:
                for writer in writers:
                    await stack.enter_async_context(writer)
                await asyncio.gather(*(_write_turns(writer, tenant, rng) for writer in writers))
                moments.append(await _moment(store))
                await asyncio.gather(*(_write_turns(writer, tenant, rng, turns=1) for writer in writers))
        evidence = Evidence(keyring, moments=moments, tenant=tenant)
        evidence.records = list(await store.redis.xrange(store.keys.audit))
        evidence.lines = log.path.read_bytes().splitlines()
        evidence.witness, evidence.stored_heads = await read_witness(store), await _heads(store)
        await store.close()
        return Site(evidence, checkpoints, chains)

    async def tamper(self, tamper: Tampering, number: int, site: Site) -> None:
        """Tamper once, and look whether it is found and its place named."""
        kind, changed = self.outcome.kinds[tamper.__name__], site.evidence.copy()
        words = tamper(changed, random.Random(f"{self.seed}{tamper.__name__}{number}"))
        reports = [changed.verify()]
        if number % THROUGH_STORE_EVERY == 0:
            reports.append(await self._verify_in_store(changed, site))
            kind.through_store += 1
        placed = all(_names(report, words) for report in reports)
        kind.n += 1
        kind.found += all(not report.intact for report in reports)
        kind.placed += placed
        if not placed:
            kind.missed.append(f"{site.evidence.tenant} number {number}: {words}")
        self._step(1)

    def run_controls(self, sites: Sequence[Site], n: int) -> None:
        """Let each weakened verifier look at tamperings of the kind it is blind to."""
        for name, (tamper, walker) in CONTROLS.items():
            missed, tried = 0, min(n, MOST_CONTROLS)
            for number in range(tried):
                changed = sites[number % len(sites)].evidence.copy()
                tamper(changed, random.Random(f"{self.seed}{tamper.__name__}{number}"))
                missed += changed.verify(walker=walker).intact
            self.outcome.controls[name] = Control(tried, missed)

    async def verify_clean(self, tenant: str, chains: int) -> None:
        """Write chains and verify them in the store, as an operator does."""
        site = await self.write_site(tenant, chains)
        store = await connect(self.url, tenant=tenant, limits=PATIENT)
        report = await verify_audit(store, keyring=site.evidence.keyring, checkpoints=site.checkpoints)
        await store.close()
        accepted = report.ok and report.chains == chains and not report.warnings and not report.unfinished
        self.outcome.clean_chains += chains
        self.outcome.clean_accepted += chains if accepted else 0
        self._step(chains)

    async def _verify_in_store(self, evidence: Evidence, site: Site) -> VerifyReport:
        """Write changed evidence into store and file, verify it, and put the genuine evidence back."""
        store = await connect(self.url, tenant=evidence.tenant, limits=PATIENT)
        path = site.checkpoints / "checkpoints.jsonl"
        genuine = path.read_bytes()
        try:
            await _put(store, evidence)
            path.write_bytes(b"".join(line + b"\n" for line in evidence.lines))
            return await verify_audit(store, keyring=evidence.keyring, checkpoints=site.checkpoints)
        finally:
            path.write_bytes(genuine)
            await _put(store, site.evidence)
            await store.close()

    def _step(self, count: int) -> None:
        self.done += count
        self.show(self.done, self.total)


async def _write_turns(writer: RedisAudit, tenant: str, rng: random.Random, *, turns: int = TURNS) -> None:
    for _ in range(turns):
        turn = new_id()
        for phase in (AuditPhase.ACCEPTED, AuditPhase.DECIDED):
            await writer.append(entry(phase, turn, tenant=tenant, confidence=rng.random()))
        if rng.random() < 0.3:
            await writer.checkpoint()


async def _moment(store: Store) -> Moment:
    records = int(await store.redis.xlen(store.keys.audit))
    return Moment(records, await read_witness(store), await _heads(store))


async def _heads(store: Store) -> dict[str, str]:
    return dict(await store.call(store.redis.hgetall(store.keys.chain_heads)))


def _names(report: VerifyReport, words: tuple[str, ...]) -> bool:
    told = [f"{finding.where} {finding.detail}" for finding in report.findings]
    return any(word in text for word in words for text in told)


async def _put(store: Store, evidence: Evidence) -> None:
    keys, pipeline = store.keys, store.redis.pipeline(transaction=True)
    pipeline.delete(keys.audit, keys.witness, keys.chain_heads)
    for stream_id, fields in evidence.records:
        pipeline.xadd(keys.audit, fields, id=stream_id)
    for key, values in ((keys.witness, evidence.witness), (keys.chain_heads, evidence.stored_heads)):
        if values:
            pipeline.hset(key, mapping=values)
    await pipeline.execute()


def main() -> int:
    """Run, write the report, and say with the exit status whether every figure holds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--n", type=int, default=500, help="tamperings of each kind")
    parser.add_argument("--clean", type=int, default=1_000, help="clean chains")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--out", type=Path, default=Path("build/reliability/tamper.json"))
    wanted = parser.parse_args()
    console = Console(stderr=True)
    with Progress(console=console, disable=not console.is_terminal, transient=True) as progress:
        bar = progress.add_task("tampering", total=None)
        outcome = asyncio.run(
            run(
                n=wanted.n,
                clean=wanted.clean,
                seed=wanted.seed,
                show=lambda done, of: progress.update(bar, completed=done, total=of),
            )
        )
    written = {"at": datetime.now(UTC).isoformat(timespec="seconds"), "holds": outcome.holds, **asdict(outcome)}
    wanted.out.parent.mkdir(parents=True, exist_ok=True)
    wanted.out.write_text(json.dumps(written, indent=1) + "\n", encoding="utf-8")
    for name, kind in outcome.kinds.items():
        sys.stdout.write(f"{name}: found {kind.found} of {kind.n}, at its place {kind.placed}\n")
    sys.stdout.write(f"clean chains: accepted {outcome.clean_accepted} of {outcome.clean_chains}\n")
    for name, control in outcome.controls.items():
        sys.stdout.write(f"control, {name}: missed {control.missed} of {control.n}\n")
    sys.stdout.write(f"seed {outcome.seed}; {wanted.out}\n")
    return 0 if outcome.holds else 1


if __name__ == "__main__":
    raise SystemExit(main())
