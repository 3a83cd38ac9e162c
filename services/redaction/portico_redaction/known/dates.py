"""One known date (a birth date) in every writing: numeric orders, months written out, words, English and Spanish.

The year alone stays (45 CFR 164.514(b)(2)(i)(C)). Day and month as bare numbers ("1/2") also read as a fraction or a
ratio, so without a leading zero they count only beside a word for a birthday.
"""

from collections.abc import Iterator
from datetime import date

import regex

from portico_redaction.private_patterns import compile_private
from portico_redaction.recognisers.word_lists import MONTH_NAMES

_GAP = r"[\s./,_-]{1,3}"
_UNIT_WORDS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
)
_UNITS = _UNIT_WORDS.split()
_TENS = {20: "twenty", 30: "thirty", 40: "forty", 50: "fifty", 60: "sixty", 70: "seventy", 80: "eighty", 90: "ninety"}
_ORDINAL_WORDS = (
    "zeroth first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth "
    "fifteenth sixteenth seventeenth eighteenth nineteenth twentieth"
)
_ORDINALS = _ORDINAL_WORDS.split()
_SPANISH_WORDS = (
    "cero uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince diecis[eé]is diecisiete "
    "dieciocho diecinueve veinte veinti[uú]no veintid[oó]s veintitr[eé]s veinticuatro veinticinco veintis[eé]is "
    "veintisiete veintiocho veintinueve"
)
_SPANISH = _SPANISH_WORDS.split()
_SPANISH_TENS = {
    30: "treinta",
    40: "cuarenta",
    50: "cincuenta",
    60: "sesenta",
    70: "setenta",
    80: "ochenta",
    90: "noventa",
}
_CUE = r"(?:\b(?:dob|d\.o\.b|born|birth\w*|b-?day|nac\w{1,8}|cumple\w{0,6}|fecha)\b[^\n]{0,25}?)"


def compile_date(value: str) -> tuple[regex.Pattern[str], ...]:
    """Return the patterns of an ISO 8601 date; none for anything else. A group `value` marks the date beside a cue."""
    try:  # OpenID Connect writes a birthday without its year as 0000-MM-DD; 2000 has every day of the year.
        day = date.fromisoformat(value.strip()[:10].replace("0000-", "2000-", 1))
    except ValueError:
        return ()
    whole = "|".join(sorted(_forms(day), key=len, reverse=True))
    d, m, yy = day.day, day.month, f"{day.year % 100:02d}"
    loose = "|".join((f"0?{m}[/.-]0?{d}", f"0?{d}[/.-]0?{m}", f"0?{m}[/-]{day.year}", f"0?{m}/{yy}"))
    return (
        compile_private(rf"(?<![\w])(?:{whole})(?![\w])", regex.IGNORECASE),
        compile_private(rf"{_CUE}(?<![\w/.-])(?P<value>{loose})(?![\w/]|[.-][0-9])", regex.IGNORECASE),
    )


def _forms(day: date) -> Iterator[str]:
    d, m, y = f"0?{day.day}", f"0?{day.month}", _year(day.year)
    yield from (f"{m}{_GAP}{d}{_GAP}{y}", f"{d}{_GAP}{m}{_GAP}{y}", f"{y}{_GAP}{m}{_GAP}{d}")
    for form in ("%m%d%Y", "%d%m%Y", "%Y%m%d", "%m%d%y", "%d%m%y", "%y%m%d"):
        yield day.strftime(form)
    yield from (f"{day:%m/%d}(?![0-9/])", f"{day:%d/%m}(?![0-9/])")
    month = f"(?:{'|'.join(name for name, number in MONTH_NAMES.items() if number == day.month)})\\.?"
    nth = _day(day.day)
    yield f"{month}(?:\\sthe)?[\\s,/-]{{0,3}}{nth}(?![0-9])(?:(?:\\s(?:of|in|del?))?[\\s,/'-]{{1,3}}{y})?"
    of_year = f"(?:(?:,|\\sof|\\sin|\\sde|\\sdel)?[\\s,/'-]{{0,3}}{y})?"
    yield f"(?:the\\s)?{nth}(?:\\sof|\\sde|\\sday\\sof)?[\\s,/-]{{0,3}}{month}{of_year}"


def _year(year: int) -> str:
    return "(?:" + "|".join((str(year), f"'?{year % 100:02d}", *_year_in_words(year))) + ")"


def _day(day: int) -> str:
    words = [_ordinal(day), _cardinal(day), _spanish(day)]
    if day == 1:
        words.append("primero")
    digits = f"0?{day}(?:\\s?(?:st|nd|rd|th)|[oº°])?"
    return "(?:" + "|".join((digits, *words)) + ")"


def _ordinal(number: int) -> str:
    if number <= 20:
        return _ORDINALS[number]
    if number % 10 == 0:
        return _TENS[number][:-1] + "ieth"
    return f"{_TENS[number // 10 * 10]}[\\s-]?{_ORDINALS[number % 10]}"


def _cardinal(number: int) -> str:
    if number < 20:
        return _UNITS[number]
    rest = number % 10
    return _TENS[number - rest] + (f"[\\s-]?{_UNITS[rest]}" if rest else "")


def _spanish(number: int) -> str:
    if number < 30:
        return _SPANISH[number]
    rest = number % 10
    return _SPANISH_TENS[number - rest] + (f"\\sy\\s{_SPANISH[rest]}" if rest else "")


def _year_in_words(year: int) -> Iterator[str]:
    """Yield a year as spoken: "nineteen eighty two", "two thousand and five", "mil novecientos ochenta y dos"."""
    century, rest = divmod(year, 100)
    low = "" if rest == 0 else (f"(?:oh?[\\s-]|zero\\s)?{_cardinal(rest)}" if rest < 10 else _cardinal(rest))
    if 10 < century < 100:
        yield f"{_cardinal(century)}(?:\\shundred(?:\\sand)?)?" + (f"[\\s-]{low}" if low else "")
    if 2000 <= year < 2100:
        yield "two\\sthousand" + (f"(?:\\sand)?\\s{_cardinal(rest)}" if rest else "")
        yield "dos\\smil" + (f"\\s{_spanish(rest)}" if rest else "")
    if 1900 <= year < 2000:
        yield "mil\\snovecientos" + (f"\\s{_spanish(rest)}" if rest else "")
    if low:  # Last, because it also begins longer ones.
        yield low
