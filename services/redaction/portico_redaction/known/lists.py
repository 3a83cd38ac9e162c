"""Words that decide how a name is looked for: short forms of it, and whether it is also an everyday word.

`nicknames.txt`: one group a line, English and Spanish, looked up in both directions. `everyday_names.txt`: names that
are also words of a portal message. `english_words.txt`: what a typing slip must not be mistaken for; from the
vocabulary of the base model and the built-in passages. The first two are authored here.
"""

from functools import cache
from importlib import resources

from portico_redaction.recognisers.states import NAMES as STATES
from portico_redaction.recognisers.word_lists import (
    MONTH_NAMES,
    WEEKDAY_NAMES,
    country_names,
    fold_name,
    is_drug_name,
    is_eponym,
    is_ordinary_word,
)

_PARTICLE_WORDS = (
    "de del der den di da do dos du la las le los van von y e al bin ibn ben abu el ter ten san st mac mc o d"
)
_SUFFIX_WORDS = "jr sr ii iii iv md phd rn np pa dds esq"
_TITLE_WORDS = "dr drs doctor mr mrs ms miss mx prof professor sra srta dra don dona senor senora"
_LANGUAGE_WORDS = (
    "english french german spanish welsh irish scottish italian greek polish russian chinese japanese korean turkish "
    "portuguese swedish danish dutch arabic latin roman norman christian jewish muslim"
)
_ABBREVIATION_WORDS = (
    "ana ada pam don ted max alt ast cam ray ava eva ace arb gad cat pet iris may will art pat sue rich mark dot bill "
    "ed al amy tim sam dan ann lee jo ty cy mo mia mel sal ari ali ian ida noa ron ken ben jon joe kim kay lin lou roy "
    "rob guy hal ira jan jim len leo lex liv liz lyn mae meg nan nat ned peg pip rod ros roz val vic viv wes elisa"
)
PARTICLES = frozenset(_PARTICLE_WORDS.split())
SUFFIXES = frozenset(_SUFFIX_WORDS.split())
TITLES = frozenset(_TITLE_WORDS.split())
_LANGUAGES = frozenset(_LANGUAGE_WORDS.split())
ABBREVIATIONS = frozenset(_ABBREVIATION_WORDS.split())
"""Names of up to five letters that in capitals read as a test, a dose form or a shout (ANA, ELISA, TED hose)."""


@cache
def _load(name: str) -> tuple[str, ...]:
    return tuple(resources.files(__package__).joinpath(f"{name}.txt").read_text(encoding="utf-8").splitlines())


@cache
def _nickname_groups() -> dict[str, frozenset[str]]:
    forms: dict[str, set[str]] = {}
    for line in _load("nicknames"):
        group = line.split()
        for name in group:
            forms.setdefault(name, set()).update(group)
    return {name: frozenset(group) for name, group in forms.items()}


@cache
def _word_set(name: str) -> frozenset[str]:
    return frozenset(_load(name))


def nicknames_of(name: str) -> frozenset[str]:
    """Return the short and long forms of a given name (lower case, no accents), itself included."""
    return _nickname_groups().get(name, frozenset()) | {name}


def is_everyday(word: str) -> bool:
    """Say whether a folded word is also a word of everyday or clinical English, so that its case must decide."""
    return word in _word_set("everyday_names") or word in _word_set("english_words") or is_ordinary_word(word)


def is_other_word(word: str) -> bool:
    """Say whether a folded word is a word of its own and therefore no typing slip of a name."""
    return is_everyday(word) or is_drug_name(word) or is_eponym(word)


def is_month_or_day(word: str) -> bool:
    """Say whether a folded word names a month or a weekday."""
    return word in MONTH_NAMES or word in WEEKDAY_NAMES


def is_always_capital(word: str) -> bool:
    """Say whether a folded word has a capital in any sentence, whoever is meant: drugs, eponyms, languages."""
    return is_drug_name(word) or is_eponym(word) or word in _LANGUAGES


@cache
def _regions() -> frozenset[str]:
    return frozenset(fold_name(name) for name in (*STATES.split("|"), *country_names()))


def is_region(name: str) -> bool:
    """Say whether folded words are a state or a country: they stay."""
    return name in _regions()
