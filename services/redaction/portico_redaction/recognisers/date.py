"""Dates more precise than a year, in every common writing, English and Spanish.

Class C of 45 CFR 164.514(b)(2)(i): "all elements of dates (except year) for dates directly related to an individual".
Bare years, frequencies ("twice a week", "daily"), durations ("for 3 weeks"), fractions ("1/2 tablet") and blood
pressures ("120/80") stay. Formats: ISO 8601, US and European numeric orders, written months, ordinals, month and year.
"""

from portico_core.labels import PhiType
from portico_redaction.recognisers.base import GLUE, Form, FormRecogniser
from portico_redaction.recognisers.word_lists import MONTH_NAMES

_LONG = "|".join(sorted(MONTH_NAMES, key=len, reverse=True))
_SURE = "|".join(
    name
    for name in sorted(MONTH_NAMES, key=len, reverse=True)
    if name not in ("may", "march", "mar", "dec", "jan", "ago", "dic", "sep", "ene")
)
_MONTH = rf"(?:{_LONG})\b\.?"
_ORDINAL = (
    "first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|eleventh|twelfth|thirteenth"
    "|fourteenth|fifteenth|sixteenth|seventeenth"
    "|eighteenth|nineteenth|twentieth|twenty[- ](?:first|second|third|fourth|fifth|sixth|seventh"
    "|eighth|ninth)|thirtieth|thirty[- ]first"
)
_DAY = r"(?:0?[1-9]|[12][0-9]|3[01])(?:st|nd|rd|th)?"
_ANY_DAY = rf"(?:{_DAY}|{_ORDINAL})"
_YEAR = r"(?:(?:1[89]|20)[0-9]{2}|'[0-9]{2})"
_WEEKDAY = (
    r"(?:(?:mon|tues?|wed(?:nes)?|thurs?|fri|sat(?:ur)?|sun)(?:day)?|lunes|martes|mi[eé]rcoles|jueves"
    r"|viernes|s[aá]bado|domingo)\b[.,]{0,2} (?:the )?"
)
_CLOCK = r"(?:[T ,]{1,2}[0-2]?[0-9]:[0-5][0-9](?::[0-5][0-9](?:\.[0-9]{1,6})?)?(?:Z|[+-][0-9]{2}:?[0-9]{2})?)?"
_SHORT_YEAR = rf"(?:{_YEAR}|[0-9]{{2}})"
_NUMBER_DAY = r"(?:0?[1-9]|[12][0-9]|3[01])"
_ON = (
    r"\b(?:on|since|until|till|by|before|after|from|through|thru|to|dated?|due|for|around|about|dob"
    r"|born|birth ?date|birthday|appointment|appt|visit|seen|surgery"
    r"|admitted|discharged|scheduled|expires?|exp|starting|started|ending|ended|was|el|desde"
    r"|hasta)[ :]{1,2}(?:the |el )?"
)
_WHEN = (
    r"\b(?:in|last|this|next|since|until|till|by|early|late|mid|during|around|from|of|before|after"
    r"|end of|beginning of|en|desde|hasta)[ -]"
)


