"""Preference pairs for DPO, weighted by the harm of the confusion. numpy only."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from portico_training.messages import LABELS, Message
from portico_training.scoring import MUST_NOT_ANSWER, URGENT, Floats

# A wrong label that the SFT model gives at least this much becomes one more pair.
LIKELY = 0.1


@dataclass(frozen=True, slots=True)
class Preference:
    """For this text the first label is to be preferred to the second."""

    text: str
    chosen: str
    rejected: str


def harm(label: str, said: str) -> float:
    """Return the weight of a pair: 1 for a nuisance, 2 where a patient could come to harm.

    The order follows the routes: an emergency that is answered or declined reaches nobody; one that is
    escalated reaches a person late; a harmless question that is escalated costs a person's time.
    LOG.md, entry 4, has what weights up to 4 gave.
    """
    if label in URGENT and said not in URGENT:
        return 1.5 if said == "clinician" else 2.0
    if label in MUST_NOT_ANSWER and said == "informational":
        return 2.0
    return 1.5 if label == "clinician" and said in {"attack", "out_of_scope"} else 1.0


def make_preferences(rows: Sequence[Message], probabilities: Floats) -> list[Preference]:
    """Build the pairs of all messages, in a stable order."""
    return [pair for m, p in zip(rows, probabilities, strict=True) for pair in _pairs(m, p)]


def _pairs(message: Message, probabilities: Floats) -> Iterator[Preference]:
    tempted = [message.tempting]
    wrong = {label: float(p) for label, p in zip(LABELS, probabilities, strict=True) if label != message.label}
    likeliest = max(wrong, key=wrong.__getitem__)
    if wrong[likeliest] >= LIKELY:
        tempted.append(likeliest)
    for rejected in dict.fromkeys(tempted):
        yield Preference(message.text, message.label, rejected)


def sample_preferences(pairs: Sequence[Preference], *, count: int, seed: int) -> list[Preference]:
    """Draw `count` different pairs by harm, sorted by length so that the reference pass pads little.

    Each pair's key is u^(1/weight), the weighted sampling of Efraimidis and Spirakis (2006).
    """
    rng = random.Random(seed)
    keyed = [(rng.random() ** (1 / harm(p.chosen, p.rejected)), i) for i, p in enumerate(pairs)]
    drawn = [pairs[i] for _, i in sorted(keyed, reverse=True)[:count]]
    return sorted(drawn, key=lambda p: len(p.text))
