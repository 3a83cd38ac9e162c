"""A seeded set of identifiers that have a form: per class, invented values in sentences as patients write them.

It measures breadth of form (many values of each class), not breadth of language: the portal set does that. No value
belongs to anybody: numbers come from a seeded generator, phones from the 555-01xx range that North America keeps for
fiction, addresses from RFC 2606 and RFC 5737 names and networks, and cards carry a test issuer's prefix.
"""

import random
import string
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from portico_core.labels import PhiType
from portico_evaluation.phi.texts import Identifier, LabelledText

SEED = 20261125
PER_CLASS = 120

Make = Callable[[random.Random], str]


@dataclass(frozen=True, slots=True)
class Family:
    """Forms of one identifier, and the sentences that any of them may stand in."""

    values: tuple[Make, ...]
    carriers: tuple[str, ...]


def structured_texts(*, seed: int = SEED, per_class: int = PER_CLASS) -> tuple[LabelledText, ...]:
    """Return the same texts every time for one seed."""
    chance = random.Random(seed)  # noqa: S311  # Invented values, not secrets.
    return tuple(
        _text(kind, number, families[number % len(families)], chance)
        for kind, families in _CLASSES.items()
        for number in range(per_class)
    )


def _text(kind: PhiType, number: int, family: Family, chance: random.Random) -> LabelledText:
    value, carrier = chance.choice(family.values)(chance), chance.choice(family.carriers)
    before, after = carrier.split("{}")
    place = Identifier(len(before), len(before) + len(value), kind)
    return LabelledText(f"{kind.value.lower()}-{number:03}", before + value + after, (place,))


def _digits(count: int) -> Make:
    return lambda chance: "".join(chance.choices(string.digits, k=count))


def _form(pattern: str) -> Make:
    """Fill a form: 0 a digit, 1 a digit that is not zero, A a capital, M one that a Medicare number may hold."""
    kinds = {"0": string.digits, "1": "123456789", "A": "ABCDEFGHJKLMNPRSTUVWXYZ", "M": "ACDEFGHJKMNPQRTUVWXY"}
    return lambda chance: "".join(chance.choice(kinds.get(character, character)) for character in pattern)


def _ssn(gap: str) -> Make:
    def make(chance: random.Random) -> str:
        area = chance.choice([number for number in range(1, 900) if number != 666])
        return f"{area:03}{gap}{chance.randint(1, 99):02}{gap}{chance.randint(1, 9999):04}"

    return make


def _phone(pattern: str) -> Make:
    def make(chance: random.Random) -> str:
        area = f"{chance.randint(2, 9)}{chance.randint(0, 8)}{chance.randint(0, 9)}"
        return pattern.format(area=area, last=f"01{chance.randint(0, 99):02}")

    return make


def _email(pattern: str) -> Make:
    words = ["bluekettle", "marsh.wren", "tall_oak", "quietlake", "r.fenn", "jo-pine", "sunporch", "olive.tree"]
    hosts = ["example.org", "example.com", "mail.example.net", "clinic.example.com"]

    def make(chance: random.Random) -> str:
        return pattern.format(user=f"{chance.choice(words)}{chance.randint(1, 99)}", host=chance.choice(hosts))

    return make


def _url(pattern: str) -> Make:
    pages = ["results", "visits/latest", "u/harborlight", "files/scan.pdf", "share?id=abc", "p/4471"]

    def make(chance: random.Random) -> str:
        host = f"{chance.choice(['my', 'chart', 'portal', 'photos'])}{chance.randint(1, 99)}.example.org"
        return pattern.format(host=host, page=chance.choice(pages))

    return make


def _ip4(chance: random.Random) -> str:
    return f"{chance.choice(['192.0.2', '198.51.100', '203.0.113'])}.{chance.randint(1, 254)}"


def _ip6(chance: random.Random) -> str:
    return f"2001:db8:{chance.randint(1, 65535):x}::{chance.randint(1, 65535):x}"


