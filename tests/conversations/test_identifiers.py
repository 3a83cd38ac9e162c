"""What a patient tells about themselves stays theirs: redacted where it is kept, restored for them alone."""

import json

import redis

from conversations.people import Patient, assert_refused
from portico_state.keys import Keys
from portico_state.valkey_server import read_admin_url
from stack import Stack

NAME, MAIL, PHONE, SSN = "Quartermaine", "z.quartermaine@example.org", "(555) 010-4477", "123-45-6789"
MESSAGE = f"My name is Zebulon {NAME}, mail {MAIL}, phone {PHONE}, SSN {SSN}. What is metformin used for?"


def stored(stack: Stack, key: str) -> str:
    """Return a list of the store as it lies there."""
    with redis.Redis.from_url(read_admin_url(stack.state / "valkey"), decode_responses=True) as store:
        return "\n".join(store.lrange(key, 0, -1))


def everything_stored(stack: Stack) -> bytes:
    """Return every key, field and value of the store."""
    kept = bytearray()
    with redis.Redis.from_url(read_admin_url(stack.state / "valkey")) as store:
        for key in store.scan_iter(count=1_000):
            kind = store.type(key)
            match kind:
                case b"string":
                    value = store.get(key)
                case b"list":
                    value = store.lrange(key, 0, -1)
                case b"hash":
                    value = store.hgetall(key)
                case b"stream":
                    value = store.xrange(key)
                case b"zset":
                    value = store.zrange(key, 0, -1)
                case _:
                    value = store.dump(key)
            kept += key + repr(value).encode()
    return bytes(kept)


def test_identifiers_are_redacted_in_the_store_and_restored_for_their_owner(stack: Stack) -> None:
    # Given a patient
    patient = Patient(stack, "identified-patient")
    # When they write who they are, and ask a question
    turn = patient.says(MESSAGE)
    # Then the turn says how many identifiers of which class were found, and shows none
    assert {"NAME", "EMAIL", "PHONE", "SSN"} <= set(turn["redactions"])
    # And the stored transcript holds placeholders
    transcript = stored(stack, Keys("demo").messages(patient.conversation))
    assert "[EMAIL_1]" in transcript and "[SSN_1]" in transcript
    for value in (NAME, MAIL, PHONE, SSN):
        assert value not in transcript
    # And the patient reads their own words
    assert patient.transcript()["messages"][0]["text"] == MESSAGE


def test_an_identifier_is_nowhere_in_the_store_nor_in_a_log(stack: Stack) -> None:
    # Given a patient who tells an identifier in every kind of message
    patient = Patient(stack, "identified-patient")
    # When one is answered, one escalated, one an emergency, one refused
    patient.says(MESSAGE)
    patient.says(f"I am {NAME}, {MAIL}. Should I double my lisinopril tonight? My pressure was 160")
    patient.says(f"this is {MAIL}, my husband's face is drooping and he can't lift his arm")
    patient.client.post(f"{patient.path}/turns", content=f'{{"text": "{MAIL}'.encode())
    # Then no byte of the store holds it
    kept = everything_stored(stack)
    assert patient.conversation.encode() in kept  # The search would find what is there.
    for value in (MAIL, SSN, PHONE):
        assert value.encode() not in kept
    # And no log does
    logs = b"".join(log.read_bytes() for log in stack.state.rglob("*.log"))
    assert logs
    for value in (MAIL, SSN, PHONE, NAME):
        assert value.encode() not in logs
    # And no metric does
    assert MAIL not in patient.client.get("/metrics").text


def test_a_placeholder_means_the_same_through_one_conversation_and_nothing_in_another(stack: Stack) -> None:
    # Given two patients who have told an identifier each
    one, other = Patient(stack, "patient-one"), Patient(stack, "patient-other")
    one.says(f"Please note my mail {MAIL}")
    other.says("Please note my mail someone.else@example.org")
    # When the first repeats theirs, and the second types the placeholder itself
    one.says(f"Again: {MAIL}. What is metformin used for?")
    other.says("What does [EMAIL_1] mean? And [EMAIL_2]?")
    # Then the first has one placeholder for it
    transcript = stored(stack, Keys("demo").messages(one.conversation))
    assert "[EMAIL_1]" in transcript and "[EMAIL_2]" not in transcript
    # And the second reads what they typed, not what it could stand for
    shown = json.dumps(other.transcript())
    assert MAIL not in shown
    assert "What does [EMAIL_1] mean? And [EMAIL_2]?" in shown


def test_a_foreign_conversation_is_not_there(stack: Stack) -> None:
    # Given a conversation of one patient
    owner, stranger = Patient(stack, "patient-one"), Patient(stack, "patient-stranger")
    turn = owner.says("What is metformin used for?")
    # When another patient tries every door of it
    client, path = stranger.client, owner.path
    feedback = f"{path}/turns/{turn['turn_id']}/feedback"
    answers = [
        client.get(path),
        client.delete(path),
        client.get(f"{path}/events"),
        client.post(f"{path}/turns", json={"text": "What did they ask?"}),
        client.post(feedback, json={"helpful": True}),
    ]
    # Then it is not there, in the same words as one that never was
    unknown = client.get("/v1/conversations/AAAAAAAAAAAAAAAAAAAAAAAA")
    for answer in [*answers, unknown]:
        assert_refused(answer, 404, "not_found")
        assert answer.json()["error"]["message"] == unknown.json()["error"]["message"]
    # And for its owner it is as it was
    assert len(owner.transcript()["messages"]) == 2


def test_a_clinicians_token_does_not_open_the_patient_api(stack: Stack) -> None:
    # Given a clinician with a sound token
    patient = Patient(stack)
    headers = {"Authorization": f"Bearer {stack.token(role='clinician')}"}
    # When they use the patient's door
    answer = patient.client.get(patient.path, headers=headers)
    # Then it stays shut
    assert_refused(answer, 403, "forbidden")
