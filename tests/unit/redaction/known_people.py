"""Made-up people and the many ways in which a message writes who they are. Seeded; nothing is taken from anywhere.

Names come from the project's own lists, everything else from the generator. A surface form is a text with the range
that has to be found in it.
"""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib import resources

from portico_core.known import KnownPart, KnownValue
from portico_core.labels import PhiType
from portico_redaction.known.lists import is_everyday, is_other_word, nicknames_of

CARRIERS = (
    "{}",
    "please tell {} that I called",
    "I spoke with {} about the refill yesterday",
    "the chart says {} and that is right",
    "hello, can you look up {} for me?",
    "it was for {}, not for me",
    "note: {}; thanks",
    "quiero preguntar por {} por favor",
    "is this still {} in your system?",
    "they asked for {} at the desk and I take 20 mg daily",
    "my pressure was 130/85. {} had the same",
    "re: {}",
)
STREETS = (
    "Alder",
    "Whitcombe",
    "Juniper Hill",
    "Ocotillo",
    "Rosalind",
    "Quarry",
    "5th",
    "Marigold",
    "Stonebridge",
    "Twelfth",
)
TYPES = (
    ("Street", "St"),
    ("Avenue", "Ave"),
    ("Road", "Rd"),
    ("Drive", "Dr"),
    ("Lane", "Ln"),
    ("Boulevard", "Blvd"),
    ("Court", "Ct"),
)
DIRECTIONS = (("North", "N"), ("South", "S"), ("East", "E"), ("West", "W"))
_MONTH_WORDS = "January February March April May June July August September October November December"
MONTHS = _MONTH_WORDS.split()
_MES_WORDS = "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre"
MESES = _MES_WORDS.split()
ACCENTS = str.maketrans("aeioun", "áéíóúñ")


@dataclass(frozen=True, slots=True)
class Surface:
    """A text, and the range of it that is the identifier."""

    form: str
    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Person:
    """One made-up person."""

    given: str
    middle: str
    family: str
    born: date
    phone: str
    mrn: str
    member: str
    number: int
    direction: tuple[str, str]
    street: str
    kind: tuple[str, str]
    unit: str
    town: str
    code: str

    @property
    def email(self) -> str:
        return f"{plain(self.given).lower()}.{plain(self.family).lower()}@example.org"

    @property
    def street_line(self) -> str:
        return f"{self.number} {self.direction[0]} {self.street} {self.kind[0]}, Apt {self.unit}"

    def values(self) -> tuple[KnownValue, ...]:
        """What the token would say."""
        return (
            KnownValue(PhiType.NAME, f"{self.given} {self.middle} {self.family}"),
            KnownValue(PhiType.NAME, self.given, part=KnownPart.GIVEN),
            KnownValue(PhiType.NAME, self.middle, part=KnownPart.MIDDLE),
            KnownValue(PhiType.NAME, self.family, part=KnownPart.FAMILY),
            KnownValue(PhiType.DATE, self.born.isoformat()),
            KnownValue(PhiType.PHONE, self.phone),
            KnownValue(PhiType.MRN, self.mrn),
            KnownValue(PhiType.HEALTH_PLAN, self.member),
            KnownValue(PhiType.EMAIL, self.email),
            KnownValue(PhiType.GEOGRAPHIC, self.street_line, part=KnownPart.STREET),
            KnownValue(PhiType.GEOGRAPHIC, self.town, part=KnownPart.CITY),
            KnownValue(PhiType.GEOGRAPHIC, self.code, part=KnownPart.POSTCODE),
        )


def plain(name: str) -> str:
    """Return a name without accents, spaces, hyphens and apostrophes."""
    for accented, letter in zip("áéíóúñü", "aeiounu", strict=True):
        name = name.replace(accented, letter).replace(accented.upper(), letter.upper())
    return "".join(character for character in name if character.isalnum())


@cache
def _words(name: str) -> tuple[str, ...]:
    text = resources.files("portico_redaction.recognisers").joinpath(f"{name}.txt").read_text(encoding="utf-8")
    return tuple(word for word in text.splitlines() if word.isalpha() and word.isascii())