def _card(chance: random.Random) -> str:
    body = [4, 0, 0, 0, *(chance.randint(0, 9) for _ in range(11))]
    doubled = [digit if place % 2 else (2 * digit - 9 if digit > 4 else 2 * digit) for place, digit in enumerate(body)]
    number = "".join(map(str, [*body, -sum(doubled) % 10]))
    return " ".join(number[at : at + 4] for at in range(0, 16, 4))


def _vin(chance: random.Random) -> str:
    """A vehicle number with its check digit (49 CFR 565.15(c))."""
    letters = dict(zip("ABCDEFGHJKLMNPRSTUVWXYZ", [*range(1, 9), *range(1, 6), 7, 9, *range(2, 10)], strict=True))
    signs = list(chance.choices("ABCDEFGHJKLMNPRSTUVWXYZ" + string.digits, k=17))
    weights = [8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2]
    left = sum(w * (int(s) if s.isdigit() else letters[s]) for w, s in zip(weights, signs, strict=True)) % 11
    signs[8] = "X" if left == 10 else str(left)
    return "".join(signs)


def _date(pattern: str) -> Make:
    months = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October"]

    def make(chance: random.Random) -> str:
        month = chance.randint(1, 10)
        return pattern.format(
            d=chance.randint(1, 28),
            m=month,
            y=chance.randint(1935, 2025),
            name=months[month - 1],
            short=months[month - 1][:3],
        )

    return make


def _old_age(chance: random.Random) -> str:
    return str(chance.randint(90, 106))


_STREETS = (
    "Larkspur Lane",
    "Old Quarry Road",
    "N Hickory St",
    "Fernhill Avenue",
    "West 14th Street",
    "Millrace Dr",
    "Cobbler Court",
    "Sandpiper Blvd",
)

