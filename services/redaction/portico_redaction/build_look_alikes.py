"""python -m portico_redaction.build_look_alikes CONFUSABLES.json > look_alikes.txt

Make the table of look-alikes that `normalise` and `skeleton` read. Run by hand, when the source has a new version.
CONFUSABLES.json is the one of the Python package confusable-homoglyphs (MIT), which carries the character pairs of
UTS 39 confusables.txt (https://www.unicode.org/Public/security/, Unicode License v3). Kept is every character whose
skeleton is printable ASCII and which NFKC does not already turn into ASCII; added, by their Unicode names, are the
enclosed letters and numbers that neither of the two knows (negative circled, squared, regional indicators).
One line a skeleton: the ASCII, a tab, the characters that read as it.
"""

import json
import re
import sys
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

_ENCLOSED_LETTER = re.compile(
    r"(?:NEGATIVE (?:CIRCLED|SQUARED)|REGIONAL INDICATOR SYMBOL|TORTOISE.*|CROSSED NEGATIVE SQUARED)"
    r"(?: LATIN (?:CAPITAL|SMALL))? LETTER ([A-Z])"
)
_ENCLOSED_NUMBER = re.compile(r".*\b(?:NEGATIVE|DOUBLE|SANS-SERIF) CIRCLED (?:NUMBER|DIGIT|SANS-SERIF NUMBER) .*")
_DIRECTION_MARKS = "\u200e\u200f"
"""The source wraps right-to-left characters in these."""


def look_alikes(confusables: Mapping[str, list[dict[str, str]]]) -> dict[str, str]:
    """Return character → the ASCII it reads as."""
    found = {c: _preferred(c, ascii_) for c, ascii_ in _ascii_pairs(confusables) if _needs_a_table(c)}
    return {**dict(_enclosed()), **found}


def _ascii_pairs(confusables: Mapping[str, list[dict[str, str]]]) -> Iterator[tuple[str, str]]:
    """Yield (character, skeleton); the source lists each pair under both of its ends."""
    for one, others in confusables.items():
        for other in others:
            pair = (one.strip(_DIRECTION_MARKS), other["c"].strip(_DIRECTION_MARKS))
            for character, skeleton in (pair, pair[::-1]):
                if len(character) == 1 and not character.isascii() and _is_visible_ascii(skeleton):
                    yield character, skeleton


def _is_visible_ascii(text: str) -> bool:
    return bool(text) and all("!" <= character <= "~" for character in text)


def _needs_a_table(character: str) -> bool:
    """Say whether neither NFKC nor the folding of digits already gives ASCII."""
    return unicodedata.digit(character, None) is None and not unicodedata.normalize("NFKC", character).isascii()


def _preferred(character: str, skeleton: str) -> str:
    """UTS 39 takes I, l, 1 and | for one; a capital reads as a capital beside other letters."""
    if skeleton == "l" and unicodedata.category(character) == "Lu":
        return "I"
    return '"' if skeleton == "''" else skeleton


def _enclosed() -> Iterator[tuple[str, str]]:
    for code in range(0x80, sys.maxunicode + 1):
        name = unicodedata.name(chr(code), "")
        letter = _ENCLOSED_LETTER.fullmatch(name)
        if letter and _needs_a_table(chr(code)):
            yield chr(code), letter.group(1)
        elif _ENCLOSED_NUMBER.fullmatch(name) and _needs_a_table(chr(code)):
            yield chr(code), str(int(unicodedata.numeric(chr(code))))


def lines_of(table: Mapping[str, str]) -> Iterable[str]:
    """Return the table's lines, in code-point order."""
    by_skeleton: dict[str, list[str]] = defaultdict(list)
    for character, skeleton in sorted(table.items()):
        by_skeleton[skeleton].append(character)
    return (f"{skeleton}\t{''.join(characters)}" for skeleton, characters in sorted(by_skeleton.items()))


def main() -> None:
    """Write the table of the given file to standard output."""
    table = look_alikes(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")))
    sys.stdout.write(
        "# Look-alikes of ASCII; made by portico_redaction.build_look_alikes, which says from what.\n"
        f"# UTS 39 pairs: confusable-homoglyphs 3.3.1, no character newer than Unicode {unicodedata.unidata_version}"
        f"; names: Unicode {unicodedata.unidata_version}; {len(table)} characters.\n"
    )
    sys.stdout.writelines(f"{line}\n" for line in lines_of(table))


if __name__ == "__main__":
    main()
