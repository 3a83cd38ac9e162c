"""Patient words in their two forms: raw (never leaves the gateway process) and redacted.

Every stage after redaction accepts `RedactedText` only, so raw text downstream is a type error.
"""

from dataclasses import dataclass, field

from portico_core.labels import PhiType

MAX_TEXT_CHARACTERS = 4_000


class PatientText:
    """Hold raw patient words; `repr`, `str` and pickling never show them."""

    __slots__ = ("__text",)

    def __init__(self, text: str) -> None:
        self.__text = text

    def reveal(self) -> str:
        """Return the raw words. Call it in redaction and restoration only."""
        return self.__text

    def __len__(self) -> int:
        return len(self.__text)

    def __repr__(self) -> str:
        return f"PatientText({len(self.__text)} characters)"

    __str__ = __repr__

    def __reduce__(self) -> str:
        raise TypeError("PatientText does not leave the process")


@dataclass(frozen=True, slots=True)
class PhiSpan:
    """One identifier found: code-point offsets into the given text, its class, and a score in [0, 1]."""

    start: int
    end: int
    type: PhiType
    score: float


@dataclass(frozen=True, slots=True)
class RedactedText:
    """Text with placeholders for identifiers. Only a Redactor makes one (`tests/house` holds that)."""

    text: str

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class Redaction:
    """What redaction of one text gave.

    `placeholders` maps each placeholder that stands in the text (`[NAME_1]`) to the raw value it stands for; where a
    text spells that value otherwise, `spellings` has every spelling of it, in reading order. `people` says which
    placeholder is whom of the session.
    """

    redacted: RedactedText
    spans: tuple[PhiSpan, ...]
    placeholders: dict[str, str] = field(default_factory=dict, repr=False)
    spellings: dict[str, tuple[str, ...]] = field(default_factory=dict, repr=False)
    people: dict[str, str] = field(default_factory=dict, repr=False)

    def counts(self) -> dict[str, int]:
        """Count the spans of each class."""
        totals: dict[str, int] = {}
        for span in self.spans:
            totals[span.type.value] = totals.get(span.type.value, 0) + 1
        return totals
