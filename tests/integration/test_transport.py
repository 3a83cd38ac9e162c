"""TLS with certificates on both sides: to a real Valkey, to a real Triton, and HTTPS to browsers, all by configuration.

Whoever shows no certificate, a foreign or an expired one, or meets a server whose name or authority is not the one
that was configured, gets no connection. The whole gateway runs over it, and a command does.
"""

import contextlib
import os
import shutil
import signal
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import httpx2
import numpy as np
import pytest
from typer.testing import CliRunner

from authority import LOOPBACK, Authority, Pair
from integration.tls_front import tls_front
from portico_cli.main import app
from portico_core.errors import ConfigurationError, EncoderUnavailable, StateUnavailable
from portico_core.text import RedactedText
from portico_core.transport import TlsFiles
from portico_gateway.adapters.triton import Deadlines, TritonModels
from portico_models import triton_server
from portico_models.triton_server import TritonServer, start_triton
from portico_state.client import connect, open_store
from portico_state.keyring import Keyring
from portico_state.valkey_server import start_valkey
from stack import free_port
from unit.state.rig import TENANT

ROOT = Path(__file__).parents[2]
HOST = "localhost"  # The certificates of Valkey and Triton name it, and no address.
QUESTION = RedactedText("What is an A1c test?")


@dataclass(frozen=True, slots=True)
class Site:
    """Two authorities, what each side shows, and what goes wrong with it."""

    hospital: Authority
    stranger: Authority
    server: Pair
    good: Pair
    expired: Pair
    foreign: Pair

    def files(self, setting: str) -> TlsFiles:
        """Return what a rightly configured service is given."""
        return TlsFiles(setting, self.hospital.file, self.good.certificate, self.good.key)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    folder = tmp_path_factory.mktemp("certificates")
    hospital, stranger = Authority(folder, "hospital"), Authority(folder, "stranger")
    return Site(
        hospital,
        stranger,
        server=hospital.issue("server", host=HOST),
        good=hospital.issue("gateway"),
        expired=hospital.issue("expired", days=-1),
        foreign=stranger.issue("foreign"),
    )


