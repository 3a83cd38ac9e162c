"""What a patient's token says about the patient: identifiers that the redactor looks for with certainty.

Claims are those of OpenID Connect Core 1.0, section 5.1, with `mrn`, `member_id` and `proxies` of our own. They are
read as data from outside: a claim of another shape or size refuses the token as a whole. To go on without it would be
the silent kind of failure: the patient's own name would be looked for no longer, and nobody would know (ADR 8).
An absent, null or empty claim says nothing and is no defect.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from portico_core.errors import Unauthenticated
from portico_core.known import KnownPart, KnownValue
from portico_core.labels import PhiType

MAX_CHARACTERS = 200
MAX_VALUES = 8
MAX_PROXIES = 8

_NAMES = {
    "name": KnownPart.WHOLE,
    "given_name": KnownPart.GIVEN,
    "middle_name": KnownPart.MIDDLE,
    "family_name": KnownPart.FAMILY,
    "nickname": KnownPart.PREFERRED,
    "preferred_name": KnownPart.PREFERRED,
}
_NUMBERS = {
    "mrn": PhiType.MRN,
    "member_id": PhiType.HEALTH_PLAN,
    "phone_number": PhiType.PHONE,
    "email": PhiType.EMAIL,
}
_ADDRESS = {
    "street_address": KnownPart.STREET,
    "locality": KnownPart.CITY,
    "postal_code": KnownPart.POSTCODE,
}
_BIRTH_DATE = re.compile(r"[0-9]{4}(?:-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01]))?")
_LAST_LINE = re.compile(r"(?P<city>[^,0-9]{2,60}?),?\s+(?:[A-Za-z .]{2,30}\s+)?(?P<code>[0-9]{5}(?:-[0-9]{4})?)\s*\Z")


def read_known_values(claims: Mapping[str, Any]) -> tuple[KnownValue, ...]:
    """Return what is said about the patient (person 0) and their proxies; raise Unauthenticated for a bad claim."""
    proxies = claims.get("proxies") or []
    if not isinstance(proxies, list) or len(proxies) > MAX_PROXIES:
        raise Unauthenticated
    values = list(_read_person(claims, person=0))
    for number, proxy in enumerate(proxies, start=1):
        if not isinstance(proxy, Mapping):
            raise Unauthenticated
        values.extend(_read_person(proxy, person=number))
    return tuple(values)


def _read_person(claims: Mapping[str, Any], *, person: int) -> Iterator[KnownValue]:
    for claim, part in _NAMES.items():
        for value in _texts(claims.get(claim), several=False):
            yield KnownValue(PhiType.NAME, value, person, part)
    for claim, kind in _NUMBERS.items():
        for value in _texts(claims.get(claim)):
            yield KnownValue(kind, value, person)
    for value in _texts(claims.get("birthdate"), several=False):
        if not _BIRTH_DATE.fullmatch(value):
            raise Unauthenticated
        yield KnownValue(PhiType.DATE, value, person)
    yield from _read_address(claims.get("address"), person=person)


def _read_address(address: Any, *, person: int) -> Iterator[KnownValue]:
    """Read the address object; `formatted` counts where its parts are not given. State and country stay."""
    if address is None:
        return
    if not isinstance(address, Mapping):
        raise Unauthenticated
    parts = {claim: _texts(address.get(claim), several=False) for claim in (*_ADDRESS, "formatted")}
    if not parts["street_address"] and parts["formatted"]:
        parts.update(_read_formatted(parts["formatted"][0]))
    for claim, part in _ADDRESS.items():
        for value in parts[claim]:
            for line in filter(str.strip, value.splitlines()):
                yield KnownValue(PhiType.GEOGRAPHIC, line.strip(), person, part)


def _read_formatted(formatted: str) -> dict[str, tuple[str, ...]]:
    """Cut a mailing label into its first line, its town and its ZIP code."""
    lines = [line.strip() for line in formatted.replace("\r", "").split("\n") if line.strip()]
    if len(lines) == 1 and "," in lines[0]:
        first, _, rest = lines[0].partition(",")
        lines = [first.strip(), rest.strip()]
    found = next((match for line in reversed(lines) if (match := _LAST_LINE.search(line))), None)
    read: dict[str, tuple[str, ...]] = {"street_address": tuple(lines[:1])}
    if found is not None:
        read |= {"locality": (found["city"].strip(),), "postal_code": (found["code"],)}
    return read


def _texts(value: Any, *, several: bool = True) -> tuple[str, ...]:
    """Return a claim's text or texts, without the empty ones; raise Unauthenticated for anything else."""
    if value is None:
        return ()
    given = value if several and isinstance(value, list) else [value]
    if len(given) > MAX_VALUES or not all(isinstance(text, str) and len(text) <= MAX_CHARACTERS for text in given):
        raise Unauthenticated
    return tuple(text for text in given if text.strip())
