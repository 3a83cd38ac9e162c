"""Multiple-choice questions in the form of MedQA, put to the model behind the responder's endpoint.

A row is `{"question", "options": {"A": …, "B": …}, "answer_idx": "A"}`; other keys are passed over. No such set is in
this repository: a site brings one that it may use. The figure says what the model knows, and nothing about answers:
those are made of passages and validated. Beside it stands how often the first option is right and how often it is
chosen, because a model that likes one place looks better on a set that does, too.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from portico_evaluation.errors import UnusableSet
from portico_evaluation.figures import Figure, Tally
from portico_evaluation.results import SetSummary, SuiteResult
from portico_evaluation.rows import digest_of, read_rows, string_of

MEASURES = {
    "right": "the right option chosen",
    "replied": "an option chosen at all; the rest counts as wrong",
    "first_right": "the first option is the right one",
    "first_chosen": "the first option chosen, of the replies",
}
FEWEST, MOST = 2, 10
OnProgress = Callable[[int, int], None]
Choose = Callable[[str, Mapping[str, str]], str | None]
"""Puts a question with its options by letter to a model; returns the letter it chose, None for no usable reply."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One question; `options` by letter, in order, and the letter of the right one."""

    question: str
    options: Mapping[str, str]
    right: str


def read_choices(file: Path, *, limit: int | None = None) -> list[Choice]:
    """Read a set, its first `limit` rows; raise UnusableSet."""
    rows = [_choice(file, number, row) for number, row in read_rows(file)][:limit]
    if not rows:
        raise UnusableSet(file, "there is nothing to measure in it")
    return rows


def evaluate_choices(
    files: Sequence[Path],
    choose: Choose,
    *,
    version: str,
    limit: int | None = None,
    on_progress: OnProgress = lambda done, of: None,
) -> SuiteResult:
    """Ask everything and count; `version` names the model. Raise UnusableSet before anything is asked."""
    sets = [(file, read_choices(file, limit=limit)) for file in files]
    figures, done, total = list[Figure](), 0, sum(len(rows) for _, rows in sets)
    for file, rows in sets:
        tallies = {measure: Tally() for measure in MEASURES}
        for row in rows:
            _count(row, choose(row.question, row.options), tallies)
            done += 1
            on_progress(done, total)
        rates = ((measure, tally.rate()) for measure, tally in tallies.items())
        figures += [Figure(file.name, measure, rate) for measure, rate in rates if rate is not None]
    summaries = tuple(SetSummary(f.name, "multiple choice", len(rows), digest_of(f)) for f, rows in sets)
    title = "Multiple choice, by the model that drafts"
    return SuiteResult("choices", title, summaries, tuple(figures), (), MEASURES, {"responder": version})


def _count(row: Choice, chosen: str | None, tallies: Mapping[str, Tally]) -> None:
    first, replied = next(iter(row.options)), chosen in row.options
    tallies["replied"].add(replied)
    tallies["right"].add(chosen == row.right)
    tallies["first_right"].add(row.right == first)
    if replied:
        tallies["first_chosen"].add(chosen == first)


def _choice(file: Path, number: int, row: dict[str, Any]) -> Choice:
    options = row.get("options")
    if not isinstance(options, dict) or not _are_options(options):
        raise UnusableSet(file, f'"options" is not {FEWEST} to {MOST} texts by letter', line=number)
    right = string_of(file, number, row, "answer_idx")
    if right not in options:
        raise UnusableSet(file, '"answer_idx" is none of the options', line=number)
    return Choice(string_of(file, number, row, "question"), options, right)


def _are_options(options: Mapping[str, Any]) -> bool:
    texts = all(isinstance(text, str) and text for text in options.values())
    return texts and FEWEST <= len(options) <= MOST and all(len(letter) == 1 for letter in options)
