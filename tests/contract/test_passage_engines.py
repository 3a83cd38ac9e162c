"""Both engines of the passage search are held to the same cases; one is a real PostgreSQL with pgvector.

What must be equal is what a patient could notice: the passages, their order, whether anything is good enough, and that
what was retired, or is past its review, or is another tenant's, does not come.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from portico_core.errors import ConfigurationError, SearchUnavailable
from portico_core.knowledge import FoundPassage, Passage
from portico_knowledge.engine import PassageEngine
from portico_knowledge.engine_search import EngineSearch
from portico_knowledge.index import Floats, Index, IndexUnfit, assemble_index, load_index
from portico_knowledge.local_encoder import open_local_encoder
from portico_knowledge.memory_engine import MemoryEngine
from portico_knowledge.pgvector_connection import Connections
from portico_knowledge.pgvector_engine import PgvectorEngine
from portico_knowledge.pgvector_tables import load_into
from portico_knowledge.search import GOOD_ENOUGH, HybridSearch
from postgres_server import PostgresServer, nowhere, postgres_server, server_sql

ROOT = Path(__file__).resolve().parents[2]
KNOWLEDGE = ROOT / "services" / "knowledge"
COMPARED = 12  # Every twelfth of the 849 questions for development: all of them take a minute and more.
TODAY = date(2026, 11, 27)

Ask = Callable[[HybridSearch | EngineSearch, str], tuple[FoundPassage, ...]]


@pytest.fixture(scope="module")
def index() -> Index:
    return load_index(KNOWLEDGE / "index")


@pytest.fixture(scope="module")
def vectors_of() -> Callable[[str], Floats]:
    encode = open_local_encoder(ROOT / "model_repository" / "passage_encoder" / "1")
    return lambda wording: encode([wording])[0]


@pytest.fixture(scope="module")
def ask(vectors_of: Callable[[str], Floats]) -> Ask:
    return lambda search, question: search.search(question, vectors_of(search.wording(question)))


@pytest.fixture(scope="module")
def server(index: Index) -> Iterator[PostgresServer]:
    with postgres_server() as running:
        load_into(running.place(), index, tenant="demo")
        yield running


@contextmanager
def connected(server: PostgresServer) -> Iterator[Connections]:
    connections = Connections(server.place())
    try:
        yield connections
    finally:
        connections.close()


@pytest.fixture(params=["memory", "pgvector"])
def engine(request: pytest.FixtureRequest, server: PostgresServer, index: Index) -> Iterator[PassageEngine]:
    if request.param == "memory":
        yield MemoryEngine(index)
        return
    with connected(server) as connections:
        yield PgvectorEngine(connections, "demo", encoder_version=index.encoder_version)


@pytest.mark.parametrize(
    ("question", "expected", "why"),
    [
        ("What is metformin used for?", "medicine.metformin#uses", "the plain case"),
        ("whats ozempic for", "medicine.semaglutide#uses", "a brand, replaced by its topic's words"),
        ("what is metfromin used for", "medicine.metformin#uses", "a slip, put right by the stems in use"),
        ("how do i cancel an appointment online", "portal.appointments#how-to", "a portal topic"),
    ],
)
def test_the_passage_is_found(engine: PassageEngine, ask: Ask, question: str, expected: str, why: str) -> None:
    assert ask(HybridSearch(engine), question)[0].passage.id == expected, why


@pytest.mark.parametrize(
    "question", ["diltiazem and grapefruit", "how much does eliquis cost", "[NAME_1]", "?", "zzyzx"]
)
def test_nothing_good_enough_is_said_so(engine: PassageEngine, ask: Ask, question: str) -> None:
    assert all(found.score < GOOD_ENOUGH for found in ask(HybridSearch(engine), question))


def test_a_question_has_one_result(engine: PassageEngine, ask: Ask) -> None:
    search = HybridSearch(engine)
    assert len({ask(search, "does metformin cause gas") for _ in range(3)}) == 1


def test_authored_questions_find_the_same_in_the_same_order(server: PostgresServer, index: Index, ask: Ask) -> None:
    rows = map(json.loads, (KNOWLEDGE / "evaluation" / "questions.jsonl").read_text(encoding="utf-8").splitlines())
    questions = [row["question"] for row in rows if row["part"] != "test"][::COMPARED]
    memory = HybridSearch(index)
    with connected(server) as connections:
        there = HybridSearch(PgvectorEngine(connections, "demo"))
        assert [there.wording(q) for q in questions] == [memory.wording(q) for q in questions]
        pairs = [(ask(memory, q), ask(there, q)) for q in questions]
    differ = sum([f.passage for f in one[:5]] != [f.passage for f in other[:5]] for one, other in pairs)
    apart = max(abs(a.score - b.score) for one, other in pairs for a, b in zip(one, other, strict=True))
    print(f"N {len(pairs)}: the first five differ for {differ}; scores are {apart:.1e} apart at most")  # noqa: T201
    assert len(pairs) >= 70
    assert differ == 0
    assert apart < 1e-5
    good = [[found.score >= GOOD_ENOUGH for found in one] for one, _ in pairs]
    assert good == [[found.score >= GOOD_ENOUGH for found in other] for _, other in pairs]
    assert any(map(any, good)) and not all(map(any, good))  # The control: some are answered and some are not.


def tiny(*passages: Passage, version: str = "v1", dimension: int = 384) -> Index:
    """Return an index whose passages all have the vector of the axis of their place; equal ones are equal."""
    vectors: dict[str, Floats] = {}

    def axis(place: int) -> Floats:
        row = np.zeros(dimension, dtype=np.float32)
        row[place] = 1.0
        return row

    for place, passage in enumerate(passages):
        vectors[f"{passage.title}. {passage.text}"] = axis(place % 3)
    return assemble_index(passages, vectors=vectors, encoder_version=version)


def cats(count: int) -> list[Passage]:
    return [Passage(f"pet.{n}", "Cats", "", f"Cats purr number {n}.") for n in range(count)]


def ids(search: HybridSearch | EngineSearch, question: str = "cats purr", place: int = 0, k: int = 5) -> list[str]:
    vector = np.zeros(384, dtype=np.float32)
    vector[place] = 1.0
    return [found.passage.id for found in search.search(question, vector, k=k)]


def test_of_equal_passages_the_first_come_from_both(server: PostgresServer) -> None:
    """More than the candidates of each half, a third of them with the very same vector and words of the same weight."""
    index = tiny(*cats(400))
    load_into(server.place(), index, tenant="ties")
    with connected(server) as connections:
        there = HybridSearch(PgvectorEngine(connections, "ties"))
        assert ids(there, "cats purr", k=100) == ids(HybridSearch(index), "cats purr", k=100)


def test_what_is_past_its_review_is_not_served(server: PostgresServer) -> None:
    due = [replace(passage, review_due=TODAY + timedelta(days=days)) for days, passage in enumerate(cats(3))]
    load_into(server.place(), tiny(*due), tenant="expiry")
    with connected(server) as connections:
        for today, served in ((TODAY - timedelta(days=1), 3), (TODAY, 2), (TODAY + timedelta(days=9), 0)):
            engine = PgvectorEngine(connections, "expiry", today=lambda day=today: day)  # type: ignore[misc]
            assert len(ids(HybridSearch(engine))) == served


def test_a_retired_or_changed_passage_is_served_by_nobody_from_the_load_on(server: PostgresServer) -> None:
    old = cats(4)
    load_into(server.place(), tiny(*old), tenant="life")
    with connected(server) as connections:
        search = EngineSearch(connections, "life")
        search.renew(wait=True)
        assert set(ids(search)) == {"pet.0", "pet.1", "pet.2", "pet.3"}  # the control
        load_into(server.place(), tiny(old[0], replace(old[2], text="Cats hiss."), old[3]), tenant="life")
        assert set(ids(search)) == {"pet.0", "pet.3"}  # ranked by the index of before
        search.renew(wait=True)
        assert set(ids(search)) == {"pet.0", "pet.2", "pet.3"}


def test_three_loads_leave_two_indexes_and_nothing_of_the_first(server: PostgresServer) -> None:
    numbers = [load_into(server.place(), tiny(*cats(3)), tenant="many") for _ in range(3)]
    for table in ("indexes", "passages", "topics", "words", "vectors"):
        column = "number" if table == "indexes" else "index"
        asked = f"select distinct {column} from portico_knowledge.{table} where tenant = 'many' order by 1"  # noqa: S608
        found = server_sql(server, asked)
        assert [int(number) for number in found.split()] == numbers[1:]
    with connected(server) as connections:
        search = EngineSearch(connections, "many")
        search.renew(wait=True)
        for _ in range(2):
            load_into(server.place(), tiny(*cats(3)), tenant="many")
        assert ids(search) == []  # Its index is gone: nothing is served, until it is renewed.
        search.renew(wait=True)
        assert len(ids(search)) == 3


def test_a_load_that_ends_half_way_leaves_the_old_index(server: PostgresServer) -> None:
    load_into(server.place(), tiny(*cats(3)), tenant="half")
    broken = [*cats(3), Passage("pet.9", "Cats", "", "Cats purr \x00 number 9.")]  # PostgreSQL takes no such character.
    with pytest.raises(SearchUnavailable, match="nothing was loaded"):
        load_into(server.place(), tiny(*broken), tenant="half")
    with connected(server) as connections:
        assert len(ids(HybridSearch(PgvectorEngine(connections, "half")))) == 3
    assert server_sql(server, "select count(*) from portico_knowledge.passages where tenant = 'half'") == "3"


def test_a_tenant_finds_its_own_passages_alone(server: PostgresServer) -> None:
    load_into(server.place(), tiny(*cats(2)), tenant="east")
    load_into(server.place(), tiny(Passage("west.1", "Cats", "", "Cats purr in the west.")), tenant="west")
    with connected(server) as connections:
        assert set(ids(HybridSearch(PgvectorEngine(connections, "east")))) == {"pet.0", "pet.1"}
        assert set(ids(HybridSearch(PgvectorEngine(connections, "west")))) == {"west.1"}
        with pytest.raises(IndexUnfit, match="holds no index of north"):
            PgvectorEngine(connections, "north")


def test_an_unfit_index_is_refused_by_name(server: PostgresServer) -> None:
    load_into(server.place(), tiny(*cats(2)), tenant="unfit")
    with connected(server) as connections:
        with pytest.raises(IndexUnfit, match="made by encoder v1, not v2"):
            PgvectorEngine(connections, "unfit", encoder_version="v2")
        server_sql(server, "update portico_knowledge.indexes set format = 9 where tenant = 'unfit'")
        with pytest.raises(IndexUnfit, match="has the form 9, not 1"):
            PgvectorEngine(connections, "unfit", encoder_version="v1")
    with pytest.raises(ConfigurationError, match="the vectors have 96 numbers; the tables hold 384"):
        load_into(server.place(), tiny(*cats(2), dimension=96), tenant="unfit")


def test_a_database_without_pgvector_or_tables_is_refused_by_name(server: PostgresServer) -> None:
    server_sql(server, "create database bare")
    place = replace(server.place(), database="bare")
    connections = Connections(place)
    try:
        with pytest.raises(ConfigurationError, match="PORTICO_SEARCH_URL: the database lacks pgvector"):
            PgvectorEngine(connections, "demo")
    finally:
        connections.close()
    with pytest.raises(ConfigurationError, match="lacks pgvector"):
        load_into(place, tiny(*cats(1)), tenant="demo")
    server_sql(server, "create extension vector", database="bare")
    connections = Connections(place)
    try:
        with pytest.raises(IndexUnfit, match="holds no index of demo"):  # the control: now only the tables are missing
            PgvectorEngine(connections, "demo")
    finally:
        connections.close()


def test_the_server_is_told_no_word_of_a_question(server: PostgresServer, index: Index, ask: Ask) -> None:
    """Its log holds every statement with its parameters here: a vector, numbers, and ids of topics."""
    server_sql(server, "alter system set log_statement = 'all'", "select pg_reload_conf()")
    log = server.folder / "log"
    begun = log.stat().st_size
    try:
        with connected(server) as connections:
            search = HybridSearch(PgvectorEngine(connections, "demo"))
            assert ask(search, "does wobblecane metformin cause flatulence at breakfast")[0].passage
    finally:
        server_sql(server, "alter system reset log_statement", "select pg_reload_conf()")
    said = log.read_text(encoding="utf-8")[begun:]
    assert "portico_knowledge.vectors" in said and "medicine.metformin" in said  # the control: parameters are there
    assert [word for word in ("wobblecane", "flatul", "breakfast", "does ", "cause") if word in said.lower()] == []


def test_an_engine_that_ends_or_hangs_is_unavailable_and_comes_back(server: PostgresServer, index: Index) -> None:
    vector = index.vectors[0]
    connections = Connections(server.place(deadline_s=2.0))
    search = EngineSearch(connections, "demo", encoder_version=index.encoder_version)
    try:
        search.renew(wait=True)
        expected = search.search("what is metformin for", vector)
        assert expected
        server.freeze()
        with pytest.raises(SearchUnavailable):
            search.search("what is metformin for", vector)
        server.thaw()
        assert search.search("what is metformin for", vector) == expected
        server.kill()
        with pytest.raises(SearchUnavailable):
            search.search("what is metformin for", vector)
        with pytest.raises(SearchUnavailable):
            search.renew(wait=True)
        server.start()
        assert search.search("what is metformin for", vector) == expected
    finally:
        connections.close()


def test_a_search_whose_index_was_never_read_says_so() -> None:
    connections = Connections(nowhere())
    search = EngineSearch(connections, "demo")
    try:
        for call in (
            search.renew,
            lambda: search.wording("x"),
            lambda: search.subjects("x"),
            lambda: search.search("x", np.zeros(384, dtype=np.float32)),
        ):
            with pytest.raises(SearchUnavailable):
                call()
        assert search.topic_ids == ()
    finally:
        connections.close()
