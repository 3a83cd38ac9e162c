"""The tables of passages in PostgreSQL, and how an index is put into them: whole, or not at all.

Every key begins with the tenant. An index has a number; one of a tenant is active. A load writes the new index beside
the active one, in one transaction, and makes it active with the commit; the one before stays for the gateways that
still rank by it, and those before that go. Vectors stand in a table for each index, because they are compared one by
one and nobody else's are to be read on the way.
"""

import asyncio
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from portico_core.errors import ConfigurationError, PorticoError, SearchUnavailable
from portico_core.knowledge import Passage
from portico_knowledge.engine import first_passages, postings, topic_of
from portico_knowledge.index import Index
from portico_knowledge.pgvector_connection import Place, connect, teach_vectors

FORMAT = 1
"""Of the tables below; another one is refused."""
DIMENSION = 384
LOAD_WITHIN_S = 1800.0

_TABLES = """
create table portico_knowledge.indexes (
    tenant text not null, number bigint generated always as identity, format int not null, encoder text not null,
    passages int not null, vectors int not null, most_vectors int not null, has_sections bool not null,
    active bool not null, loaded_at timestamptz not null default now(), primary key (tenant, number));
create unique index active_index on portico_knowledge.indexes (tenant) where active;
create table portico_knowledge.passages (
    tenant text not null, index bigint not null, number int not null, id text not null, title text not null,
    section text not null, text text not null, url text not null, source text not null, synonyms text[] not null,
    reviewed_on date, review_due date, reviewed bool not null, primary key (tenant, index, number));
create unique index passage_id on portico_knowledge.passages (tenant, index, id);
create table portico_knowledge.topics (
    tenant text not null, index bigint not null, number int not null, id text not null, passage_id text not null,
    title text not null, section text not null, synonyms text[] not null, words bytea not null,
    primary key (tenant, index, number));
create unique index topic_id on portico_knowledge.topics (tenant, index, id);
create table portico_knowledge.words (
    tenant text not null, index bigint not null, number int not null, word text not null, count int not null,
    passages int[] not null, weights real[] not null, primary key (tenant, index, number));
create table portico_knowledge.vectors (
    tenant text not null, index bigint not null, passage int not null, vector vector(384) not null)
    partition by list (index);
"""


def load_into(place: Place, index: Index, *, tenant: str) -> int:
    """Make an index the active one of a tenant and return its number; until the end the old one is served.

    Raises:
        ConfigurationError: the database lacks pgvector, or what was given for it is unfit.
        SearchUnavailable: it does not answer, refuses, or ended half-way; nothing has changed.
    """
    if index.vectors.shape[1] != DIMENSION:
        raise ConfigurationError(f"the vectors have {index.vectors.shape[1]} numbers; the tables hold {DIMENSION}")
    try:
        return asyncio.run(asyncio.wait_for(_load(place, index, tenant), LOAD_WITHIN_S))
    except PorticoError:
        raise
    except Exception as error:
        raise SearchUnavailable(f"nothing was loaded: {type(error).__name__}") from None


async def _load(place: Place, index: Index, tenant: str) -> int:
    connection = await connect(place, within_s=LOAD_WITHIN_S)
    try:
        await teach_vectors(connection)
        async with connection.transaction():
            await connection.fetch("select pg_advisory_xact_lock(hashtext('portico_knowledge'))")
            if not await connection.fetchval("select to_regnamespace('portico_knowledge') is not null"):
                await connection.execute("create schema portico_knowledge")
            if not await connection.fetchval("select to_regclass('portico_knowledge.indexes') is not null"):
                await connection.execute(_TABLES)
            number = await _register(connection, index, tenant)
            await _fill(connection, index, tenant, number)
        async with connection.transaction():  # Apart: it locks readers out for a moment, and may wait for them.
            await _drop_old(connection, tenant)
        await connection.execute("analyze portico_knowledge.passages, portico_knowledge.topics")
        return number
    finally:
        connection.terminate()


