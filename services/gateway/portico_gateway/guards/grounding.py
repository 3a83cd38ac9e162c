"""Whether a passage says a sentence. Deterministic, and a changed digit is never "close enough".

A sentence is supported when a passage holds it word for word as whole sentences, brackets aside, or when it restates
one passage sentence with its own words in its own order from its beginning on: numbers with their units, negations,
direction words and hedges are all there, and little is left out, nothing of it a restriction.
A sentence in other words goes on to the paraphrase checker, unless its number, negation or direction has just been
seen to differ from a passage sentence that it shares most of its words with.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import snowballstemmer

from portico_core.opposites import CLASS_OF, OPPOSITE
from portico_core.sentences import split_sentences
from portico_gateway.guards.paraphrase import open_checker

# The share of its content words that a restatement must keep. A choice, not a fit: with it, with the rule about the
# beginning and with every word in order, 3,000 changed sentences of the built-in passages let 5 through, each the
# passage's own sentence without its first article (23 November 2026).
LEAST_KEPT = 0.8
# A sentence with this share of its words in one passage sentence, in order, is a copy: what differs in it is a change.
COPIED = 0.6
_CHANGES = frozenset({"number", "negation", "direction", "condition"})
# Where a clause of a sentence ends, and the words that govern its other clauses too.
_CLAUSE_END = re.compile(r"[,;:()]")
_GOVERNING = frozenset({"if", "unless", "until", "when", "except", "whether"})
# How near the passage must come to every word of a copy with other words in it: a synonym, not another medicine.
SYNONYM = 0.4

_NEGATIONS_TEXT = """
    not no never none nor neither without cannot nothing nobody hardly scarcely
"""
NEGATIONS = frozenset(_NEGATIONS_TEXT.split())
_DIRECTIONS_TEXT = """
    raise raises raised raising increase increases increased increasing higher high more most rise rises rising rose
    above over greater gain gains start starts starting started up upper better improve improves
    lower lowers lowered lowering decrease decreases decreased decreasing low less least fall falls falling fell drop
    drops below under fewer reduce reduces reduced reducing lose loss stop stops stopping stopped down worse worsen
    worsens before earlier prior after later following
"""
# Leaving one of these out of a passage sentence, or adding one, changes what it claims.
_RESTRICTIONS_TEXT = """
    if unless only except until when while because although though but instead rather may might can could should
    must would will some few many most all every each always often usually sometimes rarely seldom unlikely
    likely possible possibly probably about around nearly almost or and both either first least whether mostly
    mainly generally typically certain
"""
RESTRICTIONS = frozenset(_RESTRICTIONS_TEXT.split())
_CONDITIONS_TEXT = """
    if unless only except until when while some few many most rarely seldom least whether first certain
"""
CONDITIONS = frozenset(_CONDITIONS_TEXT.split())
# Words that a restatement may leave out; every word that it says must stand in the passage sentence, in its order.
_FREE_TEXT = """
    a an the is are was were be been being am has have had that which also very there it its
