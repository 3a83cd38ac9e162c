"""Ages over 89.

Class C of 45 CFR 164.514(b)(2)(i): "all ages over 89 … may be aggregated into a single category of age 90 or older".
Format: 90 to 129 beside a word that makes it an age, in digits or words; younger ages, durations, readings ("she is 93% on room air") and
the category itself ("in her 90s", "over 90") stay, and so do years, but for a year of birth that tells such an age.
"""

from datetime import date

import regex

from portico_core.labels import PhiType
from portico_redaction.recognisers.base import GLUE, START, Form, FormRecogniser
from portico_redaction.recognisers.word_lists import KIN

_AGE = r"(?:9[0-9]|1[0-2][0-9])"
_UNIT_WORD = r"(?:one|two|three|four|five|six|seven|eight|nine)"
_WORDS = (
    rf"(?:ninety(?:[- ]{_UNIT_WORD})?|(?:one|a) hundred(?:(?: and)?[- ](?:{_UNIT_WORD}|ten|eleven|twelve))?"
    r"|noventa(?: y \w{3,6})?|cien(?:to \w{3,6})?)"
)
_ANY = rf"(?:{_AGE}|{_WORDS})(?![A-Za-z0-9])"
_EDGE = r"(?<![\w.$/-])"
_NO_UNIT = (
    r"(?! ?(?:[%/0-9]|[.-][0-9]|mgs?\b|mls?\b|mcg|kgs?\b|lbs?\b|pounds?|kilos?|cms?\b|bpm|degrees|percent|minutes?|mins?\b|days?|weeks?"
    r"|months?|hours?|hrs?\b|over\b|units?|on (?:room|ra\b|[0-9])|points?|beats?|miles?|f\b|c\b|to [0-9]|feet|inches|steps|and a half|th\b))"
)
_YEARS = r"(?:years?|yrs?\.?|y(?:ea)?rs?|a[nñ]os|anos)"
_SHE = (
    rf"(?:(?-i:[A-Z])[a-z]{{2,14}} (?-i:[A-Z])[a-z]{{2,14}} is|cumpli[oó]|who(?: is|'s| was| turned| just turned)|i'?m|i am|i(?:'ll| will) be|s?he is|s?he'?s|s?he (?:was|turned|will be|just turned)|they are|they're|(?:pt|patient|resident|client) (?:is|was)|(?:my|his|her|our|the) (?:\w{{2,12}} )?(?:{KIN}) (?:is|was|turned|who is)|(?:{KIN}),? (?:is|who is)|(?:{KIN}|patient|pt)'s|(?:mrs?|ms|mr)\.? \w{{2,20}} is)"
    r"(?: now| already| almost| nearly| about| just| only| going on)?"
)
_TESTED = r"(?:heart|pulse|oxygen|o2|blood|spo2|resting|systolic|diastolic|fasting|morning|evening|temp|room)\b"
_LONG_AGO = "(?:" + "|".join(str(year) for year in range(1900, date.today().year - 89)) + ")"
"""Years of birth that tell an age over 89: 164.514(b)(2)(i)(C) counts "all elements of dates (including year)" then."""


