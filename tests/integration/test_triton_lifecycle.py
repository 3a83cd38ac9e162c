"""The server starts closed, says in one line why it does not start, and leaves nothing behind."""

import contextlib
import http.client
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import tritonclient.grpc as grpcclient
from tritonclient.utils import InferenceServerException

from portico_models import triton_server
from portico_models.errors import ModelServerError
from portico_models.triton_server import TritonServer, find_members, start_triton

ROOT = Path(__file__).parents[2]
REPOSITORY = ROOT / "model_repository"
ENVIRONMENT = ROOT / ".venv-triton"
LISTEN = "0A"  # TCP_LISTEN of <net/tcp_states.h>, as /proc/net/tcp prints it
LOOPBACKS = {"0100007F", "0000000000000000FFFF00000100007F", "00000000000000000000000001000000"}
SHARED_MEMORY = Path("/dev/shm")  # noqa: S108  where Triton keeps its regions
SLEEPER = """
import sys, time
from pathlib import Path
from typing import Any
from portico_models.triton_server import start_triton
server = start_triton(Path(sys.argv[1]), Path(sys.argv[2]), ready_s=60, environment=Path(sys.argv[3]))
print(server.shm_prefix, flush=True)
time.sleep(600)
"""


@pytest.fixture
def one_model(tmp_path: Path) -> Path:
    """A repository with the smallest start-up: one model."""
    target = tmp_path / "model_repository"
    shutil.copytree(REPOSITORY / "passage_encoder", target / "passage_encoder")
    return target


@pytest.fixture
def server(one_model: Path, tmp_path: Path) -> Iterator[TritonServer]:
    with start_triton(one_model, tmp_path / "state", ready_s=60, environment=ENVIRONMENT) as running:
        yield running


def await_none(shm_prefix: str, seconds: float = 20) -> bool:
    deadline = time.monotonic() + seconds
    while find_members(shm_prefix) and time.monotonic() < deadline:
        time.sleep(0.1)
    return not find_members(shm_prefix)


def regions(shm_prefix: str) -> list[Path]:
    return list(SHARED_MEMORY.glob(f"{shm_prefix}*"))


def get_status(url: str, path: str) -> int:
    with contextlib.closing(http.client.HTTPConnection(url.removeprefix("http://"), timeout=5)) as connection:
        connection.request("GET", path)
        return connection.getresponse().status


def listening_addresses(process: int) -> set[str]:
    """Return the addresses (hexadecimal, as the kernel prints them) on which a process listens."""
    inodes = {str(fd.readlink()) for fd in Path(f"/proc/{process}/fd").iterdir() if fd.is_symlink()}
    rows = [
        line.split()
        for table in ("tcp", "tcp6")
        for line in Path(f"/proc/{process}/net/{table}").read_text().splitlines()[1:]
    ]
    return {row[1].split(":")[0] for row in rows if row[3] == LISTEN and f"socket:[{row[9]}]" in inodes}


def test_it_listens_on_loopback_only_and_is_closed(server: TritonServer) -> None:
    addresses = listening_addresses(server.process.pid)
    assert addresses
    assert addresses <= LOOPBACKS
    assert get_status(server.http_url, "/v2/health/ready") == http.HTTPStatus.OK
    assert get_status(server.metrics_url.removesuffix("/metrics"), "/metrics") == http.HTTPStatus.OK
    for path in ("/v2/models/passage_encoder", "/v2/repository/index", "/v2/trace/setting", "/v2/logging"):
        assert get_status(server.http_url, path) == http.HTTPStatus.FORBIDDEN
    with grpcclient.InferenceServerClient(server.grpc_url) as client:
        assert client.is_server_ready(client_timeout=5)
        for call in (client.get_system_shared_memory_status, client.get_trace_settings, client.get_log_settings):
            with pytest.raises(InferenceServerException, match="restricted"):
                call(client_timeout=5)


CLOSED_CALLS: dict[str, Callable[[grpcclient.InferenceServerClient], object]] = {
    # Another model in the place of ours, or none.
    "list the repository": lambda client: client.get_model_repository_index(client_timeout=5),
    "load": lambda client: client.load_model("passage_encoder", client_timeout=5),
    "load what is sent along": lambda client: client.load_model("evil", config="{}", files={"file:1/model.py": b"x"}),
    "unload": lambda client: client.unload_model("passage_encoder", client_timeout=5),
    # Memory of the host as input or output.
    "map shared memory": lambda client: client.register_system_shared_memory("a", "/x", 8, client_timeout=5),
    "map memory of a device": lambda client: client.register_cuda_shared_memory("a", b"eHh4", 0, 8, client_timeout=5),
    "forget shared memory": lambda client: client.unregister_system_shared_memory(client_timeout=5),
    # Texts of patients into a file.
    "trace": lambda client: client.update_trace_settings(settings={"trace_level": ["TENSORS"]}, client_timeout=5),
    "log": lambda client: client.update_log_settings({"log_verbose_level": 9}, client_timeout=5),
}


