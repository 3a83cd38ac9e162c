"""What every recogniser is: a Presidio recogniser that raises instead of skipping.

Presidio's own PatternRecognizer logs a regex that ran out of time and goes on without it, after 60 s; a skipped
recogniser is a leak, so ours let TimeoutError out, after a short limit, and the turn is refused.
Each recogniser works on folded text (portico_redaction.normalise): ASCII digits, "-", "'" and plain spaces.
"""

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import regex
from presidio_analyzer import EntityRecognizer, Pattern, PatternRecognizer, RecognizerResult

from portico_core.labels import PhiType
from portico_redaction.recognisers.first_letters import FIRST_LETTERS, compile_form, matches_at
from portico_redaction.recognisers.spared import is_counted, is_public_code

PATTERN_TIMEOUT_S = 0.5
"""Longest one pattern may take on one text; a 4,000-character message takes under 5 ms."""

START = r"(?<![A-Za-z0-9])"
"""Where a cue may begin: unlike a word border also after an underscore ("patient_mrn")."""

NUMBER = r"(?:[ _.-]{0,2}(?:(?=#)|(?:id(?:entifier|entification)?|ident|numbers?|nums?|nos?|nrs?|nbr|codes?|ref(?:erence)?)(?![A-Za-z0-9])\.?))"
"""The word that makes a thing's name the name of its number: "chart no.", "member_id", "policy #"."""

GLUE = (
    r"(?:[\s:#=()\[\]{}<>|^\"'.,*/_→-]{1,4}+"
    r"(?:(?:is|was|are|be|numbers?|no|num|nr|id|of|in|on|as|it|my|the|his|her|file|card|code|still|should|reads?|says?|shows?"
    r"|ends?|ending|with|es|n[uú]mero)\b(?![-_][A-Z0-9]))?+){1,6}?"
)
"""What stands between a cue and its value: punctuation, and a few small words (unless they begin the value: "IN-7789"). A run of signs is taken
whole (possessive), because each way of cutting it would be tried otherwise."""

GAP = r"(?![A-Za-z0-9])[^.;!?\n0-9]{1,40}?(?<![A-Z0-9-])"
"""Any few words between a cue and its value; only for values that are plainly no measure."""

IDENTIFIER = r"(?:(?-i:(?!(?:VIN|MRN|SSN|DOB|NPI|DEA|UDI|IMEI|PIN|ID|NO|SN|REF|LOT) )[A-Z]{1,4}) (?=[0-9]))?(?=[A-Z_/-]{0,12}[0-9])[A-Z0-9](?:[-/._]?[A-Z0-9]){2,39}+(?![A-Z0-9])"
"""Letters and digits with single separators, at least one digit near the start, three characters or more; capitals may
stand before it with a blank ("TX 40918825")."""

GROUPED_DIGITS = r"[0-9](?:[ -]{0,3}[0-9]){3,23}(?![A-Z0-9])"
"""Digits in groups, as people copy them from a card."""

_ANY_CASE = regex.IGNORECASE | regex.MULTILINE
EXACT_CASE = regex.MULTILINE
DIGIT = regex.compile("[0-9]")
_JOIN = regex.compile(r"(?:\s{0,2}[,;/&|]\s{0,2}(?:(?:and|or|y) )?|\s{1,2}(?:and|or|y)\s{1,2})#?", _ANY_CASE)


@dataclass(frozen=True, slots=True)
class Form:
    """One way of writing an identifier. A group `value` marks the identifier where cues stand around it."""

    name: str
    pattern: str
    score: float
    flags: int = _ANY_CASE
    loose: bool = False
    """No cue vouches for it: public code systems and counted units are looked for around the match."""


@dataclass(frozen=True, slots=True)
class Found:
    """Where an identifier lies in folded text, and how sure the recogniser is."""

    start: int
    end: int
    score: float


