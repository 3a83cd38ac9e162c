"""The checks of an answer, each a function from evidence to one boolean a sentence: True passes.

A check reads the draft's sentences, the passages of this turn and the day; it never changes them. Checks of the whole
answer (reading grade, relevance) judge the sentences that are still standing, and come last for that.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from pathlib import Path

from portico_core.knowledge import DraftSentence, Passage, Subjects
from portico_core.reading import reading_grade
from portico_core.sentences import split_sentences
from portico_core.text import PhiSpan
from portico_gateway.guards.directives import find_diagnosis, find_directive, find_dose
from portico_gateway.guards.grounding import GroundingResult, ground
from portico_gateway.guards.injection import find_order
from portico_gateway.guards.markup import find_markup
from portico_gateway.guards.relevance import is_about, is_relevant

# What an answer may have, its topics' names and the listed unavoidable terms left out; the formula is coarse on one
# sentence alone, so that has two grades more. Of 5,283 sentences of the built-in passages 380 are above 8 and of 4,422
# random answers of two to four of them 66, which then lose their hardest sentence (26 November 2026).
MAX_ANSWER_GRADE = 8.0
MAX_SENTENCE_GRADE = 10.0
UNAVOIDABLE_TERMS = frozenset((Path(__file__).with_name("unavoidable_terms.txt")).read_text(encoding="utf-8").split())

FindSpans = Callable[[str], Sequence[PhiSpan]]
FindSubjects = Callable[[str], Subjects]


class Check(StrEnum):
    """The checks in the order they run; the names stand in audit records and metrics."""

    SCHEMA = "schema"
    CITATIONS = "citations"
    GROUNDING = "grounding"
    DIRECTIVE = "directive"
    DIAGNOSIS = "diagnosis"
    DOSE = "dose"
    INJECTION = "injection"
    PHI = "phi"
    MARKUP = "markup"
    READING_GRADE = "reading_grade"
    RELEVANCE = "relevance"


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the checks of one turn may look at, and `verdicts`: what each has said so far, one boolean a sentence."""

    question: str
    sentences: tuple[DraftSentence, ...]
    passages: Mapping[str, Passage]
    today: date
    find_spans: FindSpans
    find_subjects: FindSubjects
    verdicts: dict[str, tuple[bool, ...]] = field(default_factory=dict)

    def standing(self) -> list[bool]:
        """Return for each sentence whether no check so far has failed it."""
        return [all(passed[i] for passed in self.verdicts.values()) for i in range(len(self.sentences))]

    def cited(self, sentence: DraftSentence) -> list[Passage]:
        """Return the passages of this turn that a sentence cites; ids that are not of this turn are left out."""
        return [self.passages[i] for i in sentence.passage_ids if i in self.passages]


SentenceCheck = Callable[[Evidence], Sequence[bool]]


def ground_cited(evidence: Evidence, sentence: DraftSentence) -> list[tuple[Passage, GroundingResult]]:
    """Return the cited passages that say a sentence near-verbatim, each on its own, with what was found."""
    results = [
        (passage, ground(sentence.text, [passage.text], in_other_words=False)) for passage in evidence.cited(sentence)
    ]
    return [(passage, result) for passage, result in results if result.supported]


def is_servable(passage: Passage, today: date) -> bool:
    """Say whether a passage is reviewed, and its review not overdue, on this day."""
    reviewed, due = passage.reviewed_on, passage.review_due
    return reviewed is not None and due is not None and reviewed <= today < due


def _check_schema(evidence: Evidence) -> list[bool]:
    """The bytes were parsed exactly before; what is left to refuse is a sentence without a word."""
    return [bool(re.search(r"\w", sentence.text)) for sentence in evidence.sentences]


def _check_citations(evidence: Evidence) -> list[bool]:
    return [_cites_well(evidence, sentence) for sentence in evidence.sentences]


def _cites_well(evidence: Evidence, sentence: DraftSentence) -> bool:
    cited = evidence.cited(sentence)
    known = len(cited) == len(sentence.passage_ids) == len(set(sentence.passage_ids)) > 0
    return known and all(is_servable(passage, evidence.today) for passage in cited)