@pytest.mark.parametrize("call", CLOSED_CALLS.values(), ids=CLOSED_CALLS.keys())
def test_whoever_reaches_the_port_changes_and_sees_nothing(
    closed_and_open: tuple[TritonServer, TritonServer], call: Callable[[grpcclient.InferenceServerClient], object]
) -> None:
    closed, opened = closed_and_open
    with grpcclient.InferenceServerClient(closed.grpc_url) as client:
        with pytest.raises(InferenceServerException, match="restricted"):
            call(client)
        assert client.is_model_ready("passage_encoder", client_timeout=5)
    with grpcclient.InferenceServerClient(opened.grpc_url) as client:  # The control: a server that is left open.
        try:
            call(client)
        except InferenceServerException as error:
            assert "restricted" not in str(error)


@pytest.fixture(scope="module")
def closed_and_open(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[TritonServer, TritonServer]]:
    """A server as we start it, and one with its protocols left open and its models under control from outside."""
    folder, plain = tmp_path_factory.mktemp("servers"), triton_server._flags
    repository = folder / "model_repository"
    shutil.copytree(REPOSITORY / "passage_encoder", repository / "passage_encoder")

    def left_open(*given: Any) -> list[str]:
        kept = [flag for flag in plain(*given) if "restricted" not in flag and "model-control" not in flag]
        return [*kept, "--model-control-mode=explicit", "--load-model=*"]

    with (
        start_triton(repository, folder / "closed", ready_s=60, environment=ENVIRONMENT) as closed,
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setattr(triton_server, "_flags", left_open)
        with start_triton(repository, folder / "open", ready_s=60, environment=ENVIRONMENT) as opened:
            yield closed, opened


def test_nothing_of_our_environment_is_inherited(
    one_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PORTICO_SECRET", "canary")
    with start_triton(one_model, tmp_path / "state", ready_s=60, environment=ENVIRONMENT) as running:
        members = find_members(running.shm_prefix)
        assert len(members) == 2
        assert not any(b"canary" in Path(f"/proc/{m}/environ").read_bytes() for m in members)


def test_stopping_leaves_no_process_no_memory_and_no_port(one_model: Path, tmp_path: Path) -> None:
    with start_triton(one_model, tmp_path / "state", ready_s=60, environment=ENVIRONMENT) as running:
        assert regions(running.shm_prefix)
    assert not find_members(running.shm_prefix)
    assert not regions(running.shm_prefix)
    running.stop()
    host, port = running.grpc_url.split(":")
    with socket.socket() as probe:
        assert probe.connect_ex((host, int(port))) != 0


def test_a_killed_server_is_noticed_and_cleared(server: TritonServer) -> None:
    server.process.send_signal(signal.SIGKILL)
    server.process.wait(10)
    assert not server.is_alive()
    server.stop()
    assert not find_members(server.shm_prefix)
    assert not regions(server.shm_prefix)


def test_a_killed_parent_takes_the_server_with_it(one_model: Path, tmp_path: Path) -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", SLEEPER, one_model, tmp_path / "state", ENVIRONMENT], stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout
    with parent.stdout:
        prefix = parent.stdout.readline().strip()
    assert prefix
    assert find_members(prefix)
    parent.kill()
    parent.wait()
    assert await_none(prefix)
    assert not regions(prefix)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("model.onnx", b"other", "passage_encoder: model.onnx is not the file that was built"),
        ("tokenizer.json", None, "passage_encoder: tokenizer.json is missing"),
        ("manifest.json", b"{", "passage_encoder: manifest.json is missing or unreadable"),
    ],
)
def test_a_file_that_was_not_built_is_never_served(
    one_model: Path, tmp_path: Path, name: str, content: bytes | None, words: str
) -> None:
    path = one_model / "passage_encoder" / "1" / name
    path.unlink()
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ModelServerError) as refused:
        start_triton(one_model, tmp_path / "state", ready_s=60, environment=ENVIRONMENT)
    assert words in str(refused.value)
    assert "\n" not in str(refused.value)


def test_late_is_one_line_and_leaves_nothing(one_model: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelServerError, match=r"not ready within 0\.01 s"):
        start_triton(one_model, tmp_path / "state", ready_s=0.01, environment=ENVIRONMENT)
    assert not find_members(str(one_model.resolve()))
