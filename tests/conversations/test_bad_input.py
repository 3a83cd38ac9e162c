"""Bad input (issue 2): each a clear error of the one shape, nothing lost, no stack trace, no patient text."""

import json
import time
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey

from conversations.people import Patient, assert_refused
from stack import Stack

CANARY = "Zebulon-canary-4711"
JSON = {"Content-Type": "application/json"}

BODIES: list[tuple[str, bytes, dict[str, str], int, str]] = [
    ("empty text", b'{"text": ""}', JSON, 400, "empty_text"),
    ("white space only", b'{"text": " \\n\\t "}', JSON, 400, "empty_text"),
    ("over 4,000 characters", json.dumps({"text": "a" * 4_001}).encode(), JSON, 413, "text_too_long"),
    ("a body of a megabyte", b'{"text": "' + b"a" * 1_000_000 + b'"}', JSON, 413, "body_too_large"),
    ("invalid UTF-8", b'{"text": "' + CANARY.encode() + b'\xff\xfe"}', JSON, 400, "invalid_request"),
    ("a lone surrogate", b'{"text": "' + CANARY.encode() + b'\\ud800"}', JSON, 400, "unsupported_text"),
    ("a null character", b'{"text": "' + CANARY.encode() + b'\\u0000"}', JSON, 400, "unsupported_text"),
    ("no JSON", CANARY.encode(), JSON, 400, "invalid_request"),
    ("nothing", b"", JSON, 400, "invalid_request"),
    ("a list", json.dumps([CANARY]).encode(), JSON, 400, "invalid_request"),
    ("no text", json.dumps({"message": CANARY}).encode(), JSON, 400, "invalid_request"),
    ("text that is a number", json.dumps({"text": 7}).encode(), JSON, 400, "invalid_request"),
    ("nested 20,000 deep", b'{"text": ' + b"[" * 20_000 + b"]" * 20_000 + b"}", JSON, 400, "invalid_request"),
    ("nested 20,000 deep, never closed", b"[" * 20_000, JSON, 400, "invalid_request"),
    (
        "text/plain",
        json.dumps({"text": CANARY}).encode(),
        {"Content-Type": "text/plain"},
        415,
        "unsupported_media_type",
    ),
    ("no content type", json.dumps({"text": CANARY}).encode(), {}, 415, "unsupported_media_type"),
]


@pytest.mark.parametrize(
    ("body", "headers", "status", "code"), [row[1:] for row in BODIES], ids=[row[0] for row in BODIES]
)
def test_an_unusable_message_is_refused_clearly(
    stack: Stack, body: bytes, headers: dict[str, str], status: int, code: str
) -> None:
    # Given a patient
    patient = Patient(stack)
    # When something unusable is sent
    answer = patient.client.post(f"{patient.path}/turns", content=body, headers=headers)
    # Then the error says what is wrong, quickly, and nothing of what was sent
    assert_refused(answer, status, code)
    assert CANARY not in answer.text and "aaaa" not in answer.text
    assert answer.elapsed.total_seconds() < 2
    # And the conversation goes on
    assert patient.transcript()["messages"] == []


def test_the_longest_message_is_taken(stack: Stack) -> None:
    # Given a patient with much to say
    patient = Patient(stack)
    # When the message has exactly 4,000 characters (and again: on a loaded machine a late part refuses it, by name)
    turns = (patient.says(("What is metformin used for? " * 143)[:4_000]) for _ in range(4))
    turn = next((turn for turn in turns if not turn["degraded"]), None)
    # Then it is a turn like any other
    assert turn is not None and turn["route"] in {"answer", "escalate", "decline"}