def make_person(rng: random.Random) -> Person:
    """Return a person; some have accents, double surnames, particles or names that are everyday words."""
    given = rng.choice([word for word in _words("given_names") if len(word) > 3]).capitalize()
    family = rng.choice([word for word in _words("family_names") if len(word) > 3]).capitalize()
    extra = rng.choice([word for word in _words("family_names") if len(word) > 4]).capitalize()
    shape = rng.random()
    if shape < 0.15:
        family = f"{family}-{extra}"
    elif shape < 0.25:
        family = f"{family} {extra}"
    elif shape < 0.33:
        family = f"de la {family}"
    elif shape < 0.4:
        family = f"O'{family}"
    elif shape < 0.5:
        given = given[0] + given[1:].translate(ACCENTS)
    if rng.random() < 0.12:
        given = rng.choice(
            ["Will", "Rose", "Hope", "Grace", "Mark", "Bill", "Frank", "Faith", "Joy", "Dawn", "May", "June"]
        )
    middle = rng.choice([word for word in _words("given_names") if len(word) > 4]).capitalize()
    town = rng.choice([word for word in _words("towns") if len(word) > 6 and not is_everyday(word)]).capitalize()
    return Person(
        given=given,
        middle=middle,
        family=family,
        born=date(1930, 1, 1) + timedelta(days=rng.randrange(31_000)),
        phone=f"+1{rng.randrange(201, 989)}{rng.randrange(200, 999)}{rng.randrange(10_000):04d}",
        mrn=f"MRN{rng.randrange(10**5, 10**6):08d}",
        member=f"{''.join(rng.choices('BCDFGHJKLMNPQRSTVWXZ', k=3))}{rng.randrange(10**8, 10**9)}",
        number=rng.randrange(10, 9_999),
        direction=rng.choice(DIRECTIONS),
        street=rng.choice(STREETS),
        kind=rng.choice(TYPES),
        unit=f"{rng.randrange(1, 40)}{rng.choice('ABCDEF')}",
        town=town,
        code=f"{rng.randrange(10_000, 99_999)}",
    )


def with_slip(word: str, rng: random.Random) -> str:
    """Return a word with one typing slip: a letter dropped, doubled, wrong, or changed round with the next.

    A slip that makes a word of its own ("Tsar") is drawn again: the redactor leaves such words alone by design.
    """
    while True:
        at = rng.randrange(1, len(word) - 1)
        slip = rng.choice(("drop", "double", "wrong", "turn"))
        match slip:
            case "drop":
                made = word[:at] + word[at + 1 :]
            case "double":
                made = word[: at + 1] + word[at:]
            case "wrong":
                made = word[:at] + rng.choice("abcdefghijklmnopqrstuvwxyz") + word[at + 1 :]
            case _:
                made = word[:at] + word[at + 1] + word[at] + word[at + 2 :]
        if made != word and not is_other_word(made.lower()):
            return made


def name_forms(person: Person, rng: random.Random) -> Iterator[tuple[str, str, str]]:
    """Yield (form, before the name, the name): at least twenty, more where the name is no everyday word."""
    g, m, f = person.given, person.middle, person.family
    nick = rng.choice(sorted(nicknames_of(plain(g).lower()))).capitalize()
    last = f.split("-")[-1].split(" ")[-1].split("'")[-1]
    long_given = g if len(plain(g)) >= 5 else m
    yield from (
        ("whole", "", f"{g} {f}"),
        ("whole, lower case", "", f"{g} {f}".lower()),
        ("whole, capitals", "", f"{g} {f}".upper()),
        ("family name first", "", f"{f}, {g}"),
        ("family name first, no comma", "", f"{f} {g}"),
        ("family name first, no space", "", f"{f},{g}"),
        ("with middle name", "", f"{g} {m} {f}"),
        ("with middle initial", "", f"{g} {m[0]}. {f}"),
        ("initial", "", f"{g[0]}. {f}"),
        ("two initials", "", f"{plain(g)[0].upper()}{m[0]} {f}"),
        ("short form", "", f"{nick} {f}"),
        ("title", "Mrs. ", f),
        ("given name", "with ", g),
        ("family name", "Mr. ", f),
        ("slip in the given name", "", f"{with_slip(long_given, rng)} {f}"),
        ("slip in the family name", "", f"{g} {f.replace(last, with_slip(last, rng)) if len(last) > 4 else f}"),
        ("without accents", "", f"{plain(g)} {f}"),
        ("with accents", "", f"{g[0]}{g[1:].translate(ACCENTS)} {f}"),
        ("hashtag", "", f"#{plain(g)}{plain(f)}"),
        ("user name", "", f"@{plain(g)[0].lower()}{plain(f).lower()}{rng.randrange(10, 99)}"),
        ("dotted", "", f"{plain(g).lower()}.{plain(f).lower()}"),
        ("underscored", "", f"{plain(g).lower()}_{plain(f).lower()}{rng.randrange(10, 99)}"),
        ("given name and initial", "", f"{g} {plain(f)[0].upper()}."),
    )
    for form, name in (("given name alone, lower case", g), ("family name alone, lower case", last)):
        if not is_everyday(plain(name).lower()) and len(plain(name)) > 3:
            yield form, "", name.lower()
            slipped = with_slip(name, rng).lower()
            if len(plain(name)) > 4 and not is_other_word(plain(slipped)):
                yield form.replace("alone", "alone, slip"), "", slipped


