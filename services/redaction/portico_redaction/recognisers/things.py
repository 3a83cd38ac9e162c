"""What is called after a person or a place and is neither: plants, foods, brands, devices, diseases, signs, procedures.

A phrase of `things.txt` is a thing whatever stands around it ("St. John's wort", "Earl Grey"). One of `namesakes.txt` is
somebody's whole name as well (brands, drinks, people whom everybody knows), so it is one only where no cue announced a
name. A single eponym that no cue announced is one where it has an indefinite article ("a Foley"), a word of Spanish
clinics before it ("la sonda Foley"), where the same text names a disease after it ("Baker's cyst", then "who is
Baker"), or where it stands in one enumeration with a clinical word or with an eponym that nobody is called ("Duchenne
or Becker"). A name that the session knows, and one after a title or a relation, stay identifiers.
"""

from collections.abc import Sequence
from functools import cache
from importlib import resources

import regex
from presidio_analyzer import RecognizerResult

from portico_core.labels import PhiType
from portico_redaction.recognisers.base import PATTERN_TIMEOUT_S
from portico_redaction.recognisers.name_words import names_a_disease
from portico_redaction.recognisers.word_lists import is_clinical_word, is_drug_name, is_eponym, is_listed_person

_WITHOUT_CUE = frozenset({"TaggedRecogniser", "ListedNameRecogniser", "BareNameRecogniser"})
_REACH = 40
_WORD = r"[^\W\d_](?:[^\W\d_]|['-](?=[^\W\d_])){1,30}"
_LINK = r"(?:,? (?:and|or|vs\.?|versus|y|o) |, (?:an? |the )?|/)"
_BEFORE = regex.compile(
    r"(?:\b(?:an?|una?|sonda|cat[eé]ter|signo|signos|prueba|test|maniobra|f[eé]rula|way of|method of) )\Z",
    regex.IGNORECASE,
)
_NEIGHBOUR_BEFORE = regex.compile(rf"(?<![\w'’-])(?P<word>{_WORD}){_LINK}\Z", regex.IGNORECASE)
_NEIGHBOUR_AFTER = regex.compile(rf"(?:'s)?{_LINK}(?P<word>{_WORD})", regex.IGNORECASE)


_NAMED = regex.compile(r"(?<![\w'’-])(?P<name>\p{Lu}\p{Ll}{2,20})(?:['’]s)?(?= [a-z])")
_ANIMAL = (
    r"(?:dogs?|pupp(?:y|ies)|pup|cats?|kittens?|kitty|hamster|gerbil|guinea pig|rabbit|bunny|parrot|parakeet|bird|goldfish|turtle|horse"
    r"|pony|goat|chicken|lizard|gecko|snake|ferret|beagle|poodle|labrador|retriever|terrier|chihuahua|bulldog|pitbull|dachshund|corgi|husky"
    r"|tabby|perr[oa]|perrit[oa]|gat[oa]|gatit[oa])"
)
_PET = regex.compile(
    rf"\b(?i:{_ANIMAL})(?:,? (?:named|called|by the name of|name of|whose name is|llamad[oa])|,)? (?P<name>(?:M(?:r|s|rs)\. )?\p{{Lu}}[\p{{L}}'-]{{1,20}})"
)
"""A pet's name is no identifier of a person."""
_INSURANCE = regex.compile(
    r"\b(?:plans?|insur\w{2,6}|enrol+ment|coverage|covered|network|payer|payor|co-?pay|deductible|premium|hmo|ppo|epo|medicare|medicaid|marketplace"
    r"|obamacare|prior auth\w{0,12}|aseguranza)\b",
    regex.IGNORECASE,
)
_INSURERS = frozenset(
    (
        "oscar",
        "molina",
        "clover",
        "devoted",
        "bright",
        "friday",
        "alignment",
        "wellcare",
        "ambetter",
        "kaiser",
        "humana",
    )
)
"""Insurers that are also called as people are; only beside words of insurance, and where no cue announced a name."""
_ARTICLE = regex.compile(r"(?<![\w'’-])(?:an?|una?) \Z", regex.IGNORECASE)
_SPANISH = regex.compile(
    r"\b(?:el|los|las|que|mi|para|por|con|una?|se|es|le|lo|cuando|tiene|pero|y)\b", regex.IGNORECASE
)
_PERSONAL = regex.compile(
    r" (?:\p{Lu}|from|in|at|with|who|named|called|said|says|told|answered|picked|left|took|is|was|wants|on|over|there)|,? (?:que|de)\b|@"
)
"""What follows a person of whom one knows no more than the name ("a Maria from billing called")."""
_NOUN = regex.compile(
    r" (?:protein(?:s|uria)?|bod(?:y|ies)|cells?|ganglion|fistula|tubes?|valve|stain)\b", regex.IGNORECASE
)


