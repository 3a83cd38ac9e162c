"""A responder behind an OpenAI-compatible endpoint: what it is told, and that only a whole good reply is a draft.

ADR 35 is held here. The server is a real one on loopback, and each bad reply comes to it as bytes.
"""

import dataclasses
import json
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from portico_core.drafting import draft_messages, draft_schema, without_control_tokens
from portico_core.errors import ConfigurationError, ResponderUnavailable
from portico_core.knowledge import Passage, Subjects
from portico_core.labels import Route
from portico_core.text import RedactedText
from portico_gateway.adapters.breaker import FAILURES
from portico_gateway.adapters.openai_responder import MAX_REPLY_BYTES, Endpoint, OpenAiResponder
from portico_gateway.bootstrap import endpoint_of
from portico_gateway.guards.validate import AnswerValidator
from portico_gateway.pipeline import answer_turn
from portico_gateway.settings import GatewaySettings
from unit.gateway.chat_endpoint import DRAFT, ChatEndpoint, chat_endpoint, completion, own_certificate
from unit.gateway.fakes import NAME, PASSAGE, World, make_request

QUESTION = RedactedText("What is metformin used for, asks [NAME_1]?")
CANARY = "zq-canary-71"


@pytest.fixture
async def endpoint() -> AsyncIterator[ChatEndpoint]:
    async with chat_endpoint() as running:
        yield running


def site(endpoint: ChatEndpoint, **changes: Any) -> Endpoint:
    fields: dict[str, Any] = {
        "url": endpoint.url, "model": "tiny", "hosts": frozenset({"127.0.0.1"}), "deadline_s": 0.5
    }  # fmt: skip
    return Endpoint(**(fields | changes))


async def ask(endpoint: ChatEndpoint, **changes: Any) -> bytes:
    async with OpenAiResponder(site(endpoint, **changes)) as responder:
        return await responder.respond(QUESTION, [PASSAGE])


async def test_a_good_reply_is_the_draft_as_it_came(endpoint: ChatEndpoint, tmp_path: Path) -> None:
    key = tmp_path / "key"
    key.write_text("k-123\n", encoding="ascii")
    assert await ask(endpoint, key_file=key) == DRAFT.encode()
    (head,), (asked,) = endpoint.heads, endpoint.asked
    assert head.startswith("POST /v1/chat/completions ") and "authorization: Bearer k-123" in head
    assert asked["messages"] == draft_messages(QUESTION.text, [PASSAGE])
    assert asked["response_format"]["json_schema"]["schema"] == draft_schema([PASSAGE.id])
    assert (asked["model"], asked["temperature"], asked["stream"], asked["n"]) == ("tiny", 0, False, 1)
    told = {"model", "messages", "temperature", "max_tokens", "n", "stream", "response_format"}
    assert asked.keys() == told, "nothing that would name a user or ask the endpoint to keep what it saw"


async def test_a_key_is_read_again_for_every_call(endpoint: ChatEndpoint, tmp_path: Path) -> None:
    key = tmp_path / "key"
    key.write_text("first", encoding="ascii")
    async with OpenAiResponder(site(endpoint, key_file=key)) as responder:
        await responder.respond(QUESTION, [PASSAGE])
        key.write_text("second", encoding="ascii")
        await responder.respond(QUESTION, [PASSAGE])
        key.unlink()
        with pytest.raises(ResponderUnavailable):
            await responder.respond(QUESTION, [PASSAGE])
    assert ["Bearer second" in head for head in endpoint.heads] == [False, True]


def set_to(**changes: Any) -> Callable[[ChatEndpoint], None]:
    def change(endpoint: ChatEndpoint) -> None:
        for name, value in changes.items():
            setattr(endpoint, name, value)

    return change


def says(reply: object) -> Callable[[ChatEndpoint], None]:
    return set_to(body=json.dumps(reply).encode())


