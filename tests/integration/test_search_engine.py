"""A gateway whose passages stand in a real PostgreSQL: what a patient gets while it is there, gone, and back.

And the way to it: TLS with a checked name and a client certificate, and a password that may be exchanged.
"""

import asyncio
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
from portico_cli.asking import take_turn
from portico_cli.opening import open_batch_gateway, open_triton
from portico_cli.places import KNOWLEDGE_INDEX, MODEL_REPOSITORY
from portico_cli.serve import open_search
from portico_core.errors import SearchUnavailable
from portico_core.labels import Route
from portico_core.transport import TlsFiles
from portico_core.turn import Turn
from portico_gateway.settings import GatewaySettings
from portico_knowledge.engine_search import EngineSearch
from portico_knowledge.index import Index, assemble_index, known_vectors, load_index
from portico_knowledge.passages import built_in_folder
from portico_knowledge.pgvector_connection import Connections, parse_place
from portico_knowledge.pgvector_engine import PgvectorEngine
from portico_knowledge.pgvector_tables import load_into
from portico_knowledge.search import HybridSearch
from postgres_server import PASSWORD, PostgresServer, postgres_server, server_script

QUESTION = "What is metformin used for?"
EMERGENCY = "my husband's face is drooping and he can't lift his arm"
TOPICS = ("medicine.metformin", "medicine.lisinopril", "lab.hemoglobin-a1c", "procedure.colonoscopy")
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
def loaded(server: PostgresServer) -> PostgresServer:
    """A few built-in topics of tenant `engine`."""
    load_into(server.place(), few_topics(), tenant="engine")
    return server


def few_topics() -> Index:
    whole = load_index(KNOWLEDGE_INDEX)
    passages = [passage for passage in whole.passages if passage.id.partition("#")[0] in TOPICS]
    return assemble_index(passages, vectors=known_vectors(whole), encoder_version=whole.encoder_version)


def test_the_command_loads_and_searches_and_says_what_it_lacks(server: PostgresServer, tmp_path: Path) -> None:
    shutil.copy(next(built_in_folder().rglob("metformin.md")), tmp_path)
    settings = settings_of(server) | {"PORTICO_TENANT": "command"}
    done = portico(
        "knowledge", "index", "--site", str(tmp_path), "--alone", "--out", str(tmp_path / "index"), "--engine",
        settings=settings,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert re.search(r"passages loaded into 127\.0\.0\.1 as index \d+ of command", done.stdout)
    line = json.dumps({"id": 7, "question": QUESTION})
    found = json.loads(portico("knowledge", "search", "--engine", settings=settings, stdin=line).stdout)
    assert (found["id"], found["passages"][0]["id"]) == (7, "medicine.metformin#uses")
    refused = portico("knowledge", "search", "--engine", settings={}, stdin=line)
    assert (refused.returncode, refused.stderr) == (1, "error: --engine needs PORTICO_SEARCH_URL\n")


async def test_without_its_engine_a_question_goes_to_people_and_an_emergency_gets_911(
    loaded: PostgresServer, tmp_path: Path
) -> None:
    """The whole pipeline on a real Triton, Valkey and PostgreSQL; the last is away, there, hanging, gone and back."""
    settings = GatewaySettings(
        tenant="engine", search_url=loaded.url, search_password_file=loaded.password_file, search_deadline_s=10,
        model_repository=MODEL_REPOSITORY,
    )  # fmt: skip
    loaded.kill()
    engine = open_search(settings)
    assert isinstance(engine.search, EngineSearch)
    with open_triton(None) as triton:
        async with open_batch_gateway(triton, None, tmp_path, with_redis=True, search=engine) as gateway:

            async def turn(text: str) -> Turn:
                return await take_turn(gateway, gateway.parts, text)

            away, urgent = await turn(QUESTION), await turn(EMERGENCY)
            loaded.start()
            await asyncio.to_thread(engine.search.renew, wait=True)
            there = await turn(QUESTION)
            loaded.freeze()  # Its connections are open, and the statement of this turn gets no reply.
            hanging = await turn(QUESTION)
            loaded.kill()
            gone = await turn(QUESTION)
            loaded.start()
            back = await turn(QUESTION)
    for lost in (away, hanging, gone):
        assert (lost.route, lost.answer, lost.degraded) == (Route.ESCALATE, None, True)
        assert lost.escalation is not None and lost.message == away.message
    assert urgent.route is Route.EMERGENCY and "911" in str(urgent.message)
    for answered in (there, back):  # The control: this very question is answered.
        assert answered.route is Route.ANSWER and answered.answer is not None
        assert answered.answer.citations[0].passage_id.startswith("medicine.metformin#")


def test_a_gateway_with_an_unfit_engine_does_not_start(loaded: PostgresServer, tmp_path: Path) -> None:
    unfit = {"PORTICO_TENANT": "other", "PORTICO_STATE": str(tmp_path)}
    done = portico("serve", "gateway", settings=settings_of(loaded) | unfit)
    assert done.returncode == 1
    assert done.stderr.startswith("error: the engine holds no index of other")


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
    few = few_topics()
    load_into(loader, few, tenant="page")
    connections = Connections(reader)
    try:
        assert HybridSearch(PgvectorEngine(connections, "page")).search("metformin", few.vectors[0])
    finally:
        connections.close()
    with pytest.raises(SearchUnavailable, match="nothing was loaded"):
        load_into(reader, few, tenant="page")
