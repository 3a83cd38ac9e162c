"""Ask the responder and check what it proposes; where nothing of it stands, ask once more, and then no more.

Two steps of a turn, respond and validate. The second time the responder is not given the passages that its refused
sentences cite, where others remain: one that was tampered with, or that a model misreads, is then out of its sight.
A draft without a sentence says that nothing here answers the question, and is taken at its word.
"""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date

from portico_core.knowledge import Passage
from portico_core.labels import Stage
from portico_core.text import RedactedText
from portico_gateway.guards.validate import AnswerValidator, ValidationOutcome
from portico_gateway.metrics import Metrics
from portico_gateway.ports import Responder

ATTEMPTS = 2


@dataclass(frozen=True, slots=True)
class Proposal:
    """What the last draft came to, and the passages that the responder was given for it."""

    outcome: ValidationOutcome
    passages: tuple[Passage, ...]


@dataclass(frozen=True, slots=True)
class Proposer:
    """The responder, the checks, and what counts and times them."""

    responder: Responder
    validator: AnswerValidator
    metrics: Metrics
    timed: Callable[[Stage], AbstractContextManager[None]]

    async def propose(
        self, question: RedactedText, given: Sequence[Passage], *, today: date, worded: RedactedText
    ) -> Proposal:
        """Return the first draft of which something stands, else the last; raise what the responder raises.

        The responder reads the question as it is `worded` in the passages' words, the validator as it was put.
        """
        proposal = await self._ask(question, given, today, worded)
        for _ in range(ATTEMPTS - 1):
            outcome = proposal.outcome
            if outcome.answer is not None or not outcome.refused:
                break
            rest = [passage for passage in proposal.passages if passage.id not in outcome.refused_passages]
            proposal = await self._ask(question, rest or given, today, worded)
        return proposal

    async def _ask(
        self, question: RedactedText, given: Sequence[Passage], today: date, worded: RedactedText
    ) -> Proposal:
        with self.timed(Stage.RESPOND):
            draft = await self.responder.respond(worded, given)
        with self.timed(Stage.VALIDATE):
            outcome = await asyncio.to_thread(self.validator.validate, question.text, draft, given, today)
        for name, result in outcome.validators.items():
            if result != "pass":
                self.metrics.validation_failures.labels(name).inc()
        return Proposal(outcome, tuple(given))
