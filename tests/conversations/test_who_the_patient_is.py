"""The token says who the patient is, and identifiers come in pieces: neither gets past the gateway."""

import re

import redis

from conversations.people import Patient
from portico_state.keys import Keys
from portico_state.valkey_server import read_url
from stack import Stack

# Random ids, times and scores hold any four digits now and then.
MADE_BY_THE_GATEWAY = re.compile(r'(?:esc-)?\b[0-9a-f]{32}\b|"conversation_id":"[^"]+"|"[0-9-]{10}T[0-9:.]+Z"|\b0\.\d+')


def stored_transcript(stack: Stack, patient: Patient) -> str:
    """Return the patient's transcript as it lies in the store, less what the gateway drew or measured itself."""
    with redis.Redis.from_url(read_url(stack.state / "valkey"), decode_responses=True) as store:
        kept = "\n".join(store.lrange(Keys("demo").messages(patient.conversation), 0, -1))
    return MADE_BY_THE_GATEWAY.sub("", kept)


def test_what_the_token_vouches_for_is_redacted_in_any_form(stack: Stack) -> None:
    # Given a patient whose token says who they are
    patient = Patient(stack, "patient-known")
    # When they write it in lower case, with slips, short forms, other separators and as a user name
    messages = [
        "jordy rivrea here, what is metformin used for?",
        "is it for riveras like me too? mail jrivera84, born the ninth of march eighty four",
        "my chart is 48-29-13 and i live on alder st near fairhavn, cel 503 555.0142",
        "ask celia ostrandr",
    ]
    for message in messages:
        patient.says(message)
    # Then the store has none of it
    kept = stored_transcript(stack, patient).lower()
    for piece in (
        "jordy",
        "rivrea",
        "rivera",
        "ninth",
        "eighty four",
        "48-29-13",
        "alder",
        "fairhavn",
        "0142",
        "celia",
        "ostrandr",
    ):
        assert piece not in kept
    # And the patient and their proxy are two people, each under one placeholder
    assert "[name_1]" in kept and "[name_2]" in kept and "[name_3]" not in kept
    # And the patient reads what they wrote, each message in its own spelling
    said = [message["text"] for message in patient.transcript()["messages"] if message["author"] == "patient"]
    assert said == messages


def test_a_number_that_comes_in_two_messages_is_redacted(stack: Stack) -> None:
    # Given a patient
    patient = Patient(stack, "patient-in-pieces")
    # When they tell an identifier in pieces, with a question in between
    messages = [
        "my ssn is 219-09",
        "What is metformin used for?",
        "sorry, the rest is 9999",
        "zquibble at",
        "example dot org",
    ]
    for message in messages:
        patient.says(message)
    # Then the store has no piece of it
    kept = stored_transcript(stack, patient)
    for piece in ("219-09", "9999", "example dot org"):
        assert piece not in kept
    # And a measurement that goes on over two messages stays
    patient.says("What does a blood pressure of 120")
    patient.says("over 80 mean?")
    assert "over 80 mean?" in stored_transcript(stack, patient)


def test_a_replayed_turn_ends_with_its_conversation(stack: Stack) -> None:
    # Given a turn under an Idempotency-Key that holds the patient's own words
    patient = Patient(stack, "patient-replayed")
    first = patient.sends("I am Zebulon Quartermaine. What is metformin used for?", key="k-known-1")
    # Then a repeat gives the same bytes
    assert (
        patient.sends("I am Zebulon Quartermaine. What is metformin used for?", key="k-known-1").content
        == first.content
    )
    # And after the end there is nothing to repeat
    patient.ends_the_conversation()
    again = patient.sends("I am Zebulon Quartermaine. What is metformin used for?", key="k-known-1")
    assert again.status_code == 409
