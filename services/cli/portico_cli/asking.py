"""How `portico evaluate --suite answers` asks: the gateway's own pipeline, search and checks, on private servers."""

import asyncio
import contextlib
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from portico_core.labels import Label, VerdictSource
from portico_core.text import RedactedText
from portico_core.turn import Turn
from portico_core.verdict import Verdict
from portico_evaluation.answers.asking import Assistant

if TYPE_CHECKING:
    from portico_gateway.bootstrap import Gateway
    from portico_gateway.pipeline import Parts

IN_FLIGHT = 8


@dataclass(frozen=True, slots=True)
class LetThrough:
    """A classifier that finds everything informational: for measuring what comes after it, and for nothing else."""

    async def classify(self, texts: Sequence[RedactedText]) -> tuple[Verdict, ...]:
        """Return a sure verdict for each text."""
        return tuple(Verdict(Label.INFORMATIONAL, 1.0, {}, VerdictSource.MODEL, "let-through") for _ in texts)


@contextlib.contextmanager
def open_assistant(triton: str | None) -> Iterator[Assistant]:
    """Yield the assistant that serves, against the given Triton or a private one, for callers that are not async."""
    from portico_cli.encoder import open_encoder
    from portico_cli.opening import batch_gateway
    from portico_cli.places import KNOWLEDGE_INDEX
    from portico_gateway.guards.grounding import ground
    from portico_gateway.pipeline import PASSAGES_GIVEN
    from portico_knowledge.index import load_index
    from portico_knowledge.search import HybridSearch

    with batch_gateway(triton, with_redis=True) as (gateway, runner):
        encode, index = open_encoder(None), load_index(KNOWLEDGE_INDEX)
        search = HybridSearch(index)
        yield Assistant(
            ask=lambda questions, *, let_through: ask_all(gateway, questions, runner, let_through=let_through),
            search=lambda question: search.search(question, encode([search.wording(question)])[0]),
            ground=lambda sentence, passages: ground(sentence, passages).supported,
            embed=encode,
            texts={passage.id: passage.text for passage in index.passages},
            good_enough=gateway.parts.good_enough,
            given=PASSAGES_GIVEN,
            versions=dict(gateway.parts.models),
        )


def ask_all(
    gateway: "Gateway", questions: Sequence[str], runner: asyncio.Runner, *, let_through: bool
) -> Iterator[Turn]:
    """Yield a turn for each question, a few at once; raise PorticoError where one is refused before it is a turn."""
    parts = replace(gateway.parts, classifier=LetThrough()) if let_through else gateway.parts

    async def batch(given: Sequence[str]) -> list[Turn]:
        return await asyncio.gather(*(take_turn(gateway, parts, question) for question in given))

    for at in range(0, len(questions), IN_FLIGHT):
        yield from runner.run(batch(questions[at : at + IN_FLIGHT]))


async def take_turn(gateway: "Gateway", parts: "Parts", question: str) -> Turn:
    """Return the turn of a question, in a conversation of its own."""
    from portico_gateway.pipeline import TurnRequest, answer_turn
    from portico_gateway.web.admission import admit_text

    text = admit_text(question)
    patient = gateway.keyring.patient_hash(uuid.uuid4().hex, tenant=parts.tenant)
    conversation = await gateway.conversations.create(patient)
    request = TurnRequest(
        turn=uuid.uuid4().hex, conversation=conversation.id, patient=patient, actor="batch", text=text,
        locale=conversation.locale,
    )  # fmt: skip
    return (await answer_turn(request, parts)).turn
