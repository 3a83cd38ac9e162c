"""How commands judge a conversation: one function, so that `classify` and `evaluate` run the same guard.

Redaction, red flags, the injection rule beside the model, and the route policy, each as the gateway has it.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from portico_core.errors import ClassifierUnavailable, EmptyText, PorticoError
from portico_core.verdict import decide_route
from portico_evaluation.safety.judging import Conversation, Guard, Judgement

if TYPE_CHECKING:
    from portico_gateway.pipeline import Parts

IN_FLIGHT = 32


async def judge_texts(parts: "Parts", texts: Sequence[str]) -> Judgement:
    """Judge the last text in the light of the earlier ones; raise a PorticoError where it cannot be judged."""
    from portico_gateway.guards.red_flags import find_red_flag, verdict_of
    from portico_gateway.judgement import judge_messages

    messages = [(await parts.redactor.redact_turn(text)).redacted for text in texts]
    if not messages[-1].text.strip():
        raise EmptyText
    flag = find_red_flag(messages[-1].text)
    *earlier, last = messages
    verdict = verdict_of(flag) if flag else await judge_messages(parts.classifier, last, earlier=earlier)
    return Judgement(verdict, decide_route(verdict, parts.policy))


@contextlib.contextmanager
def open_guard(triton: str | None) -> Iterator[Guard]:
    """Yield the guard that serves, against the given Triton or a private one, for callers that are not async."""
    from portico_cli.opening import batch_gateway
    from portico_gateway.guards import injection, red_flags

    with batch_gateway(triton, with_redis=False) as (gateway, runner):
        parts = gateway.parts
        versions = {
            "safety_classifier": parts.models["safety_classifier"],
            "red_flags": red_flags.VERSION,
            "injection": injection.MODEL,
        }
        yield Guard(lambda given: judged(given, lambda one: judge_texts(parts, one), runner), parts.policy, versions)


def judged(
    conversations: Sequence[Conversation], judge: Callable[[Conversation], Awaitable[Judgement]], runner: asyncio.Runner
) -> Iterator[Judgement | None]:
    """Yield a judgement for each conversation, None for a refused one.

    Raise ClassifierUnavailable where a whole batch is refused: that is no text's fault.
    """

    async def one(conversation: Conversation) -> Judgement | None:
        try:
            return await judge(conversation)
        except PorticoError:
            return None

    async def batch(given: Sequence[Conversation]) -> list[Judgement | None]:
        return await asyncio.gather(*map(one, given))

    for at in range(0, len(conversations), IN_FLIGHT):
        found = runner.run(batch(conversations[at : at + IN_FLIGHT]))
        if len(found) > 1 and not any(found):
            raise ClassifierUnavailable
        yield from found
