"""Days as clinicians and hurried people write them: "f/u 3/4", "@ 3/15", "DOS 2/3/24", "d/c'd 4-12", "dob 030980", "Mon 3/4".

Class C of 45 CFR 164.514(b)(2)(i). Two numbers with a slash are also a fraction, a pain score, a muscle strength or a murmur, so a cue, a clock
time, a weekday or the start of a diary line must say that a day is meant.
"""

from collections.abc import Iterator

import regex

from portico_core.labels import PhiType
from portico_redaction.recognisers.base import GLUE, START, Form, FormRecogniser, Found
from portico_redaction.recognisers.date_words import COUNTED, NUMBER_DAY, NUMBER_MONTH, NUMBER_WORD, WEEKDAY
from portico_redaction.recognisers.word_lists import is_drug_name

_SLASHED = rf"(?:{NUMBER_MONTH}/{NUMBER_DAY}|(?:1[3-9]|2[0-9]|3[01])/{NUMBER_MONTH})"
_SURE_SLASHED = rf"{NUMBER_MONTH}/(?:1[3-9]|2[0-9]|3[01])(?![\w%]|[./-][0-9])(?! ?(?:mg|mcg|ml|%|units?)(?![A-Za-z]))"
_BORN = (
    START
    + r"(?:d\.?o\.?b\.?|born|birth[ -]?(?:date|day)|date of birth|bday|b-day|date|dated|dod|doa|dos|doi|lmp|edd|edc|fecha(?: de nacimiento)?|f\.?n\.?|nacid[oa]|naci[oó]|nac\.?)(?![A-Za-z])(?: (?:on|el))?"
)
_STRONG = (
    r"(?:(?<![A-Za-z0-9])(?<!\bbi-)(?:on|since|until|till|til|dated?|due(?: date)?|dob|born|birth ?date|birthday|bday|appointments?|appts?|apts?|visit(?:ed)?|visits|seen|surgery|sx|admit(?:ted)?|adm|admission|discharged?|d/?c'?e?d?|scheduled"
    r"|resched(?:uled)?|expires?|exp|starting|started|start|ending|ended|el|desde|hasta|f/?u|follow(?:ed)?[ -]?up|dos|doi|doa|dod|lmp|edd|edc|s/p|post-?op|pre-?op|last (?:seen|visit|dose|filled?|refill|appt|labs?|period|shot|note)"
    r"|next (?:visit|appt|appointment|dose|refill)|lv|nv|ov|rtc|procedure|cabg|c/s|mri|ct|cxr|labs?|echo|ekg|ecg|bx|biopsy|colonoscopy|colo|mammo(?:gram)?|pap|vax|vaccin\w{0,6}|shots?|booster|injection|inj|infusion|chemo|cycle"
    r"|filled|refilled|drawn|collected|resulted|received|tested|dx'?d?|diagnosed|called|sent|faxed|w(?:ee)?k of|eff(?:ective)?|updated|onset|fell|mailed|signed|between|delivery|delivered|consult|note|message|msg|er|ed visit|night of|morning of|as of|date)"
    r"|@)"
)
_WEAK = r"(?<![A-Za-z0-9])(?:by|before|after|from|through|thru|to|for|around|about|was|and|&|or|ended|at)"
_FRACTION = r"(?!(?:1/[2-8]|2/[35]|3/[458]|4/5|5/[568]|7/8|[0-9]{1,2}/10|[0-9]/[56])(?![0-9/]))"
_EVENT = (
    r"\b(?:came|arrived|showed up|went|left|happened|occurred|returned|delivered|shipped|picked (?:it )?up|dropped (?:it )?off|began|quit|cancel+ed|missed"
    r"|paid|e-?mailed|faxed|mailed|sent|submitted|uploaded|signed|spoke|talked|met|saw|called|moved|closed|opened)"
    r"(?: (?:it|them|that|this|in|up|off|out|over|back|again|home|here|there|to|with|by|for|you|me|us|him|her|your office|the (?:office|clinic|form|papers))){0,3}"
)
_END = r"(?=\s*(?:[.!?;]|$))"
_NEXT = r"(?=\s*(?:[,.;!?)\n]|$| ?(?:and|at|for|with|w/|on|to|by|in|because|pt|was|but|after|due|he|she|i|we|then|from|via|per|s/p|@|is|so|please|she's|he's|my|discharged?|admit(?:ted)?|dc)\b))"
_SCORED = regex.compile(
    r"(?:pain|scale|score[ds]?|bp|pressure|presi[oó]n|strength|reflex(?:es)?|pulses?|murmur|grade[ds]?|vision|visual acuity|rat(?:ed|ing)|level|severity|gcs|apgars?|mmse|moca|phq(?:-?[29])?|gad-?7|nyha|stage|bristol|ratio|power|motor|dolor|escala)"
    r"[^.;\n]{0,30}\Z",
    regex.IGNORECASE,
)
_LOOK_BACK = 48
_STRENGTHS = frozenset(("1/20", "5/20", "10/20", "10/25", "10/40"))
_WORD_BEFORE = regex.compile(r"([^\W\d_][\w-]{2,24}) (?:fe )?\Z", regex.IGNORECASE)


