"""A known address: whole, by line, the street alone, abbreviated, the town, the ZIP code. The state stays.

Abbreviations of street types, directions and units: USPS Publication 28, appendices B and C
(https://pe.usps.com/text/pub28/28apc.htm), the common ones, with their Spanish counterparts.
"""

from collections.abc import Iterator, Sequence

import regex

from portico_redaction.known.lists import is_everyday, is_region
from portico_redaction.normalise import normalise
from portico_redaction.private_patterns import compile_private
from portico_redaction.recognisers.word_lists import fold_name

_TYPES = (
    "street st str calle", "avenue ave av avenida", "road rd", "drive dr", "lane ln", "court ct", "place pl",
    "boulevard blvd", "circle cir", "terrace ter terr", "way wy", "parkway pkwy", "highway hwy", "square sq",
    "trail trl", "loop lp", "crescent cres", "plaza plz", "alley aly", "heights hts", "point pt", "ridge rdg",
    "run", "path", "row", "close",
)  # fmt: skip
_DIRECTIONS = (
    "north n norte", "south s sur", "east e este", "west w oeste", "northeast ne", "northwest nw", "southeast se",
    "southwest sw",
)  # fmt: skip
_UNITS = "apartment|apt|unit|suite|ste|room|rm|floor|fl|flat|no|num|number|piso|apto|departamento|depto"
_ORDINAL_WORDS = (
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth "
    "sixteenth seventeenth eighteenth nineteenth twentieth"
)
_ORDINALS = _ORDINAL_WORDS.split()
_GAP = r"[\s,.#-]{1,4}"
_WORD = regex.compile(r"[^\W_]+(?:'[^\W_]+)?")
_ANY_TYPE = "|".join(form for group in _TYPES for form in group.split())
_ANY_DIRECTION = "|".join(form for group in _DIRECTIONS for form in group.split())


STREET_TYPE = regex.compile(rf"\b(?:{_ANY_TYPE})\b", regex.IGNORECASE)
"""A word for a kind of street, whole or abbreviated."""


def compile_street(value: str) -> Iterator[regex.Pattern[str]]:
    """Yield the patterns of a street line: number, street, unit, each also where the others are left out."""
    folded = normalise(value).text
    box = regex.search(r"\bp\.?\s?o\.?\s?box\s?([0-9]{1,8})", folded, regex.IGNORECASE)
    if box:
        yield _bounded(rf"(?:p\.?\s?o\.?\s?)?box\s?(?:no\.?\s?|#\s?)?{box.group(1)}")
        return
    street, unit = _cut_unit(folded)
    words = [fold_name(word) for word in _WORD.findall(street)]
    numbers = [word for word in words if regex.fullmatch(r"[0-9]{1,6}[a-z]?", word)][:1]
    named = [word for word in words if word not in numbers]
    core = [word for word in named if not _group_of(word, _TYPES) and not _group_of(word, _DIRECTIONS)] or named
    if not core:
        return
    yield from _street_patterns(core, numbers, types=[w for w in named if _group_of(w, _TYPES) and w not in core])
    if unit:
        yield _bounded(rf"(?:{_UNITS})\.?[\s#.:-]{{0,3}}{regex.escape(unit)}")


def _street_patterns(
    core: Sequence[str], numbers: Sequence[str], *, types: Sequence[str]
) -> Iterator[regex.Pattern[str]]:
    name = _GAP.join(_spelled(word) for word in core)
    kind = "|".join(_group_of(types[-1], _TYPES)) if types else _ANY_TYPE
    direction = rf"(?:(?:{_ANY_DIRECTION})\b\.?\s{{1,2}})?"
    lead = r"(?:(?:calle|avenida|av|c/)\b\.?\s?(?:de\s|la\s|del\s)?)?"
    ending = rf"(?:{_GAP}(?:{kind})\b)?(?:{_GAP}(?:{_ANY_DIRECTION})\b)?"
    unit = rf"(?:[\s,.]{{1,3}}(?:(?:{_UNITS})\b\.?[\s#.:]{{0,3}}|#\s?)[a-z]?[0-9]{{0,5}}[a-z]?(?!\w))?"
    for number in numbers:
        yield _bounded(rf"(?:no\.?\s|#\s?)?{number}{_GAP}{direction}{lead}{name}{ending}{unit}")
        yield _bounded(rf"{lead}{direction}{name}{ending}(?:,?\s(?:no\.?|num\.?|#)?\s?|,\s?){number}{unit}")
    yield _bounded(rf"{direction}{name}{_GAP}(?:{kind})\b(?:{_GAP}(?:{_ANY_DIRECTION})\b)?")
    yield _bounded(rf"(?:calle|avenida|av|c/)\b\.?\s?(?:de\s|la\s|del\s)?{name}")
    if not all(is_everyday(word) or word in _ORDINALS or word[:1].isdigit() for word in core):
        yield _bounded(rf"(?<=\b(?:on|off|along|at|en|from|near) (?:the )?){name}")


