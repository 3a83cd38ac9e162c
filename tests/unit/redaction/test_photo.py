"""Table of references to pictures: what is taken, what stays."""

import pytest

from portico_redaction.recognisers.photo import PhotoRecogniser
from unit.redaction.tables import values_of

RECOGNISER = PhotoRecogniser()

FOUND = [
    ("see IMG_2041.jpg", "IMG_2041.jpg"),  # a camera's name
    ("ana-ruiz-rash.png attached", "ana-ruiz-rash.png"),  # a name in a file's name
    ("data:image/png;base64,iVBORw0KGgoAAA", "data:image/png;base64,iVBORw0KGgoAAA"),  # a data URI
    ("C:\\Users\\ana\\rash.jpeg", "C:\\Users\\ana\\rash.jpeg"),  # a path
    ("WhatsApp Image 2024-03-04 at 10.22.33.jpeg", "WhatsApp Image 2024-03-04 at 10.22.33.jpeg"),  # a name with spaces
    ("photo id 44821", "44821"),  # an id in a gallery
    ("DSC00412", "DSC00412"),  # a camera's name without its ending
    ("scan_0304.dcm", "scan_0304.dcm"),  # a DICOM file
    ("uploaded it as rash left arm 2.jpg but", "rash left arm 2.jpg"),  # a name with blanks
    ("the file is mole day 3.png", "mole day 3.png"),  # the same
]

LEFT = [
    "my photo is blurry",  # no reference
    "image 3 of 12",  # a count
    "x-ray in 2021",  # a year
    "the picture shows 2 spots",  # a count
    "uploaded it as a pdf",
    "named after him.",
    "attached the form, see below",
]


@pytest.mark.parametrize(("text", "value"), FOUND)
def test_takes_the_whole_identifier(text: str, value: str) -> None:
    assert value in values_of(RECOGNISER, text)


@pytest.mark.parametrize("text", LEFT)
def test_leaves_what_is_none(text: str) -> None:
    assert values_of(RECOGNISER, text) == set()
