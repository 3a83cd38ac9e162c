"""PHI canaries: made-up identifiers of all 18 classes, each unlike anything else in the stack, and a scanner for them.

A canary counts as found also in base64 (at any alignment), hexadecimal, URL-encoded and reversed; letter case does not
matter but in base64. Chance must not find one: each has eight characters or more, and ten where all are digits.
"""

import base64
import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import quote

import numpy as np

SHORTEST = 8
_STARTS = ["zorb", "quast", "vrand", "plimq", "yzel", "krout", "brindz", "wexlo", "tarqu", "fjolm"]
_MIDDLES = ["al", "ek", "im", "or", "ul", "yat", "ov", "ent", "ish", "arr"]
_ENDS = ["inovka", "ardelle", "ombertz", "uskiewa", "entholm", "avrenko", "izabeq", "orstad"]
CLASSES = {
    "A": "NAME", "B": "GEOGRAPHIC", "C": "DATE", "C90": "AGE_OVER_89", "D": "PHONE", "E": "FAX", "F": "EMAIL",
    "G": "SSN", "H": "MRN", "I": "HEALTH_PLAN", "J": "ACCOUNT", "K": "LICENSE", "L": "VEHICLE", "M": "DEVICE",
    "N": "URL", "O": "IP", "P": "BIOMETRIC", "Q": "PHOTO", "R": "OTHER_ID",
}  # fmt: skip
"""The letters of 45 CFR 164.514(b)(2)(i); dates and ages over 89 are one of the eighteen."""


@dataclass(frozen=True, slots=True)
class Canary:
    """One identifier: the sentence a patient tells it in, and the strings that must turn up nowhere."""

    letter: str
    sentence: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Hit:
    """A canary found where it must not be. The value is made up, so it may be shown."""

    sink: str
    letter: str
    value: str
    form: str


def make_canaries(rng: random.Random) -> tuple[Canary, ...]:
    """Make one canary of each class for one person; P and Q are uploads, whose bytes are the canary."""

    def digits(count: int) -> str:
        return str(rng.randint(2, 8)) + "".join(rng.choice("0123456789") for _ in range(count - 1))

    def letters(count: int) -> str:
        return "".join(rng.choice("ABCDEFGHJKLMNPRTUVWXYZ") for _ in range(count))

    given, family = (f"{rng.choice(_STARTS)}{rng.choice(_MIDDLES)}{rng.choice(_ENDS)}".capitalize() for _ in range(2))
    street = f"{digits(4)} {given[:6]}{family[-6:]} Lane"
    born = f"{rng.choice(('March', 'October', 'August'))} {rng.randint(1, 28)}, {rng.randint(1931, 1979)}"
    phone, fax = f"(555) {digits(3)}-{digits(4)}", f"555-{digits(3)}-{digits(4)}"
    mail, site = f"{given.lower()}.{digits(4)}@example.org", f"https://{family.lower()}{digits(3)}.example.net/u/me"
    ssn, mrn = f"{rng.randint(201, 649)}-{rng.randint(11, 98)}-{digits(4)}", f"{letters(2)}{digits(10)}"
    plan, account = f"{letters(3)}{digits(10)}", f"{digits(4)}-{digits(4)}-{digits(4)}"
    licence, plate = f"D{digits(3)}-{digits(4)}-{digits(4)}", f"1HGCM{digits(5)}A{digits(6)}"
    serial, order = f"SN-{letters(2)}{digits(4)}{letters(1)}{digits(3)}", f"ORD-{digits(4)}-{letters(2)}{digits(2)}"
    ip = f"203.0.113.{rng.randint(100, 254)}"
    rows = [
        ("A", f"My name is {given} {family}.", (f"{given} {family}", given, family)),
        ("B", f"I live at {street}, Springfield, IL 62704.", (street, street.split(" ", 1)[1])),
        ("C", f"I was born on {born}.", (born,)),
        ("C90", "My mother is 97 years old.", ("97 years old",)),
        ("D", f"My phone number is {phone}.", (phone,)),
        ("E", f"My fax number is {fax}.", (fax,)),
        ("F", f"My e-mail is {mail}.", (mail, mail.split("@", maxsplit=1)[0])),
        ("G", f"My SSN is {ssn}.", (ssn,)),
        ("H", f"My MRN: {mrn}.", (mrn, mrn[2:])),
        ("I", f"My member ID is {plan}.", (plan, plan[3:])),
        ("J", f"My account number is {account}.", (account, account.replace("-", ""))),
        ("K", f"My driver's license number is {licence}.", (licence,)),
        ("L", f"My VIN is {plate}.", (plate,)),
        ("M", f"My pump's serial number is {serial}.", (serial,)),
        ("N", f"My page is {site} now.", (site, site[8:])),
        ("O", f"My IP address is {ip}.", (ip,)),
        ("P", f"fingerprint-{letters(12)}", ()),
        ("Q", f"photograph-{letters(12)}", ()),
        ("R", f"My order number is {order}.", (order,)),
    ]
    return tuple(Canary(letter, sentence, values or (sentence,)) for letter, sentence, values in rows)


