"""Codes in groups beside any word for a thing that has a number: "serial INF-E 440218", "file C 31 207 559", "31-6620-04 on the old bill".

Classes D to R of 45 CFR 164.514(b)(2)(i): whatever the code belongs to, it singles somebody out. One rule instead of a form for every
issuer: groups of capitals and digits joined by single blanks or hyphens, digits enough, and a word for a numbered thing in the same
sentence; the nearest word says the class. The other recognisers know the usual forms better and are surer of them.
Readings, doses, ranges, dates, years, telephone numbers, public code systems (NDC, CPT, ICD) and a drug's or a test's own number stay.
"""

from collections.abc import Iterator
from typing import Any

import regex
from presidio_analyzer import RecognizerResult

from portico_core.labels import PhiType
from portico_redaction.recognisers.base import PATTERN_TIMEOUT_S, Found, ReadingRecogniser
from portico_redaction.recognisers.spared import is_counted, is_measure, is_public_code, is_public_line
from portico_redaction.recognisers.word_lists import is_clinical_word, is_drug_name, is_ordinary_word

_HAS_CODE = regex.compile(r"[0-9]{3}")
_GROUP = r"[A-Z0-9]{1,12}"
_CODE = regex.compile(
    r"(?<![A-Za-z0-9_$+@&=/-]|[0-9][.,:])"
    rf"(?=[A-Z -]{{0,8}}[0-9]){_GROUP}(?:-{_GROUP})*+(?: (?=[A-Z-]{{0,3}}[0-9]){_GROUP}(?:-{_GROUP})*+)*+"
    r"(?![A-Za-z0-9_%]|[-/.,:][A-Za-z0-9])"
)
_KINDS = {
    PhiType.DEVICE: (
        "serial|s/n|device|pump|monitor|sensor|transmitter|receiver|meter|machine|concentrator|implant|generator|pacemaker|hearing aid"
        "|wheelchair|scooter|walker|prosthesis|unit|sticker|label|asset|loaner|lot|batch|udi|vac|ventilator|cpap|stimulator"
    ),
    PhiType.HEALTH_PLAN: (
        "policy|plan|member(?:ship)?|subscriber|enrollee|beneficiary|insurance|coverage|payer|medicaid|medicare|medi-cal|group|p[oó]liza|seguro|aseguranza"
    ),
    PhiType.MRN: "mrn|records?|chart|patient (?:number|id|no)|old card|hospital card|clinic card|expediente",
    PhiType.LICENSE: "licen[cs]e|permit|certificate|registration|passport|licencia|pasaporte",
    PhiType.VEHICLE: "plates?|placard|vehicle|placas?",
    PhiType.ACCOUNT: "account|acct|guarantor|cuenta",
    PhiType.OTHER_ID: (
        "number|no\\.|nr\\.|id|code|card|tag|bracelet|wristband|badge|bill|statement|receipt|invoice|ticket|file|folder|case|claim|appeal"
        "|authori[sz]ation|auth|referral|order|booking|reservation|confirmation|reference|ref|run|trip|dispatch|incident|report|specimen"
        "|accession|sample|barcode|kit|prescription|rx|refill|docket|warrant|locker|token|access|proxy|study|application|request|shipment"
        "|package|tracking|box|n[uú]mero|folio|caso|recibo|orden|c[oó]digo"
    ),
}
_CUE = regex.compile(
    r"(?<![A-Za-z0-9])(?:"
    + "|".join(f"(?P<{kind.name}>{words})" for kind, words in _KINDS.items())
    + r")(?![A-Za-z0-9])",
    regex.IGNORECASE,
)
_MODEL = regex.compile(
    r"\b(?:model|version|type|form|size|style|part|series|room|apt|suite|sku|item)(?: (?:no\.|number))?(?: is)?[ :#]{1,2}\Z",
    regex.IGNORECASE,
)
"""What makes a code a kind of thing, or a place in a house, and no thing of somebody's."""
_BEFORE, _AFTER = 64, 32
_SENTENCE = regex.compile(r"(?<!\b(?:no|nr|num|acct|ref|ser|auth))[.!?;][\"')]? |\n", regex.IGNORECASE)
_DATED = regex.compile(r"(?:[0-9]{1,2}[ -]){2}(?:[0-9]{2}|(?:19|20)[0-9]{2})|(?:19|20)[0-9]{2}(?:[ -][0-9]{1,2}){2}")
_PHONE = regex.compile(r"(?:1[ -])?(?:[0-9]{3}[ -])?[0-9]{3}[ -][0-9]{4}|[0-9]{5}-[0-9]{4}")
_VITAMIN = regex.compile(r"[A-Z]{1,3}[0-9]{1,2} [0-9]{1,4}")
_SMALL = frozenset(("IS", "IN", "ON", "AT", "OF", "TO", "MY", "NO", "ID", "IT", "OR", "AS", "BY"))
_SYSTEMS = frozenset(("ZIP", "CPT", "HCPCS", "ICD", "NDC", "LOINC", "SNOMED", "DRG", "CVX"))
_PROCEDURE = regex.compile(r"[0-9]{5}-[0-9]{2}")
"""A code of a procedure with its modifier (CPT)."""
_CODED = regex.compile(r"\b(?:cpt|hcpcs|cod(?:ed?|es|ing)|billed|procedures?)\b", regex.IGNORECASE)
_READING = range(20, 451)


