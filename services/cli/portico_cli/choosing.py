"""How `portico evaluate --suite choices` asks: the endpoint that the gateway's settings name, one question a time."""

import asyncio
import contextlib
import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from portico_core.drafting import without_control_tokens
from portico_core.errors import ConfigurationError, ResponderUnavailable
from portico_evaluation.choices.suite import Choose

if TYPE_CHECKING:
    from portico_gateway.adapters.openai_responder import OpenAiResponder

SYSTEM = 'Answer the multiple-choice question. Reply with JSON only: {"choice": "<letter>"}'


@contextlib.contextmanager
def open_chooser() -> Iterator[tuple[Choose, str]]:
    """Yield what chooses and the model's version; raise ConfigurationError without an endpoint."""
    from portico_gateway.adapters.openai_responder import OpenAiResponder
    from portico_gateway.bootstrap import endpoint_of
    from portico_gateway.settings import GatewaySettings

    endpoint = endpoint_of(GatewaySettings())
    if endpoint is None:
        raise ConfigurationError("the choices suite asks the endpoint of PORTICO_RESPONDER_URL; none is set")
    with asyncio.Runner() as runner:
        responder = OpenAiResponder(endpoint)
        try:
            yield lambda question, options: runner.run(choose(responder, question, options)), endpoint.version
        finally:
            runner.run(responder.__aexit__(None, None, None))


async def choose(responder: "OpenAiResponder", question: str, options: Mapping[str, str]) -> str | None:
    """Return the letter that the model chooses, or None where its reply is none."""
    listed = "\n".join(f"{letter}. {text}" for letter, text in options.items())
    asked = without_control_tokens(f"{question}\n{listed}")
    letters = {"type": "string", "enum": list(options)}
    schema = {
        "type": "object", "additionalProperties": False, "required": ["choice"], "properties": {"choice": letters}
    }  # fmt: skip
    messages = [{"role": "system", "content": SYSTEM}, {"role": "user", "content": asked}]
    try:
        reply = json.loads(await responder.complete(messages, schema=schema, name="choice"))
        chosen = reply["choice"]
    except (ResponderUnavailable, ValueError, KeyError, TypeError):
        return None
    return chosen if chosen in options else None
