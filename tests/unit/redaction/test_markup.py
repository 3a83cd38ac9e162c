"""Markup inside numbers goes; words in bold and readings in brackets are no number."""

import pytest

from portico_redaction.markup import markup_edits
from portico_redaction.normalise import normalise, rewrite


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("<b>219</b>-<i>09</i>-4836", "219-09-4836"),
        ("219<!-- x -->-09-4836", "219-09-4836"),
        ("**219**-**09**-**4836**", "219-09-4836"),
        ("[219][09][4836]", "219094836"),
        ("`219`-`09`", "219-09"),
        ("**Do not** chew, 5 < 6 and 7 > 3", "**Do not** chew, 5 < 6 and 7 > 3"),
        ("glucose (98) today", "glucose (98) today"),  # one group alone in brackets
    ],
)
def test_what_is_read(text: str, read: str) -> None:
    folded = normalise(text)
    assert rewrite(folded, markup_edits(folded.text)).text == read
