"""Things that bear a name, whole sentences through the serving rules; and the people beside them, still found."""

from collections.abc import Iterator

import pytest

from portico_core.labels import PhiType
from portico_redaction.engine import Redactor
from portico_redaction.recognisers import all_recognisers


@pytest.fixture(scope="module")
def redactor() -> Iterator[Redactor]:
    opened = Redactor(recognisers=all_recognisers(), deadline_s=60)
    yield opened
    opened.close()


@pytest.mark.parametrize(
    "text",
    [
        "St. John's wort or ginkgo, which must stop?",
        "Percocet, oxycodone IR, MS Contin: why three?",
        "Earl Grey with my iron pill?",
        "is the Johnson and Johnson vaccine still given?",
        "my t:slim beeps",
        "a Bence Jones protein came up",
        "the Band-aids fell off",
        "hey siri send a message to the clinic",
        "We fly to Brazil and Peru. Malaria pills for both?",
        "¿Cuándo me quitan la sonda Foley?",
        "a Corona and a Claritin?",  # an indefinite article
        "our dog Bella licked it and Bella sneezed",  # a pet
        "does my plan take Oscar or Clover",  # insurers
        "I'm O negative, is my blood rare?",
        "are you closed on Memorial Day and Juneteenth",  # opening hours
        "it flares twice in April every year",  # dates nothing
        "Trader Joe's has a shake",
    ],
)
def test_a_thing_stays_whole(redactor: Redactor, text: str) -> None:
    assert redactor.redact(text).redacted.text == text


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Dr. Foley said to stop it", "Dr. Foley"),
        ("my aunt Addison takes a blood thinner", "Addison"),
        ("Earl Gray, my father, has a catheter", "Earl Gray"),
        ("I live in Peru, Indiana", "Peru"),
        ("St. John's Hospital sent me home", "St. John's Hospital"),
        ("my name is Taylor Swift", "Taylor Swift"),  # a cue beats a namesake
        ("Oscar says his stomach hurts", "Oscar"),  # no word of insurance
        ("a Maria from billing called", "Maria"),  # an article, and a person
        ("Faith in scheduling moved me", "Faith"),
    ],
)
def test_a_person_or_place_of_the_same_name_is_found(redactor: Redactor, text: str, name: str) -> None:
    found = redactor.find_spans(text)
    at = text.index(name)
    covered = {i for s in found if s.type in (PhiType.NAME, PhiType.GEOGRAPHIC) for i in range(s.start, s.end)}
    assert set(range(at, at + len(name))) <= covered


def test_a_name_of_the_session_is_found_inside_a_thing(redactor: Redactor) -> None:
    known = [(PhiType.NAME, "Earl Grey")]
    assert "Earl Grey" not in redactor.redact("Earl Grey and iron pills", known_values=known).redacted.text