GOOD = completion()
BAD = {
    "hangs": set_to(wait_s=30.0),
    "drips for longer than the deadline": set_to(drip_s=0.05),
    "too many requests": set_to(status=429),
    "fails": set_to(status=500),
    "is created": set_to(status=201),
    "leads elsewhere": set_to(status=307, headers=("location: http://localhost:9/",)),
    "is cut off in transit": set_to(cut=20),
    "is packed": set_to(headers=("content-encoding: gzip",)),
    "is huge": set_to(body=b" " * (MAX_REPLY_BYTES + 1)),
    "is no JSON": set_to(body=b"<html>"),
    "is not UTF-8": set_to(body=b"\xff\xfe\xfd"),
    "is nested deep": set_to(body=b"[" * 60_000),
    "is a list": says([]),
    "is an error with 200": says({"error": {"message": CANARY}}),
    "has no choice": says(GOOD | {"choices": []}),
    "has two choices": says(GOOD | {"choices": GOOD["choices"] * 2}),
    "was cut off by length": says(completion(finish="length")),
    "was filtered": says(completion(finish="content_filter")),
    "calls a tool": says(completion(tool_calls=[{"id": "1"}])),
    "refuses": says(completion(refusal="I can't help")),
    "has no content": says(completion(None)),
    "has content in parts": says(completion([{"type": "text", "text": DRAFT}])),
}


@pytest.mark.parametrize("change", BAD.values(), ids=BAD.keys())
async def test_anything_else_is_no_draft_in_time_and_says_nothing(
    change: Callable[[ChatEndpoint], None], endpoint: ChatEndpoint
) -> None:
    change(endpoint)
    begun = time.monotonic()
    with pytest.raises(ResponderUnavailable) as raised:
        await ask(endpoint)
    assert time.monotonic() - begun < 3.0 and CANARY not in str(raised.value)
    assert raised.value.__cause__ is None and raised.value.__suppress_context__
    assert len(endpoint.asked) == 1, "it was asked once: no redirect was followed and nothing repeated"


async def test_after_failures_in_a_row_it_is_left_alone(endpoint: ChatEndpoint) -> None:
    endpoint.status = 500
    async with OpenAiResponder(site(endpoint)) as responder:
        for _ in range(FAILURES + 3):
            with pytest.raises(ResponderUnavailable):
                await responder.respond(QUESTION, [PASSAGE])
    assert len(endpoint.asked) == FAILURES


async def test_only_an_endpoint_that_the_sites_authority_vouches_for_is_asked(tmp_path: Path) -> None:
    certificate = own_certificate(tmp_path)
    async with chat_endpoint(certificate) as endpoint:
        url = endpoint.url.replace("http:", "https:")
        with pytest.raises(ResponderUnavailable):
            await ask(endpoint, url=url)
        assert endpoint.asked == []
        assert await ask(endpoint, url=url, ca_file=certificate[0]) == DRAFT.encode()


def test_the_settings_name_the_endpoint_or_triton_drafts(tmp_path: Path) -> None:
    assert endpoint_of(GatewaySettings(responder_hosts="nim.internal", responder_model="m")) is None
    settings = GatewaySettings(
        responder_url="https://nim.internal/v1", responder_hosts="Other.internal, NIM.internal", responder_model="m",
        responder_ca_file=tmp_path, respond_deadline_s=12, max_concurrent_turns=3, reserved_turns=2,
    )  # fmt: skip
    hosts = frozenset({"nim.internal", "other.internal"})
    found = endpoint_of(settings)
    assert found == Endpoint("https://nim.internal/v1", "m", hosts, 12.0, None, tmp_path, connections=5)
    assert found.version == "m+draft-1"


UNFIT = {
    "a host that is not listed": {"hosts": frozenset({"nim.internal"})},
    "no host listed": {"hosts": frozenset()},
    "no TLS": {"url": "http://nim.internal/v1", "hosts": frozenset({"nim.internal"})},
    "another scheme": {"url": "file:///etc/hosts"},
    "a password in it": {"url": "https://me:secret@127.0.0.1/v1"},
    "a query": {"url": "https://127.0.0.1/v1?key=1"},
    "no model": {"model": ""},
    "no key file": {"key_file": Path("/nowhere/key")},
    "no CA file": {"ca_file": Path("/nowhere/ca.pem")},
}


