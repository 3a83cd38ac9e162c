"""Whether what stands of a draft is about what was asked.

Retrieval has already said that the passages fit; this stops a responder that answers another question with well
grounded sentences. A question that names a medicine, a test or a procedure is answered by sentences about that one
only, each of them; one that names nothing, by sentences that share enough of its words: a floor, not a ranking.
"""

import re
from collections.abc import Callable, Sequence
from functools import lru_cache

import snowballstemmer

from portico_core.knowledge import Passage, Subjects

# A choice: of the authored questions it refuses none that retrieval and the responder answer
# (services/knowledge/evaluation/questions.jsonl); a stricter test of meaning comes with the re-ranker.
LEAST_SHARED = 0.3

_PLACEHOLDER = re.compile(r"\[[A-Z_]+_\d+\]")
_WORD = re.compile(r"[a-z0-9]+")
_SMALL_TALK_TEXT = """
    a about after all also am an and any anything are as at be because been before being but by can cant could
    did do does doing dont for from get getting go going good got had has have having he her hers hi him his how
    i if im in into is it its ive just kind know let like long look lot make makes me mean means might more most
    much must my need no not now of off ok okay on one only or other our out over people person please really
    said say see she should so some someone something still stuff such take taken takes taking tell than thank
    thanks that thats the their them then there these they thing things think this those to today too try u up
    us use used uses using usually very want was way we were what whats when where which while who whos why will
    with without wonder would you your
"""
_SMALL_TALK = frozenset(_SMALL_TALK_TEXT.split())
_STEMMER = snowballstemmer.stemmer("english")


def is_about(
    asked: Subjects, question: str, sentence: str, saying: Sequence[Passage], *, find: Callable[[str], Subjects]
) -> bool:
    """Say whether a sentence is about something that the question names; true where the question names nothing.

    It is if a passage that says it is of such a topic, or if it names one itself. What has no topic (`others`) must
    stand in a passage that says it.
    """
    if not (asked.topics or asked.others):
        return True
    words = _content(question)
    if any(_topic_of(passage) in asked.topics or _is_named(passage, words) for passage in saying):
        return True
    if asked.topics:
        return bool(find(sentence).topics & asked.topics)
    return any(find(passage.text).others & asked.others for passage in saying)


def is_relevant(question: str, sentences: Sequence[str], passages: Sequence[Passage]) -> bool:
    """Say whether the question names a cited topic, or enough of its content words stand in what is cited."""
    asked = _content(_PLACEHOLDER.sub(" ", question))
    if any(_is_named(passage, asked) for passage in passages):
        return True
    known = {stem for text in (*sentences, *(_about(p) for p in passages)) for stem in _content(text)}
    return bool(asked) and len(asked & known) / len(asked) >= LEAST_SHARED


def _is_named(passage: Passage, asked: frozenset[str]) -> bool:
    """Say whether the question holds every word of one of the topic's names."""
    names = (_content(name) for name in (passage.title, *passage.synonyms))
    return any(name and name <= asked for name in names)


def _topic_of(passage: Passage) -> str:
    return passage.id.partition("#")[0]


def _about(passage: Passage) -> str:
    return " ".join((passage.title, passage.section, *passage.synonyms, passage.text))


@lru_cache(maxsize=2048)
def _content(text: str) -> frozenset[str]:
    words = _WORD.findall(re.sub(r"['’]", "", text.lower()))
    return frozenset(_stem(word) for word in words if word not in _SMALL_TALK)


@lru_cache(maxsize=65536)
def _stem(word: str) -> str:
    return str(_STEMMER.stemWord(word))
