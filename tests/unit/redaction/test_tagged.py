"""What the tagger found and words take out again: never more than the words alone can tell."""

import pytest

from portico_core.tagging import Tag
from portico_redaction.recognisers.tagged import stays
from portico_redaction.tagger import Tagged


def kept(text: str, piece: str, tag: Tag) -> bool:
    start = text.index(piece)
    return not stays(text, Tagged(start, start + len(piece), tag, 0.95))


@pytest.mark.parametrize(
    ("text", "piece", "tag"),
    [
        ("I live at 12 Elm St, Nampa, ID 83651", "12 Elm St, Nampa, ID 83651", Tag.PLACE),  # ID is Idaho here
        ("near Boise ID", "Boise ID", Tag.PLACE),
        ("Lot 4, Pine Rd", "Lot 4, Pine Rd", Tag.PLACE),  # a trailer park
        ("ask JoJo Okafor", "JoJo Okafor", Tag.NAME),  # capitals inside a name
        ("Mr. Parkinson called", "Parkinson", Tag.NAME),  # a title before an eponym
    ],
)
def test_an_identifier_is_kept(text: str, piece: str, tag: Tag) -> None:
    assert kept(text, piece, tag)


@pytest.mark.parametrize(
    ("text", "piece", "tag"),
    [
        ("my DoD ID 1098", "DoD ID", Tag.PLACE),  # the word for a number
        ("IgE 1,400", "IgE", Tag.NAME),  # a test
        ("on Humira now", "Humira", Tag.NAME),  # a drug
        ("born in France", "France", Tag.PLACE),  # a country
        ("mi papá tiene Parkinson y", "Parkinson", Tag.NAME),  # a disease
        ("pt dx'd w/ CHF", "d", Tag.PLACE),  # a scrap
    ],
)
def test_what_words_tell_is_taken_out(text: str, piece: str, tag: Tag) -> None:
    assert not kept(text, piece, tag)
