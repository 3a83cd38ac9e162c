"""Recall of the structured recognisers on generated values in our own sentences, class by class.

Names and places in words are the tagger's; this table measures what has a form. A value counts when every one of its
letters and digits is covered, whatever class covered it; the class is counted apart.
"""

import sys
from random import Random

import pytest

from portico_core.labels import PhiType
from portico_core.text import PhiSpan
from portico_redaction.normalise import normalise
from portico_redaction.recognisers import Recogniser, all_recognisers
from portico_redaction.resolve import settle_overlaps
from unit.redaction.structured_carriers import CARRIERS, carriers_of
from unit.redaction.structured_values import MAKERS

SEED = 20261125
VALUES = 120
"""At least 100 values a class."""

MIN_RECALL = 0.98
MIN_TYPED = 0.9


def structured() -> list[Recogniser]:
    """Return the recognisers of identifiers with a form."""
    words = {PhiType.NAME, PhiType.GEOGRAPHIC}
    own = ("PostcodeRecogniser", "CoordinatesRecogniser")
    return [r for r in all_recognisers() if r.phi_type not in words or type(r).__name__ in own]


STRUCTURED = structured()


def spans_of(text: str, recognisers: list[Recogniser]) -> tuple[PhiSpan, ...]:
    folded = normalise(text)
    found = [(r.phi_type, f) for r in recognisers for f in r.find(folded.text)]
    return settle_overlaps(text, [PhiSpan(*folded.original_range(f.start, f.end), kind, f.score) for kind, f in found])


def is_covered(text: str, value: str, spans: tuple[PhiSpan, ...]) -> bool:
    marked = {at for span in spans for at in range(span.start, span.end)}
    start = text.index(value)
    return all(at in marked for at in range(start, start + len(value)) if text[at].isalnum())


def is_typed(text: str, value: str, spans: tuple[PhiSpan, ...], kind: str) -> bool:
    start = text.index(value)
    return any(s.type.value == kind and s.start < start + len(value) and start < s.end for s in spans)


def measured(kind: str, recognisers: list[Recogniser]) -> tuple[int, int, list[str]]:
    """Return how many values were covered, how many under their own class, and the sentences that leaked."""
    random, sentences = Random(f"{SEED} {kind}"), carriers_of(kind)
    hits, typed, leaks = 0, 0, []
    for turn in range(VALUES):
        value = MAKERS[kind](random)
        text = sentences[turn % len(sentences)].replace("{{", "{").replace("}}", "}").replace("{}", value)
        spans = spans_of(text, recognisers)
        covered = is_covered(text, value, spans)
        hits += covered
        typed += covered and is_typed(text, value, spans, kind.split(maxsplit=1)[0])
        leaks += [] if covered else [text]
    return hits, typed, leaks


@pytest.mark.parametrize("kind", sorted(MAKERS))
def test_recall_of_a_structured_class(kind: str) -> None:
    hits, typed, leaks = measured(kind, STRUCTURED)
    sys.stdout.write(f"seed {SEED}  {kind:<18} recall {hits}/{VALUES}  own class {typed}/{hits}\n")
    assert hits / VALUES >= MIN_RECALL, leaks
    assert typed / VALUES >= MIN_TYPED


def test_every_class_has_sentences_enough() -> None:
    assert {kind for kind in MAKERS if len(carriers_of(kind)) < 15} == set()
    assert set(CARRIERS) == set(MAKERS)


def test_without_its_recogniser_a_class_leaks() -> None:
    """The measure can fail: MRNs without their recogniser fall to what other classes happen to take."""
    without = [recogniser for recogniser in STRUCTURED if recogniser.phi_type is not PhiType.MRN]
    hits, typed, _ = measured("MRN", without)
    assert hits / VALUES < MIN_RECALL
    assert typed == 0
