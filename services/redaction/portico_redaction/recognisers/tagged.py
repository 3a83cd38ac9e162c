"""Names and places that the trained tagger finds, as one of Presidio's recognisers.

Classes A and B of 45 CFR 164.514(b)(2)(i). The patterns beside it know cues and lists; the tagger knows sentences. What words
alone decide is decided by words: a drug, a disease, a firm or a country is no person and no town, unless a title stands
before it. Its model card is services/redaction/TAGGER_CARD.md. It fails as every recogniser does: what it raises refuses the turn.
"""

from typing import Any

import regex
from presidio_analyzer import EntityRecognizer, RecognizerResult

from portico_core.labels import PhiType
from portico_core.tagging import Tag
from portico_redaction.recognisers.name_words import names_a_disease
from portico_redaction.recognisers.spared import is_counted
from portico_redaction.recognisers.states import NAMES as STATES
from portico_redaction.recognisers.word_lists import (
    KIN,
    country_names,
    is_clinical_word,
    is_dictionary_word,
    is_drawn_out,
    is_drug_name,
    is_eponym,
    is_firm,
    is_hyphenated_thing,
    is_listed_person,
    is_ordinary_word,
    is_place_word,
)
from portico_redaction.tagger import Tagged, Tagger

_TYPES = {Tag.NAME: PhiType.NAME, Tag.PLACE: PhiType.GEOGRAPHIC}

_WORD = regex.compile(r"[^\W\d_](?:[^\W\d_]|['’-](?=[^\W\d_]))*")
_TITLE = regex.compile(
    r"\b(?:mr|mrs|ms|miss|dr|prof|sr|sra|srta|don|do[ñn]a|doctor|doctora|nurse|named?|llam[oa]|soy|i'?m|am|se[ñn]ora?)"
    r"\.? {1,2}\Z",
    regex.IGNORECASE,
)
_HAS = regex.compile(
    r"\b(?:has|have|had|got|with|tiene|tengo|ten[ií]a|par[aá]lisis de|s[ií]ndrome de|enfermedad de|mal de|signo de) \Z",
    regex.IGNORECASE,
)
"""What an eponym follows when it stands for its disease ("tiene Parkinson")."""
_INITIAL = regex.compile(r" \p{Lu}\.")
_SENTENCE_OPENS = regex.compile(r"(?:\A|[.!?\n])[\s\"'(]*\Z")
_KIN_BEFORE = regex.compile(rf"\b(?:{KIN})(?:,| is|'s name is)? \Z", regex.IGNORECASE)
_OBJECT = regex.compile(r" (?:my|your|our|the|this|that|these|those|me|it|them|us|an?)\b")
_AREAS = frozenset(STATES.split("|")) | country_names()
_GLUE = frozenset("'’/&-+")
_CODE_DIGITS = 5
_DIGITS = regex.compile("[0-9]+")
_SYSTEMS = frozenset(("chrome", "firefox", "safari", "windows", "android", "ios", "iphone", "ipad", "macbook", "macos"))
"""What an app runs on: its number is a version ("Chrome 126, Windows 11")."""
_VARIANT = regex.compile(r"\b[A-Z][0-9]{1,5}[A-Z]\b")
_NEXT_WORD = regex.compile(r" ([^\W\d_][\w-]{2,24})")
_VERY_SURE, _SURE, _LIKELY = 0.97, 0.9, 0.7
_KEY_WORDS = "id case claim serial lot iban mrn vin dod ref acct account policy member no imei udi dea npi sn docket device plate tag dl mbr grp rx"
_KEYS = frozenset(_KEY_WORDS.split())
"""Words that name a number: what follows them is that number, not a place."""
_CODE = regex.compile(r"(?<![\w-])(?=[\w-]*[0-9])(?:(?=[0-9-]*[A-Z])[A-Z0-9-]{5,}|[0-9-]{6,})(?![\w-])")


_BILLED = regex.compile(
    r"\b(?:cod(?:ed?|ing)|bill(?:ed|ing)?|cpt|procedure|upcoded)\b[^.;!?\n0-9]{0,40}\Z", regex.IGNORECASE
)
_SPOKEN = regex.compile(r"[- ](?:interpreter|translator|speaking|speaker)\b")
_CAMEL = regex.compile(
    r"(?!(?:Ma?c|De|Di|Da|Du|Le|La|Van|Von|Fitz|San|Ben|El|Al|St)\p{Lu})\p{Lu}\p{Ll}{2,}\p{Lu}\p{Ll}+"
)
"""A word with a capital inside is a product's ("FreeStyle"), but for the prefixes of names."""


