"""Values of every structured class for the generated recall table, seeded, in the writings that people use."""

import string
from collections.abc import Callable
from random import Random

Maker = Callable[[Random], str]

_LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ"
_MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
_WEEKDAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
_WORDS = [
    "maple",
    "river",
    "quiet",
    "stone",
    "paper",
    "violet",
    "cedar",
    "harbor",
    "copper",
    "meadow",
    "lantern",
    "orchid",
]


def digits(random: Random, count: int) -> str:
    """Return random digits, the first not 0."""
    return str(random.randint(1, 9)) + "".join(random.choice(string.digits) for _ in range(count - 1))


def letters(random: Random, count: int) -> str:
    """Return random capitals that no check excludes."""
    return "".join(random.choice(_LETTERS) for _ in range(count))


def _mrn(random: Random) -> str:
    d = digits(random, random.randint(6, 9))
    forms = (
        d,
        f"{letters(random, 2)}-{d}",
        f"{d}-{letters(random, 3)}",
        f"{d[:3]}-{d[3:]}",
        f"{letters(random, 1)}{d}",
        f"#{d}",
        f"00{d}",
    )
    return random.choice(forms)


def _ssn(random: Random) -> str:
    a, g, s = digits(random, 3), digits(random, 2), digits(random, 4)
    return random.choice(
        (f"{a}-{g}-{s}", f"{a} {g} {s}", f"{a}{g}{s}", f"{a}.{g}.{s}", f"9{a[1:]}-7{g[1]}-{s}", f"{a} - {g} - {s}")
    )


def _last_four(random: Random) -> str:
    return digits(random, 4)


def _plan(random: Random) -> str:
    d = digits(random, 9)
    forms = (
        d,
        f"{letters(random, 3)}{d}",
        f"{letters(random, 2)}-{d[:6]}",
        f"W{d[:4]} {d[4:]}",
        f"{d[:3]}-{d[3:6]}-{d[6:]}",
        f"{letters(random, 3)}-{d[:6]}-0{d[7]}",
        f"{letters(random, 1)}{d}",
    )
    return random.choice(forms)


def _mbi(random: Random) -> str:
    def one() -> str:
        return random.choice("ACDEFGHJKMNPQRTUVWXY")

    d = digits(random, 5)
    value = f"{d[0]}{one()}{one()}{d[1]}{one()}{d[2]}{d[3]}{one()}{one()}{d[3]}{d[4]}"
    return random.choice((value, f"{value[:4]}-{value[4:7]}-{value[7:]}"))


def _account(random: Random) -> str:
    d = digits(random, random.randint(6, 12))
    return random.choice((d, f"{d[:4]}-{d[4:]}", f"{letters(random, 2)}{d}", f"{letters(random, 1)}-{d}"))


def luhn_digit(body: str) -> str:
    """Return the digit that completes a body to a Luhn number."""
    total = 0
    for position, character in enumerate(reversed(body)):
        value = int(character) * (2 - position % 2)
        total += value - 9 if value > 9 else value
    return str(-total % 10)


def _card(random: Random) -> str:
    body = random.choice("456") + digits(random, 14)
    number = body + luhn_digit(body)
    groups = [number[at : at + 4] for at in range(0, 16, 4)]
    return random.choice((number, " ".join(groups), "-".join(groups)))


def _iban(random: Random) -> str:
    body = "37040044" + digits(random, 10)
    check = 98 - int(f"{body}131400") % 97
    value = f"DE{check:02d}{body}"
    return random.choice((value, " ".join(value[at : at + 4] for at in range(0, len(value), 4))))


def _licence(random: Random) -> str:
    d = digits(random, 8)
    forms = (
        f"{letters(random, 1)}{d[:7]}",
        d,
        f"{letters(random, 2)}{d[:6]}",
        f"{letters(random, 1)}{d[:3]}-{d[3:7]}-{d[:4]}",
        f"{letters(random, 1)}-{d}",
    )
    return random.choice(forms)


def _dea(random: Random) -> str:
    d = digits(random, 6)
    check = (sum(int(c) for c in d[0:6:2]) + 2 * sum(int(c) for c in d[1:6:2])) % 10
    return f"{random.choice('ABFM')}{letters(random, 1)}{d}{check}"


def _npi(random: Random) -> str:
    body = "1" + digits(random, 8)
    return body + luhn_digit("80840" + body)