async def _register(connection: Any, index: Index, tenant: str) -> int:
    await connection.execute("update portico_knowledge.indexes set active = false where tenant = $1 and active", tenant)
    return int(
        await connection.fetchval(
            "insert into portico_knowledge.indexes (tenant, format, encoder, passages, vectors, most_vectors, "
            "has_sections, active) values ($1, $2, $3, $4, $5, $6, $7, true) returning number",
            tenant, FORMAT, index.encoder_version, len(index.passages), len(index.vectors),
            int(np.bincount(index.owners).max()), any("#" in passage.id for passage in index.passages),
        )
    )  # fmt: skip


async def _fill(connection: Any, index: Index, tenant: str, number: int) -> None:
    words = {stem: place for place, (stem, _, _) in enumerate(postings(index.lexical))}
    key = (tenant, number)
    await _copy(connection, "passages", (key + row for row in _passage_rows(index)))
    await _copy(connection, "topics", (key + row for row in _topic_rows(index)))
    await _copy(
        connection, "words",
        ((*key, words[stem], stem, len(found), found.tolist(), weights.tolist())
         for stem, found, weights in postings(index.lexical)),
    )  # fmt: skip
    table = f"vectors_{number}"
    await connection.execute(f"create table portico_knowledge.{table} (like portico_knowledge.vectors)")
    await _copy(
        connection, table,
        ((*key, int(owner), vector) for owner, vector in zip(index.owners, index.vectors, strict=True)),
    )  # fmt: skip
    await connection.execute(
        f"create index on portico_knowledge.{table} (passage);"
        f"alter table portico_knowledge.vectors attach partition portico_knowledge.{table} for values in ({number});"
        f"analyze portico_knowledge.{table}"
    )


async def _drop_old(connection: Any, tenant: str) -> None:
    """Remove every index of a tenant but the active one and the one before it."""
    rows = await connection.fetch(
        "select number from portico_knowledge.indexes where tenant = $1 order by number desc offset 2", tenant
    )
    for old in (int(row["number"]) for row in rows):
        await connection.execute(f"drop table portico_knowledge.vectors_{old}")
        for table in ("words", "topics", "passages"):
            await connection.execute(
                f"delete from portico_knowledge.{table} where tenant = $1 and index = $2",  # noqa: S608  our own names
                tenant,
                old,
            )
        await connection.execute("delete from portico_knowledge.indexes where tenant = $1 and number = $2", tenant, old)


async def _copy(connection: Any, table: str, rows: Iterator[tuple[object, ...]]) -> None:
    await connection.copy_records_to_table(table, schema_name="portico_knowledge", records=rows)


def _passage_rows(index: Index) -> Iterator[tuple[object, ...]]:
    for number, p in enumerate(index.passages):
        yield (
            number, p.id, p.title, p.section, p.text, p.url, p.source, list(p.synonyms), p.reviewed_on, p.review_due,
            p.reviewed,
        )  # fmt: skip


def _topic_rows(index: Index) -> Iterator[tuple[object, ...]]:
    says = _words_of_topics(index)
    for number, p in enumerate(first_passages(index.passages)):
        topic = topic_of(p.id)
        yield number, topic, p.id, p.title, p.section, list(p.synonyms), says[topic]


def _words_of_topics(index: Index) -> Mapping[str, bytes]:
    """Return for each topic the numbers of the stems that it says, ascending, as little-endian int32."""
    topics = [topic_of(passage.id) for passage in index.passages]
    said: dict[str, list[int]] = {}
    for place, (_, found, _) in enumerate(postings(index.lexical)):
        for topic in {topics[number] for number in found}:
            said.setdefault(topic, []).append(place)
    return {topic: np.array(places, dtype="<i4").tobytes() for topic, places in said.items()}


def passage_of(row: Mapping[str, Any]) -> Passage:
    """Return the passage of a row of `passages`."""
    return Passage(
        id=row["id"], title=row["title"], section=row["section"], text=row["text"], url=row["url"],
        source=row["source"], synonyms=tuple(row["synonyms"]), reviewed_on=row["reviewed_on"],
        review_due=row["review_due"], reviewed=row["reviewed"],
    )  # fmt: skip
