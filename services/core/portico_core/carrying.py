"""What of a sentence a passage carries: the evidence by which a sentence in other words is judged.

Training and the gateway share this file, so that the checker is asked exactly what it was fitted to. Words are compared
by their stems and by `similar`, which the caller gives: cosines of word vectors in the gateway. What no vector tells
apart is counted by rule: numbers, negations and what they govern, opposites, added certainty. The rules were written
on the training topics of the authored pairs.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from portico_core.opposites import (
    CLASS_OF,
    HEDGES,
    IMPLIED,
    LIGHT,
    NEGATIONS,
    NUMBER_WORDS,
    OPPOSITE,
    SMALL,
    STRONG,
    UNIT_OF,
)
from portico_core.sentences import split_sentences
from portico_core.siblings import KINDS

Similar = Callable[[Sequence[str], Sequence[str]], list[list[float]]]
"""Cosines of two lists of words, [first][second]; 0 where a word is not known."""

SAME = 0.62
"""From here on two words are taken to say the same for negation and order."""
LEAST_WORDS = 3
"""Content words of a claim; fewer are a scrap of one."""
SIBLINGS = 0.3
"""As near as two things of one kind come at most; below what counts as a synonym."""
FEATURES = (
    "mean", "mean_near", "least", "second", "least_near", "second_near", "exact", "exact_near", "weak", "very_weak",
    "covered", "turned", "added_negation", "lost_negation", "kept_negation", "opposite", "opposite_near",
    "new_direction", "missing_number", "far_number", "certain", "hedge_lost", "words", "short",
    "heavy", "heavy_near", "heavy_least", "anywhere", "other_negation",
    "dropped_negation", "exchanged",
)  # fmt: skip

_WORD = re.compile(r"[<>≤≥%]|\d+(?:[.,:/]\d+)*|[^\W\d_]+(?:'[^\W\d_]+)?")
_BREAK = re.compile(r"[,;:.!?()]")
_CLAUSE_TEXT = "but although though while because if unless when however whereas so who except until"
_CLAUSE = frozenset(_CLAUSE_TEXT.split())
_RELATES_TEXT = """
    raise raises raised increase increases increased lower lowers lowered reduce reduces reduced decrease decreases
    decreased improve improves improved worsen worsens worsened before after