class AgeRecogniser(FormRecogniser):
    """Find ages over 89."""

    phi_type = PhiType.AGE_OVER_89
    needs = regex.compile(rf"{_AGE}|ninet|hundred|noventa|cien", regex.IGNORECASE)
    forms = (
        Form("years old", rf"{_EDGE}{_ANY}[ -]{{0,2}}{_YEARS}[ .-]{{0,2}}(?:olds?|of age|de edad|young)\b", 0.92),
        Form(
            "y/o",
            rf"{_EDGE}{_AGE}[ -]?(?:y/?o|y\.o\.?|yo[mf]?|y/o/?[mf]?|yr[ -]?o|y\b(?= ?(?:old|male|female|[mf]\b))|year[- ]old)(?!\w)",
            0.9,
        ),
        Form(
            "years before a person",
            rf"{_EDGE}{_ANY}[ -]{_YEARS}[ -](?=(?:male|female|man|woman|lady|gentleman|patient|pt|[mf])\b)",
            0.85,
        ),
        Form(
            "years of somebody",
            rf"\b(?:{_SHE}|tiene|tengo|cumpl(?:e|i[oó]|ir[aá])|con) (?P<value>{_ANY})(?: {_YEARS}\b)",
            0.9,
        ),
        Form(
            "aged",
            rf"{START}(?:aged?|ages|edad:?(?: de)?|turn(?:ed|s|ing)|tiene|cumple)(?:[ :=]{{1,2}}(?:is|was|of|at|about|around|now)?){{1,2}} ?(?P<value>{_ANY}){_NO_UNIT}",
            0.88,
        ),
        Form(
            "age in a form",
            START
            + r"(?:age|age/sex|sex/age|edad)"
            + GLUE
            + rf"(?:[MF]/)?(?P<value>{_AGE})(?![0-9])(?! ?(?:%|\.[0-9]|-[0-9]|mg|days?|weeks?|months?|minutes?))",
            0.88,
        ),
        Form("is", rf"(?<![A-Za-z0-9]){_SHE} (?P<value>{_ANY}){_NO_UNIT}", 0.75),
        Form(
            "two people, one verb",
            rf"\b(?:{KIN})(?:'s| is| was| turned|,)? [0-9]{{2,3}}(?:,| and|,? but| &| y) (?:my |his |her |our |mi )?(?:{KIN})(?:'s| is)? (?P<value>{_ANY}){_NO_UNIT}",
            0.75,
        ),
        Form(
            "at",
            rf"\b(?:died|passed(?: away)?|still \w{{3,12}}|lived|lives?|dead|muri[oó]) (?:at|to(?: be)?|a los|until) (?:age |the age of )?(?P<value>{_ANY}){_NO_UNIT}",
            0.8,
        ),
        Form(
            "birthday",
            rf"(?<![\w.])(?:{_AGE}(?:th|st|nd|rd)|ninetieth|ninety-(?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth)|(?:one )?hundredth)(?= (?:birthday|b-?day|year))",
            0.85,
        ),
        Form("sex", rf"{_EDGE}{_AGE}[ -]?(?:[MF]\b|male\b|female\b|man\b|woman\b|w/?f\b|w/?m\b|[bh]/?[mf]\b)", 0.7),
        Form("sex first", rf"(?<![\w./-])(?:[MF]/|(?:male|female), ?)(?P<value>{_AGE})(?![\w/.%])", 0.7),
        Form("in brackets after a person", rf"\b(?:{KIN}),? ?\((?:age )?(?P<value>{_AGE})(?:[ ,;]|\))", 0.8),
        Form("between commas", rf"\b(?:{KIN}|patient|pt),? (?:age |aged )?(?P<value>{_AGE})(?=, )", 0.7),
        Form(
            "birth year",
            rf"\b(?:born|nacid[oa]|naci[oó])(?: \w{{2,10}}){{0,2}} (?:in|en) (?P<value>{_LONG_AGO})(?![\w/-])",
            0.8,
        ),
        Form(
            "will be, in a month",
            rf"\bwill be (?P<value>{_ANY})(?= (?:in|on|this|next) (?:january|february|march|april|may|june|july|august|september|october|november|december|\w{{3,9}}day|[0-9]))",
            0.75,
        ),
        Form(
            "relation, name, age",
            rf"\b(?:{KIN})(?: (?-i:[A-Z])[\w'-]{{1,15}}){{1,3}},? is (?P<value>{_AGE})(?=[,.;!?]|$)",
            0.7,
        ),
        Form(
            "somebody by name is",
            rf"\b(?:[Mm]y|[Oo]ur|[Hh]is|[Hh]er|[Mm]i) (?:(?-i:\p{{Lu}})[\p{{L}}'-]{{1,15}} ){{1,3}}is (?P<value>{_AGE})(?= (?:already|now|and|but|so)\b|[,.;!?]|$)",
            0.72,
        ),
        Form(
            "after a name, between commas",
            rf"(?<![\w'-])(?!{_TESTED})(?-i:\p{{Lu}})\p{{L}}{{1,15}} (?-i:\p{{Lu}})[\p{{L}}'-]{{1,15}}, (?:age |aged )?(?P<value>{_AGE}), (?=(?:has|is|was|who|lives|had|she|he|can|can't|cannot|still|needs|fell|wants|refuses|tiene|vive|no)\b)",
            0.7,
        ),
        Form("Tagalog", rf"(?<![\w.])(?P<value>{_AGE}) na (?:po|siya|sya)\b", 0.75),
        Form("of ripe years", rf"\b(?:{_ANY}) years (?:young|strong)\b", 0.85),
    )