@pytest.mark.parametrize("changes", UNFIT.values(), ids=UNFIT.keys())
def test_an_unfit_endpoint_stops_the_start(changes: dict[str, Any]) -> None:
    fit = Endpoint("https://127.0.0.1/v1", "tiny", frozenset({"127.0.0.1"}), 1.0)
    OpenAiResponder(fit)  # The control: this one would start.
    with pytest.raises(ConfigurationError):
        OpenAiResponder(dataclasses.replace(fit, **changes))


@pytest.mark.parametrize("key", ["", "  \n", "two words", "a\nb", "\x00"])
def test_a_file_without_a_key_stops_the_start(key: str, tmp_path: Path) -> None:
    (tmp_path / "key").write_text(key, encoding="ascii")
    fields = ("https://127.0.0.1/v1", "tiny", frozenset({"127.0.0.1"}), 1.0)
    with pytest.raises(ConfigurationError):
        OpenAiResponder(Endpoint(*fields, key_file=tmp_path / "key"))


@pytest.mark.parametrize(
    "token",
    [
        "<|im_start|>", "<|eot_id|>", "<s>", "</s>", "[INST]", "[/INST]", "<<SYS>>", "<start_of_turn>",
        "<\uff5cUser\uff5c>", "[|user|]",
    ],
)  # fmt: skip
def test_nobody_can_write_a_control_token(token: str) -> None:
    for text in (f"hello {token} system", token[0] + token + token[1:], token * 3):
        assert token not in without_control_tokens(text)
    (_, asked) = draft_messages(f"hi {token}", [Passage("a#b", "A", "b", f"Text {token}.")])
    assert token not in asked["content"]


def test_plain_words_stay_as_they_are() -> None:
    said = "Below 5.7 % (<5.7) is normal for [NAME_1]; 70 > 60."
    assert without_control_tokens(said) == said


async def turn_of(world: World, endpoint: ChatEndpoint, text: str) -> tuple[Route, list[str], str]:
    """Take a message through the pipeline with the real validator; return route, sentences and what was sent."""
    validator = AnswerValidator(find_spans=lambda text: [], find_subjects=lambda text: Subjects())
    async with OpenAiResponder(site(endpoint)) as responder:
        parts = dataclasses.replace(world.parts(), responder=responder, validator=validator)
        turn = (await answer_turn(make_request(text), parts)).turn
    return turn.route, [s.text for s in turn.answer.sentences] if turn.answer else [], json.dumps(endpoint.asked)


async def test_a_turn_is_answered_and_only_redacted_text_left(endpoint: ChatEndpoint) -> None:
    route, said, sent = await turn_of(World(), endpoint, f"{NAME} asks: what is metformin used for?")
    assert (route, said) == (Route.ANSWER, ["Metformin lowers blood sugar."])
    assert NAME not in sent and "[NAME_1]" in sent


HOSTILE = {
    "invented": "Metformin cures cancer.",
    "turned round": "Metformin raises blood sugar.",
    "advice": "You should take 500 mg of metformin tonight.",
    "markup": "Metformin lowers blood sugar.<script>alert(1)</script>",
    "link": "Metformin lowers blood sugar, see https://evil.example.",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
async def test_a_hostile_draft_goes_through_the_same_checks(text: str, endpoint: ChatEndpoint) -> None:
    draft = {"sentences": [{"text": text, "passage_ids": [PASSAGE.id]}]}
    endpoint.body = json.dumps(completion(json.dumps(draft))).encode()
    route, said, _ = await turn_of(World(), endpoint, "What is metformin used for?")
    assert (route, said) == (Route.ESCALATE, [])


@pytest.mark.parametrize("content", ["", "no", '{"sentences": [], "x": 1}', '{"sentences": []}', f'"{CANARY}"'])
async def test_a_draft_of_another_form_goes_to_a_person(content: str, endpoint: ChatEndpoint) -> None:
    endpoint.body = json.dumps(completion(content)).encode()
    route, said, _ = await turn_of(World(), endpoint, "What is metformin used for?")
    assert (route, said) == (Route.ESCALATE, [])


async def test_without_the_endpoint_a_turn_goes_to_a_person(endpoint: ChatEndpoint) -> None:
    world, endpoint.status = World(), 503
    route, said, _ = await turn_of(world, endpoint, "What is metformin used for?")
    assert (route, said) == (Route.ESCALATE, [])
    assert world.count("portico_faults_total", part="responder") == 1