def _vin(random: Random) -> str:
    weights = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
    values = {
        **{str(n): n for n in range(10)},
        **dict(zip("ABCDEFGHJKLMNPRSTUVWXYZ", (*range(1, 9), 1, 2, 3, 4, 5, 7, 9, *range(2, 10)), strict=True)),
    }
    body = f"1{letters(random, 2)}{letters(random, 2)}{digits(random, 3)}0{letters(random, 2)}{digits(random, 6)}"
    check = "0123456789X"[sum(values[c] * w for c, w in zip(body, weights, strict=True)) % 11]
    return body[:8] + check + body[9:]


def _plate(random: Random) -> str:
    d, abc = digits(random, 4), letters(random, 3)
    return random.choice((f"{abc}-{d}", f"{d[0]}{abc}{d[1:]}", f"{abc} {d}", f"{abc}{d}", f"{abc[:2]}{d[:2]} {abc}"))


def _serial(random: Random) -> str:
    d = digits(random, 7)
    return random.choice(
        (
            f"{letters(random, 2)}{d}",
            f"{letters(random, 3)}-{d}",
            f"{d[:5]}{letters(random, 1)}",
            d,
            f"{letters(random, 2)}{d[:4]}-{d[4:]}",
        )
    )


def _udi(random: Random) -> str:
    d = digits(random, 14)
    return random.choice(
        (
            f"(01){d}(17)280630(21){letters(random, 2)}{d[:6]}",
            f"01{d}17280630",
            f"+{letters(random, 1)}{d[:3]}{letters(random, 2)}{d[:5]}1{letters(random, 1)}",
        )
    )


def _mac(random: Random) -> str:
    pairs = [f"{random.randrange(256):02X}" for _ in range(6)]
    return random.choice((":".join(pairs), "-".join(pairs), ":".join(pairs).lower()))


def _phone(random: Random) -> str:
    a, b, c = f"{random.randint(201, 989)}", f"{random.randint(200, 999)}", digits(random, 4)
    forms = (
        f"{a}-{b}-{c}",
        f"({a}) {b}-{c}",
        f"{a}.{b}.{c}",
        f"{a} {b} {c}",
        f"{a}{b}{c}",
        f"+1 {a} {b} {c}",
        f"1-{a}-{b}-{c}",
        f"({a}){b}-{c}",
        f"{a}-{b}-{c} ext. {c[:3]}",
        f"+44 20 7{b} {c}",
    )
    return random.choice(forms)


def _email(random: Random) -> str:
    name = f"{random.choice(_WORDS)}.{random.choice(_WORDS)}{random.randint(1, 99)}"
    host = random.choice(("gmail", "example", "mailhost", "outlook"))
    forms = (
        f"{name}@{host}.com",
        f"{name} at {host} dot com",
        f"{name} [at] {host} [dot] org",
        f"{name}(at){host}(dot)net",
        f"{name} arroba {host} punto com",
        f"{name} @ {host}.com",
        f"{name}@mail.{host}.co.uk",
    )
    return random.choice(forms)


def _url(random: Random) -> str:
    word, other = random.choice(_WORDS), random.choice(_WORDS)
    forms = (
        f"https://www.{word}{other}.org/u/{word}?id={random.randint(1, 99)}",
        f"www.{word}-{other}.com",
        f"{word}{other}.com/{other}",
        f"{word}.{other}.org",
        f"http://{word}.example.net:8080/a",
        f"facebook.com/{word}.{other}",
        f"linkedin.com/in/{word}-{other}",
        f"{word}{other}.net",
    )
    return random.choice(forms)


def _ip(random: Random) -> str:
    four = ".".join(str(random.randint(1, 254)) for _ in range(4))
    six = ":".join(f"{random.randrange(4096, 65536):x}" for _ in range(8))
    return random.choice(
        (four, four, six, f"2001:db8::{random.randrange(4096, 65536):x}", f"fe80::{random.randrange(4096, 65536):x}")
    )


def _date(random: Random) -> str:
    month, day, year = random.randint(1, 12), random.randint(1, 28), random.randint(1935, 2025)
    name = _MONTHS[month - 1]
    nth = f"{day}{'th' if 10 < day < 20 else {1: 'st', 2: 'nd', 3: 'rd'}.get(day % 10, 'th')}"
    forms = (
        f"{month}/{day}/{year}",
        f"{month:02d}/{day:02d}/{year % 100:02d}",
        f"{year}-{month:02d}-{day:02d}",
        f"{month}-{day}-{year}",
        f"{day:02d}.{month:02d}.{year}",
        f"{name} {day}, {year}",
        f"{name} {nth}",
        f"{nth} of {name}",
        f"{day} {name} {year}",
        f"{name[:3]} {day} {year}",
        f"{day}-{name[:3]}-{year}",
        f"{day:02d}{name[:3].upper()}{year}",
        f"{name} {nth}, {year}",
        f"{random.choice(_WEEKDAYS)}, {name} {day}",
        f"the {nth} of {name}, {year}",
        f"{name} {year}",
        f"{year}/{month:02d}/{day:02d}",
        f"{name[:3]}. {nth} '{year % 100:02d}",
    )
    return random.choice(forms)


