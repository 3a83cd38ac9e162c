"""The passages in PostgreSQL with pgvector: for more than a gateway should hold, or one load for many gateways.

Every vector is compared there too, so nothing approximate has to be explained and the ranking is that of the engine in
this process. What leaves the process is a vector and the numbers of stems; a word that no passage uses has none. Only
what stands unchanged in the tenant's active index, and is not past its review, comes back: a passage that was retired
is not served from the moment of the load, whichever index this process ranks by.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

import numpy as np

from portico_core.errors import SearchUnavailable
from portico_core.knowledge import Passage
from portico_knowledge.engine import (
    CANDIDATES,
    WIDER,
    Candidate,
    Candidates,
    Catalogue,
    Wanted,
    Words,
    rarities,
    topic_of,
)
from portico_knowledge.index import IndexUnfit
from portico_knowledge.pgvector_connection import Connections
from portico_knowledge.pgvector_tables import FORMAT, passage_of

OPEN_WITHIN_S = 60.0  # Reading the names and stems of a large index, once.

# Sums run over one stem's passages at a time; the two word halves and the synonyms are told apart by their numbers.
_CANDIDATES = """
with by_words as (
    select passage, greatest(
            coalesce(sum(weight) filter (where word = any($4::int[])), 0) / $7::float8,
            coalesce(sum(weight) filter (where word = any($5::int[])), 0) / $8::float8) as lexical,
        coalesce(sum(weight) filter (where word = any($6::int[])), 0) / $9::float8 as expanded
    from (select w.number as word, u.passage, u.weight::float8
        from portico_knowledge.words w, unnest(w.passages, w.weights) as u(passage, weight)
        where w.tenant = $1 and w.index = $2 and w.number = any($4::int[] || $5::int[] || $6::int[])) posted
    group by passage),
