"""Health plan member, subscriber, group, policy and Medicaid numbers.

Format: each payer has its own, so a cue or a prefix that names one decides. Class I of 45 CFR 164.514(b)(2)(i).
Source: X12 271 member identifiers are free alphanumeric strings of 2 to 80 characters
(https://x12.org/codes); WEDI health identification card guide names the fields that patients copy from.
"""

from collections.abc import Iterator

import regex

from portico_core.labels import PhiType
from portico_redaction.recognisers.base import (
    DIGIT,
    EXACT_CASE,
    GAP,
    GLUE,
    IDENTIFIER,
    NUMBER,
    START,
    Form,
    FormRecogniser,
    Found,
)
from portico_redaction.recognisers.spared import is_code

_PAYER = (
    r"(?:bcbs\w{0,3}|blue ?(?:cross|shield)(?: ?(?:and|&)? ?blue ?shield)?|anthem|aetna|cigna|humana|kaiser|tri-?care|champva|united ?health ?care|uhc"
    r"|molina|centene|ambetter|wellcare|health ?net|oscar|medi-?cal|mass ?health|medicaid|medicare|chip|geha|va)"
)
_PLAN = (
    r"(?:member(?:ship)?|mbr|mem|subscriber|subscr|sub|enroll?ee|beneficiary|dependent|policy(?: ?holder)?|pol|group|grp|ins(?:urance|urer|ur|ured)?"
    r"|health ?(?:plan|insurance|card|id)?|plan|payer|payor|coverage|carrier|contract|hmo|ppo|epo|pos|dental|vision|pharmacy|part d"
    rf"|dod benefits?|dbn|hicn?|{_PAYER})"
)
_PART = r"(?:[ ._-]{0,2}(?:policy|plan|card|member(?:ship)?|subscriber|group|grp|coverage|contract|benefits?))"
_CUE = (
    START
    + rf"(?:{_PLAN}{_PART}{{0,2}}{NUMBER}{{1,3}}|{_PLAN}{_PART}{{1,2}}|hpi?n?(?:id| id|#)|hicn|hicno|cin ?#|dbn|rx[ _-]?(?:bin|pcn|grp|group|id)"
    r"|p[oó]liza|(?:n[uú]mero de )?(?:asegurado|afiliado|afiliaci[oó]n|seguro m[eé]dico|seguro de salud))"
)
_BARE = (
    START
    + rf"(?:ins(?:urance|urer|ur)?|health insurance|health ?plan|hmo|ppo|payer|policy|member(?:ship)?|subscriber|enrollee|{_PAYER})"
)
_PREFIXES = "HPN|HPB|HPI|HID|HIC|HMO|PPO|INS|MEM|MBR|MID|SUB|SUBS|POL|GRP|PLN|BCBS|BCN|UHC|AET|CIG|HUM|MCD|MCR|MDCD"


_BILLED = regex.compile(
    r",? (?:is|was|are|were|isn't|wasn't)(?: not| never)?(?: an?)? (?:cover|bill|denied|paid|coded|bundled|reimburs|exclu)",
    regex.IGNORECASE,
)
"""What is said of a procedure's code and not of a plan ("Cigna says 92625 is not a covered benefit")."""


class HealthPlanRecogniser(FormRecogniser):
    """Find health plan numbers beside a cue."""

    phi_type = PhiType.HEALTH_PLAN
    needs = DIGIT
    forms = (
        Form("beside a cue", _CUE + GLUE + rf"(?P<value>{IDENTIFIER})", 0.93),
        Form(
            "digits in groups",
            _CUE + GLUE + r"(?P<value>[0-9A-Z]{2,5}(?:[ -](?:[0-9]{2,5}|(?-i:[A-Z])(?= [0-9]))){1,4})(?![0-9])",
            0.88,
        ),
        Form("beside a bare cue", _BARE + GLUE + rf"(?P<value>{IDENTIFIER})", 0.8),
        Form(
            "grouped, beside a bare cue",
            _BARE + GLUE + r"(?P<value>[A-Z]{0,3}[0-9]{2,5}(?:[ -][0-9]{2,5}){1,4})(?![A-Z0-9])",
            0.7,
        ),
        Form(
            "group",
            START
            + r"(?:rx[ _-]?)?(?:grp|group|gr[ou]*po)(?: ?(?:number|num|no\.?|id|#|code))?(?: is| es|:|=|#){0,2}[ :#]{1,2}(?P<value>[A-Z]{0,6}[0-9]{1,6}(?:-[A-Z0-9]{1,6}){1,3}|[A-Z]{2,8}[0-9][A-Z0-9]{0,7}|[0-9]{4,10}[A-Z]{0,3}|[0-9][A-Z][0-9]{3,8})(?![\w/-]|\.[0-9])",
            0.75,
        ),
        Form(
            "person of a contract",
            START
            + r"(?:id|member|subscriber|mbr|enrollee)(?: ?(?:number|no\.?|id|#))?(?: is|:|=)?[ :#]{1,3}(?P<value>[A-Z]{1,4}[0-9]{6,12}[ -][0-9]{2}|(?-i:[A-Z]{2,4}) [0-9]{2,4}(?: [0-9]{2,4}){1,3})(?![\w-])",
            0.85,
        ),
        Form(
            "letters and groups",
            rf"(?:{_CUE}|{_BARE}|{START}(?:mutual of \w{{3,15}}|(?:nuevo |mi )?seguro|(?:grp|pcn|bin) [A-Z0-9]{{3,10}},? id))(?:(?i:{GLUE})|[ :]{{1,2}}el n[uú]mero es[ :]{{1,2}})(?P<value>[A-Z]{{1,3}} ?[0-9]{{2,9}}(?: [0-9]{{2,5}}){{1,3}}|[0-9]{{5,9}}-[0-9]{{2,3}})(?![A-Z0-9])",
            0.8,
        ),
        Form("prefix", rf"(?<![\w-])#?(?:{_PREFIXES})[-_#: ]?[0-9](?:-?[A-Z0-9]){{3,15}}(?![\w-])", 0.85, EXACT_CASE),
        Form(
            "number in the next sentence",
            rf"{START}(?:{_PAYER}|aseguranza|seguro(?: m[eé]dico| de salud)?)(?![A-Za-z0-9])[^\n0-9]{{0,40}}?(?<![A-Za-z0-9])(?:n[uú]mero|number|no\.|id)(?: (?:es|era|is|was)|:)? (?P<value>[A-Z]?[0-9]{{2,4}}(?: [0-9]{{2,4}}){{2,4}}(?![A-Z0-9])|{IDENTIFIER})",
            0.88,
        ),
        Form("some words between", _CUE + GAP + rf"(?P<value>{IDENTIFIER})", 0.55),
    )

    def find(self, text: str) -> Iterator[Found]:
        """Leave a procedure's five digits of which somebody says whether they are paid."""
        for found in super().find(text):
            if found.end - found.start != 5 or not _BILLED.match(text, found.end):
                yield found

    def accepts(self, value: str, form: Form) -> bool:
        """Leave years and short counts ("Medicare 2024", "group of 12") alone."""
        match form.name:
            case "beside a cue" | "digits in groups":
                return is_code(value, digits=3)
            case "prefix" | "person of a contract":
                return True
            case "group":
                return is_code(value, digits=5, mixed_digits=1)
            case _:
                return is_code(value, digits=5, mixed_digits=4)