class DateRecogniser(FormRecogniser):
    """Find dates more precise than a year."""

    phi_type = PhiType.DATE
    forms = (
        Form(
            "ISO",
            rf"(?<![\w.-]){_YEAR}(?P<gap>[-/.])(?:0?[1-9]|1[0-2])(?P=gap){_NUMBER_DAY}{_CLOCK}(?![0-9]|-[0-9])",
            0.92,
        ),
        Form(
            "numeric",
            rf"(?<![\w./-]){_NUMBER_DAY}(?P<gap> ?[-/.] ?){_NUMBER_DAY}(?P=gap)(?:[12][0-9]{{3}}"
            rf"|[0-9]{{2}}){_CLOCK}(?!\w|[./-][0-9])",
            0.9,
        ),
        Form(
            "day-month-year with letters",
            rf"(?<![\w]){_DAY}[-/. ]{{1,2}}{_MONTH}[-/., ]{{1,2}}{_SHORT_YEAR}{_CLOCK}(?!\w)",
            0.92,
        ),
        Form(
            "month and day",
            rf"\b(?:{_WEEKDAY})?{_MONTH}[ -]?(?:the )?{_ANY_DAY}\b(?!:|%|\.[0-9]| ?(?:mg|ml|mcg|g|kg|units?"
            rf"|percent|times|tablets?|pills?|doses?|years?)\b)(?:,? ?(?:of )?{_YEAR}\b)?{_CLOCK}",
            0.9,
        ),
        Form(
            "day and month",
            rf"\b(?:{_WEEKDAY})?(?:the )?{_ANY_DAY} (?:day )?(?:(?:of|de) )?{_MONTH}(?:,? (?:of |de "
            rf"|del )?{_YEAR}\b)?{_CLOCK}",
            0.9,
        ),
        Form("month and year", rf"\b{_MONTH},?(?: of| de| del)?[ -](?:{_YEAR}|'[0-9]{{2}})(?!\w|-[0-9])", 0.88),
        Form("numeric month and year", r"(?<![\w./-])(?:0?[1-9]|1[0-2])[/-](?:19|20)[0-9]{2}(?![\w/-])", 0.85),
        Form("year and month", r"(?<![\w./-])(?:19|20)[0-9]{2}[-/](?:0[1-9]|1[0-2])(?![\w/-])", 0.8),
        Form(
            "compact beside a cue",
            r"\b(?:dob|d\.o\.b\.?|born|birth ?date|date of birth|date|dated|on)\b"
            + GLUE
            + (
                r"(?P<value>(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])|[01][0-9][0-3][0-9](?:19"
                r"|20)[0-9]{2})(?![0-9])"
            ),
            0.9,
        ),
        Form(
            "numeric day beside a cue",
            rf"{_ON}(?P<value>(?:0?[1-9]|1[0-2])/{_NUMBER_DAY}|(?:1[3-9]|2[0-9]|3[01])/(?:0?[1-9]"
            rf"|1[0-2]))(?![\w/%.-]|-[0-9]| ?(?:of|tab|tablet|pill|cup|dose|mg|ml|strength|scale|days?|weeks?"
            rf"|hours?|months?|years?|times|inch)\b)",
            0.75,
        ),
        Form(
            "hyphenated day beside a cue",
            rf"\b(?:on|dated?|dob|born|birthday)[ :]{{1,2}}(?P<value>(?:0?[1-9]|1[0-2])-{_NUMBER_DAY})(?=[,.;!?]?(?:\s|$))"
            r"(?! ?(?:tab|tablet|pill|mg|ml|days?|weeks?|hours?|minutes?|months?|years?|times|scale))",
            0.7,
        ),
        Form(
            "ordinal day",
            rf"\b(?:on|since|until|by|before|after|from|for"
            rf"|around) (?:{_WEEKDAY})?(?:the )?(?P<value>(?:[12]?[0-9]|3[01])(?:st|nd|rd|th))(?! (?:day|week"
            rf"|time|grade|floor|month|trimester|percentile|dose|cycle|visit|try|attempt|week|year|birthday"
            rf"|century|edition)|[\w-])",
            0.7,
        ),
        Form("month beside a cue", rf"{_WHEN}(?P<value>(?:{_SURE})\b)(?! [0-9])", 0.7),
        Form(
            "capital month beside a cue",
            r"\b(?:[Ii]n|[Ll]ast|[Tt]his|[Nn]ext|[Ss]ince|[Uu]ntil|[Bb]y|[Ee]arly|[Ll]ate|[Mm]id|[Dd]uring"
            r"|[Ff]rom|[Aa]fter|[Bb]efore)[ -](?P<value>May|March|Jan\.?|Dec\.?|Sep\.?|Mar\.?)(?=[\s,.;!?]|$)",
            0.7,
            0,
        ),
        Form(
            "HL7 timestamp",
            r"(?<![\w.])(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]"
            r"|3[01])(?:[0-2][0-9][0-5][0-9](?:[0-5][0-9])?)?(?![\w.])",
            0.6,
        ),
    )

    def accepts(self, value: str, form: Form) -> bool:
        """Leave "may 5 mg"-like starts alone: a lower-case "may" needs a year or an ordinal beside it."""
        lowered = value.lower()
        if value.startswith(("may ", "march ", "mar ", "dec ", "sep ", "jan ")) and form.name == "month and day":
            return (
                any(ending in lowered for ending in ("st", "nd", "rd", "th"))
                or lowered[-4:].isdigit()
                or not value.startswith(("may ", "march "))
            )
        if form.name == "numeric":
            parts = [int(part) for part in value.replace("/", " ").replace(".", " ").replace("-", " ").split()[:2]]
            return min(parts) <= 12
        return True
