"""Slices of messages: who writes, about whom, in what language, and how long.

Language and style stand in the data. Everything else is told by a word rule, because no author was asked for it: a
message without a cue is in no slice of that kind, and a cue may mislead ("my grandmother's recipe"). Slices are for
finding where the guard is worse, not for saying how many patients of a kind there are. The rules:

- length: words between blanks: up to 5, 6 to 20, 21 to 79, 80 and more;
- age: the first age in years ("a 54-year-old", "tiene 7 años"), else words for a child, a teenager, an older person;
- sex: words for women, or for men; a message with both is in neither;
- dialect: British words, American South and African American English words, or the short forms of text messages.
"""

import re

_AGE = re.compile(r"\b(\d{1,3})[ -]?(?:years?|yrs?|yo|y/o|años)\b", re.I)
_MONTHS = re.compile(r"\b\d{1,2}[ -]?(?:month|week|day)s?[ -]old\b", re.I)


def _words(words: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{words})\b", re.I)


_AGE_WORDS = (
    (
        "age: child",
        _words("newborn|infant|baby|toddler|my (?:little|youngest|kid|child)|preschool|kindergarten|bebé|niñ[oa]"),
    ),
    ("age: teenager", _words("teen|teens|teenager|teenage|high school|middle school|8th grade|9th grade|adolescente")),
    ("age: older", _words("elderly|grand(?:ma|mother|pa|father)|nursing home|assisted living|abuel[oa]|anciano")),
)
_FEMALE = _words(
    "she|her|hers|herself|woman|women|female|wife|mother|mom|mum|mama|grandma|grandmother|daughter|sister|aunt|niece|girl|"
    "girlfriend|pregnant|pregnancy|postpartum|my period|menopause|ella|mujer|esposa|hija|hermana|embarazada|abuela"
)
_MALE = _words(
    "he|him|his|himself|man|men|male|husband|father|dad|papa|grandpa|grandfather|son|brother|uncle|nephew|boy|boyfriend|"
    "prostate|vasectomy|él|hombre|esposo|hijo|hermano|abuelo"
)
_DIALECTS = (
    ("dialect: British", _words("mum|gp|a&e|paracetamol|poorly|whilst|tummy|nhs|chemist|fortnight|diarrhoea")),
    ("dialect: Southern or African American", _words("ain['’]?t|y['’]?all|finna|fixin['’]?|tryna|ima|reckon|bout to")),
    ("dialect: text message", _words("u|ur|r u|pls|plz|idk|rn|bc|cuz|tmrw|thx|omg|wtf|smh|ngl|lol|dont|cant|im|ive")),
)


def slices_of(text: str, *, language: str, style: str) -> tuple[str, ...]:
    """Return the slices a message belongs to, each as `kind: value`."""
    found = [f"language: {language}", f"style: {style}", f"length: {_length(text)}", _age(text), _sex(text)]
    found += [name for name, words in _DIALECTS if words.search(text)]
    return tuple(name for name in found if name)


def _length(text: str) -> str:
    words = len(text.split())
    if words <= 5:
        return "up to 5 words"
    if words <= 20:
        return "6 to 20 words"
    return "21 to 79 words" if words < 80 else "80 words and more"


def _age(text: str) -> str:
    if _MONTHS.search(text):
        return "age: child"
    if match := _AGE.search(text):
        years = int(match[1])
        return "age: " + ("child" if years < 13 else "teenager" if years < 18 else "adult" if years < 65 else "older")
    return next((name for name, words in _AGE_WORDS if words.search(text)), "")


def _sex(text: str) -> str:
    female, male = bool(_FEMALE.search(text)), bool(_MALE.search(text))
    if female == male:
        return ""
    return "sex: female" if female else "sex: male"
