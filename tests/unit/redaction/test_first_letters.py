"""Looking only where a form can begin finds the same as looking everywhere: held against each other on sentences."""

import sys
from collections.abc import Iterator
from random import Random

import pytest
import regex

from portico_redaction.normalise import normalise
from portico_redaction.recognisers import all_recognisers
from portico_redaction.recognisers.base import FormRecogniser
from portico_redaction.recognisers.first_letters import FIRST_LETTERS, FirstLetters, beginnings, matches_at
from unit.redaction.structured_carriers import CARRIERS, carriers_of
from unit.redaction.structured_values import MAKERS
from unit.redaction.test_clinical_utility import SENTENCES

SEED = 20261125
PROSE = (
    'José\'s número_de_cuenta, MRN_44881 éa93 (mrn 4471) "dob:3/4/80" x@y.org ~ ½ 🙂mrn 4471\nRm 4B\tSSN 123-45-6789'
)


def texts() -> Iterator[str]:
    """Yield the carriers with a value, the clinical sentences, odd borders, each also in other cases and joined up."""
    random = Random(SEED)
    plain = [s.replace("{}", MAKERS[kind](random)) for kind in sorted(CARRIERS) for s in carriers_of(kind)]
    for text in [*plain, *SENTENCES, PROSE]:
        folded = normalise(text).text
        yield from (folded, folded.upper(), folded.lower(), folded.replace(" ", "_"))


def everywhere(compiled: regex.Pattern[str], text: str) -> list[tuple[int, int]]:
    return [match.span() for match in compiled.finditer(text)]


def where_it_begins(compiled: regex.Pattern[str], text: str, index: FirstLetters) -> list[tuple[int, int]]:
    number = index.number_of(compiled.pattern, compiled.flags & (regex.IGNORECASE | regex.MULTILINE))
    if number is None:
        return everywhere(compiled, text)
    return [match.span() for match in matches_at(compiled, text, index.places(text).get(number, ()), 1.0)]


def forms() -> list[regex.Pattern[str]]:
    made = [r for r in all_recognisers() if isinstance(r, FormRecogniser)]
    return [compiled for recogniser in made for _, compiled in recogniser._compiled]


def differing(compiled: list[regex.Pattern[str]], index: FirstLetters, sample: list[str]) -> int:
    return sum(everywhere(form, text) != where_it_begins(form, text, index) for text in sample for form in compiled)


def test_both_ways_of_looking_find_the_same() -> None:
    compiled, sample = forms(), list(texts())
    bounded = [form for form in compiled if beginnings(form.pattern, form.flags & ~regex.UNICODE) is not None]
    chosen = Random(SEED).sample(sample, 250)
    sys.stdout.write(
        f"seed {SEED}  texts {len(chosen)} of {len(sample)}  forms {len(compiled)}, bounded {len(bounded)}\n"
    )
    assert len(bounded) > len(compiled) / 3
    assert differing(compiled, FIRST_LETTERS, chosen) == 0


def test_an_index_that_forgets_a_beginning_is_found_out() -> None:
    """The comparison can fail: without the places that begin with "mrn", record numbers go missing."""
    forgetful = FirstLetters()
    compiled = forms()
    for form in compiled:
        forgetful.number_of(form.pattern, form.flags & (regex.IGNORECASE | regex.MULTILINE))
    forgetful._any_case.pop("mrn")
    assert differing(compiled, forgetful, ["my mrn is 44881 today"]) > 0


@pytest.mark.parametrize(
    ("pattern", "letters"),
    [
        (r"(?<![A-Za-z0-9])mrn [0-9]+", {"mrn"}),  # one word
        (r"\b(?:bed|rm) [0-9]", {"bed", "rm "}),  # words of two lengths
        (r"\bmrn(?= x)", {"mrn"}),  # what follows is only looked at
        (r"mrn [0-9]", None),  # may begin inside a word
        (r"\b\w+ [0-9]", None),  # any letter
        (r"@[a-z]+", None),  # begins with a sign
        (r"\ba(?= b)", {"a b"}),  # shorter than the letters that are looked up
        (r"\bva \bnum", {"va "}),  # a border right after the letters that are looked up
        (r"\bnúm", {"núm"}),  # a letter of the pattern's own
    ],
)
def test_beginnings(pattern: str, letters: set[str] | None) -> None:
    assert beginnings(pattern, regex.IGNORECASE) == (None if letters is None else frozenset(letters))


def test_the_places_of_one_text_are_never_those_of_another() -> None:
    index = FirstLetters()
    number = index.number_of(r"\bmrn [0-9]+", regex.IGNORECASE)
    assert number is not None
    assert index.places("mrn 4")[number] == [0]
    assert index.places("x mrn 4")[number] == [2]
    assert index.places("mrn 4")[number] == [0]
    later = index.number_of(r"\bmrn [0-9]{2}", regex.IGNORECASE)
    assert later is not None
    assert index.places("mrn 4")[later] == [0]
