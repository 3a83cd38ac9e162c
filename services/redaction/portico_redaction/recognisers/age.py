"""Ages over 89.

Class C of 45 CFR 164.514(b)(2)(i): "all ages over 89 … may be aggregated into a single category of age 90 or older".
Format: 90 to 129 beside a word that makes it an age; younger ages and durations stay.
"""

from portico_core.labels import PhiType
from portico_redaction.recognisers.base import Form, FormRecogniser

_AGE = r"(?:9[0-9]|1[0-2][0-9])"
_WORDS = (
    r"(?:ninety(?:[- ](?:one|two|three|four|five|six|seven|eight|nine))?|(?:one"
    r"|a) hundred(?:(?: and)?[- ](?:one|two|three|four|five|six|seven|eight|nine|ten))?"
    r"|noventa(?: y \w{3,6})?|cien(?:to \w{3,6})?)"
)
_ANY = rf"(?:{_AGE}|{_WORDS})"
_UNIT = (
    r"(?! ?(?:[%/.0-9]|mg|ml|mcg|kg|lbs?|pounds?|kilos?|cm|bpm|degrees|percent|minutes?|days?|weeks?"
    r"|months?|hours?|over|units?|on|points?|beats?|miles?))"
)


class AgeRecogniser(FormRecogniser):
    """Find ages over 89."""

    phi_type = PhiType.AGE_OVER_89
    forms = (
        Form(
            "years old",
            rf"(?<![\w.$/]){_ANY}[ -]?(?:years?|yrs?|yr|a[nñ]os)[ .-]{{0,2}}(?:olds?|of age|de edad|young)\b",
            0.92,
        ),
        Form("y/o", rf"(?<![\w.$/]){_ANY}[ -]?(?:y/?o|y\.o\.?|yo[mf]?|year[- ]old)(?!\w)", 0.9),
        Form(
            "aged",
            rf"\b(?:aged?|age is|age of|age:|edad:?(?: de)?|turn(?:ed|s|ing)|tiene) ?(?:is |was |of "
            rf"|at )?(?P<value>{_ANY})\b{_UNIT}",
            0.88,
        ),
        Form(
            "is",
            rf"\b(?:i'?m|i am|s?he is|s?he'?s|they are|(?:mother|father|mom|dad|grandma|grandmother|grandpa"
            rf"|grandfather|aunt|uncle|husband|wife) is)(?: now| already| almost"
            rf"| nearly)? (?P<value>{_ANY})\b{_UNIT}",
            0.75,
        ),
        Form("turns", rf"\bturn(?:s|ed|ing) (?P<value>{_ANY})\b(?! ?[%/.0-9])", 0.85),
        Form("birthday", rf"(?<![\w.]){_ANY}(?:th|st|nd|rd)(?= birthday)", 0.85),
        Form("sex", rf"(?<![\w.$/]){_AGE}[ -]?(?:[MF]\b|male\b|female\b)", 0.7),
    )
