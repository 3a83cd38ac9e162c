"""Read topic files (front matter and one paragraph a section) into the passages a turn may be answered from.

A section is served only while its topic is approved and its review is not overdue; everything else stays on disk.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from portico_core.errors import ConfigurationError
from portico_core.knowledge import Passage

SECTION_NAMES: Mapping[str, str] = {
    "uses": "What it is used for",
    "how-it-works": "How it works",
    "taking": "How it is usually taken",
    "side-effects": "Common side effects",
    "serious-side-effects": "Serious side effects",
    "interactions": "Interactions",
    "storage": "Storage",
    "missed-dose": "Missed dose",
    "when-to-call": "When to call",
    "what-it-is": "What it is",
    "why-it-is-done": "Why it is done",
    "preparation": "How to prepare",
    "what-happens": "What happens",
    "recovery": "Recovery",
    "risks": "Risks",
    "results": "Results",
    "what-it-measures": "What it measures",
    "high": "High results",
    "low": "Low results",
    "limits": "Limits of the test",
    "how-to": "How to do it",
    "timing": "Timing",
    "privacy": "Privacy",
    "help": "Getting help",
}
"""The closed set of section headings of our own topics and the name a patient reads."""

SITE = "site."
"""How ids of a hospital's own topics begin: their headings are their own, and only a signed one is served."""

REQUIRED_KEYS = (
    "id", "title", "also_called", "section", "source", "reviewed_on", "review_due", "reviewer", "language",
    "audience", "status",
)  # fmt: skip
STATUSES = ("draft", "approved", "retired")

_FRONT_MATTER = re.compile(r"\A---\n(.*?\n)---\n(.*)\Z", re.S)


class PassageError(ConfigurationError):
    """A topic file cannot be read; the detail reads `file:line: why`."""


@dataclass(frozen=True, slots=True)
class Section:
    """One section as it stands in the file: `line` is that of its heading, `text` one paragraph."""

    name: str
    line: int
    text: str


@dataclass(frozen=True, slots=True)
class Source:
    """The public source that the facts of a topic were checked against."""

    name: str
    url: str


