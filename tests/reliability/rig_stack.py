"""The real parts of Portico under the rig: Valkey and Triton behind fault proxies, the issuer, one gateway process.

Everything listens on loopback, lives in one folder and is ended by process id. The nemesis is this object: it kills,
stops and starts again only what it started itself.
"""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import redis

from portico_cli.issuer import DevelopmentIssuer
from portico_cli.places import KNOWLEDGE_INDEX, MODEL_REPOSITORY, TAGGER
from portico_core.labels import Role
from portico_models.triton_server import TritonServer, find_members, start_triton
from portico_state.keyring import Keyring
from portico_state.valkey_server import ValkeyServer, start_valkey
from reliability.fault_proxy import FaultProxy, fault_proxy
from reliability.faulty_disk import FaultyDisk, PowerCut, cut_power
from stack import free_port

READY_S = 180.0
TENANT = "rig"
QUESTION = "What is metformin used for?"


@dataclass(slots=True)
class Rig:
    """One running system and the means to break it."""

    folder: Path
    disk: FaultyDisk
    gateway_disk: FaultyDisk
    valkey: ValkeyServer
    triton: TritonServer
    redis_line: FaultProxy
    triton_line: FaultProxy
    issuer: DevelopmentIssuer
    port: int
    settings: dict[str, str] = field(default_factory=dict)
    gateway: "subprocess.Popen[bytes] | None" = None

    @property
    def url(self) -> str:
        """Where the patient API is."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def state(self) -> Path:
        """The gateway's folder: keys, checkpoints, spool."""
        return self.folder / "state"

    def headers(self, patient: str) -> dict[str, str]:
        """Return the headers of a patient, with a token of five minutes."""
        return {"Authorization": f"Bearer {self.issuer.sign(Role.PATIENT, patient=patient)}"}

    async def kill_valkey(self) -> None:
        """kill -9."""
        self.valkey.process.kill()
        await asyncio.to_thread(self.valkey.process.wait)

    async def cut_power_of_valkey(self) -> PowerCut:
        """kill -9, and the loss of whatever was not synced."""
        return await asyncio.to_thread(cut_power, self.valkey, self.disk)

    async def start_valkey(self) -> None:
        """Start it again on its files and its port."""
        starting = asyncio.ensure_future(asyncio.to_thread(_valkey_on, self.disk, self.folder, self.valkey.port))
        try:
            self.valkey = await asyncio.shield(starting)
        except asyncio.CancelledError:  # A nemesis that is called off has begun it all the same.
            self.valkey = await starting
            raise

    def signal_valkey(self, number: signal.Signals) -> None:
        """Stop it or let it go on."""
        os.kill(self.valkey.process.pid, number)

    async def kill_triton(self) -> None:
        """kill -9 of the server and its stubs."""
        for pid in find_members(self.triton.shm_prefix):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        await asyncio.to_thread(self.triton.stop)

    async def start_triton(self) -> None:
        """Start it again on its port; return when it is ready."""
        self.triton = await asyncio.to_thread(_triton_on, self.folder, self.triton_line.target)

    async def start_gateway(self) -> None:
        """Start the gateway and wait until it answers `/healthz`."""
        self.gateway = await asyncio.to_thread(self._launch_gateway)
        await self.until(self._is_alive, "the gateway")

    async def kill_gateway(self) -> None:
        """kill -9."""
        assert self.gateway is not None
        self.gateway.kill()
        await asyncio.to_thread(self.gateway.wait)

    async def start_gateway_if_gone(self) -> None:
        """Start it where a nemesis was called off between killing and starting it."""
        if self.gateway is None or self.gateway.poll() is not None:
            await self.start_gateway()

    async def until(self, true: Any, what: str, *, within_s: float = READY_S) -> float:
        """Wait for a condition; return the seconds it took."""
        begun = time.monotonic()
        while not await true():
            if time.monotonic() - begun > within_s:
                log = (self.folder / "gateway.log").read_text(encoding="utf-8", errors="replace")
                raise AssertionError(f"{what}: not within {within_s:g} s\n{log[-3000:]}")
            await asyncio.sleep(0.05)
        return time.monotonic() - begun

    async def is_ready(self) -> bool:
        """Say whether every dependency answers."""
        return await self._status("/readyz") == 200

    async def metric(self, line: str) -> float:
        """Return the value of one line of `/metrics`; 0 where it was never touched."""
        async with httpx2.AsyncClient(base_url=self.url, timeout=5, trust_env=False) as client:
            lines = (await client.get("/metrics")).text.splitlines()
        return next((float(each.rpartition(" ")[2]) for each in lines if each.rpartition(" ")[0] == line), 0.0)

    def raw(self) -> "redis.Redis":
        """Return a plain client on Valkey itself, beside every proxy and none of our own code."""
        return redis.Redis.from_url(self.valkey.admin_url, socket_timeout=30, decode_responses=True)

    def spooled(self) -> int:
        """Count the refusals that wait on the disk."""
        files = (self.state / "spool").glob("refusals.*")
        return sum(_lines(file) for file in files if file.suffix in {".jsonl", ".replaying"})

    async def _status(self, path: str) -> int:
        try:
            async with httpx2.AsyncClient(base_url=self.url, timeout=5, trust_env=False) as client:
                return (await client.get(path)).status_code
        except httpx2.HTTPError:
            return 0

    async def _is_alive(self) -> bool:
        return await self._status("/healthz") == 200

    def _launch_gateway(self) -> "subprocess.Popen[bytes]":
        kept = {name: value for name, value in os.environ.items() if not name.startswith("PORTICO_")}
        environment = {**kept, **self.settings, **self.gateway_disk.environment(), "OMP_NUM_THREADS": "1"}
        command = [sys.executable, "-m", "portico_cli.main", "serve", "gateway"]
        with (self.folder / "gateway.log").open("ab") as log:
            return subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment, start_new_session=True
            )


