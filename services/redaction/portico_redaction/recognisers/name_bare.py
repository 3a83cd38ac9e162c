"""Names without a cue that their place gives away: "Hodan's walker", "Oyin said skip it", and a name alone at the very end.

Class A of 45 CFR 164.514(b)(2)(i). Format: one to three capitalised words, the first of which is no English word at all (a
possessive), or is a given name as well (before what only people do, or as the last sentence of a message). Words that are
drugs, diseases, firms, eponyms or days stay. Source of the English words: portico_redaction.known.lists.
"""

from collections.abc import Iterator

import regex

from portico_core.labels import PhiType
from portico_redaction.known.lists import is_everyday
from portico_redaction.recognisers.base import PATTERN_TIMEOUT_S, Found, ReadingRecogniser
from portico_redaction.recognisers.word_lists import (
    fold_name,
    is_clinical_word,
    is_dictionary_word,
    is_drawn_out,
    is_drug_name,
    is_eponym,
    is_firm,
    is_given_name,
    is_hyphenated_thing,
    is_never_name,
    is_ordinary_word,
    is_town,
)

_WORD_NAMES = frozenset(
    (
        "Will",
        "Mark",
        "Grant",
        "Chase",
        "Faith",
        "Hope",
        "Joy",
        "Grace",
        "Rose",
        "Dawn",
        "Summer",
        "Autumn",
        "Ray",
        "Rob",
        "Drew",
        "Skip",
        "Pat",
        "Sue",
        "Rich",
        "Art",
        "Gene",
        "Jack",
        "Frank",
        "Miles",
        "Lance",
        "Dean",
        "Chip",
    )
)
"""Given names that are words as well and on no list of names for that reason."""
_WORD = r"\p{Lu}\p{Ll}[\p{L}'-]{1,22}"
_POSSESSIVE = regex.compile(rf"(?<![\w@./'’-])(?P<name>{_WORD}?)['’]s(?= [a-z])")
_ACTS = (
    r"said|says|told|tells|took|threw|fell|asked|asks|thinks|thought|called|texted|wants|wanted|refuses|refused|vomited|cries"
    r"|cried|woke|slept|ate|drank|coughed|swallowed|hates|dijo|dice|tiene|quiere|necesita|llam[oó]|vomit[oó]|se cay[oó]"
)
_SUBJECT = regex.compile(rf"(?:\A|[.!?\n] ?)(?P<name>{_WORD}) (?={_ACTS})\b")
_AT_DESK = regex.compile(
    rf"(?:\A|[.!?\n] ?|\band |, )(?P<name>{_WORD}) (?:from|in|at|with) (?:the )?(?:\p{{L}}{{3,12}} )?"
    r"(?:pharmacy|billing|scheduling|admissions|registration|intake|records|referrals|triage|radiology|imaging|the lab|reception"
    r"|front desk|check-?in|check-?out|insurance|nutrition|home health|refills?|dispatch|HR|IT)\b(?= [a-z])"
)
_SAID = regex.compile(
    rf"(?:\A|[.!?\n] ?)(?P<name>{_WORD}) (?=(?:said|says|told|thinks|called|texted|asked|wants|suggested|recommended) )"
)
_LAST = regex.compile(rf"(?:[.!?…] |\n\s{{0,3}})(?P<name>{_WORD}(?: {_WORD}){{0,2}})[.!]?\s{{0,3}}\Z")

_BEFORE_EMAIL = regex.compile(
    rf"(?:, |[.!?\n] ?|\A)(?P<name>{_WORD} {_WORD}),? [(<]?(?:[Ee]-?mail:? )?(?P<local>[A-Za-z0-9._-]{{3,40}})@"
)
"""Two capitalised words and an address; it is a name where the address holds one of them."""


class BareNameRecogniser(ReadingRecogniser):
    """Find names by their place in the sentence."""

    phi_type = PhiType.NAME

    def find(self, text: str) -> Iterator[Found]:
        """Yield names before a possessive, before what people do, and at the end."""
        for pattern, may_be, score in (
            (_POSSESSIVE, _is_unknown, 0.6),
            (_SUBJECT, _is_person, 0.62),
            (_LAST, _is_person, 0.62),
            (_AT_DESK, _works_there, 0.62),
            (_SAID, _is_everyday_name, 0.62),
        ):
            for match in pattern.finditer(text, timeout=PATTERN_TIMEOUT_S):
                if may_be(match["name"].split()[0]):
                    yield Found(*match.span("name"), score)
        for match in _BEFORE_EMAIL.finditer(text, timeout=PATTERN_TIMEOUT_S) if "@" in text else ():
            if any(word in match["local"].lower() for word in match["name"].lower().split()):
                yield Found(*match.span("name"), 0.72)


def _works_there(word: str) -> bool:
    """Say whether a word is a name, also one that is a word as well ("Faith in scheduling", "Will from pharmacy")."""
    return _is_everyday_name(word) or _is_person(word)


def _is_everyday_name(word: str) -> bool:
    """Say whether an everyday word is somebody's given name too."""
    return word in _WORD_NAMES or (is_given_name(word) and not _is_thing(word))


def _is_unknown(word: str) -> bool:
    """Say whether a word is no English word and nothing that clinics name."""
    return not is_everyday(fold_name(word)) and not _is_thing(word)


def _is_person(word: str) -> bool:
    """Say whether a word is a given name, or no word that we know."""
    if _is_thing(word) or is_ordinary_word(word):
        return False
    return is_given_name(word) or not is_everyday(fold_name(word))


def _is_thing(word: str) -> bool:
    checks = (
        is_drug_name,
        is_clinical_word,
        is_firm,
        is_eponym,
        is_never_name,
        is_town,
        is_hyphenated_thing,
        is_drawn_out,
        is_dictionary_word,
    )
    return any(check(word) for check in checks)
