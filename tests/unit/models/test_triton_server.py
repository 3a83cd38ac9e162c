"""What must be right before any server starts: the environment, the ports, one line for each thing that is not."""

import socket
from pathlib import Path

import pytest

from portico_models.errors import ModelServerError
from portico_models.triton_environment import _find_libpython, find_environment
from portico_models.triton_server import Ports, _choose_ports, _flags, _reason, start_triton


def test_a_port_in_use_is_named() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(ModelServerError, match=f"port {port} on 127.0.0.1 is in use"):
            _choose_ports(Ports(port, 0, 0))


@pytest.mark.parametrize("port", [-1, 65_536])
def test_an_impossible_port_is_refused(port: int) -> None:
    with pytest.raises(ModelServerError, match="not allowed"):
        _choose_ports(Ports(port, 0, 0))


def test_picked_ports_differ() -> None:
    ports = _choose_ports(Ports(0, 0, 0))
    assert len({ports.grpc, ports.http, ports.metrics}) == 3


def test_no_environment_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(ModelServerError, match=r"no Triton environment at .*; run `make setup`"):
        start_triton(tmp_path / "model_repository", tmp_path / "state", ready_s=1)


def test_a_broken_interpreter_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "python").write_text("#!/bin/false\n")
    (tmp_path / "bin" / "python").chmod(0o755)
    with pytest.raises(ModelServerError, match="does not run"):
        find_environment(tmp_path)


def test_no_libpython_names_the_package() -> None:
    with pytest.raises(ModelServerError, match=r"install the package libpython3\.99"):
        _find_libpython("3.99", "/nowhere")


def test_the_interpreters_own_library_comes_first(tmp_path: Path) -> None:
    (tmp_path / "libpython3.11.so.1.0").touch()
    assert _find_libpython("3.11", str(tmp_path)) == tmp_path


def test_every_address_is_loopback_and_control_is_off() -> None:
    flags = _flags(Path("models"), Path("backends"), Ports(1, 2, 3), "portico-x-")
    addresses = [flag for flag in flags if "-address=" in flag]
    assert addresses == ["--grpc-address=127.0.0.1", "--http-address=127.0.0.1", "--metrics-address=127.0.0.1"]
    assert "--model-control-mode=none" in flags
    closed = next(flag for flag in flags if flag.startswith("--grpc-restricted-protocol="))
    assert all(name in closed for name in ("shared-memory", "model-repository", "trace", "logging"))


def test_a_models_refusal_is_the_reason(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text("E x\nTritonModelException: portico: responder: model.onnx is missing; run it\n\nAt:\n file.py(3)\n")
    assert _reason(log) == "responder: model.onnx is missing; run it"
    log.write_text("E something else")
    assert _reason(log) == f"its log is {log}"