near as (
    select passage, -(vector <#> $3) as dense from portico_knowledge.vectors
    where tenant = $1 and index = $2 order by vector <#> $3, passage limit $10::int * $11::int),
chosen as (
    (select passage from near group by passage order by max(dense) desc, passage limit $10)
    union
    (select passage from by_words order by lexical + $12::float8 * expanded desc, passage limit $10))
select c.passage as number, p.id, coalesce(b.lexical, 0) as lexical, coalesce(b.expanded, 0) as expanded,
    (select -min(v.vector <#> $3) from portico_knowledge.vectors v
        where v.tenant = $1 and v.index = $2 and v.passage = c.passage) as dense
from chosen c
join portico_knowledge.passages p on p.tenant = $1 and p.index = $2 and p.number = c.passage
left join by_words b on b.passage = c.passage
where p.review_due is null or p.review_due > $13
order by c.passage
"""
_SAYS = "select id, words from portico_knowledge.topics where tenant = $1 and index = $2 and id = any($3::text[])"
_SERVED = """
select p.number as place, now_.* from portico_knowledge.passages p
join portico_knowledge.indexes i on i.tenant = $1 and i.active
join portico_knowledge.passages now_ on now_.tenant = $1 and now_.index = i.number and now_.id = p.id
where p.tenant = $1 and p.index = $2 and p.number = any($3::int[]) and now_.text = p.text
    and (now_.review_due is null or now_.review_due > $4)
"""


class PgvectorEngine:
    """One index of one tenant, as it was active when this was opened."""

    def __init__(
        self,
        connections: Connections,
        tenant: str,
        *,
        encoder_version: str | None = None,
        today: Callable[[], date] = lambda: datetime.now(UTC).date(),
    ) -> None:
        """Read names and stems of the active index.

        Raises:
            IndexUnfit: no index of this tenant, one of another form, or made by another encoder than `encoder_version`.
            SearchUnavailable: the database does not answer.
        """
        self._connections, self._tenant, self._today = connections, tenant, today
        row = active_index(connections, tenant, encoder_version=encoder_version)
        self.number, self._most_vectors = int(row["number"]), int(row["most_vectors"])
        self._numbers, counts = self._read_words()
        self._words = {number: word for word, number in self._numbers.items()}
        self._catalogue = Catalogue(
            self._read_topics(), rarities(counts, row["passages"]), row["has_sections"], row["encoder"]
        )

    @property
    def catalogue(self) -> Catalogue:
        """Return what a search holds of the passages."""
        return self._catalogue

    def candidates(self, wanted: Wanted) -> Candidates:
        """Return the best by meaning and the best by words together; raise SearchUnavailable."""
        halves = (wanted.said, wanted.reworded, wanted.wider)
        rows = self._connections.fetch(
            _CANDIDATES, self._tenant, self.number, wanted.vector, *map(self._numbers_of, halves),
            *(words.most or 1.0 for words in halves), CANDIDATES, self._most_vectors, WIDER, self._today(),
        )  # fmt: skip
        found = tuple(Candidate(r["number"], r["id"], r["dense"], r["lexical"], r["expanded"]) for r in rows)
        return Candidates(found, self._says(found, wanted.asked))

    def passages(self, numbers: Sequence[int]) -> Mapping[int, Passage]:
        """Return those of these passages that may be served now, by their places; raise SearchUnavailable."""
        rows = self._connections.fetch(_SERVED, self._tenant, self.number, list(numbers), self._today())
        return {row["place"]: passage_of(row) for row in rows}

    def _says(self, found: Sequence[Candidate], asked: frozenset[str]) -> Mapping[str, frozenset[str]]:
        topics = list(dict.fromkeys(topic_of(candidate.passage_id) for candidate in found))
        numbers = np.array(sorted(self._numbers[word] for word in asked), dtype=np.int32)
        rows = self._connections.fetch(_SAYS, self._tenant, self.number, topics) if topics else ()
        if len(rows) != len(topics):  # Two loads since this was opened: the index is gone.
            raise SearchUnavailable
        return {row["id"]: self._words_in(row["words"], numbers) for row in rows}

    def _words_in(self, said: bytes, numbers: Any) -> frozenset[str]:
        both = np.intersect1d(np.frombuffer(said, dtype="<i4"), numbers, assume_unique=True)
        return frozenset(self._words[int(number)] for number in both)

    def _numbers_of(self, words: Words) -> list[int]:
        return [self._numbers[stem] for stem in words.stems]

    def _read_words(self) -> tuple[dict[str, int], dict[str, int]]:
        rows = self._connections.fetch(
            "select number, word, count from portico_knowledge.words where tenant = $1 and index = $2 order by number",
            self._tenant, self.number, deadline_s=OPEN_WITHIN_S,
        )  # fmt: skip
        return {row["word"]: row["number"] for row in rows}, {row["word"]: row["count"] for row in rows}

    def _read_topics(self) -> tuple[Passage, ...]:
        rows = self._connections.fetch(
            "select passage_id, title, section, synonyms from portico_knowledge.topics "
            "where tenant = $1 and index = $2 order by number",
            self._tenant, self.number, deadline_s=OPEN_WITHIN_S,
        )  # fmt: skip
        return tuple(
            Passage(r["passage_id"], r["title"], r["section"], "", synonyms=tuple(r["synonyms"])) for r in rows
        )


def active_index(connections: Connections, tenant: str, *, encoder_version: str | None = None) -> Mapping[str, Any]:
    """Return the row of a tenant's active index.

    Raises:
        IndexUnfit: there is none, it has another form, or another encoder made it.
        SearchUnavailable: the engine does not answer.
    """
    made = connections.fetch("select to_regclass('portico_knowledge.indexes') is not null as made")
    rows = made[0]["made"] and connections.fetch(
        "select number, format, encoder, passages, most_vectors, has_sections from portico_knowledge.indexes "
        "where tenant = $1 and active",
        tenant,
    )
    if not rows:
        raise IndexUnfit(f"the engine holds no index of {tenant}; load one: portico knowledge index --engine")
    row: Mapping[str, Any] = rows[0]
    if row["format"] != FORMAT:
        raise IndexUnfit(f"the engine's index has the form {row['format']}, not {FORMAT}: load it again")
    if encoder_version is not None and row["encoder"] != encoder_version:
        raise IndexUnfit(f"the engine's index was made by encoder {row['encoder']}, not {encoder_version}")
    return row
