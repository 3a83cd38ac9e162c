"""A small assistant whose every answer is known, and the sets it is asked."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from portico_core.knowledge import FoundPassage, Passage
from portico_core.labels import Route
from portico_core.turn import AnswerSentence, AnswerView, CitationView, Contact, Disclosure, Turn
from portico_evaluation.answers.asking import Assistant

USES = Passage("medicine.metformin#uses", "Metformin", "Uses", "Metformin treats diabetes. It is old.")
RISKS = Passage("medicine.metformin#risks", "Metformin", "Risks", "Metformin can upset the stomach.")
OTHER = Passage("lab.a1c#high", "A1C", "High", "A high A1C shows high sugar.")
PASSAGES = (USES, RISKS, OTHER)
QUESTIONS = [
    {"question": "uses", "covered": True, "topics": ["medicine.metformin"], "sections": ["uses"], "part": "test"},
    {"question": "risks", "covered": True, "topics": ["medicine.metformin"], "sections": ["risks"], "part": "test"},
    {"question": "sugar", "covered": True, "topics": ["medicine.metformin"], "sections": ["uses"], "part": "test"},
    {"question": "price", "covered": False, "topics": [], "sections": [], "part": "test"},
    {"question": "fitted", "covered": True, "topics": ["lab.a1c"], "sections": ["high"], "part": "check"},
]
PAIRS = [
    {"sentence": "Metformin treats diabetes.", "passage": USES.text, "supported": True, "kind": ""},
    {"sentence": "Metformin causes diabetes.", "passage": USES.text, "supported": False, "kind": "direction"},
]
SAID = {"uses": (USES, "Metformin treats diabetes."), "risks": (USES, "It is old."), "sugar": (OTHER, OTHER.text)}


def write_answer_sets(folder: Path) -> None:
    """Write both sets."""
    for name, rows in (("questions", QUESTIONS), ("pairs", PAIRS)):
        (folder / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


def turn_of(question: str, *, text: str | None = None) -> Turn:
    """Return the turn of a question: an answer where one is known, else an escalation."""
    passage, said = SAID.get(question, (None, ""))
    contacts = [Contact(label="911", uri="tel:911"), Contact(label="988", uri="tel:988")]
    answer = None
    if passage is not None:
        citation = CitationView(
            n=1, passage_id=passage.id, title="", section="", url="", reviewed_on="2026-11-26", quote=""
        )  # fmt: skip
        answer = AnswerView(
            sentences=[AnswerSentence(text=text or said, citations=[1])], citations=[citation], reading_grade=5.0
        )
    return Turn(
        turn_id="t", conversation_id="c", route=Route.ANSWER if answer else Route.ESCALATE, verdict=None,
        answer=answer, message=None if answer else "A person will reply.", escalation=None, contacts=contacts,
        disclosure=Disclosure(text="AI", human_contact="Call us"), redactions={}, degraded=False,
    )  # fmt: skip


def ask(questions: Sequence[str], *, let_through: bool) -> Iterable[Turn]:
    """Answer what is known; the pipeline's classifier keeps "risks" from being answered."""
    for question in questions:
        yield turn_of(question if let_through or question != "risks" else "price")


def search(question: str) -> list[FoundPassage]:
    """Find the passage that is said first, then the others."""
    first = SAID.get(question, (OTHER, ""))[0]
    return [FoundPassage(first, 0.9), *(FoundPassage(p, 0.6) for p in PASSAGES if p is not first)]


def embed(texts: Sequence[str]) -> NDArray[np.float32]:
    return np.ones((len(texts), 1), dtype=np.float32)


ASSISTANT = Assistant(
    ask=ask, search=search, ground=lambda sentence, passages: sentence in passages[0], embed=embed,
    texts={passage.id: passage.text for passage in PASSAGES}, good_enough=0.5, given=2, versions={"responder": "test"},
)  # fmt: skip


def changed(**parts: object) -> Assistant:
    """Return the assistant with a part replaced."""
    return replace(ASSISTANT, **parts)  # type: ignore[arg-type]  # the tests name fields