"""
_FREE = frozenset(_FREE_TEXT.split())

_TOKEN = re.compile(r"[<>≤≥±=]|\d+(?:[.,:/]\d+)*|%|[^\W\d_]+(?:'[^\W\d_]+)?")
_NUMBER = re.compile(r"\d")
_ENDS_SENTENCE = re.compile(r"[.!?][\"')\]]*\s*$")
_DASHES = str.maketrans("‐‑‒–—―−‘’ʼ`´“”", "-------'''''\"\"")
_STEMMER = snowballstemmer.stemmer("english")


@dataclass(frozen=True, slots=True)
class GroundingResult:
    """Whether the passages say the sentence; `score` in [0, 1], `reason` from a closed set of short words.

    `passage` and `quote` name the passage (its index) and the passage's own words that carry the sentence.
    """

    supported: bool
    score: float
    reason: str
    passage: int | None = None
    quote: str = ""


@dataclass(frozen=True, slots=True)
class _Token:
    """One word: its stem, whether it stands in brackets, whether a sentence starts or ends with it, where it stands."""

    word: str
    bracketed: bool
    starts: bool
    ends: bool
    start: int
    end: int


def ground(sentence: str, passages: Sequence[str], *, in_other_words: bool = True) -> GroundingResult:
    """Say whether the passages support a sentence; of several sentences in one text each must be supported.

    Without `in_other_words` only what is near-verbatim is supported: that alone is delivered (ADR 28).
    """
    whole = _best(_ground_in(sentence, passage, i, in_other_words) for i, passage in enumerate(passages))
    if whole.supported:
        return whole
    units = split_sentences(sentence)
    if len(units) < 2:
        return whole
    parts = [_best(_ground_in(unit, p, i, in_other_words) for i, p in enumerate(passages)) for unit in units]
    return min(parts, key=lambda part: (part.supported, part.score))


def ground_line(line: Mapping[str, object]) -> dict[str, object]:
    """Answer one line of `portico ground`; unknown keys are kept.

    Raises:
        ValueError: the line has no `sentence` and `passages` of the right types.
    """
    sentence, passages = line.get("sentence"), line.get("passages")
    if not isinstance(sentence, str) or not isinstance(passages, list):
        raise ValueError("a line needs a text `sentence` and a list `passages`")
    if not all(isinstance(passage, str) for passage in passages):
        raise ValueError("`passages` must be a list of texts")
    result = ground(sentence, passages)
    found = {"supported": result.supported, "score": round(result.score, 4), "reason": result.reason}
    return {**{key: value for key, value in line.items() if key != "passages"}, **found}


def _best(results: Iterable[GroundingResult]) -> GroundingResult:
    return max(results, key=_rank, default=GroundingResult(False, 0.0, "no passage"))


def _rank(result: GroundingResult) -> tuple[bool, float]:
    return result.supported, result.score


def _ground_in(sentence: str, passage: str, index: int, in_other_words: bool) -> GroundingResult:
    said = _tokens(sentence)
    if not said:
        return GroundingResult(False, 0.0, "empty")
    words = [token.word for token in said]
    for stream in _streams(passage):
        place = _find_whole(words, stream)
        if place is not None:
            quote = passage[stream[place].start : _end_of(passage, stream[place + len(words) - 1].end)]
            return GroundingResult(True, 1.0, "verbatim", index, quote)
    strict = _best(_restates(said, one, index) for one in _sentences(passage))
    final = strict.supported or strict.reason == "no content" or len(split_sentences(sentence)) > 1
    if final or not in_other_words:
        return strict
    differs = _copy_difference(sentence, passage) if strict.score >= COPIED else ""
    if differs in _CHANGES:
        return strict
    return _in_other_words(sentence, passage, strict, copied=differs == "words", index=index)


def _copy_difference(sentence: str, passage: str) -> str:
    """Name what a copy changes in the clauses that it copies; what the rest of their sentence says is not its affair.

    Another word for the same direction is no change (`portico_core.opposites`).
    """
    said = _tokens(sentence)
    candidate = max(_sentences(passage), key=lambda one: _rank(_restates(said, one, 0)))
    there = _tokens(candidate)
    claims, kept = [token.word for token in said], _copied_clauses(said, candidate)
    reason = _difference(said, there, claims=claims, kept=kept, matched=_in_order(claims, kept))
    if reason == "direction" and _same_directions(sentence, candidate):
        return "words"
    return reason


def _copied_clauses(said: Sequence[_Token], candidate: str) -> list[str]:
    """Return the words of the clauses that a copy has words of, and what governs the others."""
    there, number, end, clauses = _tokens(candidate), 0, 0, list[int]()
    for token in there:
        number += bool(_CLAUSE_END.search(candidate[end : token.start]))
        clauses.append(number)
        end = max(end, token.end)
    rest = _in_order([token.word for token in said], [token.word for token in there])
    touched = {clause for token, clause in zip(there, clauses, strict=True) if rest[:1] == [token.word] and rest.pop(0)}
    return [t.word for t, clause in zip(there, clauses, strict=True) if clause in touched or t.word in _GOVERNING]


def _same_directions(sentence: str, candidate: str) -> bool:
    """Say whether every new direction word has its like in the passage sentence, and its opposite nowhere there."""
    known = {name for token in _tokens(candidate) for name in _classes(candidate, token)}
    words = {token.word for token in _tokens(candidate)}
    new = [token for token in _tokens(sentence) if token.word in _DIRECTION_STEMS and token.word not in words]
    return all(
        any(name in known and OPPOSITE[name] not in known for name in _classes(sentence, token)) for token in new
    )


def _classes(text: str, token: _Token) -> tuple[str, ...]:
    return CLASS_OF.get(text[token.start : token.end].lower(), ())


def _in_other_words(
    sentence: str, passage: str, strict: GroundingResult, *, copied: bool, index: int
) -> GroundingResult:
    """Ask the paraphrase checker; its score stays below that of a restatement."""
    judged = open_checker().judge(sentence, passage)
    score = min(0.89, judged.score)
    swapped = copied and judged.least < SYNONYM
    if swapped or not judged.supported:
        return GroundingResult(False, score, judged.veto or strict.reason)
    one = max(_sentences(passage), key=lambda one: open_checker().judge(sentence, one).score)
    return GroundingResult(True, score, "paraphrase", index, one)


@lru_cache(maxsize=2048)
def _streams(passage: str) -> tuple[tuple[_Token, ...], ...]:
    """Return the passage's words with and without those in brackets."""
    tokens = _tokens(passage)
    bare = tuple(token for token in tokens if not token.bracketed)
    return (tokens,) if len(bare) == len(tokens) else (tokens, bare)


