"""What stands around a word that may be a name or an everyday word: capitals, titles, introductions, verbs.

The cues are authored here from portal-message phrasing; each is held by a row of the table test.
"""

import regex

from portico_redaction.known.lists import ABBREVIATIONS, is_always_capital, is_month_or_day, is_region
from portico_redaction.recognisers.name_words import names_a_disease
from portico_redaction.recognisers.word_lists import is_eponym

_BEFORE = 40
_TITLE = regex.compile(
    r"(?<!\w)(?:dr|mr|mrs|ms|miss|mx|prof|professor|sr|sra|srta|dra|do[nñ]a|se[nñ]ora?|doctora?|nurse|aunt|auntie|uncle"
    r"|t[ií][oa]|grandma|grandpa|sister|brother)\.? {1,2}\Z",
    regex.IGNORECASE,
)
_STRONG = regex.compile(
    r"(?<!\w)(?:names?(?:'s| is| was|:)|name is|call(?:s|ed)? (?:me|him|her)|named|goes by|go by|nombre es|llamo|llama"
    r"|ll[aá]mame)[ :]{1,2}\Z",
    regex.IGNORECASE,
)
_WEAK = regex.compile(
    r"(?<!\w)(?:i'?m|i am|this is|it'?s|here is|soy|habla|dear|hi|hello|hey|hola|ask|tell|with|from|for|signed"
    r"|regards,|thanks,|thank you,|sincerely,|gracias,|about|behalf of"
    r"|patient|spouse|wife|husband|mother|father|son|daughter|brother"
    r"|sister|madre|padre|hij[oa]|espos[oa]|@)[ :,\n]{0,2}\Z",
    regex.IGNORECASE,
)
_VERB = regex.compile(
    r" (?:has|had|does|did|says|said|needs|takes|took|wants|feels|gets|got|called|told|thinks|asked|here)\b"
)
_IS = regex.compile(r" (?:is|was)\b")
_POSSESSIVE = regex.compile(r"'s?(?!\w)")
_PROCEDURE = regex.compile(
    r" (?:fractures?|lamp|surgery|wort|procedure|operation|test|sign|node|gland|duct|bodies|stage)\b"
)
_OPENING = regex.compile(r"(?:\A|[.!?:;\n][\"')\]]?)[\s\"'(*>-]{0,4}\Z")
_CLOSING = regex.compile(r"[,.!]?\s{0,3}\Z|[,.!]?\n|'s?\b(?! disease)|,")
_OF_TIME = regex.compile(
    r"(?:\b(?:in|since|until|till|by|of|last|this|next|every|each|early|late|mid|from|through|during|before|after|to|and|or"
    r"|around|starting|on|en|desde|hasta|de)|[0-9](?:st|nd|rd|th)?,?)[ -]\Z",
    regex.IGNORECASE,
)
_NUMBER = regex.compile(r"[., ]{1,2}[0-9]")
_OF_PLACE = regex.compile(
    r"\b(?:in|near|across|visit(?:ed|ing)?|en|(?:move|mov(?:ed|ing)|went|go(?:ing)?"
    r"|travel\w{0,4}|flew|fly|drive|drove|trip|flight|back)"
    r" to|(?:i'?m|am|is|are|came|come|moved|back) from)\s\Z",
    regex.IGNORECASE,
)


class Context:
    """The surroundings of words in one text."""

    def __init__(self, text: str) -> None:
        self._text = text
        letters = [character for character in text if character.isalpha()]
        self.shouted = len(letters) > 11 and sum(map(str.isupper, letters)) > 0.6 * len(letters)

    def is_titled(self, start: int, end: int) -> bool:
        """Say whether a word has a capital that means something: not one in a text of capitals."""
        word = self._text[start:end]
        return word[0].isupper() and not word.isupper() and not self.shouted

    def is_abbreviation(self, start: int, end: int, key: str) -> bool:
        """Say whether a short name stands in capitals in a text that is not: "my ANA was positive"."""
        word = self._text[start:end]
        return word.isupper() and not self.shouted and key in ABBREVIATIONS and not self._introduced(start)

    def is_eponym(self, start: int, end: int, key: str) -> bool:
        """Say whether a disease, a sign or a procedure has this name here: "Graves' disease", "the Jones fracture"."""
        after = _POSSESSIVE.match(self._text, end)
        end = after.end() if after else end
        if not names_a_disease(self._text, end) and not (is_eponym(key) and _PROCEDURE.match(self._text, end)):
            return False
        return _TITLE.search(self._text[max(0, start - _BEFORE) : start]) is None

    def is_in_handle(self, start: int, end: int) -> bool:
        """Say whether letters are a part of a user name: digits or a separator touch them, or # or @."""
        before, after = self._text[start - 1 : start], self._text[end : end + 2]
        return before in ("@", "#", "_") or (after[:1].isdigit() or after[:1] in ("_", "@"))

    def names_person(self, start: int, end: int, key: str, *, opens: int, slip: bool) -> bool:
        """Say whether a word that is also an everyday word is a name where it stands; its name begins at `opens`."""
        before = self._text[max(0, opens - _BEFORE) : opens]
        if _TITLE.search(before) or _STRONG.search(before):
            return not names_a_disease(self._text, end)
        if slip or not self.is_titled(start, end) or names_a_disease(self._text, end):
            return False
        if _WEAK.search(before) and not is_month_or_day(key):
            return True
        return not self._is_capital_anyway(before, end, key) and (
            not _OPENING.search(before) or self._opens_as_person(end, key)
        )

    def _is_capital_anyway(self, before: str, end: int, key: str) -> bool:
        """Say whether the capital is no sign: drugs, eponyms, languages; months in a time, regions in a place."""
        of_time = _OF_TIME.search(before) or _NUMBER.match(self._text, end)
        return is_always_capital(key) or (is_month_or_day(key) and of_time is not None) or self._is_region(before, key)

    def is_place(self, start: int, key: str) -> bool:
        """Say whether a name is a state or a country here: those stay."""
        return self._is_region(self._text[max(0, start - _BEFORE) : start], key)

    @staticmethod
    def _is_region(before: str, key: str) -> bool:
        return is_region(key) and _OF_PLACE.search(before) is not None

    def _introduced(self, start: int) -> bool:
        before = self._text[max(0, start - _BEFORE) : start]
        return any(cue.search(before) for cue in (_TITLE, _STRONG, _WEAK))

    def _opens_as_person(self, end: int, key: str) -> bool:
        """Say whether a first word goes on like a person: "Will has a fever", "Rose's pills", a signature."""
        if _VERB.match(self._text, end) or _CLOSING.match(self._text, end):
            return True
        return _IS.match(self._text, end) is not None and not is_month_or_day(key)
