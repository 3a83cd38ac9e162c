"""What the LLM responder learns from: authored pairs as prompts and drafts, and questions that nothing answers.

A question without an answer gets passages of another kind of topic and of the same split, none of which shares a long
word with it; the right draft is then the empty one (rule 5 of the prompt), and the gateway sends the turn to a person.
"""

import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from portico_core.knowledge import Passage
from portico_training.artefacts import TrainingError
from portico_training.responder.preferences import MOST_PASSAGES, Preference, draft_json, split_of
from portico_training.responder_llm.settings import LlmRun

_LONG_WORD = re.compile(r"\w{5,}")


@dataclass(frozen=True, slots=True)
class Example:
    """A question with the passages of its turn, and the draft to give. `id` is a pair's, or opens with `none-`."""

    id: str
    question: str
    passages: tuple[Passage, ...]
    draft: str


def of_split(pairs: Sequence[Preference], split: str) -> list[Preference]:
    """Return the pairs of one split; raise TrainingError where there is none."""
    found = [pair for pair in pairs if pair.split == split]
    if not found:
        raise TrainingError(f"no pairs in the split {split}")
    return found


def given(ids: Sequence[str], texts: Mapping[str, str]) -> tuple[Passage, ...]:
    """Return passages by id, as far as a responder sees them."""
    return tuple(Passage(key, "", "", texts[key]) for key in ids)


def answered(pairs: Sequence[Preference], texts: Mapping[str, str]) -> list[Example]:
    """Return the chosen draft of every pair."""
    return [Example(p.id, p.question, given(p.passages, texts), draft_json(p.chosen)) for p in pairs]


def unanswered(pairs: Sequence[Preference], texts: Mapping[str, str], *, share: float, seed: int) -> list[Example]:
    """Return some questions with passages that do not answer them; `share` is of the pairs given."""
    rng = random.Random(seed)
    chosen = rng.sample(list(pairs), round(share * len(pairs)))
    topics = sorted({key.partition("#")[0] for key in texts})
    return [_without_answer(pair, topics, texts, rng) for pair in chosen]


def _without_answer(pair: Preference, topics: Sequence[str], texts: Mapping[str, str], rng: random.Random) -> Example:
    asked = set(_LONG_WORD.findall(pair.question.lower()))
    for topic in rng.sample(list(topics), len(topics)):
        if topic.partition(".")[0] == pair.kind or split_of(topic) != pair.split:
            continue
        ids = sorted(key for key in texts if key.startswith(f"{topic}#"))
        shown = rng.sample(ids, min(MOST_PASSAGES, len(ids)))
        if not asked & set(_LONG_WORD.findall(" ".join([topic, *(texts[key] for key in shown)]).lower())):
            return Example(f"none-{pair.id}", pair.question, given(shown, texts), draft_json(()))
    raise TrainingError(f"{pair.id}: every other topic of its split shares a word with the question")


def sft_examples(run: LlmRun, pairs: Sequence[Preference], texts: Mapping[str, str], split: str) -> list[Example]:
    """Return what SFT learns from, or is measured on, in one split: with an answer and without."""
    rows = of_split(pairs, split)
    without = unanswered(rows, texts, share=run.sft.unanswered_share, seed=run.sft.seed)
    return [*answered(rows, texts), *without]
