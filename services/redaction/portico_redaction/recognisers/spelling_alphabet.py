"""What is spelled by a radio alphabet, by words for letters, or in Morse: whatever it says, nobody spells a question so.

Class R of 45 CFR 164.514(b)(2)(i). Format: four code words or more in a row, digits among them; three letters or more
"as in" a word; four Morse signs or more with dots and dashes among them (the three of an SOS stay).
Source: ICAO Annex 10, volume II, 5.2.1.3 (code words and digits); ITU-R M.1677-1 (Morse).
"""

from collections.abc import Iterator

import regex

from portico_core.labels import PhiType
from portico_redaction.recognisers.base import PATTERN_TIMEOUT_S, Found, ReadingRecogniser

_CODE_WORD = (
    r"(?:al(?:f|ph)a|bravo|charlie|delta|echo|foxtrot|golf|hotel|india|juliett?|kilo|lima|mike|november|oscar|papa|quebec"
    r"|romeo|sierra|tango|uniform|victor|whiske?y|x-?ray|yankee|zulu)"
)
_DIGIT = r"(?:zero|one|two|three|tree|four|fower|five|fife|six|seven|eight|nine|niner|[0-9])"
_GAP = r"(?:[ \t,./-]{1,3}|\n)"
_RADIO = regex.compile(
    rf"(?<![\w-])(?:{_CODE_WORD}|{_DIGIT})(?:{_GAP}(?:{_CODE_WORD}|{_DIGIT})){{3,}}+(?![\w-])", regex.I
)
_WORDS = regex.compile(rf"(?<!\w){_CODE_WORD}(?!\w)", regex.IGNORECASE)
_LEAST_WORDS = 3
_AS_IN = regex.compile(
    r"(?<![\w'-])(?:\p{L} (?:as in|like in|like|for|de|como)(?: in)? [\p{L}]{2,14}(?:, ?|; ?| and | y |\. ?| |(?!\w))){3,}+",
    regex.I,
)
_MORSE = regex.compile(r"(?<![\w.-])[.-]{1,6}(?:(?: {1,3}| ?[/|] ?|\n)[.-]{1,6}){3,}+(?![\w.-])")
_LONG = regex.compile(r"[.-]{3,6}")


class SpellingAlphabetRecogniser(ReadingRecogniser):
    """Find what is spelled out by words or signs for letters and digits."""

    phi_type = PhiType.OTHER_ID

    def find(self, text: str) -> Iterator[Found]:
        """Yield whole runs."""
        for match in _RADIO.finditer(text, timeout=PATTERN_TIMEOUT_S):
            if len({word.lower() for word in _WORDS.findall(match.group())}) >= _LEAST_WORDS:
                yield Found(*match.span(), 0.7)
        for match in _AS_IN.finditer(text, timeout=PATTERN_TIMEOUT_S):
            yield Found(match.start(), match.start() + len(match.group().rstrip(" ,;.")), 0.7)
        for match in _MORSE.finditer(text, timeout=PATTERN_TIMEOUT_S):
            if _is_morse(match.group()):
                yield Found(*match.span(), 0.7)


def _is_morse(run: str) -> bool:
    """Say whether signs differ as letters do: a ruled line, an ellipsis and a table's border repeat one."""
    signs = regex.split(r"[ /|\n]+", run)
    return len(set(signs)) > 1 and "." in run and "-" in run and any(map(_LONG.fullmatch, signs))