@lru_cache(maxsize=2048)
def _sentences(passage: str) -> tuple[str, ...]:
    return tuple(split_sentences(passage))


def _find_whole(words: Sequence[str], stream: Sequence[_Token]) -> int | None:
    """Return where the words stand in a row, from the start of a sentence to the end of one."""
    size = len(words)
    for place in range(len(stream) - size + 1):
        first, last = stream[place], stream[place + size - 1]
        if first.starts and last.ends and first.word == words[0] and _same(words, stream[place : place + size]):
            return place
    return None


def _same(words: Sequence[str], tokens: Sequence[_Token]) -> bool:
    return all(word == token.word for word, token in zip(words, tokens, strict=True))


def _end_of(passage: str, end: int) -> int:
    match = re.compile(r"[)\]\"']*[.!?]?").match(passage, end)
    return match.end() if match else end


def _restates(said: Sequence[_Token], candidate: str, index: int) -> GroundingResult:
    """Compare a sentence with one passage sentence, word class by word class; the first difference is the reason."""
    there = _tokens(candidate)
    claims = [token.word for token in said]
    kept = [token.word for token in there if not token.bracketed]
    matched = max(_in_order(claims, kept), _in_order(claims, [token.word for token in there]), key=len)
    score = len(matched) / len(claims) if claims else 0.0
    reason = _difference(said, there, claims=claims, kept=kept, matched=matched)
    if reason:
        return GroundingResult(False, min(0.89, score), reason)
    return GroundingResult(True, max(0.9, len(claims) / max(1, len(there))), "restated", index, candidate)


def _difference(
    said: Sequence[_Token], there: Sequence[_Token], *, claims: list[str], kept: list[str], matched: list[str]
) -> str:
    """Name what keeps a sentence from being supported, or return nothing."""
    missing = _left_out(claims, matched)
    dropped = [word for word in _left_out(kept, matched) if word not in _FREE]
    content = [word for word in kept if word not in _FREE]
    differences = {
        "no content": not content or all(word in _FREE for word in claims),
        "number": any(map(_NUMBER.search, missing)) or not _quantities(said) <= _quantities(there),
        "negation": _count(claims, NEGATIONS) != _count(kept, NEGATIONS),
        "direction": any(word in _DIRECTION_STEMS for word in missing),
        "words": bool(missing),
        "condition": any(word in CONDITIONS for word in dropped),
        "restriction": any(word in _SENSITIVE for word in dropped),
        "beginning": content[:1] != [word for word in matched if word not in _FREE][:1],
        "partial": len(dropped) > (1 - LEAST_KEPT) * len(content),
    }
    return next((reason for reason, found in differences.items() if found), "")


