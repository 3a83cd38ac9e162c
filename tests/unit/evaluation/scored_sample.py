"""A small sample by our own hand: what is there, what was found, and one edge of the measures in each row."""

from dataclasses import dataclass
from typing import Any

from portico_core.text import PhiSpan
from portico_evaluation.phi.texts import LabelledText, parse_marked


@dataclass(frozen=True, slots=True)
class Pair:
    """A text with its identifiers marked, and the same text with the spans found marked."""

    there: str
    found: str
    optional: tuple[str, ...] = ()

    def gold(self) -> dict[str, Any]:
        """Return the row as score.py and `--text` read it."""
        text, identifiers = parse_marked(self.there)
        spans = [
            {"start": i.start, "end": i.end, "type": i.type.value}
            | ({"optional": True} if text[i.start : i.end] in self.optional else {})
            for i in identifiers
        ]
        return {"text": text, "spans": spans, "source": "sample"}

    def prediction(self) -> dict[str, Any]:
        """Return the row as `portico redact` writes it."""
        _, identifiers = parse_marked(self.found)
        return {"spans": [{"start": i.start, "end": i.end, "type": i.type.value, "score": 0.9} for i in identifiers]}


PAIRS = [
    # Covered, and typed.
    Pair("⟦NAME:Ines Falk⟧ called.", "⟦NAME:Ines Falk⟧ called."),
    # One character short: not found, yet the same span at IoU .9.
    Pair("see ⟦NAME:Bartholomew Finch⟧", "see ⟦NAME:Bartholomew Finc⟧h"),
    # Half of it: the same at IoU .5 only.
    Pair("see ⟦NAME:Ana Quibb⟧", "see Ana ⟦NAME:Quibb⟧"),
    # A little of it: the same at no level, and no false alarm either.
    Pair("see ⟦NAME:Wilhelmina Quibbleton⟧", "see ⟦NAME:Wil⟧helmina Quibbleton"),
    # Covered by two spans of other classes: found, not typed.
    Pair("ring ⟦PHONE:218-555-0164⟧", "ring ⟦FAX:218-555⟧⟦ACCOUNT:-0164⟧"),
    # Covered by two spans, one of the right class: typed.
    Pair("at ⟦GEOGRAPHIC:Elm Mill Road⟧", "at ⟦NAME:Elm⟧⟦GEOGRAPHIC: Mill Road⟧"),
    # One address cut in two by the author, found as one.
    Pair("at ⟦GEOGRAPHIC:4 Elm Rd⟧, ⟦GEOGRAPHIC:Harlow⟧.", "at ⟦GEOGRAPHIC:4 Elm Rd, Harlow⟧."),
    # The other way about.
    Pair("at ⟦GEOGRAPHIC:9 Oak Ct, Barrow⟧.", "at ⟦GEOGRAPHIC:9 Oak Ct⟧, ⟦GEOGRAPHIC:Barrow⟧."),
    # Two names with a word between them stay two.
    Pair("⟦NAME:Ola⟧ and ⟦NAME:Per⟧ came", "⟦NAME:Ola and Per⟧ came"),
    # Punctuation at the ends of an identifier need not be covered.
    Pair('he said ⟦NAME:"Joss.")⟧', 'he said "⟦NAME:Joss⟧.")'),
    # An identifier of punctuation only has nothing to cover.
    Pair("odd ⟦OTHER_ID:..⟧ one", "odd .. one"),
    # Optional, not found: no miss.
    Pair("the ⟦DATE:summer⟧ visit", "the summer visit", optional=("summer",)),
    # Optional, found: no false alarm.
    Pair("the ⟦GEOGRAPHIC:north wing⟧ visit", "the ⟦GEOGRAPHIC:north wing⟧ visit", optional=("north wing",)),
    # An optional and a wanted neighbour of one class are not joined.
    Pair("⟦NAME:Dr.⟧ ⟦NAME:Osei⟧", "⟦NAME:Dr. Osei⟧", optional=("Dr.",)),
    # A text without identifiers, left alone; and one that is not.
    Pair("I take 5 mg daily.", "I take 5 mg daily."),
    Pair("Is Parkinson worse in May?", "Is ⟦NAME:Parkinson⟧ worse in ⟦DATE:May⟧?"),
    # A false alarm beside an identifier; two false alarms of one class are joined.
    Pair("⟦SSN:123-45-6789⟧, blue pill", "⟦SSN:123-45-6789⟧, ⟦DEVICE:blue⟧ ⟦DEVICE:pill⟧"),
    # Not ASCII, not in the basic plane.
    Pair("🙂 Señora ⟦NAME:Núñez⟧ 🙂", "🙂 Señora ⟦NAME:Núñez⟧ 🙂"),
    # Nothing found at all.
    Pair("my chart is ⟦MRN:00-44-71⟧", "my chart is 00-44-71"),
]

RECORDED: dict[str, float] = {
    "n": 17,
    "recall": 0.7059,
    "typed": 0.8333,
    "clean": 0.5,
    "false_chars": 0.12883,
    "f2_iou0.5": 0.7051,
    "f2_iou0.9": 0.411,
}
"""The last line of `score.py phi` on these rows."""


def labelled(pair: Pair) -> LabelledText:
    """Return the text as the suite holds it."""
    text, identifiers = parse_marked(pair.there)
    marked = tuple(
        type(i)(i.start, i.end, i.type, optional=text[i.start : i.end] in pair.optional) for i in identifiers
    )
    return LabelledText("sample", text, marked, group="sample")


def spans_found(pair: Pair) -> list[PhiSpan]:
    """Return the spans as a redactor gives them."""
    return [PhiSpan(i.start, i.end, i.type, 0.9) for i in parse_marked(pair.found)[1]]
