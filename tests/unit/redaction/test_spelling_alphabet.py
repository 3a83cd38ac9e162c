"""What is spelled by code words, by "as in" and in Morse, and what only holds a few of them."""

import pytest

from portico_redaction.recognisers.spelling_alphabet import SpellingAlphabetRecogniser


@pytest.mark.parametrize(
    ("text", "spelled"),
    [
        ("my name is hotel alfa lima victor", ["hotel alfa lima victor"]),
        ("plate seven kilo x-ray delta two nine", ["seven kilo x-ray delta two nine"]),  # digits among them
        ("H as in hotel, a as in apple, l as in lima", ["H as in hotel, a as in apple, l as in lima"]),
        ("call ..... ----- ...-- ..... now", ["..... ----- ...-- ....."]),
        ("we went to the hotel in india with mike", []),  # words of a sentence
        ("x-ray, echo and a delta check", []),  # too few
        ("delta one two three four", []),  # one code word
        ("... --- ... help", []),  # an SOS must reach the rules of emergencies
        ("a ... b ... c ... --", []),  # ellipses
        ("| --- | --- | --- | --- |", []),  # the border of a table
        ("---- ---- ---- ----", []),  # a ruled line
    ],
)
def test_what_is_spelled(text: str, spelled: list[str]) -> None:
    assert [text[f.start : f.end] for f in SpellingAlphabetRecogniser().find(text)] == spelled
