"""How a turn is written down for others: its verdict, and what the assistant said, as plain values."""

from portico_core.turn import Turn, VerdictView
from portico_core.verdict import Verdict


def spoken(turn: Turn) -> str:
    """Return what the assistant said, as the transcript keeps it."""
    if turn.answer is not None:
        return " ".join(sentence.text for sentence in turn.answer.sentences)
    return turn.message or ""


def verdict_view(verdict: Verdict | None) -> VerdictView | None:
    """Return a verdict as the API shows it."""
    if verdict is None:
        return None
    return VerdictView(
        label=verdict.label,
        confidence=round(verdict.confidence, 6),
        scores={label.value: round(score, 6) for label, score in verdict.scores.items()},
        source=verdict.source,
        model=verdict.model,
    )
