"""The demo as a program: it refuses in one line, keeps its state over a restart, and stops all it started."""

import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx2
import pytest

from portico_cli import places
from stack import Stack, ask, await_ready, children_of_state, free_port, running_stack, start_demo, stop_demo


def output_of(process: "subprocess.Popen[str]") -> str:
    return process.communicate(timeout=90)[0]


def test_a_port_in_use_is_one_clear_line(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        process = start_demo(tmp_path / "state", port=port)
        said = output_of(process)
    assert process.returncode == 1
    assert said == f"error: port {port} is in use: give --port another number\n"


def test_a_second_demo_on_the_same_folder_is_refused(stack: Stack) -> None:
    process = start_demo(stack.state, port=free_port())
    said = output_of(process)
    assert process.returncode == 1
    assert said.startswith("error: another demo uses ") and said.count("\n") == 1


@pytest.mark.parametrize("damage", ["missing", "corrupt"])
def test_a_model_file_that_is_not_the_built_one_is_refused(tmp_path: Path, damage: str) -> None:
    repository = tmp_path / "model_repository"
    shutil.copytree(places.MODEL_REPOSITORY, repository)
    model = repository / "safety_classifier" / "1" / "model.onnx"
    if damage == "missing":
        model.unlink()
    else:
        model.write_bytes(model.read_bytes()[:-64] + bytes(64))
    code = (
        "from pathlib import Path; from portico_cli import places, demo;"
        f"demo.MODEL_REPOSITORY = Path({str(repository)!r});"
        f"raise SystemExit(demo.run_demo(port={free_port()}, state=Path({str(tmp_path / 'state')!r})))"
    )
    (tmp_path / ".venv-triton").symlink_to(places.ROOT / ".venv-triton")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=90, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("error: ") and done.stderr.count("\n") == 1, done.stderr
    assert children_of_state(tmp_path / "state") == {}


def test_state_survives_a_restart_and_the_second_start_is_quick(tmp_path: Path) -> None:
    state = tmp_path / "state"
    with running_stack(state) as first, first.client() as client:
        conversation = client.post("/v1/conversations", json={}).json()["id"]
        asked = client.post(
            f"/v1/conversations/{conversation}/turns", json={"text": "Should I double my lisinopril tonight?"}
        ).json()
    begun = time.monotonic()
    with running_stack(state) as second, second.client() as client:
        took_s = time.monotonic() - begun
        transcript = client.get(f"/v1/conversations/{conversation}").json()
        metrics = client.get("/metrics").text
        verified = second.run("audit", "verify", "--state", str(state))
    print(f"second start: {took_s:.1f} s")  # noqa: T201  the figure behind the limit
    assert [message["turn_id"] for message in transcript["messages"]] == [asked["turn_id"]] * 2
    assert 'portico_escalations_open{urgency="routine"}' in metrics
    assert verified.returncode == 0, verified.stdout


def test_a_killed_demo_leaves_nothing_running(tmp_path: Path) -> None:
    process = start_demo(tmp_path / "state", port=free_port())
    await_ready(process)
    assert children_of_state(tmp_path / "state") != {}  # the control: there was something to leave behind
    process.send_signal(signal.SIGKILL)
    process.wait(10)
    deadline = time.monotonic() + 20
    while children_of_state(tmp_path / "state") and time.monotonic() < deadline:
        time.sleep(0.2)
    assert children_of_state(tmp_path / "state") == {}
    assert stop_demo(process) == -signal.SIGKILL


def test_the_whole_stack_works_without_a_route_and_tries_none(tmp_path: Path) -> None:
    """Promise 16: in a network namespace with loopback only, the demo becomes ready and answers."""
    script = (
        "ip link set lo up 2>/dev/null || ifconfig lo up;"
        f"exec {sys.executable} -m portico_cli.main demo --port 18099 --state {tmp_path / 'state'}"
    )
    command = ["unshare", "--net", "--map-root-user", "sh", "-c", script]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        assert await_ready(process) == "http://127.0.0.1:18099"  # the ready line follows a golden turn over HTTP
    finally:
        status = stop_demo(process)
    assert status == 0


def test_tokens_are_refused_outside_the_demo(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "portico_cli.main", "token", "--state", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert done.stderr == "error: tokens are made for a running demo only: start `portico demo` first\n"


def test_the_demo_answers_over_loopback_only(stack: Stack) -> None:
    port = int(stack.url.rsplit(":", 1)[1])
    with httpx2.Client(timeout=5, trust_env=False) as client, stack.client() as patient:
        assert ask(patient, "What is metformin used for?")["route"] == "answer"
        assert client.get(f"http://127.0.0.1:{port}/healthz").status_code == 200
    listening = Path("/proc/net/tcp").read_text().splitlines()[1:]
    local = {line.split()[1].split(":")[0] for line in listening if int(line.split()[1].split(":")[1], 16) == port}
    assert local == {"0100007F"}