"""
_RELATES = frozenset(_RELATES_TEXT.split())
"""With one of these, the same words in another order may say the reverse ("A raises B")."""
_NARROW, _WIDE = 2, 7
"""How many content words a negation governs: surely, and at most."""


@dataclass(frozen=True, slots=True)
class Words:
    """A text as words; `governed` and `reached` are those that a negation governs surely and at most."""

    words: tuple[str, ...]
    stems: tuple[str, ...]
    sentence: tuple[int, ...]
    content: tuple[int, ...]
    governed: frozenset[int]
    reached: frozenset[int]


@dataclass(frozen=True, slots=True)
class Carried:
    """The evidence: one value for each of FEATURES, the words that nothing in the passage is near to, and a veto.

    `veto` names the plain contradiction or addition that no score may outweigh, or is empty. `least` is how near the
    passage comes to the word that it is farthest from, light words (`opposites.LIGHT`) left out.
    """

    features: tuple[float, ...]
    veto: str
    least: float = 0.0


class WordIndex:
    """Where the vector of a word stands: its own, or that of the commonest word with its stem."""

    def __init__(self, words: Sequence[str]) -> None:
        """Take the words, commonest first; the row after the last is that of unknown words."""
        self.unknown = len(words)
        self._rows = {stem(word): at for at, word in reversed(list(enumerate(words)))}
        self._words = {word: at for at, word in enumerate(words)}

    def rows(self, words: Sequence[str]) -> list[int]:
        """Return one row number a word."""
        return [self._words.get(word.removesuffix("'s"), self._rows.get(stem(word), self.unknown)) for word in words]


@lru_cache(maxsize=4096)
def read_words(text: str) -> Words:
    """Cut a text into words with their stems, sentences and negations."""
    words, numbers, breaks = list[str](), list[int](), set[int]()
    for number, piece in enumerate(split_sentences(text) or [text]):
        end = 0
        for match in _WORD.finditer(piece.replace("’", "'")):
            if not end or _BREAK.search(piece[end : match.start()]):
                breaks.add(len(words))
            words.append(match[0].lower())
            numbers.append(number)
            end = match.end()
    governed, reached = _negated(words, breaks)
    content = tuple(i for i, word in enumerate(words) if _is_content(word))
    return Words(
        tuple(words), tuple(stem(word) for word in words), tuple(numbers), content or tuple(range(len(words))),
        governed, reached,
    )  # fmt: skip


def weigh(sentence: str, passage: str, similar: Similar) -> Carried:
    """Hold a sentence against a passage."""
    said, there = read_words(sentence), read_words(passage)
    if not said.words or not there.words:
        return Carried((0.0,) * len(FEATURES), "empty")
    near = [
        [_nearness(a, b, cosine) for b, cosine in zip(there.stems, row, strict=True)]
        for a, row in zip(said.stems, similar(said.words, there.words), strict=True)
    ]
    best = _best_sentence(said, there, near)
    inside = [j for j, number in enumerate(there.sentence) if number == best]
    around = [j for j, number in enumerate(there.sentence) if abs(number - best) <= 1]
    values = {
        **_coverage(said, there, near, inside, around), **_negation(said, there, near, inside, around),
        **_direction(said, there, inside, around), **_amounts(said, there, around), **_certainty(said, there, inside),
    }  # fmt: skip
    # A word that is near to nothing at all has no vector, as most medicines have none: a name that the passage lacks.
    values["new_name"] = float(any(said.words[i].isalpha() and max(near[i]) == 0.0 for i in said.content))
    values["exchanged"] = _exchanged(said, there, inside, around)
    values["related"] = float(any(word in _RELATES for word in said.words))
    values["scrap"] = float(sum(said.words[i].isalpha() for i in said.content) < LEAST_WORDS)
    least = min(values["heavy_least"], SIBLINGS) if values["exchanged"] else values["heavy_least"]
    return Carried(tuple(values[name] for name in FEATURES), _veto(values), least)


def _nearness(one: str, other: str, cosine: float) -> float:
    """Return how near two stems are: 1 for the same, and little for two things of one kind, whatever their vectors."""
    most = SIBLINGS if _are_siblings(one, other) else 0.99
    return 1.0 if one == other else min(most, max(0.0, cosine))


def _are_siblings(one: str, other: str) -> bool:
    if one not in _MEMBER or other not in _MEMBER:
        return False
    shared = _MEMBER[one].keys() & _MEMBER[other].keys()
    return bool(shared) and all(_MEMBER[one][kind] != _MEMBER[other][kind] for kind in shared)


def _exchanged(said: Words, there: Words, inside: Sequence[int], around: Sequence[int]) -> float:
    """Count the things for which the passage sentence names another of their kind, and the passage not them."""
    named = [there.stems[j] for j in around]
    here = {there.stems[j] for j in inside} - set(said.stems)
    return float(sum(
        any(_are_siblings(said.stems[i], other) for other in here)
        and not any(_is_same_thing(said.stems[i], other) for other in named)
        for i in said.content
    ))  # fmt: skip


def _is_same_thing(one: str, other: str) -> bool:
    members = _MEMBER.get(one, {}).items() & _MEMBER.get(other, {}).items()
    return one == other or bool(members)


def _best_sentence(said: Words, there: Words, near: list[list[float]]) -> int:
    """Return the passage sentence that holds most of the content."""

    def held(number: int) -> float:
        inside = [j for j, n in enumerate(there.sentence) if n == number]
        return sum(max(near[i][j] for j in inside) for i in said.content)

    return max(sorted(set(there.sentence)), key=held)


def _coverage(
    said: Words, there: Words, near: list[list[float]], inside: Sequence[int], around: Sequence[int]
) -> dict[str, float]:
    tops = [max(near[i][j] for j in inside) for i in said.content]
    wide = [max(near[i][j] for j in around) for i in said.content]
    low, low_wide = sorted(tops), sorted(wide)
    kept = [j for j in inside if j in there.content]
    found = [i for i, top in zip(said.content, tops, strict=True) if top > SAME]
    places = [max(inside, key=near[i].__getitem__) for i in found]
    turned = sum(a > b for n, a in enumerate(places) for b in places[n + 1 :])
    count = len(tops)
    heavy = [n for n, i in enumerate(said.content) if said.words[i] not in LIGHT] or list(range(count))
    return {
        "mean": sum(tops) / count, "mean_near": sum(wide) / count, "least": low[0], "second": low[min(1, count - 1)],
        "least_near": low_wide[0], "second_near": low_wide[min(1, count - 1)],
        "exact": sum(top == 1.0 for top in tops) / count, "exact_near": sum(top == 1.0 for top in wide) / count,
        "weak": sum(top < 0.55 for top in wide) / 3, "very_weak": sum(top < 0.35 for top in wide) / 2,
        "covered": sum(max(near[i][j] for i in said.content) for j in kept) / max(1, len(kept)),
        "turned": turned / max(1, len(places) * (len(places) - 1) / 2), "words": min(count, 16) / 8,
        "short": float(count < 3),
        "heavy": sum(tops[n] for n in heavy) / len(heavy), "heavy_near": sum(wide[n] for n in heavy) / len(heavy),
        "heavy_least": min(wide[n] for n in heavy), "anywhere": sum(max(near[i]) for i in said.content) / count,
    }  # fmt: skip


def _negation(
    said: Words, there: Words, near: list[list[float]], inside: Sequence[int], around: Sequence[int]
) -> dict[str, float]:
    """Compare what negations govern on both sides, and whether there is one at all.

    A negation of other words than the passage's is an added one where their sentence there denies nothing.
    """
    denied = {i for i in said.governed if i in said.content}
    here = {j for j in around if _implies_negation(there.words[j])}
    kept = any(near[i][j] >= SAME for i in denied for j in there.reached)
    kept = kept or any(_unprefixed(there.words[j]) == said.words[i] for i in denied for j in around)
    denying = {there.sentence[j] for j in here}
    other = [] if kept else [j for j in around if any(near[i][j] >= SAME for i in denied)]
    alien = any(there.sentence[j] not in denying for j in other)
    adds = any(map(_is_negation, said.words)) and (not here or alien)
    drops = any(_is_negation(there.words[j]) for j in inside) and not any(map(_implies_negation, said.words))
    lost = 0
    for i in said.content:
        if i not in said.reached:
            same = [j for j in around if near[i][j] >= SAME]
            lost += bool(same) and all(j in there.governed for j in same)
    return {
        "added_negation": float(adds), "lost_negation": min(2.0, lost), "kept_negation": float(kept),
        "other_negation": float(bool(other)), "dropped_negation": float(drops),
    }  # fmt: skip


def _direction(said: Words, there: Words, inside: Sequence[int], around: Sequence[int]) -> dict[str, float]:
    """Compare directions; a word that a negation reaches may mean its opposite and is left out."""

    def classes(text: Words, chosen: Sequence[int]) -> set[str]:
        return {name for i in chosen if i not in text.reached for name in CLASS_OF.get(text.words[i], ())}

    mine, one, wide = classes(said, range(len(said.words))), classes(there, inside), classes(there, around)
    return {
        "opposite": float(sum(OPPOSITE[name] in one and name not in one for name in mine)),
        "opposite_near": float(sum(OPPOSITE[name] in wide and name not in wide for name in mine)),
        "new_direction": float(sum(name not in wide for name in mine)),
    }


def _amounts(said: Words, there: Words, around: Sequence[int]) -> dict[str, float]:
    """Count numbers that stand nowhere in the passage, or stand there with other units only."""
    wanted, known = _numbers(said.words), _numbers(there.words)
    close = _numbers([there.words[j] for j in around])

    def missing(there: dict[str, set[str]]) -> float:
        return float(sum(number not in there or bool(units and units.isdisjoint(there[number] or units))
                         for number, units in wanted.items()))  # fmt: skip

    return {"missing_number": missing(known), "far_number": missing(close)}


def _certainty(said: Words, there: Words, inside: Sequence[int]) -> dict[str, float]:
    whole, one = set(there.words), {there.words[j] for j in inside}
    hedged = bool(one & HEDGES) and not set(said.words) & HEDGES
    strong = {word for i, word in enumerate(said.words) if word in STRONG and i not in said.reached}
    return {"certain": float(len(strong - whole)), "hedge_lost": float(hedged)}


def _veto(values: dict[str, float]) -> str:
    checks = {
        "name": values["new_name"], "number": values["missing_number"], "negation": values["added_negation"],
        "direction": values["opposite"] or values["opposite_near"], "certainty": values["certain"],
        "partial": values["scrap"], "order": values["related"] and values["exact"] == 1.0 and values["turned"],
    }  # fmt: skip
    return next((name for name, value in checks.items() if value), "")


def _numbers(words: Sequence[str]) -> dict[str, set[str]]:
    """Return each number with the units that follow it, if any do."""
    found: dict[str, set[str]] = {}
    for word, after in zip(words, [*words[1:], ""], strict=True):
        if word in NUMBER_WORDS or word[0].isdigit():
            units = found.setdefault(NUMBER_WORDS.get(word, word), set())
            units |= {UNIT_OF[after]} if after in UNIT_OF else set()
    return found


def _negated(words: Sequence[str], breaks: set[int]) -> tuple[frozenset[int], frozenset[int]]:
    """Return the words that negations govern: up to the clause's end, the nearest surely, the others perhaps."""
    governed, reached = set[int](), set[int]()
    for start, word in enumerate(words):
        if not _is_negation(word):
            continue
        count = 0
        for at in range(start + 1, len(words)):
            if at in breaks or words[at] in _CLAUSE or count == _WIDE:
                break
            reached.add(at)
            if _is_content(words[at]):
                count += 1
                if count <= _NARROW:
                    governed.add(at)
    return frozenset(governed), frozenset(reached)