def date_forms(person: Person, rng: random.Random) -> Iterator[tuple[str, str, str]]:
    d, m, y = person.born.day, person.born.month, person.born.year
    month, mes, yy = MONTHS[m - 1], MESES[m - 1], f"{person.born:%y}"
    th = "th" if 10 < d < 14 else {1: "st", 2: "nd", 3: "rd"}.get(d % 10, "th")
    yield from (
        ("m/d/y", "", f"{m}/{d}/{y}"),
        ("mm/dd/yyyy", "", f"{m:02d}/{d:02d}/{y}"),
        ("m/d/yy", "", f"{m}/{d}/{yy}"),
        ("d/m/y", "", f"{d}/{m}/{y}"),
        ("d.m.y", "", f"{d:02d}.{m:02d}.{y}"),
        ("m-d-y", "", f"{m}-{d}-{y}"),
        ("ISO", "", person.born.isoformat()),
        ("y/m/d", "", f"{y}/{m}/{d}"),
        ("compact", "", f"{person.born:%m%d%Y}"),
        ("compact ISO", "", f"{person.born:%Y%m%d}"),
        ("six digits", "", f"{person.born:%m%d%y}"),
        ("spaced", "", f"{m} {d} {y}"),
        ("written", "", f"{month} {d}, {y}"),
        ("written, lower", "", f"{month} {d} {y}".lower()),
        ("ordinal", "", f"{month} {d}{th}, {y}"),
        ("day first", "", f"{d} {month} {y}"),
        ("the nth of", "", f"the {d}{th} of {month} {y}"),
        ("short month", "", f"{month[:3]} {d}, {yy}"),
        ("dashed month", "", f"{d}-{month[:3].upper()}-{yy}"),
        ("apostrophe", "", f"{month} {d} '{yy}"),
        ("no year", "", f"{month} {d}{th}"),
        ("Spanish", "", f"{d} de {mes} de {y}"),
        ("Spanish, no year", "", f"{d} de {mes}"),
        ("words", "", f"{month.lower()} {_ordinal(d)} {_year(y)}"),
        ("words, of", "", f"the {_ordinal(d)} of {month} {_year(y)}"),
        ("birthday numbers", "dob ", f"{m}/{d}"),
        ("slip in the month", "", f"{with_slip(month, rng) if len(month) > 5 else month} {d}, {y}"),
    )


