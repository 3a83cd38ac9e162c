"""How far a name reads on from a cue: words with a capital, particles between them, initials, and where to stop."""

from collections.abc import Callable

import regex

from portico_redaction.recognisers.word_lists import (
    is_eponym,
    is_family_name,
    is_given_name,
    is_never_name,
    is_ordinary_word,
)

_WORD = regex.compile(r"[^\W\d_](?:[^\W\d_]|['-](?=[^\W\d_])){0,30}\.?")
_MODEL = regex.compile(r"-?[0-9]")
"""What makes a letter a model and no initial ("Ford F-150")."""
_GAP = regex.compile(r"(?:, ?| {1,2}|-)")
_PARTICLES = frozenset(
    [
        "de",
        "del",
        "der",
        "den",
        "di",
        "da",
        "do",
        "dos",
        "du",
        "la",
        "las",
        "le",
        "los",
        "van",
        "von",
        "y",
        "e",
        "al",
        "bin",
        "ibn",
        "ben",
        "abu",
        "el",
        "ter",
        "ten",
        "san",
        "st",
        "mac",
        "mc",
        "o",
    ]
)
_SUFFIXES = frozenset(["jr", "sr", "ii", "iii", "iv", "md", "phd", "rn", "np", "pa", "do", "dds", "esq"])

Reads = Callable[[str], bool]

_DISEASE = regex.compile(
    r"(?:-\p{L}{2,20})?(?: (?:plus|breakage|virus|distal|familial|type|cell))? "
    r"(?:disease|syndrome|palsy|sign|virus|sequence|lymphoma|sarcoma|tumou?r|anemia|anomaly|toxin|thyroiditis|esophagus"
    r"|contracture|reflex|maneuver|monitor|phenomenon|score|scale|criteria|stain|dystrophy|myopathy|ataxia|chorea"
    r"|nephropathy|purpura|catheter|cyst|fracture|classification|angle|carrier|familie)s?\b",
    regex.IGNORECASE,
)


def names_a_disease(text: str, end: int) -> bool:
    """Say whether a word for a disease, sign or test follows: what stands before it is an eponym, not a person."""
    return _DISEASE.match(text, end) is not None


def is_capitalised_name(word: str) -> bool:
    """Say whether a word with a capital may be part of a name."""
    return word[0].isupper() and not is_never_name(word)


def is_name_in_any_case(word: str) -> bool:
    """Say whether a word after a strong cue may be part of a name, whatever its case."""
    if word[0].isupper():
        return not is_never_name(word)
    return not is_ordinary_word(word) and (len(word) > 2 or is_given_name(word))


def is_listed_name(word: str) -> bool:
    """Say whether a word is on the lists of names."""
    if (word.isupper() and len(word) < 6) or is_eponym(word):
        return False
    if word.islower() and is_ordinary_word(word):
        return False
    return is_given_name(word) or (is_family_name(word) and not is_ordinary_word(word))


def read_name(text: str, start: int, *, reads: Reads, most: int = 4, comma: bool = False) -> int | None:
    """Return where the name that begins at `start` ends, or None where no name begins.

    `comma` lets "LOPEZ, MARIA" read on over a comma. Particles and initials count only between name words.
    """
    end: int | None = None
    position, words = start, 0
    while words < most and (match := _WORD.match(text, position)):
        word = match.group()
        bare = word.rstrip(".")
        if len(bare) == 1 and _MODEL.match(text, match.end()):
            break
        if reads(bare):
            words += 1
            end = match.end() if len(bare) == 1 else match.start() + len(bare)
        elif not (words and _continues(bare)) and not (not words and bare.lower() in _PARTICLES and word[0].isupper()):
            break
        elif len(bare) == 1 or bare.lower() in _SUFFIXES:
            end = match.end()
        gap = _GAP.match(text, match.end())
        if word.endswith(".") and len(bare) > 3:  # A sentence ends here.
            break
        if gap is None or (gap.group().startswith(",") and not comma and not _suffix_follows(text, gap.end())):
            break
        position = gap.end()
    return end


def _continues(word: str) -> bool:
    """Say whether a word may stand inside a name: a particle, an initial, a suffix."""
    return (
        word.lower() in _PARTICLES or (len(word) == 1 and word.isupper() and word != "I") or word.lower() in _SUFFIXES
    )


def _suffix_follows(text: str, position: int) -> bool:
    match = _WORD.match(text, position)
    return match is not None and match.group().rstrip(".").lower() in _SUFFIXES
