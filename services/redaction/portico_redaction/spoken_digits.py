"""A view of the text in which digits written as words are digits: "five five five dash one two three four".

English and Spanish, with "oh", "double five", "doble cinco", tens and teens ("twelve thirty four"), letters between
them ("one E G four") and the words people say for separators ("dash", "guion"). A run counts from three number words
and four digits on, so that doses stay ("one or two tablets three times a day"); counting ("one two three four five"),
lists with commas and lists of tens count only where a cue announces an identifier (`number_cues`).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise, takewhile

import regex

from portico_redaction.normalise import Edit
from portico_redaction.number_cues import announces_number, is_count

_LEAST_WORDS = 3
_LEAST_DIGITS = 4
_LEAST_LISTED = 9
"""How many numbers with commas between them are more than a list of readings, where nothing else tells."""

_CLOSE = 15
"""How far apart two number words of one run may stand, in characters ("five double dash E G seven")."""


@dataclass(frozen=True, slots=True)
class Language:
    """The number words of one language: digits, ten to nineteen and whole tens, hundreds, repeats, separators."""

    units: dict[str, str]
    pairs: dict[str, str]
    tens: dict[str, str]
    hundred: frozenset[str]
    repeats: dict[str, int]
    marks: dict[str, str]
    joint: str
    letters: str

    def token(self) -> regex.Pattern[str]:
        """Return the pattern of one token of a run."""
        return regex.compile(self._token(), regex.IGNORECASE)

    def run(self) -> regex.Pattern[str]:
        """Return the pattern of a run of tokens, with or without space between them."""
        token = self._token()
        gap = rf"(?:[\s,.;:/|*_+-]{{1,3}}+(?:{self.joint})?+|)"
        return regex.compile(rf"\b{token}(?:{gap}{token})+\b", regex.IGNORECASE)

    def _token(self) -> str:
        words = sorted([*self.units, *self.pairs, *self.tens, *self.hundred, *self.repeats, *self.marks], key=len)
        return rf"(?:{'|'.join(reversed(words))}|[0-9]{{1,4}}(?![0-9])|(?-i:(?<![^\W_]){self.letters})(?![^\W_]))"


def _numbered(words: str, first: int) -> dict[str, str]:
    """Return words → the numbers they say, counted from `first`."""
    return {word: str(number) for number, word in enumerate(words.split(), first)}


_ENGLISH = Language(
    units=_numbered("zero one two three four five six seven eight nine", 0)
    | {"oh": "0", "o": "0", "nought": "0", "naught": "0", "niner": "9", "fife": "5", "fower": "4"},
    pairs=_numbered("ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen", 10),
    tens=_numbered("twenty thirty forty fifty sixty seventy eighty ninety", 2) | {"fourty": "4"},
    hundred=frozenset(["hundred"]),
    repeats={"double": 2, "triple": 3, "treble": 3},
    marks={"dash": "-", "hyphen": "-", "minus": "-", "slash": "/", "dot": ".", "plus": "+", "space": " "},
    joint=r"and\s",
    letters="[A-Zb-hj-z]",
)
_SPANISH = Language(
    units=_numbered("cero uno dos tres cuatro cinco seis siete ocho nueve", 0) | {"un": "1", "una": "1"},
    pairs=_numbered("diez once doce trece catorce quince dieciseis diecisiete dieciocho diecinueve", 10)
    | _numbered("veintiuno veintidos veintitres veinticuatro veinticinco veintiseis veintisiete veintiocho", 21)
    | {"veintinueve": "29", "dieciséis": "16", "veintidós": "22", "veintitrés": "23", "veintiséis": "26"},
    tens=_numbered("veinte treinta cuarenta cincuenta sesenta setenta ochenta noventa", 2),
    hundred=frozenset(["cientos"]),
    repeats={"doble": 2, "triple": 3},
    marks={"guion": "-", "guión": "-", "barra": "/", "punto": ".", "mas": "+", "más": "+", "espacio": " "},
    joint=r"y\s",
    letters="[A-Z]",
)
_ALL_MARKS = frozenset(_ENGLISH.marks) | frozenset(_SPANISH.marks)
_LANGUAGES = [(language, language.run(), language.token()) for language in (_ENGLISH, _SPANISH)]
_TRIGGER = regex.compile(
    r"zero|one|two|three|four|five|six|seven|eight|nine|oh\b|teen|(?:twen|thir|for|fif|igh|nine)ty|cero|uno|dos|tres"
    r"|cuatro|cinco|seis|siete|ocho|nueve|nta\b",
    regex.IGNORECASE,
)


def spoken_digit_edits(text: str) -> Iterator[Edit]:
    """Yield, in reading order, what makes digits of runs of number words."""
    if not _has_words_in_a_row(text):
        return
    edits: dict[int, list[Edit]] = {}
    for language, run, piece in _LANGUAGES:
        for match in run.finditer(text):
            tokens = _trim([*piece.finditer(text, *match.span())])
            if _is_number(language, text, tokens):
                edits.setdefault(match.start(), [*_edits_of(language, tokens)])
    done = 0
    for start in sorted(edits):
        if start >= done:
            yield from edits[start]
            done = edits[start][-1].end


def _has_words_in_a_row(text: str) -> bool:
    """Say whether three number words stand close together: cheaper than looking for a run at every word."""
    ends = [-_CLOSE, -_CLOSE]
    for match in _TRIGGER.finditer(text):
        if match.start() - ends[-1] < _CLOSE and ends[-1] - ends[-2] < 2 * _CLOSE:
            return True
        ends.append(match.end())
    return False


def _trim(tokens: list[regex.Match[str]]) -> list[regex.Match[str]]:
    """Drop "a", "I" and small letters at either end, which are words of the sentence, and marks at the end."""
    while tokens and _is_word_of_sentence(tokens[:2]):
        tokens = tokens[1:]
    while tokens and (_is_word_of_sentence(tokens[:-3:-1]) or tokens[-1].group().lower() in _ALL_MARKS):
        tokens = tokens[:-1]
    return tokens


def _is_word_of_sentence(edge: Sequence[regex.Match[str]]) -> bool:
    """Say whether the token at an edge is a word; a capital beside another letter spells on ("A M D two …")."""
    word, beside = edge[0].group(), edge[1].group() if len(edge) > 1 else ""
    if word in ("A", "I"):
        return not (len(beside) == 1 and beside.isupper())
    return len(word) == 1 and word.isalpha() and word.islower() and word != "o"


def _is_number(language: Language, text: str, tokens: Sequence[regex.Match[str]]) -> bool:
    """Say whether a run is a spelled identifier rather than a dose, a count or a list."""
    words = [t.group().lower() for t in tokens]
    numbers = [w for w in words if w in language.units or w in language.pairs or w in language.tens]
    if len(numbers) + sum(w in language.repeats for w in words) < _LEAST_WORDS:
        return False
    edits = [*_edits_of(language, tokens)]
    if sum(character.isdigit() for edit in edits for character in edit.text) < _LEAST_DIGITS:
        return False
    if announces_number(text, tokens[0].start()) or any(word in language.repeats for word in words):
        return True
    values = [int(language.units.get(w) or language.pairs.get(w) or language.tens[w]) for w in numbers]
    gaps = [text[one.end() : other.start()] for one, other in pairwise(tokens)]
    listed = sum("," in gap for gap in gaps) > len(gaps) / 2 and len(numbers) < _LEAST_LISTED
    spelled = any(word in language.marks or word.isupper() for word in (t.group() for t in tokens))
    return not is_count(values) and (spelled or not listed) and _is_mostly_digits(language, numbers)


def _is_mostly_digits(language: Language, numbers: Sequence[str]) -> bool:
    """Say whether more numbers are said digit by digit than as "ninety three" or "one ten", as readings are."""
    alone = len(numbers) - sum(one in language.tens and other in language.units for one, other in pairwise(numbers))
    tens = sum(word not in language.units for word in numbers)
    return alone - tens > alone / 2


def _edits_of(language: Language, tokens: Sequence[regex.Match[str]]) -> Iterator[Edit]:
    """Yield an edit a token, and one a gap that takes it away."""
    words = [token.group().lower() for token in tokens]
    position = tokens[0].start()
    for index, token in enumerate(tokens):
        if token.start() > position:
            yield Edit(position, token.start(), "")
        yield Edit(*token.span(), _value(language, words, index) if not _is_letter(language, token) else token.group())
        position = token.end()


def _is_letter(language: Language, token: regex.Match[str]) -> bool:
    return len(token.group()) == 1 and token.group().isalpha() and token.group().lower() not in language.units


def _value(language: Language, words: Sequence[str], index: int) -> str:
    """Return the digits one word stands for, given its neighbours."""
    word, following = words[index], words[index + 1 : index + 2]
    if word in language.units:
        times = language.repeats.get(words[index - 1], 1) if index else 1
        return language.units[word] * times
    if word in language.tens:
        joined = bool(following) and following[0] in language.units and language.units[following[0]] != "0"
        return language.tens[word] + ("" if joined else "0")
    if word in language.hundred:
        return _hundreds(language, words[index + 1 :])
    if word in language.repeats:
        return ""
    return language.pairs.get(word) or language.marks.get(word) or word


def _hundreds(language: Language, following: Sequence[str]) -> str:
    """Return the zeros after "hundred": none before two more digits, one before one digit, else two."""
    units = len([*takewhile(lambda word: word in language.units, following)])
    if following and (following[0] in language.tens or following[0] in language.pairs):
        return ""
    return "0" if units == 1 else "00"