def number_forms(person: Person, rng: random.Random) -> Iterator[tuple[str, str, str]]:
    """Yield the writings of the telephone number, the record number and the member id."""
    p, core, tail = person.phone[2:], person.mrn[3:], person.member[3:]
    a, b, c = p[:3], p[3:6], p[6:]
    yield from (
        ("digits", "", p),
        ("dashes", "", f"{a}-{b}-{c}"),
        ("dots", "", f"{a}.{b}.{c}"),
        ("spaces", "", f"{a} {b} {c}"),
        ("brackets", "", f"({a}) {b}-{c}"),
        ("brackets, tight", "", f"({a}){b}-{c}"),
        ("+1", "", f"+1 {a} {b} {c}"),
        ("1-", "", f"1-{a}-{b}-{c}"),
        ("001", "", f"001{p}"),
        ("E.164", "", person.phone),
        ("slashes", "", f"{a}/{b}/{c}"),
        ("local", "", f"{b}-{c}"),
        ("local digits", "", f"{b}{c}"),
        ("last four", "ending in ", c),
        ("pairs", "", " ".join((p[:2], p[2:4], p[4:6], p[6:8], p[8:]))),
        ("one a time", "", " ".join(p)),
        ("dashed one a time", "", "-".join(p)),
        ("wide", "", f"{a}  {b}  {c}"),
        ("a line each", "", f"{a}\n{b}\n{c}"),
        ("underscores", "", f"{a}_{b}_{c}"),
    )
    yield from (
        ("MRN", "", person.mrn),
        ("MRN, lower", "", person.mrn.lower()),
        ("MRN space", "", f"MRN {core}"),
        ("MRN dash", "", f"MRN-{core}"),
        ("MRN colon", "MRN: ", core),
        ("core", "", core),
        ("no zeros", "", core.lstrip("0")),
        ("groups", "", f"{core[:4]} {core[4:]}"),
        ("dashed groups", "", f"{core[:4]}-{core[4:]}"),
        ("pairs", "", "-".join((core[:2], core[2:4], core[4:6], core[6:]))),
        ("one a time", "", " ".join(core)),
        ("last four", "record ending in ", core[-4:]),
        ("more zeros", "", f"00{core}"),
        ("record number", "record number ", core),
        ("slashed", "", f"{core[:4]}/{core[4:]}"),
        ("dotted", "", f"{core[:4]}.{core[4:]}"),
        ("last 4:", "last 4: ", core[-4:]),
        ("masked", "****", core[-4:]),
        ("hash", "#", core),
        ("mrn glued", "", f"mrn{core}"),
    )
    m = person.member
    yield from (
        ("member", "", m),
        ("member, lower", "", m.lower()),
        ("member dash", "", f"{m[:3]}-{tail}"),
        ("member groups", "", f"{m[:3]} {tail[:3]} {tail[3:6]} {tail[6:]}"),
        ("member dashed groups", "", f"{m[:3]}-{tail[:3]}-{tail[3:6]}-{tail[6:]}"),
        ("member digits", "", tail),
        ("member digits grouped", "", f"{tail[:3]} {tail[3:]}"),
        ("member last four", "member id ending ", tail[-4:]),
        ("member dots", "", f"{m[:3]}.{tail}"),
        ("member, one a time", "", " ".join(m)),
        ("member, dashed one a time", "", "-".join(m)),
        ("member slashed", "", f"{m[:3]}/{tail}"),
        ("member underscored", "", f"{m[:3]}_{tail}"),
        ("member labelled", "Member ID: ", m),
        ("member with #", "member #", m),
        ("member in brackets", "(", m),
        ("member, pairs", "", f"{m[:3]} {tail[:2]} {tail[2:4]} {tail[4:6]} {tail[6:]}"),
        ("member, two lines", "", f"{m[:3]}\n{tail}"),
        ("member masked", "id ****", tail[-4:]),
        ("member letters spaced", "", f"{m[0]} {m[1]} {m[2]} {tail}"),
    )


