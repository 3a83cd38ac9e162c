"""Check every topic file before patients are answered from it: `portico knowledge check`.

An answer shows single sentences, so each must stand alone; it cites a source, so each topic must have one; and it is
read by tired people, so each section must be easy. Errors keep a passage out; warnings are for its editor.
"""

import contextlib
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path
from urllib.parse import urlsplit

from portico_core.reading import reading_grade
from portico_knowledge.identifiers import FindSpans, types_beyond_public
from portico_knowledge.passages import PassageError, Section, Topic, read_topic, topic_files
from portico_knowledge.words import content_stems

GRADE_ERROR = 9.0
GRADE_WARNING = 8.0  # issue 5: answers of grade 8 at most; the house aims at 6 to 7
# Jaccard similarity of content stems. Two medicines of one kind may say the same about themselves by name, so between
# topics only a copy that kept the other's name is an error.
NEAR_DUPLICATE = 0.8
COPY = 0.95
DAYS_BEFORE_DUE = 30

_ID = re.compile(r"(?:medicine|procedure|lab|portal|site)\.[a-z0-9]+(?:-[a-z0-9]+)*")
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+")
_LEANS = re.compile(r"(?:It|They|This|These|Those|That|He|She|Its|Their|However|Also|Then|Such|But|And|Or)\b")
_MARKUP = re.compile(r"https?:|www\.|[<>`{}\[\]|*_#\\]|&\w+;|\S@\S|^\s*[-•]\s", re.M)
_ABBREVIATION = re.compile(r"\b(?:e\.g|i\.e|etc|vs|Dr|Mr|Mrs)\.")
_HIDDEN = re.compile(r"[\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\u00ad]")
_NAMED_WORD = re.compile(r"[A-Za-z][A-Za-z-]{3,}")


class Level(StrEnum):
    """Whether a problem keeps the passage from being served."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Problem:
    """One finding; `str()` is the line for a terminal."""

    file: Path
    line: int
    level: Level
    code: str
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.level.value}: {self.message} [{self.code}]"


def check_passages(folder: Path, *, today: date) -> list[Problem]:
    """Check every topic of a folder; problems come in the order of files and lines.

    Raises:
        PassageError: there is no topic file at all.
    """
    problems, topics = list[Problem](), list[Topic]()
    for file in topic_files(folder):
        try:
            topics.append(read_topic(file))
        except PassageError as error:
            problems.append(_unreadable(file, str(error)))
    for topic in topics:
        problems += [problem for check in _TOPIC_CHECKS for problem in check(topic, today)]
    problems += [*_duplicate_ids(topics), *_near_duplicates(topics)]
    return sorted(problems, key=lambda problem: (str(problem.file), problem.line, problem.code))


def count_served(folder: Path, *, today: date) -> Counter[str]:
    """Count the readable topics that may be served today by their kind, the first part of their id."""
    counts = Counter[str]()
    for file in topic_files(folder):
        with contextlib.suppress(PassageError):  # `check_passages` says what is wrong with the file.
            topic = read_topic(file)
            counts[topic.id.partition(".")[0]] += topic.is_served(today)
    return counts


def check_identifiers(folder: Path, *, find: FindSpans) -> list[Problem]:
    """Look for what could identify somebody in the words of every readable topic; the class is named, not the value."""
    problems = list[Problem]()
    for file in topic_files(folder):
        with contextlib.suppress(PassageError):  # `check_passages` says what is wrong with the file.
            problems += _identifiers_of(read_topic(file), find)
    return problems


def easy_names(topic: Topic) -> list[str]:
    """Return the names that a topic cannot avoid: its title, its other names, and the longer words of both."""
    names = [topic.title, *topic.also_called]
    words = {word for name in (topic.title, *topic.also_called) for word in _NAMED_WORD.findall(name)}
    return [*names, *sorted(words - _PLAIN_WORDS)]


def likeness(one: frozenset[str], other: frozenset[str]) -> float:
    """Return the Jaccard similarity of two sets of stems; 0 where it must be below NEAR_DUPLICATE."""
    if min(len(one), len(other)) < NEAR_DUPLICATE * max(len(one), len(other)):
        return 0.0
    return len(one & other) / max(1, len(one | other))


_PLAIN_TEXT = """
    test tests blood pill pills level levels that cause with pressure high removal surgery scan count request dose shot
    long acting weekly medicine from your doctor question results view