def _left_out(words: Sequence[str], matched: Sequence[str]) -> list[str]:
    """Return the words that a common subsequence does not hold."""
    rest = list(matched)
    return [word for word in words if not (rest and word == rest[0] and rest.pop(0))]


def _count(words: Sequence[str], wanted: frozenset[str]) -> int:
    return sum(word in wanted for word in words)


def _quantities(tokens: Sequence[_Token]) -> set[tuple[str, str]]:
    """Return every number with the word after it, which is its unit where it has one."""
    words = [token.word for token in tokens]
    return {
        (word, after) for word, after in zip(words, [*words[1:], ""], strict=True) if _NUMBER.search(word) and after
    }


def _in_order(claims: Sequence[str], known: Sequence[str]) -> list[str]:
    """Return the longest common subsequence of two word lists."""
    table = [[0] * (len(known) + 1) for _ in range(len(claims) + 1)]
    for i, claim in enumerate(reversed(claims), start=1):
        for j, word in enumerate(reversed(known), start=1):
            table[i][j] = table[i - 1][j - 1] + 1 if claim == word else max(table[i - 1][j], table[i][j - 1])
    found, i, j = list[str](), len(claims), len(known)
    while i and j:
        if claims[-i] == known[-j]:
            found.append(claims[-i])
            i, j = i - 1, j - 1
        elif table[i - 1][j] >= table[i][j - 1]:
            i -= 1
        else:
            j -= 1
    return found


@lru_cache(maxsize=8192)
def _tokens(text: str) -> tuple[_Token, ...]:
    """Cut text into words with what the comparison needs to know about each. Contractions of "not" become "not"."""
    plain = text.translate(_DASHES)
    depths = _bracket_depths(plain)
    tokens = list[_Token]()
    end = 0
    for match in _TOKEN.finditer(plain):
        between = plain[end : match.start()]
        starts = not tokens or bool(re.search(r"[.!?][\"')\]]*\s+[\"'(\[]*$", between))
        if starts and tokens:
            tokens[-1] = _ending(tokens[-1])
        end = match.end()
        words = _word_forms(match[0])
        tokens += [
            _Token(w, depths[match.start()] > 0, starts and w == words[0], False, match.start(), end) for w in words
        ]
    if tokens and (_ENDS_SENTENCE.search(plain) or not plain[end:].strip(" )]\"'")):
        tokens[-1] = _ending(tokens[-1])
    return tuple(tokens)


def _ending(token: _Token) -> _Token:
    return _Token(token.word, token.bracketed, token.starts, True, token.start, token.end)


def _bracket_depths(text: str) -> list[int]:
    """Return for each character how many round brackets it stands in; unbalanced ones count for nothing."""
    if text.count("(") != text.count(")"):
        return [0] * len(text)
    depths, depth = list[int](), 0
    for character in text:
        depth = max(0, depth - (character == ")"))
        depths.append(depth)
        depth += character == "("
    return depths


def _word_forms(word: str) -> list[str]:
    lower = unicodedata.normalize("NFKC", word).lower()
    if lower == "%":
        return ["percent"]
    if _NUMBER.search(lower):
        return [re.sub(r"(?<=\d),(?=\d{3}\b)", "", lower)]
    if lower in ("cannot", "can't"):
        return ["can", "not"]
    if lower.endswith("n't"):
        return [_stem(lower[:-3]), "not"]
    return [_stem(lower.removesuffix("'s").replace("'", ""))]


@lru_cache(maxsize=65536)
def _stem(word: str) -> str:
    """Return the stem of a word; words that carry direction, negation or restriction are kept as they are."""
    if word in NEGATIONS or word in RESTRICTIONS or word in _FREE:
        return word
    return str(_STEMMER.stemWord(word))


_DIRECTION_STEMS = frozenset(map(_stem, _DIRECTIONS_TEXT.split()))
_SENSITIVE = NEGATIONS | RESTRICTIONS | _DIRECTION_STEMS
