"""Topics are recognised by their names, the longest first, and questions are put in the topics' words."""

from collections.abc import Sequence

import numpy as np
import pytest

from portico_core.knowledge import Passage, Subjects
from portico_knowledge.index import Floats, build_index
from portico_knowledge.names import TopicNames, in_topics_words
from portico_knowledge.outside import OtherNames, outside_words
from portico_knowledge.search import HybridSearch
from portico_knowledge.words import raw_words, stems

ALPRAZOLAM = Passage("medicine.alprazolam#uses", "Alprazolam", "", "x", synonyms=("Xanax", "Xanax XR"))
ALBUTEROL = Passage("medicine.albuterol#uses", "Albuterol (inhaler)", "", "x", synonyms=("Ventolin HFA",))
MAGNESIUM = Passage("lab.magnesium#high", "Magnesium blood test", "", "x", synonyms=("Mg level",))
ALBUMIN = Passage("lab.albumin#high", "Albumin blood test", "", "x")
URINE = Passage("lab.urine-albumin#high", "Urine albumin test", "", "x", synonyms=("microalbumin",))
VISIT = Passage("portal.appointments#how-to", "Appointments in the portal", "", "x", synonyms=("cancel appointment",))
ANESTHESIA = Passage("procedure.general-anesthesia#risks", "General anesthesia", "", "x", synonyms=("going under",))
THIAZIDE = Passage("medicine.hctz#uses", "Hydrochlorothiazide", "", "x", synonyms=("water pill",))
LASIX = Passage("medicine.lasix#uses", "Furosemide", "", "x", synonyms=("water pill",))
NAMES = TopicNames([ALPRAZOLAM, ALBUTEROL, MAGNESIUM, ALBUMIN, URINE, VISIT, ANESTHESIA, THIAZIDE, LASIX])


@pytest.mark.parametrize(
    ("question", "topics", "why"),
    [
        ("xanax plus vodka", ["medicine.alprazolam"], "a brand"),
        ("is ventolin a steroid", ["medicine.albuterol"], "the first word of a brand"),
        ("muscle cramps low magnesium", ["lab.magnesium"], "the telling part of a title"),
        ("urine albumin test high", ["lab.urine-albumin"], "the longer name holds the shorter one"),
        ("albumin blood test high", ["lab.albumin"], "the shorter one by itself"),
        ("albumin high", ["lab.albumin", "lab.urine-albumin"], "what both titles hold"),
        ("how do i cancel my appointment", ["portal.appointments"], "small words are passed over"),
        ("does nitroglycerin go under the tongue", [], "but not where they make the name"),
        ("going under for surgery", ["procedure.general-anesthesia"], "as it is said"),
        ("what is a blood test", [], "what titles share names nothing"),
        ("xanax with a water pill", ["medicine.alprazolam", "medicine.hctz", "medicine.lasix"], "two topics, one name"),
    ],
)
def test_names(question: str, topics: list[str], why: str) -> None:
    found = NAMES.find(raw_words(question))
    assert sorted({topic for naming in found for topic in naming.name.topics}) == topics, why


@pytest.mark.parametrize(
    ("question", "worded"),
    [
        ("xanax plus vodka", "alprazolam plus vodka"),
        ("is alprazolam safe", "is alprazolam safe"),
        ("is ventolin ok", "is albuterol inhaler ok"),
        ("water pill at night", "water pill at night"),  # Two topics are called so: nothing is put in its place.
    ],
)
def test_wording(question: str, worded: str) -> None:
    words = raw_words(question)
    assert in_topics_words(words, NAMES.find(words)) == worded


@pytest.mark.parametrize(
    ("word", "corrected"), [("alprazolm", "alprazolam"), ("appointmant", "appointment"), ("mg", "mg")]
)
def test_slips_of_the_pen(word: str, corrected: str) -> None:
    assert NAMES.corrected(word) == corrected


def test_names_of_other_things_are_seen_but_those_of_topics_are_not() -> None:
    other = OtherNames(NAMES.phrases)
    assert other.found_in(stems("diltiazem and grapefruit"), apart_from=()) == {tuple(stems("diltiazem"))}
    assert not other.found_in(stems("diltiazem and grapefruit"), apart_from=(0,))
    assert not other.found_in(stems("alprazolam and grapefruit"), apart_from=())


@pytest.mark.parametrize(
    "question", ["how much does it cost", "who makes lipitor", "can my dog have it", "is the lab open"]
)
def test_what_no_section_says(question: str) -> None:
    assert outside_words(question) is not None


@pytest.mark.parametrize(
    "question", ["best time of day for it", "how does it do its job in the body", "after a dog bite"]
)
def test_what_sections_do_say(question: str) -> None:
    assert outside_words(question) is None


def test_the_search_says_what_a_text_names() -> None:
    def encode(texts: Sequence[str]) -> Floats:
        return np.zeros((len(texts), 1), dtype=np.float32)

    search = HybridSearch(build_index([ALPRAZOLAM, MAGNESIUM, LASIX, THIAZIDE], encode=encode, encoder_version="none"))
    assert search.subjects("is xanax ok with low magnesium") == Subjects(frozenset({ALPRAZOLAM.id.partition("#")[0]}))
    assert search.subjects("muscle cramps low magnesium").topics == {"lab.magnesium"}  # A part, where nothing is whole.
    assert search.subjects("water pill at night").topics == {"medicine.hctz", "medicine.lasix"}
    assert search.subjects("diltiazem and grapefruit").others == {"diltiazem"}
    assert search.subjects("how does it work") == Subjects()