_CLASSES: Mapping[PhiType, tuple[Family, ...]] = {
    PhiType.SSN: (
        Family(
            (_ssn("-"), _ssn(" "), _ssn(""), _ssn(".")),
            (
                "the form wants my social security number, it is {}",
                "my SSN is {} if that helps you find me",
                "Social: {}, please update the file",
                "I was told to give you my ssn {} before the visit.",
            ),
        ),
    ),
    PhiType.PHONE: (
        Family(
            (
                _phone("({area}) 555-{last}"),
                _phone("{area}-555-{last}"),
                _phone("{area}.555.{last}"),
                _phone("+1 {area} 555 {last}"),
                _phone("{area}555{last}"),
            ),
            (
                "Please call me back at {} after four.",
                "my new cell is {} thanks",
                "you can text {} when the results are in",
                "phone: {}",
            ),
        ),
    ),
    PhiType.FAX: (
        Family(
            (_phone("({area}) 555-{last}"), _phone("{area}-555-{last}"), _phone("{area} 555 {last}")),
            (
                "Can you fax the referral to {}?",
                "their fax number is {}",
                "Fax: {} (the eye doctor's office)",
                "send it by fax at {} please",
            ),
        ),
    ),
    PhiType.EMAIL: (
        Family(
            (_email("{user}@{host}"), _email("{user}@{host}"), _email("{user} at {host}"), _email("{user}@{host}")),
            (
                "you can write me at {} any time",
                "Send the summary to {} please.",
                "my email changed, it's now {}",
                "email: {}",
            ),
        ),
    ),
    PhiType.MRN: (
        Family(
            (_digits(7), _digits(8), _form("00-00-00"), _form("AA000000"), _form("A-0000000")),
            (
                "my MRN is {}",
                "Medical record number {}, I need a refill.",
                "chart number {} from the last visit",
                "MRN: {}. When can I eat again?",
            ),
        ),
    ),
    PhiType.HEALTH_PLAN: (
        Family(
            (_form("AAA000000000"), _digits(9), _form("A00000000")),
            (
                "my insurance member id is {}",
                "Member ID: {}, does the plan pay for this?",
                "the health plan number on the card says {}",
            ),
        ),
        Family(
            (_form("1M00M00MM00"), _form("1M00-M00-MM00")),
            ("Medicare number {} still good?", "my medicare id is {}", "the red white and blue card says {}"),
        ),
    ),
    PhiType.ACCOUNT: (
        Family(
            (_card, _digits(10), _digits(12), _form("000-000000")),
            (
                "I paid the bill with account number {}",
                "Account {} was charged twice for the same visit",
                "my bank account no. is {}",
                "billing account: {}",
            ),
        ),
    ),
    PhiType.LICENSE: (
        Family(
            (_form("A0000000"), _form("A000-0000-0000"), _digits(9), _form("AA000000")),
            (
                "my driver's license number is {}",
                "Driver license {} is on file already",
                "the copy of my drivers licence, number {}, is attached",
                "License no. {}",
            ),
        ),
    ),
    PhiType.VEHICLE: (
        Family(
            (_form("AAA-0000"), _form("0AAA000"), _form("AAA 000")),
            (
                "I'll be in the lot, license plate {}",
                "my car's plate number is {} for the parking pass",
                "License plate: {}",
                "the plate on the blue van is {}",
            ),
        ),
        Family(
            (_vin,),
            (
                "the lift is built into my van, VIN {}",
                "VIN: {}",
                "my car's vin number is {}",
                "the van is {}, an old one",
            ),
        ),
    ),
    PhiType.DEVICE: (
        Family(
            (_form("AAA000000A"), _form("A0000000"), _form("AA-00000-00"), _digits(10)),
            (
                "my pacemaker serial number is {}",
                "The pump's serial no. {} shows an error",
                "device serial: {}",
                "the cpap has serial number {} on the bottom",
            ),
        ),
    ),
    PhiType.URL: (
        Family(
            (
                _url("https://{host}/{page}"),
                _url("http://{host}/{page}"),
                _url("www.{host}/{page}"),
                _url("{host}/{page}"),
            ),
            (
                "the picture is at {} for you to see",
                "I put my log on {} yesterday",
                "see {}",
                "my page is {} , is that the right form?",
            ),
        ),
    ),
    PhiType.IP: (
        Family(
            (_ip4, _ip4, _ip4, _ip6),
            (
                "the portal says my login came from {} and that's not me",
                "IP address: {}",
                "somebody at {} opened my account?",
                "the monitor at home has the address {} on our network",
            ),
        ),
    ),
    PhiType.DATE: (
        Family(
            (
                _date("{m}/{d}/{y}"),
                _date("{y}-{m:02}-{d:02}"),
                _date("{name} {d}, {y}"),
                _date("{d} {short} {y}"),
                _date("{m}-{d}-{y}"),
                _date("{name} {d}"),
            ),
            (
                "I was born on {}",
                "my surgery was {} and it still hurts",
                "DOB {}",
                "the last shot was given {} at the pharmacy",
            ),
        ),
    ),
    PhiType.AGE_OVER_89: (
        Family(
            (_old_age,),
            (
                "my mother is {} years old and falls a lot",
                "He turned {} this spring and takes no pills.",
                "I'm {}, do I still need a mammogram?",
                "age {}, lives alone",
            ),
        ),
    ),
    PhiType.GEOGRAPHIC: (
        Family(
            (
                lambda chance: f"{chance.randint(1, 9899)} {chance.choice(_STREETS)}",
                lambda chance: f"{chance.randint(1, 9899)} {chance.choice(_STREETS)}, Apt {chance.randint(1, 40)}",
            ),
            (
                "please mail the papers to {} instead",
                "we moved to {} last month",
                "My address is {}.",
                "the nurse should come to {} on weekdays",
            ),
        ),
    ),
    PhiType.OTHER_ID: (
        Family(
            (_form("AA-000000"), _digits(8), _form("A000000")),
            (
                "my appointment number is {}",
                "Order number {} never arrived.",
                "the confirmation number I got is {}",
                "my claim number is {} and nobody answers",
            ),
        ),
    ),
}