class FormRecogniser(PatternRecognizer):  # type: ignore[misc]  # Presidio is untyped for us (pyproject, follow_imports)
    """Find an identifier by its forms; `accepts` may look closer (check digits, ranges)."""

    phi_type: ClassVar[PhiType]
    forms: ClassVar[tuple[Form, ...]]
    needs: ClassVar[regex.Pattern[str] | None] = None
    """What every match holds: a text without it is not looked at further."""

    def __init__(self, forms: tuple[Form, ...] | None = None) -> None:
        used = self.forms if forms is None else forms
        patterns = [_presidio_pattern(form) for form in used]
        super().__init__(supported_entity=self.phi_type.value, name=type(self).__name__, patterns=patterns)
        self._compiled = [(form, compile_form(form.pattern, form.flags)) for form in used]
        self._numbers = [FIRST_LETTERS.number_of(form.pattern, form.flags) for form in used]
        self._anywhere = [at for at, number in enumerate(self._numbers) if number is None]
        self._at = {number: at for at, number in enumerate(self._numbers) if number is not None}
        self._groups = ["value" if "value" in compiled.groupindex else 0 for _, compiled in self._compiled]

    def accepts(self, value: str, form: Form) -> bool:
        """Say whether a match is an identifier after all."""
        return True

    def find(self, text: str) -> Iterator[Found]:
        """Yield every identifier in folded text; raise TimeoutError rather than skip a form."""
        if self.needs is not None and self.needs.search(text) is None:
            return
        places = FIRST_LETTERS.places(text)
        for at in sorted([*self._anywhere, *(self._at[number] for number in self._at.keys() & places.keys())]):
            (form, compiled), group, number = self._compiled[at], self._groups[at], self._numbers[at]
            for match in _matches(compiled, text, None if number is None else places[number]):
                start, end = match.span(group)
                if end > start and self.accepts(text[start:end], form) and not _spared(text, start, end, form):
                    yield Found(start - _has_sign(text, start, end), end, form.score)
                    if group == "value":
                        yield from (Found(*at, form.score) for at in _siblings(text, start, end))

    def analyze(
        self, text: str, entities: list[str], nlp_artifacts: Any = None, regex_flags: int | None = None
    ) -> list[RecognizerResult]:
        """Presidio's entry."""
        return _results(self, text)


def _presidio_pattern(form: Form) -> Pattern:
    """Return Presidio's record of a form.

    Its constructor would compile the pattern once more, without the form's flags, and throw it away: a second of start-up.
    """
    record = Pattern(name=form.name, regex="", score=form.score)
    record.regex = form.pattern
    return record


class ReadingRecogniser(EntityRecognizer):  # type: ignore[misc]  # as above
    """Find an identifier by reading on from a cue, where a pattern alone cannot say where it ends."""

    phi_type: ClassVar[PhiType]

    def __init__(self) -> None:
        super().__init__(supported_entities=[self.phi_type.value], name=type(self).__name__)

    def load(self) -> None:
        """Presidio calls it once; nothing is needed."""

    @abstractmethod
    def find(self, text: str) -> Iterator[Found]:
        """Yield every identifier in folded text."""

    def analyze(self, text: str, entities: list[str], nlp_artifacts: Any = None) -> list[RecognizerResult]:
        """Presidio's entry."""
        return _results(self, text)


Recogniser = FormRecogniser | ReadingRecogniser


def _results(recogniser: Recogniser, text: str) -> list[RecognizerResult]:
    metadata = {
        RecognizerResult.RECOGNIZER_NAME_KEY: recogniser.name,
        RecognizerResult.RECOGNIZER_IDENTIFIER_KEY: recogniser.id,
    }
    return [
        RecognizerResult(
            entity_type=recogniser.phi_type.value,
            start=found.start,
            end=found.end,
            score=found.score,
            recognition_metadata=metadata,
        )
        for found in recogniser.find(text)
    ]


def _matches(compiled: regex.Pattern[str], text: str, places: Sequence[int] | None) -> Iterator[regex.Match[str]]:
    """Yield the matches of a form: at these places only, or anywhere where none are given."""
    if places is None:
        return compiled.finditer(text, timeout=PATTERN_TIMEOUT_S)
    return matches_at(compiled, text, places, PATTERN_TIMEOUT_S)


def _has_sign(text: str, start: int, end: int) -> bool:
    """Say whether the sign before a value is a part of it: "#4471", "(555) 123-4567"."""
    before, opened, closed = text[start - 1 : start], text.find("(", start, end), text.find(")", start, end)
    return before == "#" or (before == "(" and closed >= 0 and not 0 <= opened < closed)


def _spared(text: str, start: int, end: int, form: Form) -> bool:
    """Say whether a match that no cue vouches for is a public code or a count."""
    return form.loose and (is_public_code(text, start, end) or is_counted(text, end))


def _siblings(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield the numbers that follow in a list and look like the first: "MRNs 448812 and 448813"."""
    shape = _shape(text[start:end])
    while shape.count("9") >= 4 and (joint := _JOIN.match(text, end)):
        start, end = joint.end(), joint.end() + len(shape)
        if _shape(text[start:end]) != shape or text[end : end + 1].isalnum():
            return
        yield start, end


def _shape(value: str) -> str:
    return "".join("9" if c.isdigit() else "A" if c.isalpha() else c for c in value)


def digits_of(value: str) -> str:
    """Return the ASCII digits of a value."""
    return "".join(character for character in value if "0" <= character <= "9")


def luhn_valid(digits: str) -> bool:
    """Check the Luhn digit (ISO/IEC 7812-1, annex B)."""
    total = 0
    for position, character in enumerate(reversed(digits)):
        value = int(character) * (1 + position % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0
