"""After a routine question went to a person: what approved material says to it, for that person to use or to drop.

It runs when the patient has their answer, over the redacted question alone, and passes every check that an answer to a
patient passes. Whatever fails, there is no suggestion: the clinician writes without one.
"""

import asyncio
from dataclasses import dataclass, field
from typing import Protocol

from portico_core.labels import Route
from portico_core.switches import is_allowed
from portico_core.text import RedactedText
from portico_core.turn import SuggestedPassage, Suggestion, Turn
from portico_gateway.logs import describe_error, log
from portico_gateway.pipeline import PASSAGES_FOUND, PASSAGES_GIVEN, Parts

AT_ONCE = 4


class TicketQuestions(Protocol):
    """The questions of tickets, and the suggestions beside them; `portico_state.suggestions` is the one there is."""

    async def question_of(self, ticket: str) -> RedactedText | None:
        """Return the message that opened a ticket."""

    async def keep(self, ticket: str, suggestion: Suggestion) -> None:
        """Keep a suggestion."""


@dataclass(frozen=True, slots=True)
class Suggester:
    """Makes suggestions in the background, a few at once; under load it makes none, because patients come first."""

    parts: Parts
    tickets: TicketQuestions
    _running: set["asyncio.Task[None]"] = field(default_factory=set)

    def start(self, turn: Turn) -> None:
        """Begin with a turn that was delivered; do nothing for one that needs no suggestion.

        An emergency or a crisis wants a person's own words, and a degraded turn comes from a part that has failed.
        """
        if turn.route is not Route.ESCALATE or turn.degraded or turn.escalation is None:
            return
        if len(self._running) >= AT_ONCE:
            return
        task = asyncio.create_task(self._suggest(turn, turn.escalation.id))
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def finish(self) -> None:
        """Wait for what is running."""
        await asyncio.gather(*self._running)

    async def _suggest(self, turn: Turn, ticket: str) -> None:
        try:
            if not is_allowed(Route.ANSWER, await self.parts.switches.off()):
                return
            asked = await self.tickets.question_of(ticket)
            if asked is not None:
                await self.tickets.keep(ticket, await self._find(asked))
        except Exception as error:  # A suggestion is a convenience; its failure must reach nobody.
            log("suggestion_failed", level=30, turn=turn.turn_id, error=describe_error(error))

    async def _find(self, question: RedactedText) -> Suggestion:
        parts = self.parts
        vector = await parts.encoder.encode(question)
        found = await asyncio.to_thread(parts.search.search, question.text, vector, k=PASSAGES_FOUND)
        given = [hit.passage for hit in found if hit.score >= parts.good_enough][:PASSAGES_GIVEN]
        draft = None
        if given:
            proposed = await parts.responder.respond(question, given)
            today = parts.now().date()
            draft = (await asyncio.to_thread(parts.validator.validate, question.text, proposed, given, today)).answer
        passages = [
            SuggestedPassage(id=p.id, title=p.title, section=p.section, url=p.url, text=p.text, reviewed=p.reviewed)
            for p in given
        ]
        return Suggestion(passages=passages, draft=draft.to_view() if draft else None)
