"""Names with the family name first, and two words with a comma that are none."""

import pytest

from portico_redaction.recognisers.name_reversed import ReversedNameRecogniser


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Gustafson, Elwood. New patient.", ["Gustafson, Elwood"]),  # one of them is listed
        ("filed Under Okonjo, Beatriz in your system", ["Okonjo, Beatriz"]),  # after a cue
        ("Delacroix, Hyacinth: returned call", ["Delacroix, Hyacinth"]),  # neither is listed, a colon tells
        ("Pt Thorvaldsen, Ingrid M. wants a refill", ["Thorvaldsen, Ingrid M."]),  # with an initial
        ("Eliquis, Xarelto. Which one?", []),  # drugs
        ("Springfield, Oregon. We moved.", []),  # a state
        ("Dexcom, Libre: which?", []),  # firms
        ("Thanks, Beatriz", []),  # an English word
        ("I saw Gustafson, Elwood and Bo", []),  # an enumeration inside a sentence is left to the other rules
    ],
)
def test_a_family_name_first(text: str, names: list[str]) -> None:
    assert [text[f.start : f.end] for f in ReversedNameRecogniser().find(text)] == names
