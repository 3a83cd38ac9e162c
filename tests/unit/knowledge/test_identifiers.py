"""A passage that identifies somebody is refused with its id and classes; public facts are not; no value is shown."""

from datetime import date
from pathlib import Path

import pytest

from portico_core.knowledge import Passage
from portico_core.labels import PhiType
from portico_knowledge.check import check_identifiers
from portico_knowledge.identifiers import public_terms, refuse_identified, types_beyond_public
from portico_knowledge.passages import built_in_folder, load_passages
from portico_redaction.scrub import find_by_pattern
from unit.knowledge.test_check import TOPIC

TODAY = date(2026, 12, 1)
GOOD = "Metformin is used to treat type 2 diabetes."


def passage(text: str = GOOD, *, url: str = "https://medlineplus.gov/x.html", title: str = "Metformin") -> Passage:
    return Passage(id="p1", title=title, section="Uses", text=text, url=url, source="MedlinePlus")


PERSONAL = [
    ("The number was SSN 123-45-6789.", {PhiType.SSN}),
    (f"{GOOD} Her MRN: 00482913 was on the chart.", {PhiType.MRN}),
    ("The patient, Mrs. Wilhelmina Quibbleton, was born on 03/09/1980.", {PhiType.NAME, PhiType.DATE}),
    ("Write to Dr. Wilhelmina Quibbleton at w.quibbleton@example.org today.", {PhiType.NAME, PhiType.EMAIL}),
]


@pytest.mark.parametrize(("text", "types"), PERSONAL)
def test_a_passage_that_identifies_somebody_is_refused_without_the_value(text: str, types: set[PhiType]) -> None:
    fit, refused = refuse_identified([passage(), passage(text)], find=find_by_pattern)
    assert fit == (passage(),)
    (found,) = refused
    assert set(found.types) >= types
    assert str(found).startswith("p1: identifiers in the passage: ")
    assert not any(value in str(found) for value in ("123-45", "00482913", "Quibbleton", "03/09/1980"))


def test_an_identifier_in_an_address_or_a_title_is_found_too() -> None:
    hidden = [passage(url="https://example.org/chart?ssn=123-45-6789"), passage(title="SSN 123-45-6789")]
    fit, refused = refuse_identified(hidden, find=find_by_pattern)
    assert fit == ()
    assert [found.types for found in refused] == [(PhiType.SSN,)] * 2


@pytest.mark.parametrize(
    "text",
    [
        "Call 911, or call or text 988.",  # emergency and crisis lines
        "Call Poison Help at 1-800-222-1222 right away.",  # a help line
        "The institute, 2 Example Place, Springfield, MD 20892-3655 301-555-0148",  # a ZIP code before a telephone
        "Call 1-800-4-CANCER or (1-800-633-4227) to ask.",  # help lines with letters, in brackets
        "Ask the Mayo Clinic in Rochester, Minnesota, or the National Eye Institute.",  # organisations and towns
        "Pfizer and Novo Nordisk make medicines.",  # makers
        "Parkinson disease and Crohn disease are named after doctors.",  # eponyms
        "See www.medicare.gov and https://medlineplus.gov/druginfo/meds/a696005.html.",  # public addresses
        "The rule took effect in October of 2015 and on 1/1/2022.",  # dates of rules
        "Delphine Tuot studies kidney disease at the University of California, San Francisco.",  # a researcher
    ],
)
def test_public_facts_are_no_identifiers(text: str) -> None:
    assert refuse_identified([passage(text)], find=find_by_pattern)[1] == ()


def test_none_of_the_built_in_passages_is_refused() -> None:
    passages = load_passages(built_in_folder(), today=TODAY)
    fit, refused = refuse_identified(passages, find=find_by_pattern)
    assert refused == ()
    assert len(fit) == len(passages) == 1474


def test_the_check_names_the_place_and_the_class_and_not_the_value(tmp_path: Path) -> None:
    file = tmp_path / "metformin.md"
    file.write_text(TOPIC.replace("type 2 diabetes", "type 2 diabetes of Mrs. Wilhelmina Quibbleton"), encoding="utf-8")
    (problem,) = check_identifiers(tmp_path, find=find_by_pattern)
    assert str(problem) == f"{file}:17: error: uses: NAME [identifier]"
    file.write_text(TOPIC, encoding="utf-8")
    assert check_identifiers(tmp_path, find=find_by_pattern) == []


def test_a_reviewed_term_is_public_and_only_that() -> None:
    assert "1-800-222-1222" in public_terms() and len(public_terms()) < 20
    assert types_beyond_public("Call 1-800-222-1222.", find=find_by_pattern) == ()
    assert types_beyond_public("Call 1-800-222-1223.", find=find_by_pattern) == (PhiType.PHONE,)


def test_every_reviewed_term_stands_in_a_passage() -> None:
    words = "\n".join(p.text for p in load_passages(built_in_folder(), today=TODAY)).casefold()
    assert [term for term in public_terms() if term not in words] == []