def _short_day(random: Random) -> str:
    return f"{random.randint(1, 12)}/{random.randint(13, 28)}"


def _named_day(random: Random) -> str:
    fixed = random.choice(("last", "next", "this past"))
    year = random.randint(1990, 2025)
    forms = (
        f"{fixed} {random.choice(_WEEKDAYS)}",
        f"{fixed} {random.choice(_MONTHS)}",
        f"Christmas Eve {year}",
        f"Thanksgiving Day {year}",
        f"summer of {year}",
        f"Easter {year}",
        "4th of July",
        "New Year's Eve",
        f"Halloween {year}",
        "Memorial Day",
    )
    return random.choice(forms)


def _age(random: Random) -> str:
    return str(random.randint(90, 108))


def _zip(random: Random) -> str:
    return random.choice((digits(random, 5), f"{digits(random, 5)}-{digits(random, 4)}"))


def _coordinates(random: Random) -> str:
    return f"{random.uniform(25, 48):.5f}, -{random.uniform(70, 120):.5f}"


def _order(random: Random) -> str:
    d = digits(random, 7)
    return random.choice((d, f"{letters(random, 2)}{d}", f"{letters(random, 3)}-{d[:5]}", f"{d[:4]}-{d[4:]}", f"#{d}"))


def _user(random: Random) -> str:
    return random.choice(
        (
            f"{random.choice(_WORDS)}_{random.choice(_WORDS)}",
            f"{random.choice(_WORDS)}{random.randint(10, 9999)}",
            f"{random.choice(_WORDS)}.{random.choice(_WORDS)}{random.randint(1, 9)}",
        )
    )


def _room(random: Random) -> str:
    return random.choice(
        (
            f"{random.randint(100, 999)}",
            f"{random.randint(1, 9)}{random.choice('ABCDEF')}",
            f"{random.randint(100, 999)}-{random.choice('AB')}",
            f"{letters(random, 1)}{random.randint(10, 99)}",
        )
    )


def _photo(random: Random) -> str:
    return random.choice(
        (
            f"IMG_{digits(random, 4)}.jpg",
            f"DSC0{digits(random, 4)}.JPG",
            f"{random.choice(_WORDS)}-{random.choice(_WORDS)}.png",
            f"IMG-{random.randint(2019, 2025)}0304-WA00{random.randint(10, 99)}.jpeg",
            f"photo_{digits(random, 3)}.heic",
            "data:image/png;base64,iVBORw0KGgo" + letters(random, 30),
            f"scan{digits(random, 3)}.pdf.jpg",
        )
    )


def _biometric(random: Random) -> str:
    return random.choice(
        (
            f"{letters(random, 2)}-{digits(random, 6)}",
            "".join(random.choice("0123456789abcdef") for _ in range(32)),
            "Rk1SACAyMAAAAAB" + digits(random, 8) + letters(random, 12),
            f"{letters(random, 3)}{digits(random, 7)}",
        )
    )


MAKERS: dict[str, Maker] = {
    "MRN": _mrn,
    "SSN": _ssn,
    "SSN last four": _last_four,
    "HEALTH_PLAN": _plan,
    "HEALTH_PLAN MBI": _mbi,
    "ACCOUNT": _account,
    "ACCOUNT card": _card,
    "ACCOUNT IBAN": _iban,
    "LICENSE": _licence,
    "LICENSE DEA": _dea,
    "LICENSE NPI": _npi,
    "VEHICLE VIN": _vin,
    "VEHICLE plate": _plate,
    "DEVICE": _serial,
    "DEVICE UDI": _udi,
    "DEVICE MAC": _mac,
    "PHONE": _phone,
    "FAX": _phone,
    "EMAIL": _email,
    "URL": _url,
    "IP": _ip,
    "DATE": _date,
    "DATE short": _short_day,
    "DATE named": _named_day,
    "AGE_OVER_89": _age,
    "GEOGRAPHIC ZIP": _zip,
    "GEOGRAPHIC point": _coordinates,
    "OTHER_ID": _order,
    "OTHER_ID user": _user,
    "OTHER_ID room": _room,
    "PHOTO": _photo,
    "BIOMETRIC": _biometric,
}
"""One maker a class, or a part of a class; the first word is the class of contracts.md."""