NO_REVIEWER = "awaiting clinician review"


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic file: what its front matter says and its sections.

    `listed` is the front matter's section list, `replaces` the ids of topics that are not served beside this one.
    """

    file: Path
    id: str
    title: str
    also_called: tuple[str, ...]
    listed: tuple[str, ...]
    sources: tuple[Source, ...]
    reviewer: str
    reviewed_on: date
    review_due: date
    language: str
    status: str
    sections: tuple[Section, ...]
    replaces: tuple[str, ...] = ()

    @property
    def is_signed(self) -> bool:
        """Say whether a clinician has put their name to the topic."""
        return self.reviewer.strip().casefold() != NO_REVIEWER

    def is_served(self, today: date) -> bool:
        """Say whether patients may be answered from the topic on this day."""
        signed = self.is_signed or not self.id.startswith(SITE)
        return self.status == "approved" and signed and self.reviewed_on <= today < self.review_due


def built_in_folder() -> Path:
    """Return the folder of the passages that come with Portico."""
    return Path(__file__).resolve().parent.parent / "passages"


def load_passages(*folders: Path, today: date) -> tuple[Passage, ...]:
    """Read every topic of some folders and return the sections that may be served today, in the order of file names.

    Raises:
        PassageError: a file cannot be read, two topics have one id, or one replaces what is not there.
    """
    topics = [read_topic(file) for folder in folders for file in topic_files(folder)]
    _refuse_duplicates(topics)
    _refuse_unknown_replaced(topics)
    served = [topic for topic in topics if topic.is_served(today)]
    replaced = {topic_id for topic in served for topic_id in topic.replaces}
    return tuple(p for topic in served if topic.id not in replaced for p in topic_passages(topic))


def topic_files(folder: Path) -> list[Path]:
    """Return the topic files of a folder and its sub-folders, sorted.

    Raises:
        PassageError: there is no such folder, or nothing in it.
    """
    files = sorted(folder.rglob("*.md")) if folder.is_dir() else []
    if not files:
        raise PassageError(f"{folder}: no topic files (*.md) here")
    return files


def read_topic(file: Path) -> Topic:
    """Read one topic file.

    Raises:
        PassageError: it is not UTF-8, or not a topic.
    """
    try:
        text = file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise PassageError(f"{file}:{line}: not UTF-8") from None
    return parse_topic(text, file=file)


def parse_topic(text: str, *, file: Path) -> Topic:
    """Parse the text of a topic file; `file` is for messages.

    Raises:
        PassageError: front matter or headings are not as they must be.
    """
    match = _FRONT_MATTER.match(text.replace("\r\n", "\n"))
    if match is None:
        raise PassageError(f"{file}:1: no front matter between two lines of ---")
    front = _FrontMatter.parse(match[1], file=file)
    first_line = match[1].count("\n") + 3
    return Topic(
        file=file,
        id=front.words("id"),
        title=front.words("title"),
        also_called=front.list_of_words("also_called"),
        listed=front.list_of_words("section"),
        sources=front.sources(),
        reviewer=front.words("reviewer"),
        reviewed_on=front.day("reviewed_on"),
        review_due=front.day("review_due"),
        language=front.words("language"),
        status=front.one_of("status", STATUSES),
        sections=tuple(_read_sections(match[2], first_line, file, own=front.words("id").startswith(SITE))),
        replaces=front.list_of_words("replaces") if "replaces" in front.values else (),
    )


def topic_passages(topic: Topic) -> tuple[Passage, ...]:
    """Return one passage for each section of a topic."""
    return tuple(
        Passage(
            id=f"{topic.id}#{section_slug(section.name)}",
            title=topic.title,
            section=SECTION_NAMES.get(section.name, section.name),
            text=section.text,
            url=topic.sources[0].url,
            source=topic.sources[0].name,
            reviewed_on=topic.reviewed_on,
            review_due=topic.review_due,
            synonyms=topic.also_called,
            reviewed=topic.is_signed,
        )
        for section in topic.sections
    )


@dataclass(frozen=True, slots=True)
class _FrontMatter:
    """The YAML block of a topic file, read key by key so that every message names file and line."""

    values: Mapping[str, object]
    lines: Mapping[str, int]
    file: Path

    @classmethod
    def parse(cls, block: str, *, file: Path) -> "_FrontMatter":
        try:
            values = yaml.safe_load(block)
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            raise PassageError(f"{file}:{mark.line + 2 if mark else 1}: front matter is not YAML") from None
        if not isinstance(values, dict):
            raise PassageError(f"{file}:2: front matter is not a list of keys")
        lines = {row.split(":")[0]: number for number, row in enumerate(block.splitlines(), start=2) if ":" in row}
        front = cls(values, lines, file)
        for key in REQUIRED_KEYS:
            if values.get(key) in (None, "", []):
                raise front.error(key, f"{key} is missing or empty")
        return front

    def error(self, key: str, why: str) -> PassageError:
        return PassageError(f"{self.file}:{self.lines.get(key, 1)}: {why}")

    def words(self, key: str) -> str:
        value = self.values[key]
        if not isinstance(value, str):
            raise self.error(key, f"{key} is not text")
        return value.strip()

    def one_of(self, key: str, allowed: Sequence[str]) -> str:
        value = self.words(key)
        if value not in allowed:
            raise self.error(key, f"{key} is none of {', '.join(allowed)}")
        return value

    def list_of_words(self, key: str) -> tuple[str, ...]:
        value = self.values[key]
        if not isinstance(value, list) or not all(isinstance(item, str | int | float) for item in value):
            raise self.error(key, f"{key} is not a list of words")
        return tuple(str(item).strip() for item in value)

    def day(self, key: str) -> date:
        value = self.values[key]
        if not isinstance(value, date):
            raise self.error(key, f"{key} is not a date like 2026-11-23")
        return value

    def sources(self) -> tuple[Source, ...]:
        value: Any = self.values["source"]
        rows = value if isinstance(value, list) else [value]
        try:
            return tuple(Source(str(row["name"]), str(row["url"])) for row in rows)
        except (TypeError, KeyError):
            raise self.error("source", "source is not a list of name and url") from None


def section_slug(name: str) -> str:
    """Return the part of a passage's id that a heading gives: ours as they are, a site's own in small letters."""
    return name if name in SECTION_NAMES else re.sub(r"[^\w]+", "-", name.casefold()).strip("-")


def _read_sections(body: str, first_line: int, file: Path, *, own: bool) -> Iterator[Section]:
    name, start, rows, seen = "", first_line, list[str](), set[str]()
    for number, row in enumerate([*body.splitlines(), "## "], start=first_line):
        if not row.startswith("## "):
            rows.append(row)
            continue
        if name:
            yield _section(name, start, rows, file=file, own=own)
        elif any(line.strip() for line in rows):
            raise PassageError(f"{file}:{start}: text before the first ## heading")
        name, start, rows = row[3:].strip(), number, []
        if section_slug(name) in seen:
            raise PassageError(f"{file}:{number}: section {name} stands twice")
        seen.add(section_slug(name))


def _section(name: str, line: int, rows: Sequence[str], *, file: Path, own: bool) -> Section:
    text = " ".join(row.strip() for row in rows if row.strip())
    if name not in SECTION_NAMES and not (own and section_slug(name)):
        raise PassageError(f"{file}:{line}: {name!r} is not a known section")
    if not text:
        raise PassageError(f"{file}:{line}: section {name} is empty")
    return Section(name, line, text)


def _refuse_unknown_replaced(topics: Sequence[Topic]) -> None:
    """A misspelt id would leave both topics in service."""
    known = {topic.id for topic in topics}
    for topic in topics:
        for topic_id in topic.replaces:
            if topic_id not in known or topic_id == topic.id:
                raise PassageError(f"{topic.file}:1: replaces {topic_id}, which is no other topic here")


def _refuse_duplicates(topics: Sequence[Topic]) -> None:
    seen: dict[str, Path] = {}
    for topic in topics:
        if topic.id in seen:
            raise PassageError(f"{topic.file}:1: id {topic.id} is also that of {seen[topic.id]}")
        seen[topic.id] = topic.file
