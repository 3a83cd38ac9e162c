"""What looks like an identifier and is none: doses, readings, dates of other recognisers' making, and public code systems.

Every cue-led recogniser asks here before it takes a value, so that "account for 30 days", "chart shows 120/80" and
"plan 2024" stay. Code systems name a diagnosis, a drug, a test or a study, never a person (ICD-10-CM, CPT, HCPCS, NDC, LOINC,
SNOMED CT, RxNorm, CVX; trial registry and literature numbers).
Source of the list: https://www.hl7.org/fhir/R4/terminologies-systems.html
"""

import regex

_UNIT = (
    r"(?:mgs?|mcgs?|µgs?|ugs?|grams?|kgs?|lbs?|pounds?|mls?|dl|oz|cc|ius?|meq|mmol|mmhg|mm|cm|ft|inch(?:es)?|units?"
    r"|tab(?:let)?s?|cap(?:sule)?s?|puffs?|pills?|drops?|doses?|times|bid|tid|qid|hrs?|hours?|days?|wks?|weeks?|mo|mos"
    r"|months?|mins?|minutes?|sec|seconds?|yrs?|years?|bpm|kcal|cal|calories|steps|percent|degrees?|fr|mhz|hz|percentile)"
)
_SHORT_UNIT = r"(?:[cdfghklmsuwxy]|am|pm|st|nd|rd|th|yo|yof|yom)"
"""Units that are also the end of a number's name; only after a few digits."""

_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}"
_MEASURE = regex.compile(
    rf"[0-9]+(?:[.,/x-][0-9]+)*[ -]?{_UNIT}(?:/{_UNIT})?|[0-9]{{1,3}}(?:[.,/-][0-9]{{1,3}})?[ -]?{_SHORT_UNIT}"  # a dose, a count, an ordinal
    r"|[0-9]{1,3}(?:-[0-9]{1,3})?x?/(?:d|day|wk|week|mo|month|yr|year|hr|hour|h|min)s?|[0-9]{1,2}(?:-[0-9]{1,2})?x"  # how often
    r"|[0-9]{2,3}/[0-9]{2,3}"  # a blood pressure
    r"|[0-9]{1,2}/[0-9]{1,2}"  # a fraction, a score, a day
    r"|(?:19|20)[0-9]{2}(?:[-/](?:19|20)?[0-9]{2})?"  # a year, years
    r"|(?:[0-2]?[0-9]|3[01])[-/.](?:[0-2]?[0-9]|3[01])[-/.](?:(?:19|20)[0-9]{2}|[0-9]{2})|(?:19|20)[0-9]{2}[-/.][0-9]{1,2}[-/.][0-9]{1,2}"  # a date
    rf"|[0-9]{{1,2}}[-/. ]?{_MONTH}[-/. ]?(?:[0-9]{{4}}|[0-9]{{2}})"  # a date with letters
    r"|[0-9]{1,3}\.[0-9]{1,3}|[0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,3}-[0-9]{1,2}|[0-9]{1,2}-[0-9]{1,3}",  # a reading, thousands, a range
    regex.IGNORECASE,
)
_UNIT_NEXT = regex.compile(rf" ?(?:%|(?:costs? |for )?\$[0-9]|{_UNIT}(?![A-Z0-9]))", regex.IGNORECASE)
_CODE_SYSTEM = regex.compile(
    r"(?<![A-Z0-9])(?:ndc|ndcs|cpt|icd(?:[ -]?(?:9|10|11))?(?:-?(?:cm|pcs))?|hcpcs|loinc|snomed(?: ?-?ct)?|rxnorm|rxcui|cvx|drg|omim|mesh"
    r"|atc|cas|pmid|pmcid|doi|isbn|upc|nct|clinicaltrials(?:\.gov)?|unii|nui|umls|cui|rs)"
    r"(?: ?(?:codes?|numbers?|no\.?|ids?|identifiers?))?(?:[\s:#=().\"'-]{0,4}|(?: [a-z]{1,9}){1,5} (?:is|was|reads|says):? )\Z",
    regex.IGNORECASE,
)
_PUBLIC_CODE = regex.compile(
    r"(?:NCT[0-9]{8}|(?:ABBV|ABT|AMG|AZD|BAY|BMS|GSK|JNJ|LY|MK|PF|SAR|TAK|VX)-?[0-9]{3,8})\Z", regex.IGNORECASE
)
"""Trial registry numbers, and drugs that have only their maker's code yet ("LY3437943")."""

_LOOK_BACK = 40


def is_measure(value: str) -> bool:
    """Say whether a value reads as a dose, reading, fraction, year, range or date rather than as a number of its own."""
    return _MEASURE.fullmatch(value) is not None


def is_counted(text: str, end: int) -> bool:
    """Say whether a unit follows: "account of 12500 steps"."""
    return _UNIT_NEXT.match(text, end) is not None


def is_public_code(text: str, start: int, end: int) -> bool:
    """Say whether a code system's name stands before a value, or the value is a registry number or a drug's code."""
    before = text[max(0, start - _LOOK_BACK) : start]
    return _CODE_SYSTEM.search(before) is not None or _PUBLIC_CODE.match(text[start:end]) is not None


def is_code(value: str, *, digits: int = 4, mixed_digits: int = 3) -> bool:
    """Say whether a value has digits enough to single somebody out (fewer where letters stand among them), and is no measure."""
    count = sum("0" <= character <= "9" for character in value)
    enough = digits if not any(character.isalpha() for character in value) else mixed_digits
    return count >= enough and not is_measure(value)


_PUBLIC_LINES = frozenset(
    {
        "8002221222",  # Poison Control (poison.org)
        "8002738255",  # 988 Suicide and Crisis Lifeline, its older number (988lifeline.org)
        "8006624357",  # SAMHSA National Helpline (samhsa.gov)
        "8007997233",  # National Domestic Violence Hotline (thehotline.org)
        "8004224453",  # Childhelp (childhelphotline.org)
        "8006564673",  # National Sexual Assault Hotline (rainn.org)
        "8006334227",  # Medicare (medicare.gov)
        "8002324636",  # CDC-INFO (cdc.gov)
        "8007848669",  # quit line (smokefree.gov)
        "8338526262",  # National Maternal Mental Health Hotline (hrsa.gov)
        "8009855990",  # Disaster Distress Helpline (samhsa.gov)
        "8664887386",  # The Trevor Project (thetrevorproject.org)
        "8002723900",  # Alzheimer's Association (alz.org)
        "8002272345",  # American Cancer Society (cancer.org)
    }
)
_KEYPAD = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "22233344455566677778889999")


def is_public_line(value: str) -> bool:
    """Say whether a telephone number is a public help line, in digits or in words ("1-800-QUIT-NOW")."""
    digits = "".join(character for character in value.upper().translate(_KEYPAD) if "0" <= character <= "9")
    return digits.removeprefix("1")[:10] in _PUBLIC_LINES