@pytest.fixture(scope="module")
def store_url(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with (
        start_valkey(tmp_path_factory.mktemp("valkey")) as server,
        tls_front(server.port, site.server, site.hospital.file) as port,
    ):
        yield server.url.replace("redis://", "rediss://").replace(f"{LOOPBACK}:{server.port}", f"{HOST}:{port}")


@pytest.fixture(scope="module")
def triton(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TritonServer]:
    plain = triton_server._flags
    secured = [
        "--grpc-use-ssl=1", "--grpc-use-ssl-mutual=1", f"--grpc-server-cert={site.server.certificate}",
        f"--grpc-server-key={site.server.key}", f"--grpc-root-cert={site.hospital.file}",
    ]  # fmt: skip
    with (
        pytest.MonkeyPatch.context() as patch,
        start_with(patch, lambda *given: [*plain(*given), *secured], tmp_path_factory.mktemp("triton")) as running,
    ):
        yield running


def start_with(patch: pytest.MonkeyPatch, flags: object, state: Path) -> TritonServer:
    """Start Triton on all models with other flags."""
    patch.setattr(triton_server, "_flags", flags)
    return start_triton(ROOT / "model_repository", state, ready_s=60)


def wrongs(site: Site, right: TlsFiles) -> dict[str, TlsFiles]:
    """Return the ways in which the files of a client are not the right ones."""
    return {
        "no certificate": replace(right, certificate=None, key=None),
        "foreign certificate": replace(right, certificate=site.foreign.certificate, key=site.foreign.key),
        "expired certificate": replace(right, certificate=site.expired.certificate, key=site.expired.key),
        "foreign authority": replace(right, ca=site.stranger.file),
        "public authorities": replace(right, ca=None),
    }


WRONGS = ["no certificate", "foreign certificate", "expired certificate", "foreign authority", "public authorities"]


async def test_the_store_is_reached_with_the_right_files(site: Site, store_url: str) -> None:
    store = await connect(store_url, tenant=TENANT, tls=site.files("PORTICO_REDIS"))
    await store.verify_writable()
    await store.close()


@pytest.mark.parametrize("wrong", WRONGS)
async def test_the_store_is_not_reached_with_a_wrong_file(site: Site, store_url: str, wrong: str) -> None:
    files = wrongs(site, site.files("PORTICO_REDIS"))[wrong]
    with pytest.raises(StateUnavailable):
        await connect(store_url, tenant=TENANT, tls=files)


async def test_a_store_of_another_name_is_not_believed(site: Site, store_url: str) -> None:
    with pytest.raises(StateUnavailable):
        await connect(store_url.replace(HOST, LOOPBACK), tenant=TENANT, tls=site.files("PORTICO_REDIS"))


@pytest.mark.parametrize(
    ("change", "says"),
    [
        # Files are set, so somebody believes that there is TLS.
        (("rediss://", "redis://"), r"PORTICO_REDIS_.*_FILE is set"),
        # An option could turn the checks off, or repeat writes.
        (("/0", "/0?ssl_cert_reqs=none"), "takes no options"),
        (("/0", "/0?retry_on_timeout=true"), "takes no options"),
    ],
)
async def test_a_url_that_says_another_thing_is_refused(
    site: Site, store_url: str, change: tuple[str, str], says: str
) -> None:
    with pytest.raises(ConfigurationError, match=says):
        await connect(store_url.replace(*change), tenant=TENANT, tls=site.files("PORTICO_REDIS"))


async def test_a_renewed_certificate_counts_from_the_next_connection_on(
    site: Site, store_url: str, tmp_path: Path
) -> None:
    """An expired one is replaced by a good one under a running process."""
    shown = Pair(tmp_path / "tls.crt", tmp_path / "tls.key")
    place(site.expired, shown)
    files = TlsFiles("PORTICO_REDIS", site.hospital.file, shown.certificate, shown.key)
    store = open_store(store_url, tenant=TENANT, tls=files)
    with pytest.raises(StateUnavailable):
        await store.ping()
    place(site.good, shown)
    await store.ping()
    await store.close()


def place(pair: Pair, at: Pair) -> None:
    """Put a pair where the settings name it, as a new file, as a mounted secret is renewed."""
    for source, target in ((pair.certificate, at.certificate), (pair.key, at.key)):
        shutil.copyfile(source, target.with_suffix(".new"))
        target.with_suffix(".new").replace(target)


def models(url: str, files: TlsFiles) -> TritonModels:
    return TritonModels(url, deadlines=Deadlines(5, 5, 5), classifier_version="none", tls=files)


def secured(server: TritonServer, host: str = HOST) -> str:
    return f"grpcs://{server.grpc_url.replace(LOOPBACK, host)}"


async def test_triton_is_reached_with_the_right_files(site: Site, triton: TritonServer) -> None:
    async with models(secured(triton), site.files("PORTICO_TRITON")) as opened:
        assert np.linalg.norm(await opened.encode(QUESTION)) == pytest.approx(1, abs=1e-3)


@pytest.mark.parametrize("wrong", WRONGS)
async def test_triton_is_not_reached_with_a_wrong_file(site: Site, triton: TritonServer, wrong: str) -> None:
    async with models(secured(triton), wrongs(site, site.files("PORTICO_TRITON"))[wrong]) as opened:
        with pytest.raises(EncoderUnavailable):
            await opened.encode(QUESTION)


async def test_a_triton_of_another_name_is_not_believed(site: Site, triton: TritonServer) -> None:
    async with models(secured(triton, LOOPBACK), site.files("PORTICO_TRITON")) as opened:
        with pytest.raises(EncoderUnavailable):
            await opened.encode(QUESTION)


async def test_calls_go_on_over_a_renewed_certificate(site: Site, triton: TritonServer, tmp_path: Path) -> None:
    shown = Pair(tmp_path / "tls.crt", tmp_path / "tls.key")
    place(site.expired, shown)
    files = TlsFiles("PORTICO_TRITON", site.hospital.file, shown.certificate, shown.key)
    async with models(secured(triton), files) as opened:
        with pytest.raises(EncoderUnavailable):
            await opened.encode(QUESTION)
        place(site.good, shown)
        await opened.encode(QUESTION)


async def test_files_for_a_plain_triton_are_refused(site: Site) -> None:
    with pytest.raises(ConfigurationError, match=r"PORTICO_TRITON_.*_FILE is set"):
        models("triton:8001", site.files("PORTICO_TRITON"))


def environment(site: Site, store_url: str, **more: str) -> dict[str, str]:
    """Return the environment of a service or command of this site."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PORTICO_")}
    files = {"CA": site.hospital.file, "CERT": site.good.certificate, "KEY": site.good.key}
    named = {f"PORTICO_REDIS_{part}_FILE": str(path) for part, path in files.items()}
    return kept | named | {"PORTICO_REDIS_URL": store_url, "PORTICO_TENANT": TENANT} | more


def test_commands_read_the_same_settings(
    site: Site, store_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Keyring.create(tmp_path / "keys.json")
    for name, value in environment(site, store_url).items():
        monkeypatch.setenv(name, value)
    verify = ("audit", "verify", "--state", str(tmp_path))
    done = CliRunner().invoke(app, verify)
    assert (done.exit_code, "the chains hold" in done.stdout) == (0, True), done.output
    monkeypatch.setenv("PORTICO_REDIS_CA_FILE", str(tmp_path / "gone.pem"))
    assert isinstance(refusal := CliRunner().invoke(app, verify).exception, ConfigurationError)
    assert str(refusal).startswith("PORTICO_REDIS_CA_FILE cannot be read")


def test_a_service_with_a_file_that_is_gone_ends_in_one_line_that_names_it(
    site: Site, store_url: str, tmp_path: Path
) -> None:
    gone = environment(site, store_url, PORTICO_REDIS_KEY_FILE=str(tmp_path / "gone.pem"))
    command = [sys.executable, "-m", "portico_cli.main", "serve", "notifier"]
    refused = subprocess.run(command, env=gone, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert refused.returncode == 1
    assert refused.stderr == "error: PORTICO_REDIS_KEY_FILE cannot be read: No such file or directory\n"


@pytest.fixture
def gateway(site: Site, store_url: str, triton: TritonServer, tmp_path: Path) -> Iterator[str]:
    """A gateway process with TLS on every side."""
    Keyring.create(tmp_path / "keys.json")
    port, own = free_port(), site.hospital.issue("browsers", host=HOST)
    settings = {
        "PORTICO_STATE": str(tmp_path), "PORTICO_PORT": str(port),
        "PORTICO_TRITON_URL": secured(triton), "PORTICO_TRITON_CA_FILE": str(site.hospital.file),
        "PORTICO_TRITON_CERT_FILE": str(site.good.certificate), "PORTICO_TRITON_KEY_FILE": str(site.good.key),
        "PORTICO_TLS_CERT_FILE": str(own.certificate), "PORTICO_TLS_KEY_FILE": str(own.key),
    }  # fmt: skip
    command = [sys.executable, "-m", "portico_cli.main", "serve", "gateway"]
    process = subprocess.Popen(command, env=environment(site, store_url, **settings), cwd=ROOT)
    try:
        yield f"https://{HOST}:{port}"
    finally:
        process.terminate()
        assert process.wait(40) in {0, -signal.SIGTERM}


def test_a_gateway_answers_the_golden_turn_with_tls_on_every_side(site: Site, gateway: str) -> None:
    trusting = ssl.create_default_context(cafile=site.hospital.file)
    with httpx2.Client(verify=trusting, timeout=10, trust_env=False) as client:
        dependencies = await_ready(client, gateway)
        assert dependencies["golden_turn"]
        assert all(dependencies.values())
    doubting = ssl.create_default_context(cafile=site.stranger.file)
    with httpx2.Client(verify=doubting, timeout=10, trust_env=False) as client:
        with pytest.raises(httpx2.ConnectError):
            client.get(f"{gateway}/readyz")
        with pytest.raises(httpx2.HTTPError):
            client.get(f"{gateway.replace('https', 'http')}/readyz")


def await_ready(client: httpx2.Client, url: str) -> dict[str, bool]:
    """Return what the gateway says of its parts, once it is ready."""
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        with contextlib.suppress(httpx2.HTTPError):
            answer = client.get(f"{url}/readyz")
            if answer.status_code == 200:
                return dict(answer.json()["dependencies"])
        time.sleep(0.3)
    raise AssertionError("the gateway was not ready within 120 s")
