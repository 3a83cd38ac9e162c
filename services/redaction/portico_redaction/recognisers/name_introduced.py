"""Names that people introduce: "my name is Maria Lopez", "this is Ana", "call me Bo", "me llamo Luis".

Class A of 45 CFR 164.514(b)(2)(i). Format: a cue, then one to four name words; after a strong cue in any case.
Source: authored from portal-message phrasing; the cue lists are closed and held by the table test.
"""

from collections.abc import Iterator

import regex

from portico_core.labels import PhiType
from portico_redaction.recognisers.base import PATTERN_TIMEOUT_S, Found, ReadingRecogniser
from portico_redaction.recognisers.name_words import (
    Reads,
    is_capitalised_name,
    is_listed_name,
    is_name_in_any_case,
    names_a_disease,
    read_name,
)
from portico_redaction.recognisers.word_lists import (
    country_names,
    is_firm,
    is_given_name,
    is_never_surname,
    is_ordinary_word,
)

_STRONG = regex.compile(
    r"\b(?:(?:my|his|her|their|full|legal|maiden|first|last|middle|the|child'?s|baby'?s|patient'?s"
    r"|doctor'?s) (?:full |legal |maiden |first |last |middle |pref+er+ed )?name(?:'s| is| was|:)"
    r"|name is|i go by|goes by|call me|(?:maiden|married|former|legal|full) name(?: is| was)?|(?:is|was|a (?:man|woman|boy|girl|person|patient|doctor"
    r"|nurse)) named|named after"
    r"|mi nombre es|me llamo|se llama|a nombre de|ll[aá]mame)[ :]{1,2}",
    regex.IGNORECASE,
)
_WEAK = regex.compile(
    r"\b(?:i'?m|i am|this is|it'?s|here is|soy|habla|known as|with|about|for|from|signed|regards,|sincerely,"
    r"|thanks,|thank you,|saw|see|seen by|ask|contact|calling for"
    r"|on behalf of|behalf of|attention|attn|cc|hi|hello|hey|dear|hola|gracias,|spoke (?:to|with)"
    r"|talked (?:to|with)|referred (?:by|to)|called|and|by|to|is|was"
    r"|named|caregiver of|mother of|father of|parent of|wife of|husband of|patient of|guardian of|named)[ :]{1,2}",
    regex.IGNORECASE,
)
_LINKED = regex.compile(r"\b(?:to|with|from|by|for|about|and|is|was|says|under) \Z", regex.IGNORECASE)
_MY_NAME = regex.compile(r"\b[Mm]y name (?=\p{Lu})")
_ASK_FOR = regex.compile(r"\b[Aa]sk(?:ed|ing)? for (?=\p{Lu})")
_THATS_ME = regex.compile(r"(?<![\w'-])(?P<name>\p{Lu}\p{Ll}[\p{L}'-]{0,22}),? (?:that'?s|thats|which is) me\b")
_BLOOD_GROUP = regex.compile(r"(?:A|B|AB|O)(?:[+-]| ?(?:neg|pos)(?:ative|itive|\b)| (?:blood|type)\b)")
"""What "I'm O negative" says."""
_ALONE = regex.compile(
    r"\b(?:i'?m|i am|this is|soy|me llamo|hi|hello|hey|dear|hola|named|says|said|under"
    r"|signed by|written by)[ :]{1,2}",
    regex.IGNORECASE,
)


class IntroducedNameRecogniser(ReadingRecogniser):
    """Find names after words that introduce one."""

    phi_type = PhiType.NAME

    def find(self, text: str) -> Iterator[Found]:
        """Yield names after strong cues in any case, after weak ones where a list or a second capital vouches."""
        yield from _after(text, _STRONG, is_name_in_any_case, 0.9)
        yield from _after(text, _MY_NAME, is_capitalised_name, 0.85)
        for found in _after(text, _WEAK, is_capitalised_name, 0.75):
            words = text[found.start : found.end].split()
            if any(map(is_listed_name, words)) and not names_a_disease(text, found.end) and not _is_brand(text, found):
                yield found
        for found in _after(text, _ALONE, is_capitalised_name, 0.7):
            if text[found.end : found.end + 1].isdigit():  # Letters of a number ("says SN EX1150").
                continue
            words = text[found.start : found.end].split()
            if (
                (len(words) > 1 and not names_a_disease(text, found.end) and not is_firm(words[0]))
                or is_listed_name(words[0])
                or is_given_name(words[0])
            ):
                yield found
        yield from _after(text, _ALONE, is_listed_name, 0.7)
        yield from _after(text, _ASK_FOR, _is_rare, 0.72)
        for match in _THATS_ME.finditer(text, timeout=PATTERN_TIMEOUT_S):
            if not is_never_surname(match["name"]):
                yield Found(*match.span("name"), 0.72)


def _is_brand(text: str, found: Found) -> bool:
    """Say whether a firm or country that some people are called like stands after a word that says nothing of a person ("to Kaiser")."""
    words = text[found.start : found.end].split()
    alone = (is_firm(words[0]) and not any(map(is_listed_name, words[1:]))) or " ".join(words) in country_names()
    return alone and _LINKED.search(text, max(0, found.start - 8), found.start) is not None


def _is_rare(word: str) -> bool:
    """Say whether a word is a name rather than a department or a thing to ask for."""
    return (
        is_capitalised_name(word)
        and not word.isupper()
        and (is_given_name(word) or not is_ordinary_word(word))
        and not is_firm(word)
    )


def _after(text: str, cue: "regex.Pattern[str]", reads: Reads, score: float) -> Iterator[Found]:
    for match in cue.finditer(text, overlapped=False, timeout=PATTERN_TIMEOUT_S):
        end = read_name(text, match.end(), reads=reads)
        if end is not None and not _BLOOD_GROUP.match(text, match.end(), timeout=PATTERN_TIMEOUT_S):
            yield Found(match.end(), end, score)
