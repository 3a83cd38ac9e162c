"""Table of keyed values: what a key makes an identifier, what stays in spite of its key."""

import pytest

from portico_redaction.fields import can_be_name, keyed_spans

KEYED = [
    ('{"ssn":"123456789"}', "SSN", "123456789"),  # JSON
    ('{"ssn":123456789}', "SSN", "123456789"),  # a bare number
    ('{ "SSN" : "123456789" }', "SSN", "123456789"),  # spaces, capitals
    ("{'dateOfBirth': '19800309'}", "DATE", "19800309"),  # single quotes, camel case
    (r'"{\"last_name\":\"Qwert\"}"', "NAME", "Qwert"),  # JSON in a string
    ('{"given":["Zyx"]}', "NAME", "Zyx"),  # a list, as FHIR has it
    ('{"medical_record_number":"A-7"}', "", ""),  # too short to single anybody out
    ("<lastName>Qwert</lastName>", "NAME", "Qwert"),  # XML
    ('<fhir:birthDate value="1980-03-09"/>', "DATE", "1980-03-09"),  # an attribute of FHIR
    ("a=1&member_id=ABC12345&b=2", "HEALTH_PLAN", "ABC12345"),  # form data
    ('{"username":"mouse"}', "OTHER_ID", "mouse"),  # a user name without digits
    ('{"city":"Qwertville"}', "GEOGRAPHIC", "Qwertville"),  # a place on no list
    ('{"email":"a@b.org"}', "EMAIL", "a@b.org"),  # an address
    ('{"name":"Lisinopril 10 mg"}', "", ""),  # a drug
    ('{"name":"Blood pressure"}', "", ""),  # a measurement
    ('{"ssn":null,"phone":"none","email":"unknown"}', "", ""),  # nothing
    ('{"state":"TX","sex":"F","age":44}', "", ""),  # what may stay
]


@pytest.mark.parametrize(("text", "kind", "value"), KEYED)
def test_a_key_says_what_its_value_is(text: str, kind: str, value: str) -> None:
    found = [(span.type.value, text[span.start : span.end]) for span in keyed_spans(text)]
    assert found == ([(kind, value)] if kind else [])


@pytest.mark.parametrize(
    ("value", "answer"), [("Maria Lopez", True), ("Qwert", True), ("Metformin", False), ("5 mg", False), ("", False)]
)
def test_a_name_is_told_from_a_drug(value: str, answer: bool) -> None:
    assert can_be_name(value) is answer
