"""What the tagger found and words take out again: never more than the words alone can tell."""

import pytest

from portico_core.tagging import Tag
from portico_redaction.recognisers.tagged import extent_of, stays
from portico_redaction.tagger import Tagged


def kept(text: str, piece: str, tag: Tag) -> bool:
    start = text.index(piece)
    return not stays(text, Tagged(start, start + len(piece), tag, 0.95))


@pytest.mark.parametrize(
    ("text", "piece", "tag"),
    [
        ("I live at 12 Elm St, Nampa, ID 83651", "12 Elm St, Nampa, ID 83651", Tag.PLACE),  # ID is Idaho here
        ("near Boise ID", "Boise ID", Tag.PLACE),
        ("the Prudential building", "Prudential building", Tag.PLACE),  # a firm's building
        ("Lot 4, Pine Rd", "Lot 4, Pine Rd", Tag.PLACE),  # a trailer park
        ("ask JoJo Okafor", "JoJo Okafor", Tag.NAME),  # capitals inside a name
        ("ask Zimmer Amanda", "Zimmer Amanda", Tag.NAME),  # a firm's name that is a person's
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
        ("a Medtronic Micra inside", "Medtronic Micra", Tag.NAME),  # a firm and what it makes
        ("H. pylori again", "H. pylori", Tag.NAME),  # a microbe
        ("DEA BM4418275", "DEA BM", Tag.PLACE),  # the word for a number, and the number's letters
        ("the churg strauss thing", "churg strauss", Tag.NAME),  # a disease of two names
        ("Chrome 126, Windows 11 here", "126, Windows 11", Tag.PLACE),  # what an app runs on
        ("MRI 73721 $640", "73721", Tag.PLACE),  # a code with its price
        ("Pleeease help", "Pleeease", Tag.NAME),  # a letter drawn out
        ("doctor's DEA was", "s DEA", Tag.PLACE),  # the word for a number
        ("on Humira now", "Humira", Tag.NAME),  # a drug
        ("born in France", "France", Tag.PLACE),  # a country
        ("mi papá tiene Parkinson y", "Parkinson", Tag.NAME),  # a disease
        ("pt dx'd w/ CHF", "d", Tag.PLACE),  # a scrap
    ],
)
def test_what_words_tell_is_taken_out(text: str, piece: str, tag: Tag) -> None:
    assert not kept(text, piece, tag)


@pytest.mark.parametrize(
    ("text", "piece", "extent"),
    [
        ("plate # HJK-3318 white camry", "HJK-3318 white camry", "HJK-3318"),  # a code, and words in lower case
        ("serial MCV4829105S ok", "serial MCV4829105S", "MCV4829105S"),
        ("at Dock 4-118B1 Elm", "Dock 4-118B1 Elm", "Dock 4-118B1 Elm"),  # words with capitals are of the place
        ("12 elm st tulsa ok 74103", "12 elm st tulsa ok 74103", "12 elm st tulsa ok 74103"),  # an address
    ],
)
def test_a_code_goes_without_its_plain_words(text: str, piece: str, extent: str) -> None:
    start = text.index(piece)
    first, last = extent_of(text, Tagged(start, start + len(piece), Tag.PLACE, 0.95))
    assert text[first:last] == extent