class TaggedRecogniser(EntityRecognizer):  # type: ignore[misc]  # Presidio is untyped for us (pyproject, follow_imports)
    """Find names and places by the tagger."""

    def __init__(self, tagger: Tagger) -> None:
        super().__init__(supported_entities=[kind.value for kind in _TYPES.values()], name=type(self).__name__)
        self._tagger = tagger

    def load(self) -> None:
        """Presidio calls it once; the tagger is open already."""

    def analyze(self, text: str, entities: list[str], nlp_artifacts: Any = None) -> list[RecognizerResult]:
        """Presidio's entry."""
        metadata = {
            RecognizerResult.RECOGNIZER_NAME_KEY: self.name,
            RecognizerResult.RECOGNIZER_IDENTIFIER_KEY: self.id,
        }
        return [
            RecognizerResult(
                _TYPES[found.tag].value, *extent_of(text, found), found.score,
                recognition_metadata=metadata,
            )
            for found in self._tagger.tag(text)
            if not stays(text, found)
        ]  # fmt: skip


def extent_of(text: str, found: Tagged) -> tuple[int, int]:
    """Return where it lies: of a place that is a code and words in lower case, only the code ("HJK-3318 white camry")."""
    if found.tag is Tag.PLACE and (code := _CODE.search(text, found.start, found.end)):
        words = _WORD.findall(text[found.start : code.start()] + " " + text[code.end() : found.end])
        if all(word.islower() or word.lower() in _KEYS for word in words):
            return code.span()
    return found.start, _end_of(text, found)


def _end_of(text: str, found: Tagged) -> int:
    """Return where it ends: the period of an initial goes with it ("Maria S.")."""
    initial = found.tag is Tag.NAME and _INITIAL.match(text, found.end - 2)
    return found.end + 1 if initial else found.end


def stays(text: str, found: Tagged) -> bool:
    """Say whether what the tagger found is no identifier after all, by its words."""
    words = _WORD.findall(text, found.start, found.end)
    if is_counted(text, found.end):
        return True
    if not words:  # Digits alone may be a postal code, never a name.
        return found.tag is Tag.NAME or found.end - found.start < _CODE_DIGITS or _is_billed(text, found)
    glued = text[found.end : found.end + 1].isdigit()
    if _is_scrap(text, found, words) or _names_a_number(words, glued=glued) or _is_double_eponym(words):
        return True
    if all(map(is_drawn_out, words)):
        return True
    if _TITLE.search(text, max(0, found.start - 12), found.start):
        return False
    return _is_no_place(text, found, words) if found.tag is Tag.PLACE else _is_no_name(text, found, words)


def _is_billed(text: str, found: Tagged) -> bool:
    """Say whether five digits are a procedure's ("coded my physical as a 99213")."""
    before = text[max(0, found.start - 60) : found.start]
    return _BILLED.search(before) is not None


def _names_a_number(words: list[str], *, glued: bool) -> bool:
    """Say whether only the word for a number was taken ("IBAN", "DoD ID"); "Boise ID" and "Lot 4, Elm Rd" are places."""
    if len(words) > 1 and glued:  # The number's own letters ("DEA BM" of "DEA BM4471209").
        words = words[:-1]
    if any(word.islower() and word in _KEYS for word in words) and all(
        word in _KEYS or word.isupper() for word in words
    ):
        return True
    return all(word.lower() in _KEYS or len(word) == 1 for word in words) and any(len(word) > 1 for word in words)


def _is_scrap(text: str, found: Tagged, words: list[str]) -> bool:
    """Say whether only a letter or two of a longer word or abbreviation was taken ("dx'd", "w/", "e-mail", "65yo M")."""
    if any(len(word) > 2 for word in words):
        return False
    glued = text[found.start - 1 : found.start] in _GLUE or text[found.end : found.end + 1] in _GLUE
    lone_capitals = all(word[0].isupper() for word in words) and found.score >= _SURE
    return glued or not lone_capitals or any(character.isdigit() for character in text[found.start : found.end])


def _is_no_name(text: str, found: Tagged, words: list[str]) -> bool:
    if names_a_disease(text, found.end) or text[found.start : found.end] in _AREAS or _all_clinical(words):
        return True
    if len(words) == 1 and is_eponym(words[0]):
        named = text[found.end : found.end + 2] in ("'s", "’s") or _HAS.search(
            text, max(0, found.start - 20), found.start
        )
        return bool(named) or not is_listed_person(words[0])
    if len(words) == 1 and (_is_coined(words[0]) or _is_language(text, found)):
        return True
    if _is_brand(words, before_and="&" in text[found.end : found.end + 3]):
        return True
    if len(words) == 1 and (
        _opens_a_sentence_as_verb(text, found, words[0]) or _is_in_dictionary(text, found, words[0])
    ):
        return True
    return all(map(_is_ordinary, words)) and found.score < _least_for_ordinary(
        words, beside_kin=_beside_kin(text, found)
    )


def _opens_a_sentence_as_verb(text: str, found: Tagged, word: str) -> bool:
    """Say whether an everyday word with its object opens a sentence ("Mark my words", "Grant me access")."""
    return is_ordinary_word(word) and _opens_sentence(text, found) and _OBJECT.match(text, found.end) is not None


def _is_coined(word: str) -> bool:
    """Say whether a word is a product, an abbreviation or a thing by its capitals and hyphens."""
    return _CAMEL.fullmatch(word) is not None or _is_abbreviation(word) or is_hyphenated_thing(word)