def forged_tokens(stack: Stack) -> dict[str, str]:
    """Return tokens that must not open anything."""
    key = ECKey.import_key(json.loads((stack.state / "issuer.json").read_text(encoding="utf-8")))
    issuer = json.loads((stack.state / "demo.json").read_text(encoding="utf-8"))["issuer"]
    now = int(time.time())
    claims: dict[str, Any] = {
        "iss": issuer, "aud": "portico", "sub": "x", "iat": now, "exp": now + 300, "role": "patient", "patient": "p",
    }  # fmt: skip
    other = ECKey.generate_key("P-256", {"kid": str(key.kid)})

    def sign(with_key: ECKey, **changes: Any) -> str:
        return jwt.encode({"alg": "ES256", "kid": str(key.kid)}, {**claims, **changes}, with_key)

    sound = sign(key)
    return {
        "expired": sign(key, iat=now - 600, exp=now - 300),
        "forged": sign(other),
        "another issuer": sign(key, iss="https://evil.test"),
        "another audience": sign(key, aud="billing"),
        "no patient": sign(key, patient=None),
        "tampered": sound[:-20] + ("A" * 20),
        "cut off": sound[: len(sound) // 2],
        "a word": CANARY,
    }


@pytest.mark.parametrize(
    "kind",
    ["expired", "forged", "another issuer", "another audience", "no patient", "tampered", "cut off", "a word"],
)
def test_a_bad_token_opens_nothing(stack: Stack, kind: str) -> None:
    # Given a conversation
    patient = Patient(stack)
    headers = {"Authorization": f"Bearer {forged_tokens(stack)[kind]}"}
    # When somebody comes with a bad token
    answers = [
        patient.client.get(patient.path, headers=headers),
        patient.client.post(f"{patient.path}/turns", json={"text": CANARY}, headers=headers),
        patient.client.post("/v1/conversations", json={}, headers=headers),
    ]
    # Then every door says the same
    for answer in answers:
        assert_refused(answer, 401, "unauthenticated")
        assert answer.headers["www-authenticate"] == "Bearer"
        assert CANARY not in answer.text


def test_without_a_token_nothing_opens(stack: Stack) -> None:
    # Given a conversation
    patient = Patient(stack)
    # When somebody comes without a token
    del patient.client.headers["Authorization"]
    # Then they must sign in, also where the message would be unusable
    assert_refused(patient.client.get(patient.path), 401, "unauthenticated")
    assert_refused(patient.client.post(f"{patient.path}/turns", content=b"{"), 401, "unauthenticated")


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/v1/nowhere", 404, "not_found"),
        ("PUT", "/v1/conversations", 405, "invalid_request"),
        ("GET", "/v1/conversations/../../etc/passwd", 404, "not_found"),
        ("GET", "/v1/conversations/a:b", 404, "not_found"),
        ("GET", "/v1/conversations/" + "a" * 500, 404, "not_found"),
        ("GET", "/v1/conversations/%00", 404, "not_found"),
    ],
)
def test_a_wrong_address_is_told_in_the_one_shape(stack: Stack, method: str, path: str, status: int, code: str) -> None:
    with stack.client() as client:
        assert_refused(client.request(method, path), status, code)


def test_a_bad_locale_or_feedback_is_refused(stack: Stack) -> None:
    patient = Patient(stack)
    turn = patient.says("What is metformin used for?")
    feedback = f"{patient.path}/turns/{turn['turn_id']}/feedback"
    assert_refused(patient.client.post("/v1/conversations", json={"locale": "en; DROP"}), 400, "invalid_request")
    assert_refused(patient.client.post(feedback, json={"helpful": "very"}), 400, "invalid_request")
    assert_refused(patient.client.post(feedback, json={"helpful": True, "reason": CANARY}), 400, "invalid_request")
    assert_refused(
        patient.client.post(f"{patient.path}/turns/unknown/feedback", json={"helpful": True}), 404, "not_found"
    )
    assert patient.client.post(feedback, json={"helpful": True, "reason": "unclear"}).status_code == 204


def test_nothing_of_all_this_is_in_a_log(stack: Stack) -> None:
    # Given a few more unusable messages
    patient = Patient(stack)
    for _, body, headers, _, _ in BODIES:
        patient.client.post(f"{patient.path}/turns", content=body, headers=headers)
    # Then the logs hold neither a word of them nor a stack trace
    logs = "".join(log.read_text(encoding="utf-8", errors="replace") for log in (stack.state / "logs").glob("*.log"))
    assert CANARY not in logs
    assert "Traceback" not in logs


def test_a_taken_port_is_one_line(stack: Stack) -> None:
    # Given a demo that runs
    port = stack.url.rsplit(":", 1)[1]
    # When another is started on the same port
    done = stack.run("demo", "--port", port, "--state", str(stack.state.parent / "other"))
    # Then it says so in one line, and changes nothing
    assert done.returncode == 1
    assert done.stderr.splitlines() == [f"error: port {port} is in use: give --port another number"]


def test_a_folder_in_use_is_one_line(stack: Stack) -> None:
    done = stack.run("demo", "--port", "0", "--state", str(stack.state))
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1 and "another demo uses" in done.stderr


def test_a_token_is_given_for_a_running_demo_only(stack: Stack) -> None:
    done = stack.run("token", "--state", str(stack.state.parent / "nothing-here"))
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1 and done.stdout == ""
