"""A responder behind an OpenAI-compatible endpoint in the hospital's own network (vLLM, NIM): one port, one call.

Security choices, each because redacted text of a patient goes out and a draft comes back that nothing has checked:
- Only a host that the site has listed is asked, over TLS unless it is this machine; redirects and proxies of the
  environment are not followed, and nothing is sent but the question (redacted), the passages and the fixed prompt.
- Structured output is asked for and not believed: exactly one choice, ended by itself, plain text, no tool call; then
  the draft goes through the validators as any other.
- A reply is read up to a size, uncompressed, within one deadline for everything; there is no second try.
- Whatever goes wrong is `ResponderUnavailable`, which carries no word of the reply: the turn goes to a person.
"""

import asyncio
import json
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

import httpx2

from portico_core.drafting import PROMPT_VERSION, draft_messages, draft_schema
from portico_core.errors import ConfigurationError, ResponderUnavailable
from portico_core.knowledge import Passage
from portico_core.text import RedactedText
from portico_gateway.adapters.breaker import CircuitBreaker

MAX_REPLY_BYTES = 131_072  # Four times the longest draft that is read: the frame around it may be wordy.
MAX_TOKENS = 512
MAX_KEY_BYTES = 4_096
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where the model is. `url` is its base (`https://nim.internal/v1`); `hosts` are those that may be asked.

    `key_file` holds the bearer key and is read for every call, so that it can be exchanged; `ca_file` holds the
    certificates to trust instead of the system's.
    """

    url: str
    model: str
    hosts: frozenset[str]
    deadline_s: float
    key_file: Path | None = None
    ca_file: Path | None = None
    connections: int = 32

    @property
    def version(self) -> str:
        """Return what the audit record says of the responder: the model's name and the prompt's version."""
        return f"{self.model}+{PROMPT_VERSION}"


class OpenAiResponder:
    """Proposes an answer by one chat completion."""

    def __init__(self, endpoint: Endpoint) -> None:
        """Raise ConfigurationError for an endpoint that may not be asked, or files that cannot be read."""
        _refuse_unfit(endpoint)
        self._endpoint = endpoint
        self._breaker = CircuitBreaker(ResponderUnavailable)
        self._client = httpx2.AsyncClient(
            verify=_trust(endpoint.ca_file),
            trust_env=False,
            follow_redirects=False,
            timeout=endpoint.deadline_s,
            limits=httpx2.Limits(max_connections=endpoint.connections),
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        await self._client.aclose()

    async def respond(self, question: RedactedText, passages: Sequence[Passage]) -> bytes:
        """Return the draft JSON as it came, unchecked; raise ResponderUnavailable."""
        schema = draft_schema([passage.id for passage in passages])
        return await self.complete(draft_messages(question.text, passages), schema=schema, name="draft")

    async def complete(self, messages: Sequence[Mapping[str, str]], *, schema: Mapping[str, Any], name: str) -> bytes:
        """Return the text of one chat completion, asked to follow a schema; raise ResponderUnavailable."""
        asked = {
            "model": self._endpoint.model,
            "messages": messages,
            "temperature": 0,
            "max_tokens": MAX_TOKENS,
            "n": 1,
            "stream": False,
            "response_format": {
                "type": "json_schema",
                "json_schema": {"name": name, "strict": True, "schema": schema},
            },
        }
        body = json.dumps(asked, ensure_ascii=False).encode()
        with self._breaker.guard():
            try:
                async with asyncio.timeout(self._endpoint.deadline_s):
                    return _text_in(await self._post(body))
            except Exception:  # A library's message may hold what was sent or what came.
                raise ResponderUnavailable from None

    async def _post(self, body: bytes) -> bytes:
        headers = {"content-type": "application/json", "accept": "application/json", "accept-encoding": "identity"}
        if self._endpoint.key_file is not None:
            headers["authorization"] = f"Bearer {read_key(self._endpoint.key_file)}"
        url = f"{self._endpoint.url.rstrip('/')}/chat/completions"
        async with self._client.stream("POST", url, content=body, headers=headers) as reply:
            if reply.status_code != 200 or reply.headers.get("content-encoding", "identity") != "identity":
                raise ResponderUnavailable
            content = bytearray()
            async for piece in reply.aiter_raw():
                content += piece
                if len(content) > MAX_REPLY_BYTES:
                    raise ResponderUnavailable
        return bytes(content)


def read_key(path: Path) -> str:
    """Return the bearer key in a file; raise ConfigurationError where there is none that fits a header."""
    try:
        with path.open("rb") as file:
            key = file.read(MAX_KEY_BYTES).decode("ascii").strip()
    except (OSError, UnicodeDecodeError):
        raise ConfigurationError("the responder's key file cannot be read") from None
    if not key or not key.isprintable() or " " in key:
        raise ConfigurationError("the responder's key file holds no key")
    return key


def _text_in(content: bytes) -> bytes:
    """Return the one choice's text; raise for a reply of any other form."""
    (choice,) = json.loads(content)["choices"]
    message = choice["message"]
    text = message["content"]
    if choice["finish_reason"] != "stop" or message.get("tool_calls") or message.get("refusal"):
        raise ResponderUnavailable
    if not isinstance(text, str):
        raise ResponderUnavailable
    return text.encode()


def _refuse_unfit(endpoint: Endpoint) -> None:
    parts = urlsplit(endpoint.url)
    if parts.scheme not in {"http", "https"} or parts.query or parts.fragment or "@" in parts.netloc:
        raise ConfigurationError("PORTICO_RESPONDER_URL must be a plain http(s) address")
    if parts.hostname is None or parts.hostname not in endpoint.hosts:
        raise ConfigurationError("PORTICO_RESPONDER_URL names a host that PORTICO_RESPONDER_HOSTS does not list")
    if parts.scheme == "http" and parts.hostname not in _LOOPBACK:
        raise ConfigurationError("PORTICO_RESPONDER_URL must be https: redacted text does not travel in the clear")
    if not endpoint.model:
        raise ConfigurationError("PORTICO_RESPONDER_MODEL is missing")
    if endpoint.key_file is not None:
        read_key(endpoint.key_file)


def _trust(ca_file: Path | None) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=str(ca_file) if ca_file else None)
    except (OSError, ssl.SSLError):
        raise ConfigurationError("the responder's CA file cannot be read") from None
