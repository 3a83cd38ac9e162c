"""Seeded identifiers of every structured class, each with the sentences, keys and fields that carry it."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field

Make = Callable[[random.Random], str]

_LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ"
_MBI_LETTERS = "ACDEFGHJKMNPQRTUVWXY"
_VIN_VALUES = {
    **{str(n): n for n in range(10)},
    **dict(zip("ABCDEFGHJKLMNPRSTUVWXYZ", (*range(1, 9), 1, 2, 3, 4, 5, 7, 9, *range(2, 10)), strict=True)),
}
_VIN_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)


@dataclass(frozen=True, slots=True)
class Kind:
    """One class of identifier: how values are made, and what carries them."""

    name: str
    make: tuple[Make, ...]
    frames: tuple[str, ...]
    keys: tuple[str, ...]
    hl7: str = ""
    vcard: str = ""
    numeric: bool = field(default=True)


def digits(chance: random.Random, count: int) -> str:
    """Return random digits, the first not zero, all five next to each other not alike."""
    return str(chance.randint(1, 9)) + "".join(str(chance.randint(0, 9)) for _ in range(count - 1))


def _luhn(chance: random.Random, start: str, count: int) -> str:
    body = start + digits(chance, count - len(start) - 1)
    total = 0
    for position, character in enumerate(reversed(body)):
        value = int(character) * (2 - position % 2)
        total += value - 9 if value > 9 else value
    return body + str(-total % 10)


def _grouped(value: str, sizes: tuple[int, ...], mark: str) -> str:
    parts, at = [], 0
    for size in sizes:
        parts.append(value[at : at + size])
        at += size
    return mark.join(parts)


def ssn(chance: random.Random) -> str:
    return _grouped(digits(chance, 9), (3, 2, 4), "-")


def phone(chance: random.Random) -> str:
    return f"{chance.randint(201, 989)}-{chance.randint(201, 989)}-{chance.randint(1000, 9999)}"


def e_mail(chance: random.Random) -> str:
    name = "".join(chance.choice("bcdfghklmnprtvz") + chance.choice("aeiou") for _ in range(4))
    return f"{name}{chance.randint(10, 99)}@mailbox.org"


def mrn(chance: random.Random) -> str:
    return "00" + digits(chance, 6)


def member_id(chance: random.Random) -> str:
    return "".join(chance.choices(_LETTERS, k=3)) + digits(chance, 9)


def mbi(chance: random.Random) -> str:
    pick = lambda kind: chance.choice({"C": "123456789", "A": _MBI_LETTERS, "N": "0123456789"}[kind])  # noqa: E731
    return _grouped("".join(map(pick, "CAANAANAANN")), (4, 3, 4), "-")


def card(chance: random.Random) -> str:
    return _grouped(_luhn(chance, "4", 16), (4, 4, 4, 4), " ")


def iban(chance: random.Random) -> str:
    body = digits(chance, 18)
    return f"DE{98 - int(body + '131400') % 97:02d}{body}"


def dea(chance: random.Random) -> str:
    body = digits(chance, 6)
    check = (sum(int(c) for c in body[0::2]) + 2 * sum(int(c) for c in body[1::2])) % 10
    return f"B{chance.choice(_LETTERS)}{body}{check}"


def npi(chance: random.Random) -> str:
    return _luhn(chance, "808401", 15)[5:]


def vin(chance: random.Random) -> str:
    letters = [chance.choice("ABCDEFGHJKLMNPRSTUVWXYZ0123456789") for _ in range(11)] + list(digits(chance, 6))
    total = sum(_VIN_VALUES[c] * w for c, w in zip(letters, _VIN_WEIGHTS, strict=True))
    letters[8] = "0123456789X"[total % 11]
    return "".join(letters)


def date(chance: random.Random) -> str:
    return f"{chance.randint(1, 12):02d}/{chance.randint(1, 28):02d}/{chance.randint(1930, 2020)}"


def ip(chance: random.Random) -> str:
    return f"{chance.randint(101, 199)}.{chance.randint(101, 199)}.{chance.randint(10, 99)}.{chance.randint(10, 99)}"


KINDS = (
    Kind("SSN", (ssn,), ("My SSN is {} ok", "SSN: {}"), ("ssn", "socialSecurityNumber"), hl7="PID:19"),
    Kind("PHONE", (phone,), ("Please call me at {} today", "phone: {}"), ("phone", "mobile"), "PID:13", "TEL"),
    Kind("FAX", (phone,), ("Send the fax to {} please", "Fax: {}"), ("fax", "fax_number"), "PID:14", "TEL;TYPE=fax"),
    Kind("EMAIL", (e_mail,), ("Write to {} please", "e-mail: {}"), ("email",), "", "EMAIL", numeric=False),
    Kind("MRN", (mrn,), ("My MRN is {} thanks", "MRN: {}"), ("mrn", "medical_record_number"), "PID:3"),
    Kind("MEMBER", (member_id,), ("My member ID is {} thanks", "Member ID: {}"), ("memberId",), "IN1:36"),
    Kind("MBI", (mbi,), ("My Medicare number is {} thanks", "MBI: {}"), ("mbi", "medicare_id"), "IN1:49"),
    Kind("ACCOUNT", (lambda c: digits(c, 12),), ("My account number is {} ok", "Account: {}"), ("account",), "PID:18"),
    Kind("CARD", (card,), ("I paid with card {} ok", "card number: {}"), ("cardNumber", "pan")),
    Kind("IBAN", (iban,), ("My IBAN is {} ok", "account {}"), ("iban",)),
    Kind("LICENSE", (lambda c: "D" + digits(c, 7),), ("My driver's license number is {} ok",), ("license",), "PID:20"),
    Kind("DEA", (dea,), ("The DEA number is {} ok", "DEA: {}"), ("dea", "dea_number")),
    Kind("NPI", (npi,), ("The NPI is {} ok", "NPI: {}"), ("npi",)),
    Kind("VIN", (vin,), ("My VIN is {} ok", "VIN: {}"), ("vin",)),
    Kind("DEVICE", (lambda c: "K" + digits(c, 9),), ("My pump serial number is {} ok",), ("serialNumber", "udi")),
    Kind(
        "URL", (lambda c: f"https://chart{digits(c, 6)}.org/p/{digits(c, 7)}",), ("See {} please",), ("url",), "", "URL"
    ),
    Kind("IP", (ip,), ("My IP address is {} ok", "ip: {}"), ("ip", "ipAddress")),
    Kind("DATE", (date,), ("I was born on {} ok", "DOB: {}"), ("dob", "birthDate"), "PID:7", "BDAY"),
    Kind("ZIP", (lambda c: digits(c, 5),), ("My ZIP code is {} ok",), ("zip", "postalCode"), "", "ADR"),
)
"""Classes and carriers; numbers are random, mail and web hosts are not of anybody."""
