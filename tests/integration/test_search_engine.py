"""A gateway whose passages stand in a real PostgreSQL: what a patient gets while it is there, gone, and back.

And the way to it: TLS with a checked name and a client certificate, and a password that may be exchanged.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from authority import Authority
from integration.tls_front import tls_front
from own_gateway import await_ready, own_gateway
from portico_cli.places import KNOWLEDGE_INDEX
from portico_core.errors import SearchUnavailable
from portico_core.transport import TlsFiles
from portico_knowledge.index import assemble_index, known_vectors, load_index
from portico_knowledge.passages import built_in_folder
from portico_knowledge.pgvector_connection import Connections, parse_place
from portico_knowledge.pgvector_engine import PgvectorEngine
from portico_knowledge.pgvector_tables import load_into
from portico_knowledge.search import HybridSearch
from postgres_server import PASSWORD, PostgresServer, postgres_server, server_script
from stack import Stack, ask

QUESTION = "What is metformin used for?"
EMERGENCY = "my husband's face is drooping and he can't lift his arm"
TOPICS = ("metformin.md", "lisinopril.md", "hemoglobin-a1c.md", "colonoscopy.md")
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    with postgres_server() as running:
        yield running


def settings_of(server: PostgresServer) -> dict[str, str]:
    return {"PORTICO_SEARCH_URL": server.url, "PORTICO_SEARCH_PASSWORD_FILE": str(server.password_file)}


def portico(*arguments: str, settings: dict[str, str], stdin: str = "") -> "subprocess.CompletedProcess[str]":
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PORTICO_")}
    return subprocess.run(
        [sys.executable, "-m", "portico_cli.main", *arguments],
        input=stdin, env=kept | settings, capture_output=True, text=True, check=False, cwd=ROOT, timeout=300,
    )  # fmt: skip


@pytest.fixture(scope="module")
def loaded(server: PostgresServer, tmp_path_factory: pytest.TempPathFactory) -> PostgresServer:
    """A few topics of tenant `engine`, loaded by the command."""
    folder = tmp_path_factory.mktemp("knowledge")
    for topic in TOPICS:
        shutil.copy(next(built_in_folder().rglob(topic)), folder)
    done = portico(
        "knowledge", "index", "--site", str(folder), "--alone", "--out", str(folder / "index"), "--engine",
        settings=settings_of(server) | {"PORTICO_TENANT": "engine"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "passages loaded into 127.0.0.1 as index 1 of engine" in done.stdout
    return server


def test_the_command_searches_there_and_says_what_it_lacks(loaded: PostgresServer) -> None:
    line = json.dumps({"id": 7, "question": QUESTION})
    done = portico("knowledge", "search", "--engine", "--tenant", "engine", settings=settings_of(loaded), stdin=line)
    found = json.loads(done.stdout)
    assert (found["id"], found["passages"][0]["id"]) == (7, "medicine.metformin#uses")
    refused = portico("knowledge", "search", "--engine", settings={}, stdin=line)
    assert (refused.returncode, refused.stderr) == (1, "error: --engine needs PORTICO_SEARCH_URL\n")


def test_a_gateway_without_its_engine_sends_to_people_and_gives_911(
    stack: Stack, loaded: PostgresServer, tmp_path: Path
) -> None:
    loaded.kill()
    with own_gateway(stack.state, tmp_path / "gateway", tenant="engine", settings=settings_of(loaded)) as gateway:
        await_ready(gateway, status=503)
        with gateway.client() as client:
            waiting, urgent = ask(client, QUESTION), ask(client, EMERGENCY)
            assert (waiting["route"], waiting["answer"], waiting["degraded"]) == ("escalate", None, True)
            assert urgent["route"] == "emergency" and "911" in urgent["message"]
            states = client.get("/readyz").json()["dependencies"]
            assert not states["passage_search"] and states["safety_classifier"]
            loaded.start()
            await_ready(gateway)
            assert ask(client, QUESTION)["route"] == "answer"  # the control: this very question is answered
            loaded.freeze()  # Its connections are open, and the query of this turn gets no reply.
            hung = ask(client, QUESTION)
            loaded.kill()
            gone = ask(client, QUESTION)
            loaded.start()
            await_ready(gateway)
            back = ask(client, QUESTION)
        assert [(turn["route"], turn["degraded"]) for turn in (hung, gone)] == [("escalate", True)] * 2
        assert hung["escalation"] and hung["message"] == gone["message"]
        assert back["route"] == "answer"
        assert back["answer"]["citations"][0]["passage_id"].startswith("medicine.metformin#")
        log = gateway.log()
    assert "SearchUnavailable" in log and "metformin" not in log.lower()


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        ({"PORTICO_SEARCH_URL": "postgresql://reader:word@db/k"}, "PORTICO_SEARCH_URL may hold no password"),
        ({"PORTICO_TENANT": "other"}, "the engine holds no index of other"),
    ],
)
def test_a_gateway_with_an_unfit_engine_does_not_start(
    loaded: PostgresServer, tmp_path: Path, settings: dict[str, str], why: str
) -> None:
    done = portico("serve", "gateway", settings=settings_of(loaded) | settings | {"PORTICO_STATE": str(tmp_path)})
    assert done.returncode == 1
    assert done.stderr.startswith(f"error: {why}")


def reached(url: str, password_file: Path, tls: TlsFiles) -> bool:
    """Say whether a statement came through; anything else must be SearchUnavailable."""
    connections = Connections(parse_place(url, password_file=password_file, tls=tls, deadline_s=10))
    try:
        return bool(connections.fetch("select 1 as one")[0]["one"] == 1)
    except SearchUnavailable:
        return False
    finally:
        connections.close()


def test_tls_checks_the_name_and_shows_our_certificate(loaded: PostgresServer, tmp_path: Path) -> None:
    ours, other = Authority(tmp_path, "ours"), Authority(tmp_path, "other")
    shown, client = ours.issue("server"), ours.issue("client")

    def through(port: int, ca: Path | None, *, show: bool = True, host: str = "127.0.0.1") -> bool:
        files = (client.certificate, client.key) if show else (None, None)
        url = f"postgresql://postgres@{host}:{port}/postgres"
        return reached(url, loaded.password_file, TlsFiles("PORTICO_SEARCH", ca, *files))

    with tls_front(loaded.port, shown, ours.file, postgres=True) as port:
        assert through(port, ours.file)
        assert not through(port, other.file)
        assert not through(port, None)
        assert not through(port, ours.file, show=False)
        assert not through(port, ours.file, host="localhost")  # The certificate is for 127.0.0.1.
    assert not through(loaded.port, ours.file)  # A server without TLS is not talked to in the clear.


def test_a_password_is_exchanged_without_a_restart(loaded: PostgresServer, tmp_path: Path) -> None:
    file, plain = tmp_path / "password", TlsFiles("PORTICO_SEARCH")
    file.write_text("wrong", encoding="utf-8")
    connections = Connections(parse_place(loaded.url, password_file=file, tls=plain, deadline_s=10))
    try:
        with pytest.raises(SearchUnavailable):
            connections.fetch("select 1")
        file.write_text(PASSWORD, encoding="utf-8")
        assert connections.fetch("select 1")
    finally:
        connections.close()


def test_the_roles_of_the_page_load_and_read_and_no_more(loaded: PostgresServer) -> None:
    page = (ROOT / "docs/how-to/search-engine.md").read_text(encoding="utf-8")
    written = re.search(r"```sql\n(.+?)```", page, re.S)
    assert written is not None
    server_script(loaded, written[1].replace("…", PASSWORD))
    loader, reader = (
        replace(loaded.place(), user=f"portico_{role}", database="knowledge") for role in ("loader", "reader")
    )
    index = load_index(KNOWLEDGE_INDEX)
    few = assemble_index(index.passages[:9], vectors=known_vectors(index), encoder_version="v1")
    load_into(loader, few, tenant="page")
    connections = Connections(reader)
    try:
        assert HybridSearch(PgvectorEngine(connections, "page")).search("albumin", few.vectors[0])
    finally:
        connections.close()
    with pytest.raises(SearchUnavailable, match="nothing was loaded"):
        load_into(reader, few, tenant="page")
