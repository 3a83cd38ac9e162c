"""A message may be sent again, in either form, and a conversation ends when its patient says so."""

import json
import uuid
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest

from conversations.people import Patient, assert_refused
from stack import Stack

QUESTION = "What is metformin used for?"
EMERGENCY = "my husband's face is drooping and he can't lift his arm"


def new_key() -> str:
    """Return a key that no other test has used: keys belong to the patient, not to the conversation."""
    return uuid.uuid4().hex


@pytest.mark.parametrize("words", [QUESTION, "Should I double my lisinopril tonight? My pressure was 160", EMERGENCY])
def test_sent_again_it_gives_the_same_bytes_and_happens_once(stack: Stack, words: str) -> None:
    # Given a patient whose first request was lost on the way back
    patient = Patient(stack)
    key = new_key()
    first = patient.sends(words, key=key)
    # When the page sends it again, twice
    again = [patient.sends(words, key=key) for _ in range(2)]
    # Then the bytes are the same
    assert first.status_code == 200
    assert [answer.content for answer in again] == [first.content] * 2
    # And it happened once
    assert len(patient.transcript()["messages"]) == 2


def test_sent_at_once_from_two_windows_it_happens_once(stack: Stack) -> None:
    for _ in range(3):
        # Given a patient with two windows
        patient, key = Patient(stack), new_key()
        # When both send the same at the same moment
        with ThreadPoolExecutor(6) as windows:
            sent = partial(patient.sends, QUESTION, key=key)
            answers = [each.result() for each in [windows.submit(sent) for _ in range(6)]]
        # Then whoever gets an answer gets the same one, and the others are told to look again
        bodies = {answer.content for answer in answers if answer.status_code == 200}
        assert bodies and {answer.status_code for answer in answers} <= {200, 409}
        if not any(json.loads(body)["degraded"] for body in bodies):
            break  # A part that was late refuses a turn by name, and each window is answered anew; then once more.
    assert len(bodies) == 1
    assert len(patient.transcript()["messages"]) == 2, bodies


def test_a_key_is_for_one_message(stack: Stack) -> None:
    # Given a key that was used
    patient, key = Patient(stack), new_key()
    patient.sends(QUESTION, key=key)
    # When it comes with other words
    answer = patient.sends("What is a colonoscopy?", key=key)
    # Then it is refused
    assert_refused(answer, 409, "conflict")


def test_the_same_key_of_two_patients_is_two_keys(stack: Stack) -> None:
    # Given two patients whose pages count their keys alike
    one, other = Patient(stack, "patient-one"), Patient(stack, "patient-other")
    # When both send
    key = new_key()
    first, second = one.sends(QUESTION, key=key), other.sends(EMERGENCY, key=key)
    # Then each gets their own
    assert (first.json()["route"], second.json()["route"]) == ("answer", "emergency")


@pytest.mark.parametrize("key", ["", "x" * 129, "é"])
def test_an_unusable_key_is_refused(stack: Stack, key: str) -> None:
    patient = Patient(stack)
    answer = patient.client.post(
        f"{patient.path}/turns", json={"text": QUESTION}, headers=[(b"Idempotency-Key", key.encode("latin-1"))]
    )
    assert_refused(answer, 400, "invalid_request")


@pytest.mark.parametrize("words", [QUESTION, "Should I double my lisinopril tonight? My pressure was 160", EMERGENCY])
def test_the_events_say_what_the_json_form_says(stack: Stack, words: str) -> None:
    # Given a message that was streamed
    patient, key = Patient(stack), new_key()
    events = patient.streams(words, key=key)
    # When the same is asked for as JSON
    turn = patient.sends(words, key=key).content.decode()
    # Then the last event holds those very bytes
    assert events[-1][0] == "turn" and events[-1][2] == turn
    # And the other events are its parts
    shown = json.loads(turn)
    parts = [(name, json.loads(data)) for name, _, data in events if name != "status"][:-1]
    answer = shown["answer"] or {"sentences": [], "citations": []}
    expected = [("sentence", sentence) for sentence in answer["sentences"]]
    expected += [("citation", citation) for citation in answer["citations"]]
    if shown["route"] == "emergency":
        expected.append(("banner", {key: shown[key] for key in ("route", "message", "contacts", "lang")}))
    if shown["escalation"]:
        expected.append(("escalation", shown["escalation"]))
    assert parts == expected
    # And ids count up
    assert [int(number) for _, number, _ in events] == list(range(1, len(events) + 1))


def test_an_ended_conversation_is_closed_and_its_identifiers_are_gone(stack: Stack) -> None:
    # Given a conversation with an identifier in it
    patient = Patient(stack)
    patient.says(f"My mail is jordan.r@example.org. {QUESTION}")
    assert "jordan.r@example.org" in json.dumps(patient.transcript())
    # When its patient ends it
    patient.ends_the_conversation()
    # Then nothing more can be said in it
    assert_refused(patient.sends(QUESTION), 409, "conversation_closed")
    # And nobody, not even they, reads the identifier again
    transcript = patient.transcript()
    assert transcript["closed"] is True
    assert "jordan.r@example.org" not in json.dumps(transcript)
    assert "[EMAIL_1]" in json.dumps(transcript)
    # And ending it again does no harm
    patient.ends_the_conversation()