class Things:
    """Where a folded text speaks of things that bear a name."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._phrases = _spans_of("things", text)
        self._namesakes = _spans_of("namesakes", text)
        self._diseases = _named_by_a_disease(text)
        self._pets = frozenset(m["name"].lower() for m in _PET.finditer(text, timeout=PATTERN_TIMEOUT_S))
        self._of_insurance = _INSURANCE.search(text, timeout=PATTERN_TIMEOUT_S) is not None

    def hold(self, found: RecognizerResult) -> bool:
        """Say whether what a recogniser took for a name or a place belongs to a thing."""
        if found.entity_type not in (PhiType.NAME, PhiType.GEOGRAPHIC):
            return False
        said = self._text[found.start : found.end].lower()
        if _lies_in(found, self._phrases) or said in self._pets:
            return True
        if found.recognition_metadata[RecognizerResult.RECOGNIZER_NAME_KEY] not in _WITHOUT_CUE:
            return False
        return (
            _lies_in(found, self._namesakes)
            or (found.entity_type == PhiType.NAME and _is_one_of_many(self._text, found.start, found.end))
            or said in self._diseases
            or (self._of_insurance and said in _INSURERS)
            or _is_eponym(self._text, found.start, found.end)
        )


def _is_one_of_many(text: str, start: int, end: int) -> bool:
    """Say whether one word has an indefinite article and nothing tells of a person ("a Corona and a Claritin")."""
    article = _ARTICLE.search(text, max(0, start - 4), start, timeout=PATTERN_TIMEOUT_S)
    if article and article[0].lower() == "a " and _SPANISH.search(text, timeout=PATTERN_TIMEOUT_S):
        return False  # It is "to".
    return bool(article) and " " not in text[start:end] and not _PERSONAL.match(text, end, timeout=PATTERN_TIMEOUT_S)


def _lies_in(found: RecognizerResult, spans: Sequence[tuple[int, int]]) -> bool:
    return any(start <= found.start and found.end <= end for start, end in spans)


def _spans_of(name: str, text: str) -> list[tuple[int, int]]:
    return [match.span() for match in _phrases(name).finditer(text, timeout=PATTERN_TIMEOUT_S)]


def _named_by_a_disease(text: str) -> frozenset[str]:
    """Return, in lower case, the names that this text gives to a disease, sign or test: said again they are no people."""
    return frozenset(
        match["name"].lower()
        for match in _NAMED.finditer(text, timeout=PATTERN_TIMEOUT_S)
        if is_eponym(match["name"]) and names_a_disease(text, match.end())
    )


def _is_eponym(text: str, start: int, end: int) -> bool:
    words = text[start:end].split()
    if not words or not all(map(is_eponym, words)):
        return False
    before = max(0, start - _REACH)
    if len(words) > 1:  # A pair is more often a person, so only its noun tells ("Bence Jones protein").
        return len(words) == 2 and _NOUN.match(text, end, timeout=PATTERN_TIMEOUT_S) is not None
    if _BEFORE.search(text, before, start, timeout=PATTERN_TIMEOUT_S):
        return True
    neighbours = (
        _NEIGHBOUR_BEFORE.search(text, before, start, timeout=PATTERN_TIMEOUT_S),
        _NEIGHBOUR_AFTER.match(text, end, timeout=PATTERN_TIMEOUT_S),
    )
    return any(match is not None and _is_thing(match["word"]) for match in neighbours)


def _is_thing(word: str) -> bool:
    if is_listed_person(word):
        return False
    return is_eponym(word) or is_clinical_word(word) or is_drug_name(word)


@cache
def _phrases(name: str) -> "regex.Pattern[str]":
    lines = resources.files(__package__).joinpath(f"{name}.txt").read_text(encoding="utf-8").splitlines()
    return regex.compile(r"(?<![\w'-])\L<phrases>(?![\w-])", regex.IGNORECASE, phrases=lines)