class ShorthandDateRecogniser(FormRecogniser):
    """Find short days beside a cue."""

    phi_type = PhiType.DATE
    forms = (
        Form(
            "after a strong cue",
            _STRONG
            + rf"(?:[ :=(]{{1,3}}(?:the |el |on |of |is |was |date )?){{1,2}}(?P<value>{_SURE_SLASHED}|{_SLASHED}(?![\w/%]|\.[0-9]|-[0-9]){COUNTED})",
            0.75,
        ),
        Form("after a weak cue", _WEAK + rf" (?P<value>{_FRACTION}{_SLASHED})(?![\w/%]|\.[0-9]|-[0-9]){COUNTED}", 0.7),
        Form("after an event, at the end", rf"{_EVENT} (?P<value>{_FRACTION}{_SLASHED}){_END}", 0.68),
        Form(
            "range",
            rf"(?<![\w./-])(?P<value>{_SLASHED} ?(?:-|to|thru|through|until) ?{_SLASHED})(?![\w/%]|\.[0-9]){COUNTED}",
            0.72,
        ),
        Form(
            "list",
            rf"(?<![\w./$-])(?P<value>{_FRACTION}{_SLASHED})(?=(?:, {_FRACTION}{_SLASHED}){{0,6}},? (?:and|&|or|y) {_FRACTION}{_SLASHED}(?![\w/%]|\.[0-9]|-[0-9]){COUNTED})",
            0.66,
        ),
        Form("hyphenated", _STRONG + rf"[ :]{{1,2}}(?:on )?(?P<value>{NUMBER_MONTH}-{NUMBER_DAY}){_NEXT}", 0.7),
        Form(
            "hyphenated, with hours",
            rf"\b(?:there|here|in|seen|visit|on) (?P<value>{NUMBER_MONTH}-{NUMBER_DAY})(?= from [0-9])",
            0.7,
        ),
        Form(
            "hyphenated, before a procedure",
            rf"(?<![\w./-])(?P<value>{NUMBER_MONTH}-{NUMBER_DAY})(?= (?:colonoscopy|surgery|appointment|appt|visit|procedure|biopsy|infusion|mri|ct|labs?)\b)",
            0.7,
        ),
        Form(
            "before a clock",
            rf"(?<![\w./-])(?P<value>{_SLASHED}(?:,? ?(?:at|@|around)? ?(?:[0-2]?[0-9]:[0-5][0-9](?: ?[ap]\.?m\b\.?)?|[01]?[0-9] ?[ap]\.?m\b\.?)))",
            0.78,
        ),
        Form(
            "after a weekday",
            rf"\b(?P<value>{WEEKDAY}[.,]{{0,2}} ?\(?(?:the )?(?:{_SLASHED}|{NUMBER_MONTH}-{NUMBER_DAY})(?:[/-][0-9]{{2,4}})?)(?![\w/%])",
            0.85,
        ),
        Form("start of a line", rf"^[ *>-]{{0,3}}(?P<value>{_SLASHED})(?= ?[:-] ?[A-Za-z])", 0.72),
        # A day over the twelfth, or a month over its day, is no fraction and no score of a scale that anybody uses.
        Form("cannot be a fraction", rf"(?<![\w./$-])(?P<value>{_SURE_SLASHED})", 0.66),
        Form(
            "month over its day",
            rf"(?<![\w./$-])(?P<value>(?:9/[1-8]|1[0-2]/(?:0?[1-9]))(?<!10/10|12/12|11/11))(?![\w/%]|\.[0-9]|-[0-9]){COUNTED}",
            0.64,
        ),
        Form("in brackets", rf"[(\[](?P<value>{NUMBER_MONTH}/(?:1[3-9]|2[1-9]|31))(?=[)\],;])", 0.6),
        Form(
            "compact",
            _BORN
            + GLUE
            + r"(?P<value>(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])|[0-3][0-9][0-3][0-9](?:19|20)?[0-9]{2})(?![0-9])",
            0.9,
        ),
        Form(
            "spaced",
            _BORN
            + GLUE
            + rf"(?P<value>{NUMBER_DAY}(?P<gap>[ ,.|-]{{1,3}}){NUMBER_DAY}(?P=gap)(?:(?:19|20)[0-9]{{2}}|'?[0-9]{{2}}))(?![\w/])",
            0.9,
        ),
        Form(
            "year first, beside a cue",
            _BORN
            + GLUE
            + rf"(?P<value>(?:19|20)[0-9]{{2}}[ ,|]{{1,2}}{NUMBER_MONTH}[ ,|]{{1,2}}{NUMBER_DAY})(?![\w/])",
            0.9,
        ),
        Form(
            "spoken",
            _BORN + GLUE + rf"(?P<value>{NUMBER_WORD}(?:,? (?:slash |dash |of |the |barra )?{NUMBER_WORD}){{2,5}})\b",
            0.85,
        ),
        Form(
            "short, beside a birth cue",
            START
            + r"(?:d\.?o\.?b\.?|birth ?date|date of birth|bday)"
            + GLUE
            + rf"(?P<value>{NUMBER_MONTH}[/.-]{NUMBER_DAY})(?![\w/])",
            0.85,
        ),
    )

    def find(self, text: str) -> Iterator[Found]:
        """Leave pain scores, strengths of muscles and drugs and their like alone."""
        for found in super().find(text):
            before = text[max(0, found.start - _LOOK_BACK) : found.start]
            if not _SCORED.search(before) and not _is_strength(before, text[found.start : found.end]):
                yield found


def _is_strength(before: str, value: str) -> bool:
    """Say whether a drug stands right before two numbers that drugs of two substances have ("Junel 1/20")."""
    word = _WORD_BEFORE.search(before) if value in _STRENGTHS else None
    return word is not None and is_drug_name(word.group(1))
