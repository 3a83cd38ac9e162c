"""A view of the text as typed, with what is hidden from the eye laid open: it is looked for before anything is folded.

Tag characters (U+E0020 to U+E007E) and the variation selectors carry whole messages that no screen shows and every
model reads; an override of direction shows characters in the other order than they are stored. Folding takes all of
them away, so that what they hid would reach the model unread. A long run of invisible characters, and
any two tag characters that belong to no flag, go whole whatever they say: nothing honest holds them (flags and family
emoji have seven at most).
Sources: Unicode Standard 23.9 (tags), UAX 9 (overrides), UTR 36 (2.5, bidirectional text spoofing).
"""

from collections.abc import Iterator

import regex

from portico_redaction.normalise import Edit

_TAGS = regex.compile("[\U000e0020-\U000e007e]{3,}+")
_SELECTORS = regex.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]{3,}+")
_REVERSED = regex.compile("\u202e([^\u202c\u202d\u202e\n]{2,})")
_HIDDEN_TAGS = regex.compile("(?<!\U0001f3f4)(?<![\U000e0020-\U000e007f])[\U000e0020-\U000e007f]{2,}+")
_INVISIBLE_RUN = regex.compile("[\u200b-\u200f\u2060-\u2064\u00ad\ufe00-\ufe0f\U000e0000-\U000e01ef]{12,}+")


def has_hidden_text(text: str) -> bool:
    """Say whether a text as typed may hide one."""
    return not text.isascii() and any(pattern.search(text) for pattern in (_TAGS, _SELECTORS, _REVERSED))


def hidden_edits(text: str) -> Iterator[Edit]:
    """Yield, in reading order, what lays hidden text open; `text` is as typed."""
    found = [Edit(*m.span(), "".join(chr(ord(c) - 0xE0000) for c in m.group())) for m in _TAGS.finditer(text)]
    found += [Edit(*m.span(), _selected(m.group())) for m in _SELECTORS.finditer(text)]
    for match in _REVERSED.finditer(text):
        found.append(Edit(*match.span(1), match.group(1)[::-1]))
    done = 0
    for edit in sorted(found, key=lambda e: e.start):
        if edit.start >= done:
            yield edit
            done = edit.end


def invisible_runs(text: str) -> list[tuple[int, int]]:
    """Return where long runs of invisible characters lie in a text as typed."""
    if text.isascii():
        return []
    return [match.span() for pattern in (_INVISIBLE_RUN, _HIDDEN_TAGS) for match in pattern.finditer(text)]


def _selected(run: str) -> str:
    """Return the bytes that variation selectors 1 to 256 stand for, as text where they are."""
    codes = [ord(c) - 0xFE00 if ord(c) < 0xFF00 else ord(c) - 0xE0100 + 16 for c in run]
    return "".join(chr(code) if 32 <= code < 127 else " " for code in codes)
