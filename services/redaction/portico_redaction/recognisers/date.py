"""Dates more precise than a year, written out or in full numbers, English and Spanish.

Class C of 45 CFR 164.514(b)(2)(i): "all elements of dates (except year) for dates directly related to an individual".
Bare years, frequencies ("twice a week", "daily"), durations ("for 3 weeks"), fractions ("1/2 tablet") and blood
pressures ("120/80") stay. Formats: ISO 8601, US and European numeric orders, written months, ordinals, ranges, month and year.
Short numeric days are in date_shorthand.py, days without a number ("last Friday", "Christmas Eve") in date_named.py.
"""

from collections.abc import Iterator

import regex

from portico_core.labels import PhiType
from portico_redaction.recognisers.base import EXACT_CASE, PATTERN_TIMEOUT_S, Form, FormRecogniser, Found
from portico_redaction.recognisers.date_words import (
    ANY_DAY,
    CLOCK,
    DAY,
    MONTH,
    NUMBER_DAY,
    NUMBER_MONTH,
    SHORT_YEAR,
    SURE_MONTHS,
    WEEKDAY,
    YEAR,
)

_DAY_OF_WEEK = rf"(?:{WEEKDAY}[.,]{{0,2}} (?:the )?)?"
_TO = r" ?(?:-|to|through|thru|and|&|or|al?|y) ?(?:the )?"
_NO_UNIT = r"(?!:[0-9]|%|\.[0-9]| ?(?:mg|ml|mcg|g|kg|units?|percent|times|tablets?|pills?|doses?|years?|people|patients|steps|miles|laps|minutes?|hours?|days?|weeks?)\b)"
_SHORT_AT_END = r"(?:,? [0-9]{2}(?=\s*(?:[,.;)!?]|$)))"
_AFTER_DAY = rf"(?:{_TO}{ANY_DAY}\b{_NO_UNIT}|(?:, ?{DAY}){{0,5}},? (?:and|&) (?:the )?{DAY}\b{_NO_UNIT})?"
_SENTENCE_GOES_ON = (
    r"(?=\s*(?:[.,;!?)]|$)| (?:and|but|so|then|when|because|since|after|before|with|at|he|she|they|we)\b)"
)
"""What stands after a month and not after "may" as a verb ("the swelling I had in may be gout")."""
_EVERY_YEAR = regex.compile(
    r",? (?:of )?(?:(?:every|each) (?:single )?year|yearly|annually|cada a[nñ]o)\b", regex.IGNORECASE
)
_LATER = regex.compile(r"[^.;!?\n0-9]{0,40}?\b(?:every|each) year\b", regex.IGNORECASE)
_WHEN = (
    r"\b(?:in|last|this|next|since|until|till|by|early|late|mid|during|around|from|of|before|after|between|through"
    r"|end of|beginning of|start of|en|desde|hasta|para)[ -]"
)


