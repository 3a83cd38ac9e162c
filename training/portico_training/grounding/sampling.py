"""What one epoch sees: the authored pairs of the split, and pairs made from them by rule.

Made pairs teach what costs no author: a passage's own sentence is said; the same with a number, negation or opposite
is not; a sentence of another passage of the same topic, of another topic, or whose own place in the passage was taken
out is not. Half of an epoch is supported.
"""

import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from portico_core.premises import content_stems, premises_of, split_sentences
from portico_training.grounding.changes import change
from portico_training.grounding.pairs import Pair

_LEAST_OWN = 3
"""Stems that a sentence must share with one place of a passage, and with no other, for that place to be taken out."""


@dataclass(frozen=True, slots=True)
class Example:
    """A sentence, the premise it is held against, and whether the premise says it."""

    sentence: str
    premise: str
    supported: bool


@dataclass(frozen=True, slots=True)
class _Passage:
    topic: str
    text: str
    said: tuple[str, ...]


class Sampler:
    """Draws the examples of an epoch. `extra` are passages without authored sentences, as (topic, text)."""

    def __init__(self, pairs: Sequence[Pair], extra: Sequence[tuple[str, str]]) -> None:
        self._pairs = pairs
        said: dict[tuple[str, str], list[str]] = defaultdict(list)
        for pair in pairs:
            said[pair.topic.partition("#")[0], pair.passage] += [pair.sentence] if pair.supported else []
        for topic, text in extra:
            said[topic, text] += []
        self._passages = [_Passage(topic, text, tuple(found)) for (topic, text), found in said.items()]
        self._of_topic: dict[str, list[_Passage]] = defaultdict(list)
        for passage in self._passages:
            self._of_topic[passage.topic].append(passage)

    def epoch(self, seed: int, *, made: int) -> list[Example]:
        """Return one epoch in random order: every authored pair, and `made` pairs by rule."""
        rng = random.Random(seed)
        examples = [self._authored(pair, rng) for pair in self._pairs]
        missing = sum(1 if not e.supported else -1 for e in examples)
        while made > 0:
            supported = missing > 0 or rng.random() < 0.5
            example = self._made_supported(rng) if supported else self._made_unsupported(rng)
            if example is None:
                continue
            missing += -1 if supported else 1
            made -= 1
            examples.append(example)
        rng.shuffle(examples)
        return examples

    def _authored(self, pair: Pair, rng: random.Random) -> Example:
        return Example(pair.sentence, _premise(pair.sentence, pair.passage, rng, best=pair.supported), pair.supported)

    def _made_supported(self, rng: random.Random) -> Example | None:
        """An authored paraphrase again, mostly; or the passage's own words."""
        passage = rng.choice(self._passages)
        if passage.said and rng.random() < 0.7:
            sentence = rng.choice(passage.said)
        else:
            own = split_sentences(passage.text)
            at = rng.randrange(len(own))
            sentence = " ".join(own[at : at + rng.choice((1, 1, 1, 2))])
        return Example(_untidy(sentence, rng), _premise(sentence, passage.text, rng, best=True), True)

    def _made_unsupported(self, rng: random.Random) -> Example | None:
        passage = rng.choice(self._passages)
        own = split_sentences(passage.text)
        said = rng.choice(passage.said) if passage.said and rng.random() < 0.6 else rng.choice(own)
        drawn = rng.random()
        if drawn < 0.6:
            changed = change(said, rng)
            return None if changed is None else _unsupported(changed, passage.text, rng)
        if drawn < 0.8:
            return self._elsewhere(said, passage, rng)
        return _taken_out(said, own, rng)

    def _elsewhere(self, said: str, passage: _Passage, rng: random.Random) -> Example | None:
        """Hold a sentence against another passage, of the same topic where there is one."""
        siblings = [other for other in self._of_topic[passage.topic] if other is not passage]
        other = rng.choice(siblings) if siblings and rng.random() < 0.6 else rng.choice(self._passages)
        if other.text == passage.text or _says(said, other.text):
            return None
        return _unsupported(said, other.text, rng)


def _taken_out(said: str, own: Sequence[str], rng: random.Random) -> Example | None:
    """Hold a sentence against its passage without the place that says it, where that place is plain."""
    shared = [len(content_stems(said) & content_stems(piece)) for piece in own]
    best = max(range(len(own)), key=lambda i: shared[i])
    rest = [piece for i, piece in enumerate(own) if i != best]
    others = [count for i, count in enumerate(shared) if i != best]
    if shared[best] < _LEAST_OWN or not rest or max(others) > shared[best] / 2:
        return None
    return _unsupported(said, " ".join(rest), rng)


def _says(said: str, text: str) -> bool:
    """Say whether a text holds most of the words of a sentence in one place: then it may well say it."""
    wanted = content_stems(said)
    held = max(len(wanted & content_stems(piece)) for piece in split_sentences(text))
    return held > 0.6 * len(wanted)


def _unsupported(sentence: str, passage: str, rng: random.Random) -> Example:
    return Example(_untidy(sentence, rng), _premise(sentence, passage, rng, best=False), False)


def _premise(sentence: str, passage: str, rng: random.Random, *, best: bool) -> str:
    """Return the likeliest premise, or for an unsupported sentence any that would be tried."""
    found = premises_of(sentence, passage)
    return found[0] if best else rng.choice(found)


def _untidy(sentence: str, rng: random.Random) -> str:
    """Leave the last stop out at times: sentences come both ways."""
    return sentence.rstrip(".") if rng.random() < 0.2 else sentence


def batches(examples: Sequence[Example], size: int, rng: random.Random) -> Iterator[list[Example]]:
    """Give batches of like length, in random order."""
    ordered = sorted(examples, key=lambda e: len(e.sentence) + len(e.premise) + rng.random() * 40)
    cut = [ordered[at : at + size] for at in range(0, len(ordered), size)]
    rng.shuffle(cut)
    yield from cut