@contextlib.asynccontextmanager
async def running_rig(folder: Path, **settings: str) -> AsyncIterator[Rig]:
    """Start everything, and end it by process id."""
    disk = FaultyDisk.make(folder / "disk", under=folder / "valkey")
    gateway_disk = FaultyDisk.make(folder / "gateway-disk", under=folder / "state")
    state = folder / "state"
    state.mkdir(mode=0o700)
    Keyring.create(state / "keys.json")
    async with contextlib.AsyncExitStack() as stack:
        valkey = await asyncio.to_thread(_valkey_on, disk, folder, 0)
        stack.callback(valkey.stop)
        triton = await asyncio.to_thread(_triton_on, folder, 0)
        stack.callback(triton.stop)
        redis_line = await stack.enter_async_context(fault_proxy(valkey.port))
        triton_line = await stack.enter_async_context(fault_proxy(int(triton.grpc_url.rsplit(":", 1)[1])))
        issuer_url = f"http://127.0.0.1:{free_port()}"
        issuer = DevelopmentIssuer.open(state, issuer=issuer_url)
        rig = Rig(
            folder, disk, gateway_disk, valkey, triton, redis_line, triton_line, issuer, free_port(), dict(settings)
        )
        rig.settings = _settings(rig, issuer_url) | settings
        issuing = await asyncio.to_thread(_start_issuer, rig, issuer_url)
        stack.callback(_end, issuing)
        try:
            await rig.start_gateway()
            await rig.until(rig.is_ready, "readiness")
            yield rig
        finally:
            await asyncio.to_thread(_end_rig, rig)


def _lines(file: Path) -> int:
    """Count the lines of a file; one that was replayed in between has none."""
    with contextlib.suppress(FileNotFoundError):
        return len(file.read_bytes().splitlines())
    return 0


def _valkey_on(disk: FaultyDisk, folder: Path, port: int) -> ValkeyServer:
    with disk.under_valkey():
        return start_valkey(folder / "valkey", port=port, ready_s=60)


def _triton_on(folder: Path, port: int) -> TritonServer:
    return start_triton(MODEL_REPOSITORY, folder / "triton", ready_s=READY_S, grpc_port=port)


def _settings(rig: Rig, issuer_url: str) -> dict[str, str]:
    address = rig.valkey.url.replace(f":{rig.valkey.port}/", f":{rig.redis_line.port}/")
    return {
        "PORTICO_TENANT": TENANT,
        "PORTICO_PORT": str(rig.port),
        "PORTICO_STATE": str(rig.state),
        "PORTICO_REDIS_URL": address,
        "PORTICO_TRITON_URL": f"127.0.0.1:{rig.triton_line.port}",
        "PORTICO_MODEL_REPOSITORY": str(MODEL_REPOSITORY),
        "PORTICO_TAGGER": str(TAGGER),
        "PORTICO_KNOWLEDGE_INDEX": str(KNOWLEDGE_INDEX),
        "PORTICO_ISSUER": issuer_url,
        "PORTICO_MIN_CONCURRENT_TURNS": "32",  # What is broken here is parts; load is `make load`'s.
        "PORTICO_PATIENT_PER_MINUTE": "100000",
        "PORTICO_JWKS_URL": f"{issuer_url}/.well-known/jwks.json",
    }


def _start_issuer(rig: Rig, url: str) -> "subprocess.Popen[bytes]":
    port = url.rsplit(":", 1)[1]
    serve = ["serve", "issuer", "--state", str(rig.state), "--port", port, "--issuer", url]
    with (rig.folder / "issuer.log").open("wb") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "portico_cli.main", *serve],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=os.environ | {"PORTICO_DEMO": "true"},
        )  # fmt: skip


def _end_rig(rig: Rig) -> None:
    for mode in (rig.disk, rig.gateway_disk):
        mode.mode.write_bytes(b"0")
    if rig.gateway is not None:
        _end(rig.gateway)
    with contextlib.suppress(ProcessLookupError):
        rig.signal_valkey(signal.SIGCONT)
    rig.valkey.stop()
    rig.triton.stop()


def _end(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