class CodeInGroupsRecogniser(ReadingRecogniser):
    """Find codes in groups beside a word for what has a number."""

    phi_type = PhiType.OTHER_ID

    def find(self, text: str) -> Iterator[Found]:
        """Yield every code; `analyze` names its class."""
        if _HAS_CODE.search(text) is None:
            return
        for match in _CODE.finditer(text, timeout=PATTERN_TIMEOUT_S):
            start, end = match.start() + _length_of_words(match[0]), match.end()
            if _is_code(text[start:end]) and not _stays(text, start, end) and _kind_beside(text, start, end):
                yield Found(start, end, 0.6)

    def analyze(self, text: str, entities: list[str], nlp_artifacts: Any = None) -> list[RecognizerResult]:
        """Presidio's entry: the class is that of the nearest word."""
        metadata = {
            RecognizerResult.RECOGNIZER_NAME_KEY: self.name,
            RecognizerResult.RECOGNIZER_IDENTIFIER_KEY: self.id,
        }
        return [
            RecognizerResult(kind.value, found.start, found.end, found.score, recognition_metadata=metadata)
            for found in self.find(text)
            if (kind := _kind_beside(text, found.start, found.end))
        ]


def _length_of_words(value: str) -> int:
    """Return how many characters before the code are words in capitals ("IS 4471 20713")."""
    length = 0
    for group in value.split(" "):
        if not group.isalpha() or not (len(group) > 5 or group in _SMALL or _CUE.fullmatch(group) or _is_word(group)):
            break
        length += len(group) + 1
    return length


def _is_word(group: str) -> bool:
    return len(group) > 2 and is_ordinary_word(group)


def _is_code(value: str) -> bool:
    """Say whether digits and groups are enough: five digits with letters or seven without, or four in three groups with letters."""
    groups = value.replace("-", " ").split()
    digits = sum(map(str.isdigit, value))
    if value.replace("-", "").replace(" ", "").isdigit():
        return len(groups) > 1 and digits >= 7 and not _are_readings(value, groups)
    if len(groups) < 2:
        return digits >= 5 and value[-1].isalnum() and not value[1:].isdigit()
    if _VITAMIN.fullmatch(value) or groups[0] in _SYSTEMS or _is_result(groups):
        return False
    return digits >= (4 if len(groups) > 2 else 5) and not _are_years(groups)


def _is_result(groups: list[str]) -> bool:
    """Say whether a test or a drug stands before its numbers ("BP 120 80", "WBC 10400")."""
    if not (is_clinical_word(groups[0]) or is_drug_name(groups[0])):
        return False
    return len(groups) < 3 or all(group.isdigit() and int(group) in _READING for group in groups[1:])


def _are_readings(value: str, groups: list[str]) -> bool:
    """Say whether digits alone are a row of readings, a range, a day or a telephone number."""
    if any(form.fullmatch(value) for form in (_DATED, _PHONE)) or _are_years(groups):
        return True
    first, last = groups[0], groups[-1]
    is_range = len(groups) == 2 and abs(len(first) - len(last)) < 2 and "0" not in (first[0], last[0])
    return (is_range and int(first) < int(last)) or all(int(group) in _READING and group[0] != "0" for group in groups)


def _are_years(groups: list[str]) -> bool:
    numbers = [group for group in groups if group.isdigit()]
    return bool(numbers) and all(len(n) < 3 or (len(n) == 4 and n[:2] in ("19", "20")) for n in numbers)


def _stays(text: str, start: int, end: int) -> bool:
    value = text[start:end]
    return (
        is_measure(value)
        or is_counted(text, end)
        or is_public_code(text, start, end)
        or is_public_line(value)
        or (_PROCEDURE.fullmatch(value) is not None and _CODED.search(text, max(0, start - _BEFORE), start) is not None)
        or _MODEL.search(text, max(0, start - 20), start) is not None
    )


def _kind_beside(text: str, start: int, end: int) -> PhiType | None:
    """Return the class that a word beside the code names: in its sentence, or for letters with hyphens in the one before."""
    before = text[max(0, start - _BEFORE) : start]
    own = _SENTENCE.split(before)[-1]
    after = _SENTENCE.split(text[end : end + _AFTER])[0]
    further = before if "-" in text[start:end] and any(map(str.isalpha, text[start:end])) else ""
    return next((kind for part in (own, after, further) if (kind := _named(part))), None)


def _named(part: str) -> PhiType | None:
    """Return the class of the last word for a numbered thing: one that says which thing before one that does not ("serial number")."""
    kinds = [PhiType[match.lastgroup] for match in _CUE.finditer(part) if match.lastgroup]
    sure = [kind for kind in kinds if kind is not PhiType.OTHER_ID]
    return (sure or kinds or [None])[-1]
