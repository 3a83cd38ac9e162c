"""Whether a sentence is plain prose. An answer may hold letters, digits and the punctuation of ordinary writing only.

An allow-list, because every list of bad markup is incomplete: a `<`, a backtick, a direction override or a zero-width
character has no place in patient education, whatever it would do in a browser, a terminal or a log.
"""

import re
import unicodedata

_ALLOWED_PUNCTUATION = frozenset(" .,;:!?'\"()-–—‘’“”/%°+=½¼¾µ≥≤&$")
_LINK = re.compile(
    r"""(?ix) https?: | www\. | \b(?:javascript|data|vbscript|file|ftp|mailto|tel|sms)\s*: | \w@\w
    | \b[\w-]+\.(?:com|org|net|gov|edu|io|co|info|biz|xyz|ru|cn|uk|app|dev|me|html?|php|js)\b
    | \]\s*\( | &\#?\w+; | %[0-9a-f]{2} | (?:^|\s)//""",
)
_LISTING = re.compile(r"^\s*(?:[-–—+=]|\d+[.)]\s)")


def find_markup(text: str) -> str | None:
    """Name the first thing in a text that is no plain prose, or return None: `link`, `character` or `listing`."""
    if _LINK.search(text):
        return "link"
    if any(not _is_plain(character) for character in text):
        return "character"
    return "listing" if _LISTING.match(text) else None


def _is_plain(character: str) -> bool:
    if character in _ALLOWED_PUNCTUATION:
        return True
    category = unicodedata.category(character)
    return (category == "Nd" and character.isascii()) or (category in ("Ll", "Lu") and _is_latin(character))


def _is_latin(character: str) -> bool:
    return (
        unicodedata.name(character, "").startswith("LATIN ") and unicodedata.normalize("NFKC", character) == character
    )