class DateRecogniser(FormRecogniser):
    """Find dates more precise than a year."""

    phi_type = PhiType.DATE
    forms = (
        Form(
            "ISO",
            rf"(?<![\w.-])(?:1[89]|20)[0-9]{{2}}(?P<gap> ?[-/.] ?){NUMBER_MONTH}(?P=gap){NUMBER_DAY}{CLOCK}(?![0-9]|-[0-9])",
            0.92,
        ),
        Form(
            "numeric",
            rf"(?<![\w./-]){NUMBER_DAY}(?P<gap> ?[-/.\\_] ?){NUMBER_DAY}(?P=gap)(?:[12][0-9]{{3}}|'?[0-9]{{2}}){CLOCK}(?!\w|[./-][0-9]| ?(?:mg|mcg|ml|units?)\b)",
            0.9,
        ),
        Form(
            "numeric range",
            rf"(?<![\w./-]){NUMBER_DAY}(?P<gap>[-/.]){NUMBER_DAY}(?:(?P=gap)[0-9]{{2,4}})? ?(?:-|to|thru|through) ?{NUMBER_DAY}(?P=gap){NUMBER_DAY}(?P=gap)(?:[12][0-9]{{3}}|[0-9]{{2}})(?![\w/])",
            0.9,
        ),
        Form(
            "day-month-year with letters",
            rf"(?<![\w]){DAY}[-/. ]{{1,2}}{MONTH}[-/., ]{{1,2}}{SHORT_YEAR}{CLOCK}(?!\w)",
            0.92,
        ),
        Form(
            "Roman month",
            rf"(?<![\w./-]){NUMBER_DAY}(?P<gap>[./-] ?)(?:I{{1,3}}|I?V|VI{{1,3}}|I?X|XI{{1,2}})(?P=gap)(?:(?:19|20)[0-9]{{2}}|[0-9]{{2}})(?!\w|[./-][0-9])",
            0.85,
            EXACT_CASE,
        ),
        Form(
            "day-month-year in one word", rf"(?<![\w]){NUMBER_DAY}{MONTH}(?:(?:19|20)[0-9]{{2}}|[0-9]{{2}})(?!\w)", 0.9
        ),
        Form("month-day-year with letters", rf"\b{MONTH}[-/]{DAY}[-/,]{{1,2}} ?{SHORT_YEAR}(?![\w-])", 0.92),
        Form(
            "year first with letters", rf"(?<![\w.-])(?:19|20)[0-9]{{2}}[-/., ]{{1,2}}{MONTH}[-/. ]{{1,2}}{DAY}\b", 0.9
        ),
        Form(
            "month and day",
            rf"\b{_DAY_OF_WEEK}{MONTH}[ -]?(?:the )?{ANY_DAY}\b{_NO_UNIT}{_AFTER_DAY}(?:,? ?(?:of |in )?{YEAR}\b|{_SHORT_AT_END})?{CLOCK}",
            0.9,
        ),
        Form(
            "day and month",
            rf"\b{_DAY_OF_WEEK}(?:the )?{ANY_DAY}(?:{_TO}{ANY_DAY})? (?:day )?(?:(?:of|de) )?{MONTH}(?:,? (?:of |de |del )?{YEAR}\b| del [0-9]{{2}}\b)?{CLOCK}",
            0.9,
        ),
        Form(
            "month and year",
            rf"\b(?:{MONTH}(?:[-/]| (?:to|and|or) ))?{MONTH},?(?: of| de| del)?[ -](?:{YEAR}|'[0-9]{{2}})(?!\w|-[0-9])",
            0.88,
        ),
        Form("numeric month and year", r"(?<![\w./-])(?:0?[1-9]|1[0-2])[/-](?:19|20)[0-9]{2}(?![\w/-])", 0.85),
        Form("year and month", r"(?<![\w./-])(?:19|20)[0-9]{2}[-/](?:0[1-9]|1[0-2])(?![\w/-])", 0.8),
        Form("day and month, slashed", rf"(?<![\w./-]){NUMBER_DAY}/{MONTH}(?![\w/])", 0.85),
        Form("middle of a month", rf"\b(?:mid|early|late)-(?:{SURE_MONTHS})(?![A-Za-z])", 0.7),
        Form(
            "month beside a cue",
            rf"{_WHEN}(?P<value>(?:{SURE_MONTHS})(?![A-Za-z]))(?! [0-9]| (?:each|every) year)",
            0.7,
        ),
        Form(
            "capital month beside a cue",
            r"\b(?:[Ii]n|[Ss]ince|[Uu]ntil|[Bb]y|[Ee]arly|[Ll]ate|[Mm]id|[Dd]uring"
            r"|[Ff]rom|[Aa]fter|[Bb]efore|[Bb]etween|[Tt]hrough|[Ee]nd of|[Aa]round)[ -](?P<value>May|March|Jan\.?|Dec\.?|Sep\.?|Mar\.?)(?=[\s,.;!?)-]|$)",
            0.7,
            0,
        ),
        Form(
            "small month of what has happened",
            rf"\b(?:was|were|had|got|did|went|came|fell|broke|saw|began|quit|lost|left|gave|took|died|born|\w{{2,12}}ed)"
            rf"(?: [\w'-]{{1,15}}){{0,4}} (?:back )?in (?:early |late |mid[ -])?(?P<value>may|march|jan|dec|sep){_SENTENCE_GOES_ON}",
            0.65,
        ),
        Form(
            "HL7 timestamp",
            r"(?<![\w.])(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]"
            r"|3[01])(?:[0-2][0-9][0-5][0-9](?:[0-5][0-9])?(?:\.[0-9]{1,4})?(?:[+-][0-9]{4})?)?(?![\w.])",
            0.6,
        ),
    )

    def find(self, text: str) -> Iterator[Found]:
        """Leave days that come round every year: they date nothing ("resets January 1 every year")."""
        for found in super().find(text):
            if not _EVERY_YEAR.match(text, found.end, timeout=PATTERN_TIMEOUT_S) and not _comes_round(text, found):
                yield found

    def accepts(self, value: str, form: Form) -> bool:
        """Leave "may 5 mg"-like starts alone: a lower-case "may" needs a year or an ordinal beside it."""
        lowered = value.lower()
        if value.startswith(("may ", "march ")) and form.name == "month and day":
            return any(ending in lowered for ending in ("st", "nd", "rd", "th")) or lowered[-4:].isdigit()
        if form.name == "numeric":
            return min(int(part) for part in regex.findall("[0-9]+", value)[:2]) <= 12
        return True


def _comes_round(text: str, found: Found) -> bool:
    """Say whether a month without a day or year stands in a clause that says "every year" later on."""
    whole = text[found.start : found.end]
    return not any(map(str.isdigit, whole)) and _LATER.match(text, found.end, timeout=PATTERN_TIMEOUT_S) is not None
