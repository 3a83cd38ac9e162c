"""Names without a cue, from lists: a common given name with a capitalised word after it ("Ana Ruiz", "Robert J.").

Class A of 45 CFR 164.514(b)(2)(i). A stop-gap until the trained tagger of issue 3: it knows only listed names and needs
capitals. Source of the lists: portico_redaction.recognisers.word_lists.
"""

from collections.abc import Iterator

import regex

from portico_core.labels import PhiType
from portico_redaction.recognisers.base import PATTERN_TIMEOUT_S, Found, ReadingRecogniser
from portico_redaction.recognisers.name_words import Reads, is_capitalised_name, names_a_disease, read_name
from portico_redaction.recognisers.states import NAMES
from portico_redaction.recognisers.word_lists import (
    country_names,
    is_eponym,
    is_family_name,
    is_firm,
    is_given_name,
    is_listed_person,
    is_never_surname,
    is_ordinary_word,
)

_CAPITAL = regex.compile(r"(?<![\w@./'-])\p{Lu}(?:[^\W\d_]|['-](?=[^\W\d_])){1,30}")
_NOT_AFTER = regex.compile(
    r"\s(?:Hospital|Medical|Clinic|Street|St\b|Ave|Avenue|Road|University|Center|Disease|Syndrome|Health)"
)

_OF_PLACE = regex.compile(r"\b(?:in|from|to|of|near|across|en|de) \Z", regex.IGNORECASE)
_PLACES = frozenset(NAMES.split("|")) | country_names()


class ListedNameRecogniser(ReadingRecogniser):
    """Find capitalised names by the lists of names."""

    phi_type = PhiType.NAME

    def find(self, text: str) -> Iterator[Found]:
        """Yield given name and family name in either order, and a given name alone."""
        done = 0
        for match in _CAPITAL.finditer(text, timeout=PATTERN_TIMEOUT_S):
            if match.start() < done or not _opens_name(match.group()):
                continue
            end = read_name(text, match.start(), reads=_reads_after(match.group()))
            if (
                end is None
                or _NOT_AFTER.match(text, end)
                or names_a_disease(text, end)
                or _is_state_or_country(text, match)
                or _is_firm(text, match, end)
            ):
                continue
            if end > match.end() or _stands_alone(match.group()):
                done = end
                yield Found(match.start(), end, 0.65)


def _is_firm(text: str, word: "regex.Match[str]", end: int) -> bool:
    """Say whether it is a firm: the same name on both sides of an "&" ("Johnson & Johnson"), or one and what it makes ("Roche Accu-Chek")."""
    name = word.group()
    others = text[word.end() : end].split()
    if others and is_firm(name) and not any(map(is_listed_person, others)):
        return True
    return text.startswith(f" & {name}", word.end()) or text.endswith(f"{name} & ", 0, word.start())


def _is_state_or_country(text: str, word: "regex.Match[str]") -> bool:
    """Say whether a word that is also a given name is a place here ("in Georgia", "to Kenya")."""
    return word.group() in _PLACES and _OF_PLACE.search(text, max(0, word.start() - 8), word.start()) is not None


def _opens_name(word: str) -> bool:
    """Say whether a word may begin a name: no short word in capitals (ADA, ELISA, IgE), and no eponym of a disease."""
    if len(word) < 6 and (word.isupper() or (len(word) < 4 and word[-1].isupper())):
        return False
    return is_given_name(word) or (is_family_name(word) and not is_ordinary_word(word) and not is_eponym(word))


def _reads_after(first: str) -> Reads:
    """After a sure given name a family name may be an everyday word ("Rebecca Hides")."""
    return _is_any_surname if _stands_alone(first) else is_capitalised_name


def _is_any_surname(word: str) -> bool:
    return word[0].isupper() and not is_never_surname(word)


def _stands_alone(word: str) -> bool:
    """Take one word alone only when it is a given name and nothing else."""
    return is_given_name(word) and not is_ordinary_word(word) and not is_eponym(word)