def address_forms(person: Person, rng: random.Random) -> Iterator[tuple[str, str, str]]:
    n, (north, short), s, (kind, abbreviated), u = (
        person.number,
        person.direction,
        person.street,
        person.kind,
        person.unit,
    )
    slip = with_slip(s, rng) if len(s) > 6 and " " not in s else s
    yield from (
        ("whole line", "", person.street_line),
        ("line, lower", "", person.street_line.lower()),
        ("line, capitals", "", person.street_line.upper()),
        ("no unit", "", f"{n} {north} {s} {kind}"),
        ("abbreviated", "", f"{n} {short} {s} {abbreviated}"),
        ("dots", "", f"{n} {short}. {s} {abbreviated}."[:-1]),
        ("no direction", "", f"{n} {s} {kind}"),
        ("no type", "", f"{n} {s}"),
        ("street alone", "", f"{s} {kind}"),
        ("street alone, short", "", f"{s} {abbreviated}"),
        ("direction and street", "", f"{north} {s} {kind}"),
        ("# unit", "", f"{n} {s} {abbreviated} #{u}"),
        ("unit word", "", f"{n} {s} {kind} Unit {u}"),
        ("apartment alone", "", f"apartment {u}"),
        ("apt alone", "", f"Apt. {u}"),
        ("Spanish", "", f"Calle {s} {n}"),
        ("two lines", "", f"{n} {north} {s} {kind}\nApt {u}"),
        ("slip", "", f"{n} {slip} {kind}"),
        ("number after", "", f"{s} {kind}, {n}"),
        ("comma", "", f"{n}, {s} {kind}"),
        ("town", "", person.town),
        ("town, lower", "", person.town.lower()),
        ("town, slip", "", with_slip(person.town, rng)),
        ("ZIP", "", person.code),
        ("ZIP+4", "", f"{person.code}-{rng.randrange(1_000, 9_999)}"),
        ("ZIP spaced", "", " ".join(person.code)),
        ("town and ZIP", "", f"{person.town}, {person.code}"),
    )


def email_forms(person: Person, rng: random.Random) -> Iterator[tuple[str, str, str]]:
    user, _, host = person.email.partition("@")
    first, _, last = user.partition(".")
    spoken = host.replace(".", " dot ")
    yield from (
        ("as is", "", person.email),
        ("capitals", "", person.email.upper()),
        ("title", "", person.email.title()),
        ("spaced at", "", f"{user} @ {host}"),
        ("at", "", f"{user} at {host}"),
        ("spoken", "", f"{first} dot {last} at {spoken}"),
        ("bracketed", "", f"{user}[at]{host}"),
        ("brackets and dots", "", f"{user} (at) {host.replace('.', '(dot)')}"),
        ("arroba", "", f"{user} arroba {host}"),
        ("punto", "", f"{first} punto {last} arroba {host.replace('.', ' punto ')}"),
        ("user", "", user),
        ("user, capitals", "", user.upper()),
        ("mailto", "mailto:", person.email),
        ("angle", "<", person.email),
        ("plus", "", f"{user}+clinic@{host}"),
        ("other host", "", f"{user}@example.com"),
        ("underscore", "", f"{first}_{last}@{host}"),
        ("digits", "", f"{user}{rng.randrange(10, 99)}@{host}"),
        ("no dot", "", f"{first}{last}@{host}"),
        ("initial", "", f"{first[0]}{last}@{host}"),
    )


FORMS: dict[str, Callable[[Person, random.Random], Iterator[tuple[str, str, str]]]] = {
    "name": name_forms, "birth date": date_forms, "numbers": number_forms, "address": address_forms,
    "e-mail": email_forms,
}  # fmt: skip


def surfaces(person: Person, kind: str, rng: random.Random) -> Iterator[Surface]:
    """Yield every form of one kind in a carrier sentence."""
    for form, before, value in FORMS[kind](person, rng):
        head, tail = rng.choice(CARRIERS).split("{}")
        start = len(head) + len(before)
        yield Surface(f"{kind}: {form}", f"{head}{before}{value}{tail}", start, start + len(value))


_ORDINAL_WORDS = (
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth "
    "sixteenth seventeenth eighteenth nineteenth twentieth"
)
_ONE_WORDS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
)
_TEN_WORDS = "twenty thirty forty fifty sixty seventy eighty ninety"
ORDINALS, ONES, TENS = _ORDINAL_WORDS.split(), _ONE_WORDS.split(), _TEN_WORDS.split()


def _ordinal(day: int) -> str:
    names = [*ORDINALS, *(f"twenty {name}" for name in ORDINALS[:9]), "thirtieth", "thirty first"]
    return names[day - 1]


def _year(year: int) -> str:
    if 2000 <= year < 2010:
        return "two thousand" + (f" {ONES[year % 10]}" if year % 10 else "")
    return f"{_two_digits(year // 100)} {'oh ' if year % 100 < 10 else ''}{_two_digits(year % 100)}"


def _two_digits(number: int) -> str:
    if number < 20:
        return ONES[number]
    return TENS[number // 10 - 2] + (f" {ONES[number % 10]}" if number % 10 else "")