def forms_of(value: str) -> Iterator[tuple[str, bytes]]:
    """Yield every disguise in which a value is looked for; all but base64 in lower case."""
    plain = value.lower().encode()
    yield "plain", plain
    yield "reversed", plain[::-1]
    yield "hex", value.encode().hex().encode()
    yield "hex", plain.hex().encode()
    yield "url", quote(value, safe="").lower().encode()
    yield "url", quote(value, safe="/:@").replace("%20", "+").lower().encode()
    for shift in range(3):
        bits = 8 * (shift + len(value))
        coded = base64.b64encode(b"\0" * shift + value.encode())
        inner = coded[-(-8 * shift // 6) : bits // 6]  # What the neighbours' bits do not change.
        yield "base64", inner
        yield "base64", inner.translate(bytes.maketrans(b"+/", b"-_"))


class Scanner:
    """Looks for all forms of many canaries at once: by their first eight bytes, then exactly."""

    def __init__(self, canaries: Iterable[Canary]) -> None:
        self._lower: dict[bytes, tuple[str, str, str]] = {}
        self._exact: dict[bytes, tuple[str, str, str]] = {}
        self.values = set[str]()
        for canary in canaries:
            for value in canary.values:
                self.values.add(value)
                for form, needle in forms_of(value):
                    if len(needle) >= SHORTEST:
                        into = self._exact if form == "base64" else self._lower
                        into[needle] = (canary.letter, value, form)
        self._heads = {kind: _heads(needles) for kind, needles in (("l", self._lower), ("e", self._exact))}

    @property
    def forms(self) -> int:
        """Return how many byte strings are looked for."""
        return len(self._lower) + len(self._exact)

    def scan(self, sink: str, content: bytes) -> list[Hit]:
        """Return what is found in a sink."""
        found = _find(content.lower(), self._lower, self._heads["l"]) | _find(content, self._exact, self._heads["e"])
        return [Hit(sink, *what) for what in sorted(found)]


def _heads(needles: Iterable[bytes]) -> "np.ndarray[tuple[int], np.dtype[np.uint64]]":
    return np.unique(np.array([int.from_bytes(needle[:SHORTEST], "little") for needle in needles], dtype=np.uint64))


def _find(content: bytes, needles: dict[bytes, tuple[str, str, str]], heads: object) -> set[tuple[str, str, str]]:
    places = set[int]()
    for shift in range(min(SHORTEST, len(content))):
        whole = (len(content) - shift) // SHORTEST
        windows = np.frombuffer(content, dtype="<u8", count=whole, offset=shift)
        places.update(int(place) * SHORTEST + shift for place in np.flatnonzero(np.isin(windows, heads)))
    starts: dict[bytes, list[bytes]] = {}
    for needle in needles:
        starts.setdefault(needle[:SHORTEST], []).append(needle)
    candidates = {(place, n) for place in places for n in starts.get(content[place : place + SHORTEST], ())}
    return {needles[needle] for place, needle in candidates if content.startswith(needle, place)}
