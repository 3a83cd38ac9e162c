"""Pieces that the date recognisers share: days, months, weekdays, years and clock times as patterns."""

from portico_redaction.recognisers.word_lists import MISSPELT_WEEKDAYS, MONTH_NAMES

_LONGEST_FIRST = sorted(MONTH_NAMES, key=len, reverse=True)
_AMBIGUOUS = ("may", "march", "mar", "dec", "jan", "ago", "dic", "sep", "ene")
SURE_MONTHS = "|".join(name for name in _LONGEST_FIRST if name not in _AMBIGUOUS)
"""Months that are no everyday word in lower case."""

FULL_MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"
MONTH = rf"(?:{'|'.join(_LONGEST_FIRST)})(?![A-Za-z])\.?"
ORDINAL = (
    "first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|eleventh|twelfth|thirteenth"
    "|fourteenth|fifteenth|sixteenth|seventeenth"
    "|eighteenth|nineteenth|twentieth|twenty[- ](?:first|second|third|fourth|fifth|sixth|seventh"
    "|eighth|ninth)|thirtieth|thirty[- ]first"
)
NUMBER_DAY = r"(?:0?[1-9]|[12][0-9]|3[01])"
NUMBER_MONTH = r"(?:0?[1-9]|1[0-2])"
DAY = rf"{NUMBER_DAY}(?:st|nd|rd|th)?"
NTH = r"(?:[12]?1st|[12]?2nd|[12]?3rd|(?:[4-9]|1[0-9]|2[04-9]|30)th|31st)"
ANY_DAY = rf"(?:{DAY}|{ORDINAL})"
_UNITS = "one|two|three|four|five|six|seven|eight|nine"
_TENS = "twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety"
_TEENS = "ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen"
NUMBER_WORD = rf"(?:(?:{_TENS})(?:[- ](?:{_UNITS}))?|{_TEENS}|{_UNITS}|oh|zero)"
SPOKEN_YEAR = (
    rf"(?:(?:nineteen|twenty)[ -](?:oh[ -](?:{_UNITS})|(?:{_TENS})(?:[- ](?:{_UNITS}))?|{_TEENS})"
    rf"|two thousand(?:(?: and)?[ -](?:(?:{_TENS})(?:[- ](?:{_UNITS}))?|{_TEENS}|{_UNITS}))?)"
)
YEAR = rf"(?:(?:1[89]|20)[0-9]{{2}}|'[0-9]{{2}}|{SPOKEN_YEAR})"
SHORT_YEAR = rf"(?:{YEAR}|[0-9]{{2}})"
_MISSPELT = MISSPELT_WEEKDAYS.replace(" ", "|")
WEEKDAY = rf"(?:(?:mon|tues?|wed(?:nes)?|thurs?|thu|fri|sat(?:ur)?|sun)(?:day)?|lunes|martes|mi[eé]rcoles|jueves|viernes|s[aá]bado|domingo|{_MISSPELT})(?![A-Za-z])"
FULL_WEEKDAY = rf"(?:monday|tuesday|wednesday|thursday|friday|saturday|sunday|lunes|martes|mi[eé]rcoles|jueves|viernes|s[aá]bado|domingo|{_MISSPELT})"
CLOCK = r"(?:(?:T|,? at |[ ,]{1,2}@? ?)[0-2]?[0-9]:[0-5][0-9](?::[0-5][0-9](?:\.[0-9]{1,6})?)?(?: ?[ap]\.?m\b\.?)?(?:Z|[+-][0-9]{2}:?[0-9]{2})?)?"
COUNTED = (
    r"(?! ?(?:of |a |an |the )?(?:tab|tablet|pill|cap|cup|tsp|tbsp|teaspoon|dose|mg|ml|mcg|g\b|kg|units?|strength|scale|days?|weeks?|wks?|hours?|hrs?"
    r"|months?|mos?\b|years?|yrs?|minutes?|mins?|times|x\b|inch|percent|%|murmur|reps|sets|people|patch|packs?|glass|bottle|puffs?|drops?|pm\b|am\b|lb|pounds?|oz))"
)
"""What must not follow: a fraction, a score or a count of something."""
