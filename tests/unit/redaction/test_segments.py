"""Table of HL7 v2 fields and vCard properties: what goes by its position, what stays."""

import pytest

from portico_redaction.segments import segment_spans

PID = "PID|1||00123^^^H^MR||QWERT^ZYX||19800309|F|||1 ELM ST^^TOWN^IL^62704||5551234|||||98765|123456789"

FOUND = [
    (
        PID,
        {
            ("MRN", "00123^^^H^MR"),
            ("NAME", "QWERT^ZYX"),
            ("DATE", "19800309"),
            ("GEOGRAPHIC", "1 ELM ST^^TOWN^IL^62704"),
            ("PHONE", "5551234"),
            ("SSN", "123456789"),
            ("ACCOUNT", "98765"),
        },
    ),
    (r"PID|1||7\rOBX|1|NM|GLU||98", {("MRN", "7")}),  # escaped line ends
    ("PID|1||7 OBX|1|NM|GLU||98|mg/dL", {("MRN", "7")}),  # line ends that became spaces
    ("MSH|^~\\&|APP|FAC|||202403091030||ADT^A01|MSG7", {("DATE", "202403091030"), ("OTHER_ID", "MSG7")}),  # header
    ("NK1|1|QWERT^ZYX|SPO||555", {("NAME", "QWERT^ZYX"), ("PHONE", "555")}),  # next of kin
    (
        "BEGIN:VCARD\nN:Qwert;Zyx;;;\nTEL;TYPE=fax:555\nBDAY:19800309\nNOTE:hi\nEND:VCARD",
        {("NAME", "Qwert;Zyx;;;"), ("FAX", "555"), ("DATE", "19800309")},
    ),
    ("BEGIN:VCARD\nitem1.ADR:;;1 Elm\n  St\nEND:VCARD", {("GEOGRAPHIC", ";;1 Elm\n  St")}),  # a folded line
    ("BEGIN:VCARD\nEMAIL:a@b.org", {("EMAIL", "a@b.org")}),  # cut off
    ("N: 5 patients\nTEL: see below", set()),  # no card
    ("OBX|1|NM|GLU^Glucose||98|mg/dL|70-99|N|||F", set()),  # a result
    ("a|b|c", set()),  # a table
    ("PID|1|||||||F", set()),  # empty fields
]


@pytest.mark.parametrize(("text", "expected"), FOUND)
def test_a_field_goes_by_its_position(text: str, expected: set[tuple[str, str]]) -> None:
    assert {(span.type.value, text[span.start : span.end]) for span in segment_spans(text)} == expected