def _is_negation(word: str) -> bool:
    return word in NEGATIONS or word.endswith("n't")


def _unprefixed(word: str) -> str:
    """Return what a word denies: "abnormal" denies "normal"; nothing where it denies nothing."""
    return next((word.removeprefix(p) for p in ("un", "ab", "non", "in", "im") if word.startswith(p)), "")


def _implies_negation(word: str) -> bool:
    return word in IMPLIED or word.endswith("n't") or word.startswith(("un", "non"))


def _is_content(word: str) -> bool:
    return word not in SMALL and word not in HEDGES and not _is_negation(word)


@lru_cache(maxsize=65536)
def stem(word: str) -> str:
    """Return a word without its commonest endings; long enough that no two illnesses or medicines become one."""
    word = word.removesuffix("'s")
    if len(word) > 4:
        for ending in ("ing", "ies", "ied", "es", "ed", "ly", "s", "e", "y"):
            if word.endswith(ending) and len(word) - len(ending) >= 3 and not word.endswith("ss"):
                word = word[: -len(ending)]
                break
        if len(word) > 3 and word[-1] == word[-2] and word[-1] not in "lsz":
            word = word[:-1]
    return word


def _members() -> dict[str, dict[int, int]]:
    """Return for each stem which member of which kind it names."""
    found: dict[str, dict[int, int]] = {}
    for kind, members in enumerate(KINDS):
        for member, words in enumerate(members):
            for word in words:
                found.setdefault(stem(word), {})[kind] = member
    return found


_MEMBER = _members()