def compile_city(value: str) -> Iterator[regex.Pattern[str]]:
    """Yield the patterns of a town; one that is also a state or a country is left to what stands beside it."""
    words = [fold_name(word) for word in _WORD.findall(normalise(value).text)]
    if not words:
        return
    name = r"[\s.'-]{1,3}".join(_spelled(word) for word in words)
    if is_region(" ".join(words)):
        yield _bounded(rf"{name}(?=,?\s(?:city\b|[a-z]{{2}}\b,?\s[0-9]{{5}}))")
    elif len(words) == 1 and is_everyday(words[0]):
        capital = words[0].capitalize()
        yield compile_private(
            rf"(?<=\b(?:in|from|at|to|near|live|of|en|de)\s){capital}(?!\w)|(?<!\w){capital}(?=,?\s[A-Z]{{2}}\b)"
        )
    else:
        yield _bounded(name)


def compile_postcode(value: str) -> Iterator[regex.Pattern[str]]:
    """Yield the patterns of a ZIP code, with any four digits after it, or of a postcode with letters."""
    characters = [character for character in normalise(value).text if character.isalnum()]
    if len(characters) >= 5 and all(character.isdigit() for character in characters):
        first = r"[ ]?".join(characters[:5])
        yield compile_private(rf"(?<![\w.,$]){first}(?:[ -]{{1,3}}[0-9]{{4}}|[0-9]{{4}})?(?![\w%]|[.,][0-9])")
    elif len(characters) >= 4:
        yield _bounded(r"[\s-]?".join(map(regex.escape, characters)))


def street_words(value: str) -> list[str]:
    """Return the words of an address whose slips are worth putting right before its patterns look."""
    words = [fold_name(word) for word in _WORD.findall(normalise(value).text)]
    return [word for word in words if word.isalpha() and not _group_of(word, _TYPES)]


def _cut_unit(line: str) -> tuple[str, str | None]:
    found = regex.search(
        rf"[\s,]+(?:(?:{_UNITS})\b\.?[\s#.:]*|#\s*)([a-z]?[0-9]{{0,5}}[a-z]?)\s*\Z", line, regex.IGNORECASE
    )
    if found is None or not found.group(1):
        return line, None
    return line[: found.start()], found.group(1)


def _spelled(word: str) -> str:
    """Return a word of a street name, numbered streets in both writings (5th, Fifth)."""
    number = regex.fullmatch(r"([0-9]{1,2})(?:st|nd|rd|th)", word)
    if number and 1 <= int(number.group(1)) <= len(_ORDINALS):
        return f"(?:{word}|{_ORDINALS[int(number.group(1)) - 1]})"
    if word in _ORDINALS:
        return f"(?:{word}|{_ORDINALS.index(word) + 1}(?:st|nd|rd|th))"
    group = (
        _group_of(word, _DIRECTIONS) or _group_of(word, _TYPES) or (("saint", "st") if word in ("saint", "st") else ())
    )
    return f"(?:{'|'.join(group)})\\.?" if group else r"'?".join(map(regex.escape, word.split("'")))


def _group_of(word: str, groups: Sequence[str]) -> tuple[str, ...]:
    return next((tuple(group.split()) for group in groups if word in group.split()), ())


def _bounded(pattern: str) -> regex.Pattern[str]:
    return compile_private(rf"(?<!\w){pattern}(?!\w)", regex.IGNORECASE)