"""
_PLAIN_WORDS = frozenset(_PLAIN_TEXT.split())


def _unreadable(file: Path, detail: str) -> Problem:
    match = re.match(r".*?:(\d+): (.*)", detail)
    line, why = (int(match[1]), match[2]) if match else (1, detail)
    return Problem(file, line, Level.ERROR, "front-matter", why)


def _identifiers_of(topic: Topic, find: FindSpans) -> Iterator[Problem]:
    for words in (topic.title, *topic.also_called):
        if types := types_beyond_public(words, find=find):
            yield Problem(topic.file, 3, Level.ERROR, "identifier", f"the names hold: {', '.join(types)}")
    for section in topic.sections:
        if types := types_beyond_public(section.text, find=find):
            yield _in_section(topic, section, Level.ERROR, "identifier", ", ".join(types))


def _check_id(topic: Topic, _today: date) -> Iterator[Problem]:
    if not _ID.fullmatch(topic.id):
        yield Problem(topic.file, 2, Level.ERROR, "id", f"{topic.id!r} does not read like medicine.metformin")
    elif topic.id.partition(".")[2] != topic.file.stem:
        yield Problem(topic.file, 2, Level.ERROR, "id", f"{topic.id} does not carry the name of its file")


def _check_sections(topic: Topic, _today: date) -> Iterator[Problem]:
    headings = tuple(section.name for section in topic.sections)
    if headings != topic.listed:
        said, there = ", ".join(topic.listed), ", ".join(headings)
        yield Problem(topic.file, 1, Level.ERROR, "sections", f"section says {said}; the headings are {there}")


def _check_sources(topic: Topic, _today: date) -> Iterator[Problem]:
    for source in topic.sources:
        parts = urlsplit(source.url)
        if parts.scheme != "https" or "." not in parts.netloc or not source.name.strip():
            yield Problem(topic.file, 1, Level.ERROR, "source", f"source {source.name!r} has no https address")


def _check_dates(topic: Topic, today: date) -> Iterator[Problem]:
    if topic.reviewed_on > today:
        yield Problem(topic.file, 1, Level.ERROR, "dates", f"reviewed_on {topic.reviewed_on} lies in the future")
    if topic.review_due <= topic.reviewed_on:
        yield Problem(topic.file, 1, Level.ERROR, "dates", "review_due is not after reviewed_on")
    elif topic.review_due <= today:
        yield Problem(topic.file, 1, Level.ERROR, "expired", f"the review was due on {topic.review_due}")
    elif (topic.review_due - today).days <= DAYS_BEFORE_DUE:
        yield Problem(topic.file, 1, Level.WARNING, "due-soon", f"the review is due on {topic.review_due}")


def _check_reading_grade(topic: Topic, _today: date) -> Iterator[Problem]:
    names = easy_names(topic)
    for section in topic.sections:
        grade = reading_grade([section.text], names=names)
        if grade > GRADE_WARNING:
            level = Level.ERROR if grade > GRADE_ERROR else Level.WARNING
            yield _in_section(topic, section, level, "reading-grade", f"grade {grade}; at most {GRADE_ERROR:.0f}")


def _check_sentences(topic: Topic, _today: date) -> Iterator[Problem]:
    for section in topic.sections:
        for sentence in _SENTENCE_END.split(section.text):
            if _LEANS.match(sentence):
                yield _in_section(topic, section, Level.ERROR, "leans", f"does not stand alone: {sentence[:50]!r}")
        if not section.text.endswith((".", "?", "!")):
            yield _in_section(topic, section, Level.ERROR, "unfinished", "the last sentence has no end")


def _check_text(topic: Topic, _today: date) -> Iterator[Problem]:
    for section in topic.sections:
        for pattern, code, why in _FORBIDDEN:
            if match := pattern.search(section.text):
                yield _in_section(topic, section, Level.ERROR, code, f"{why}: {match[0]!r}")


_FORBIDDEN = (
    (_MARKUP, "markup", "link or markup in the text"),
    (_HIDDEN, "hidden", "invisible character in the text"),
    (_ABBREVIATION, "abbreviation", "an abbreviation with a full stop splits the sentence"),
)
_TOPIC_CHECKS: tuple[Callable[[Topic, date], Iterator[Problem]], ...] = (
    _check_id,
    _check_sections,
    _check_sources,
    _check_dates,
    _check_reading_grade,
    _check_sentences,
    _check_text,
)


def _in_section(topic: Topic, section: Section, level: Level, code: str, why: str) -> Problem:
    return Problem(topic.file, section.line, level, code, f"{section.name}: {why}")


def _duplicate_ids(topics: Sequence[Topic]) -> Iterator[Problem]:
    seen: dict[str, Path] = {}
    for topic in topics:
        if topic.id in seen:
            where = seen[topic.id].name
            yield Problem(topic.file, 2, Level.ERROR, "duplicate-id", f"id {topic.id} is also that of {where}")
        seen.setdefault(topic.id, topic.file)


def _near_duplicates(topics: Sequence[Topic]) -> Iterator[Problem]:
    """Yield sections that say the same; of a pair the later one is named."""
    known = list[tuple[Topic, Section, frozenset[str]]]()
    for topic in topics:
        for section in topic.sections:
            words = frozenset(content_stems(section.text))
            for other, twin, theirs in known:
                if likeness(words, theirs) >= (NEAR_DUPLICATE if other is topic else COPY):
                    where = f"{other.id}#{twin.name}"
                    yield _in_section(topic, section, Level.ERROR, "duplicate", f"says the same as {where}")
            known.append((topic, section, words))