def _check_grounding(evidence: Evidence) -> list[bool]:
    return [bool(ground_cited(evidence, sentence)) for sentence in evidence.sentences]


def _check_phi(evidence: Evidence) -> list[bool]:
    """One identifier fails the whole draft: a responder that has one from somewhere is not to be trusted further."""
    named = any(_names_somebody(evidence, sentence) for sentence in evidence.sentences)
    return [not named] * len(evidence.sentences)


def _names_somebody(evidence: Evidence, sentence: DraftSentence) -> bool:
    """Words that stand in an approved passage (Poison Help's number, St John's wort) identify no patient."""
    approved = [text for p in evidence.cited(sentence) for text in (p.text, p.title, *p.synonyms)]
    found = [sentence.text[span.start : span.end] for span in evidence.find_spans(sentence.text)]
    return any(not any(_stands_in(value, text) for text in approved) for value in found)


def _stands_in(value: str, text: str) -> bool:
    """Say whether a value stands in a text as words of its own: "Art" is not in "Artery"."""
    return re.search(rf"(?<!\w){re.escape(value)}(?!\w)", text) is not None


def _each(find: Callable[[str], object]) -> SentenceCheck:
    """Make a check that fails a sentence when `find` finds something in it or in one of its parts."""

    def check(evidence: Evidence) -> list[bool]:
        return [not any(find(part) for part in [s.text, *split_sentences(s.text)]) for s in evidence.sentences]

    return check


def _check_reading_grade(evidence: Evidence) -> list[bool]:
    """Drop the hardest sentence until what stands is easy enough."""
    passed = [True] * len(evidence.sentences)
    standing = [i for i, stands in enumerate(evidence.standing()) if stands]
    while standing and grade_of(evidence, standing) > (MAX_ANSWER_GRADE if len(standing) > 1 else MAX_SENTENCE_GRADE):
        hardest = max(standing, key=lambda i: grade_of(evidence, [i]))
        passed[hardest] = False
        standing.remove(hardest)
    return passed


def grade_of(evidence: Evidence, chosen: Sequence[int]) -> float:
    """Return the reading grade of some sentences, names of cited topics and unavoidable terms left out."""
    sentences = [evidence.sentences[i] for i in chosen]
    names = {name for s in sentences for p in evidence.cited(s) for name in (p.title, *p.synonyms)}
    return reading_grade([s.text for s in sentences], names=names | UNAVOIDABLE_TERMS)


def _check_relevance(evidence: Evidence) -> list[bool]:
    """Fail sentences about another thing than the one asked about; all of them, if the rest does not fit the question.

    What a sentence is about is told by the passages that say it: citing the right one as well is no help.
    """
    asked = evidence.find_subjects(evidence.question)
    standing = evidence.standing()
    kept = dict[int, list[Passage]]()
    for i in (i for i, stands in enumerate(standing) if stands):
        sentence = evidence.sentences[i]
        saying = [passage for passage, _ in ground_cited(evidence, sentence)]
        if is_about(asked, evidence.question, sentence.text, saying, find=evidence.find_subjects):
            kept[i] = saying
    passages = [passage for saying in kept.values() for passage in saying]
    answers = not kept or is_relevant(evidence.question, [evidence.sentences[i].text for i in kept], passages)
    return [not stands or (answers and i in kept) for i, stands in enumerate(standing)]


CHECKS: Mapping[str, SentenceCheck] = {
    Check.SCHEMA: _check_schema,
    Check.CITATIONS: _check_citations,
    Check.GROUNDING: _check_grounding,
    Check.DIRECTIVE: _each(find_directive),
    Check.DIAGNOSIS: _each(find_diagnosis),
    Check.DOSE: _each(find_dose),
    Check.INJECTION: _each(find_order),
    Check.PHI: _check_phi,
    Check.MARKUP: _each(find_markup),
    Check.READING_GRADE: _check_reading_grade,
    Check.RELEVANCE: _check_relevance,
}