def _is_language(text: str, found: Tagged) -> bool:
    """Say whether a word stands right beside "interpreter": what is spoken, unless somebody is called so."""
    if is_listed_person(text[found.start : found.end]):
        return False
    before = text[max(0, found.start - 16) : found.start].lower()
    return before.endswith((" interpreter ", " translator ")) or _SPOKEN.match(text, found.end) is not None


def _opens_sentence(text: str, found: Tagged) -> bool:
    return _SENTENCE_OPENS.search(text, max(0, found.start - 8), found.start) is not None


def _beside_kin(text: str, found: Tagged) -> bool:
    return _KIN_BEFORE.search(text, max(0, found.start - 20), found.start) is not None


def _is_in_dictionary(text: str, found: Tagged, word: str) -> bool:
    """Say whether an English word that is nobody's listed name was taken, and the tagger is less sure than its case allows."""
    if not is_dictionary_word(word):
        return False
    opens = _opens_sentence(text, found)
    owns = opens and text[found.end : found.end + 2] in ("'s", "’s")
    return found.score < (_VERY_SURE if word.islower() or owns else _SURE if opens else _LIKELY)


def _is_ordinary(word: str) -> bool:
    """Say whether a word, or each part of one with a hyphen in lower case, is an everyday one ("fried-okra")."""
    if "-" not in word or not word.islower():
        return is_ordinary_word(word)
    return all(is_ordinary_word(part) or is_dictionary_word(part) for part in word.split("-"))


def _is_brand(words: list[str], *, before_and: bool) -> bool:
    """Say whether a firm stands alone, before an "&", or before a word that nobody is called: its product ("Medtronic Micra")."""
    firm_alone = any(map(is_firm, words)) and (len(words) == 1 or before_and)
    return firm_alone or (is_firm(words[0]) and not any(map(is_listed_person, words[1:])))


def _is_abbreviation(word: str) -> bool:
    """Say whether a short word has capitals inside ("IgE", "HbA")."""
    return len(word) < _CODE_DIGITS and word[0].isupper() and not word.isupper() and not word[1:].islower()


def _least_for_ordinary(words: list[str], *, beside_kin: bool) -> float:
    """Return how sure the tagger must be of everyday words: more of one alone than of two with capitals or beside a relation."""
    if all(word.islower() for word in words):
        return _SURE if len(words) > 1 or beside_kin else _VERY_SURE
    return _VERY_SURE if len(words) == 1 and not is_listed_person(words[0]) else 0.0


def _is_no_place(text: str, found: Tagged, words: list[str]) -> bool:
    whole = text[found.start : found.end]
    if (
        any(word.lower() in _SYSTEMS for word in words)
        or _are_brands(words)
        or _is_variant(text, found, words)
        or _is_size_of_drug(text, found, words)
    ):
        return True
    if all(map(_is_clinical, words)) and max(map(len, _DIGITS.findall(whole)), default=0) < _CODE_DIGITS:
        return True
    if any(character.isdigit() for character in whole):
        return False
    if whole in _AREAS or whole.title() in _AREAS or (words[0] in _AREAS and all(map(_is_plain, words[1:]))):
        return True
    if len(words) == 1 and (is_firm(words[0]) or is_eponym(words[0])):
        return True
    opens = len(words) == 1 and _opens_sentence(text, found)
    least = _SURE if opens or all(word.islower() for word in words) else _LIKELY
    return found.score < least and all(map(_is_ordinary, words))


def _is_variant(text: str, found: Tagged, words: list[str]) -> bool:
    """Say whether a gene and a change of it were taken ("MTHFR C677T", "BRAF V600E")."""
    return words[0].isupper() and _VARIANT.search(text, found.start, found.end + 2) is not None


def _is_size_of_drug(text: str, found: Tagged, words: list[str]) -> bool:
    """Say whether a plain word stands before the drug it describes ("children's motrin")."""
    after = _NEXT_WORD.match(text, found.end)
    return after is not None and all(map(_is_plain, words)) and is_drug_name(after.group(1))


def _is_plain(word: str) -> bool:
    """Say whether a word in lower case is an everyday one: in "Haiti building wells" only the first is a place."""
    return word.islower() and is_ordinary_word(word)


def _all_clinical(words: list[str]) -> bool:
    """Say whether nothing but clinical words and initials was taken ("H. pylori")."""
    longer = [word for word in words if len(word) > 1]
    return bool(longer) and all(map(_is_clinical, longer))


def _are_brands(words: list[str]) -> bool:
    """Say whether only firms and everyday words in lower case were taken ("silver Corolla, plate")."""
    return any(map(is_firm, words)) and all(
        is_firm(word) or (_is_plain(word) and not is_place_word(word)) for word in words
    )


def _is_double_eponym(words: list[str]) -> bool:
    """Say whether a disease of two names was taken ("churg strauss")."""
    return len(words) > 1 and (is_eponym(" ".join(words)) or is_eponym("-".join(words)))


def _is_clinical(word: str) -> bool:
    """Say whether a word is a drug or a clinical word and nobody's name."""
    return (is_drug_name(word) or is_clinical_word(word)) and not (is_listed_person(word) and not is_drug_name(word))
