"""A view of the text without the markup inside numbers: "<b>219</b>-<i>09</i>-4836", "**219**-**09**", "[219][09]".

A copy out of a web page, a chat or a document puts tags, emphasis and brackets around groups of a number, and a pattern
of that number no longer matches. Here tags and comments go, and so do marks of emphasis and brackets that enclose one
group. Folding has made an apostrophe of "`" and a dash of "~" before.
Cost: one pass of each pattern, over bounded repeats. Sources: HTML Living Standard (13.1, tags and comments),
CommonMark 0.31 (6.2, emphasis).
"""

from collections.abc import Iterator

import regex

from portico_redaction.normalise import Edit

_TAG = regex.compile(r"<(?:/?[A-Za-z][^<>\n]{0,120}|!--[^<>]{0,120}--)>")
_GROUP = r"[0-9A-Z(+](?:[0-9A-Z().+]|-(?=[0-9A-Z])){0,20}"
_ENCLOSED = regex.compile(
    rf"(?P<open>\*{{1,3}}|_{{1,3}}|--|'{{1,3}}|\")(?P<group>(?=[^\s*_'\"]{{0,20}}[0-9]){_GROUP})(?P<close>(?P=open))"
    rf"|(?P<open>[\[{{(])(?P<group>[0-9]{{2,6}})(?P<close>[\]}})])(?=[\s./-]{{0,2}}[\[{{(])"
    rf"|(?<=[\]}})][\s./-]{{0,2}})(?P<open>[\[{{(])(?P<group>[0-9]{{2,6}})(?P<close>[\]}})])"
)


def markup_edits(text: str) -> Iterator[Edit]:
    """Yield, in reading order, what takes markup out of a text that has a number in it."""
    edits = [Edit(*match.span(), "") for match in _TAG.finditer(text)] if "<" in text else []
    for match in _ENCLOSED.finditer(text):
        edits += (Edit(*match.span("open"), ""), Edit(*match.span("close"), ""))
    done = 0
    for edit in sorted(edits, key=lambda e: e.start):
        if edit.start >= done:
            yield edit
            done = edit.end
