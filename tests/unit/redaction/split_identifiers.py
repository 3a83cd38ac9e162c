"""Identifiers cut over two or three messages, and messages that only look as if they went on. Seeded, made up here."""

import random
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Split:
    """The messages of one split identifier, and the part of each that belongs to it."""

    kind: str
    messages: tuple[str, ...]
    parts: tuple[str, ...]


LEADS = ("", "", "and then ", "the rest is ", "then ", "it's ", "... ", "the last part is ")
ENDS = ("", "", "", ".", " thanks", ". Can I take ibuprofen with lisinopril?", "\nthat's all")
TRAILS = ("", "", "...", " - the rest in the next message", ", hold on", " (more coming)")
_NAMES = (
    "Zarela Quispe",
    "Tobiah Renwick",
    "Maria Lopez",
    "Ngozi Adeyemi",
    "Priya Raman",
    "Dmitri Volkov",
    "Aoife Byrne",
)


def make_splits(rng: random.Random, count: int) -> Iterator[Split]:
    """Yield splits of every kind in turn."""
    for number in range(count):
        yield KINDS[number % len(KINDS)](rng)


def _digits(rng: random.Random, count: int) -> str:
    return str(rng.randrange(1, 10)) + "".join(str(rng.randrange(10)) for _ in range(count - 1))


def _said(rng: random.Random, *parts: str, cue: str = "", lead: bool = True) -> tuple[str, ...]:
    """Return the messages: a cue before the first part, small words before and after the others."""
    first = cue + parts[0] + rng.choice(TRAILS)
    last = (rng.choice(LEADS) if lead else "") + parts[-1] + rng.choice(ENDS)
    return (first, *parts[1:-1], last)


def ssn(rng: random.Random) -> Split:
    a, b, c = _digits(rng, 3), _digits(rng, 2), _digits(rng, 4)
    parts = rng.choice(((a + b, c), (f"{a}-{b}", c), (f"{a}-{b}-", c), (f"{a} {b}", c), (a, f"{b}-{c}"), (a, b + c)))
    return Split("SSN", _said(rng, *parts), parts)


def ssn_cued(rng: random.Random) -> Split:
    a, b, c = _digits(rng, 3), _digits(rng, 2), _digits(rng, 4)
    parts = rng.choice(((a + b, c), (f"{a}-{b}", c), (a, f"{b}-{c}"), (f"{a} {b} {c[:2]}", c[2:])))
    return Split(
        "SSN with a cue", _said(rng, *parts, cue=rng.choice(("my SSN is ", "social security number: ", "ssn "))), parts
    )


def phone(rng: random.Random) -> Split:
    a, b, c = f"{rng.randrange(201, 989)}", f"{rng.randrange(200, 999)}", _digits(rng, 4)
    parts = rng.choice(
        ((a, f"{b}-{c}"), (f"({a})", f"{b}-{c}"), (f"{a}-{b}", c), (f"{a} {b}", c), (a, b + c), (f"{a}-{b}-", c))
    )
    return Split("telephone", _said(rng, *parts), parts)


def phone_cued(rng: random.Random) -> Split:
    a, b, c = f"{rng.randrange(201, 989)}", f"{rng.randrange(200, 999)}", _digits(rng, 4)
    parts = rng.choice(((a, f"{b}-{c}"), (f"{a}-{b}", c), (a, b + c), (f"{a} {b}", c)))
    return Split(
        "telephone with a cue",
        _said(rng, *parts, cue=rng.choice(("my phone number is ", "cell: ", "my phone is "))),
        parts,
    )


def email(rng: random.Random) -> Split:
    user, host = _user(rng), rng.choice(("gmail.com", "example.org", "mail.example.net", "yahoo.com"))
    site, dot, rest = host.partition(".")
    parts = rng.choice(((user, f"@{host}"), (f"{user}@", host), (f"{user}@{site}", f"{dot}{rest}")))
    return Split("e-mail", _said(rng, *parts, cue=rng.choice(("", "my email is ", "write to ")), lead=False), parts)


def email_domain(rng: random.Random) -> Split:
    parts = (_user(rng), rng.choice(("gmail.com", "yahoo.com", "example.org")))
    return Split("e-mail, host later", _said(rng, *parts, cue=rng.choice(("my email is ", "email address: "))), parts)


def spoken_email(rng: random.Random) -> Split:
    user, host = _user(rng), rng.choice(("gmail dot com", "example dot org"))
    parts = rng.choice(((user, f"at {host}"), (f"{user} at", host)))
    return Split("spoken e-mail", _said(rng, *parts, lead=False), parts)


def _user(rng: random.Random) -> str:
    first, last = rng.choice(_NAMES).lower().split()
    return rng.choice((f"{first}.{last}", f"{first[0]}{last}{rng.randrange(10, 99)}", f"{first}_{last}"))


def birth_date(rng: random.Random) -> Split:
    month = rng.choice(("March", "June", "October", "January"))
    parts = (month, f"{rng.randrange(1, 29)}, {rng.randrange(1930, 2015)}")
    return Split(
        "birth date",
        _said(rng, *parts, cue=rng.choice(("I was born in ", "my birthday is ", "DOB ")), lead=False),
        parts,
    )


def birth_year(rng: random.Random) -> Split:
    month, day, year = rng.randrange(1, 13), rng.randrange(1, 29), str(rng.randrange(1930, 2015))
    parts = rng.choice(
        ((f"{month}/{day}", year), (f"{month}/{day}/", year), (f"{month:02d}-{day:02d}", year), (f"March {day}", year))
    )
    return Split("birth year", _said(rng, *parts, cue=rng.choice(("my dob is ", "born on ", "date of birth: "))), parts)


def record(rng: random.Random) -> Split:
    number = _digits(rng, 8)
    cue = rng.choice(("my mrn is ", "MRN: ", "medical record number "))
    parts = rng.choice(
        ((number[:4], number[4:]), ("", number), (number[:5], number[5:]), (f"{number[:2]}-{number[2:5]}", number[5:]))
    )
    return Split("record number", _said(rng, *parts, cue=cue), parts)


def card(rng: random.Random) -> Split:
    groups = [_digits(rng, 4) for _ in range(4)]
    cut = rng.choice((1, 2, 3))
    parts = (" ".join(groups[:cut]), " ".join(groups[cut:]))
    return Split("card", _said(rng, *parts, cue=rng.choice(("my card number is ", "card: "))), parts)


def member(rng: random.Random) -> Split:
    letters = "".join(rng.choices("BCDFGHJKLMNPQRSTVWXZ", k=3))
    parts = rng.choice(
        (("", letters + _digits(rng, 9)), (letters, _digits(rng, 9)), (letters + _digits(rng, 4), _digits(rng, 5)))
    )
    return Split("member id", _said(rng, *parts, cue=rng.choice(("my member id is ", "insurance id: "))), parts)


def name(rng: random.Random) -> Split:
    whole = rng.choice(_NAMES)
    said = rng.choice((whole, whole.split()[0], whole.lower()))
    cue = rng.choice(("my name is", "My full name is...", "name:", "me llamo", "I go by"))
    return Split("name", (cue, said + rng.choice(ENDS)), ("", said))


def family_name(rng: random.Random) -> Split:
    first, last = rng.choice(("Maria Lopez", "Robert Nguyen", "Fatima Hassan", "Carlos Ramirez")).split()
    cue = rng.choice(("my name is ", "I'm ", "this is "))
    return Split("family name", (cue + first, rng.choice((last, f"{last}.", last.lower()))), (first, last))


def address(rng: random.Random) -> Split:
    number = str(rng.randrange(10, 9_999))
    street = rng.choice(("Alder Street", "Juniper Road", "Quarry Lane"))
    parts = (number, f"{street}, Fairhaven")
    return Split(
        "address",
        _said(rng, number, street, cue=rng.choice(("I live at ", "my address is ")), lead=False),
        (parts[0], street),
    )


def ssn_three(rng: random.Random) -> Split:
    a, b, c = _digits(rng, 3), _digits(rng, 2), _digits(rng, 4)
    cue = rng.choice(("", "my ssn is ", "social: "))
    return Split("SSN over three", (cue + a, b, rng.choice(LEADS) + c), (a, b, c))


def phone_three(rng: random.Random) -> Split:
    a, b, c = f"{rng.randrange(201, 989)}", f"{rng.randrange(200, 999)}", _digits(rng, 4)
    cue = rng.choice(("", "my phone is ", "call me at "))
    return Split("telephone over three", (cue + a, b, rng.choice(LEADS) + c), (a, b, c))


KINDS = (
    ssn, ssn_cued, phone, phone_cued, email, email_domain, spoken_email, birth_date, birth_year, record, card, name,
    family_name, member, address, ssn_three, phone_three,
)  # fmt: skip
FOLLOW_UPS: tuple[tuple[str, ...], ...] = (
    ("120", "over 80"),
    ("My pressure was 120", "over 80"),
    ("120/80", "118/76"),
    ("I take 50", "mg"),
    ("I take metformin 500", "mg twice a day"),
    ("my sugar was 180", "120 after lunch"),
    ("110 120 130", "140 150 160"),
    ("sugar 110", "then 140"),
    ("My A1c was 7", ".2"),
    ("A1c 7.2", "6.8 last time"),
    ("It started in March", "9 days ago"),
    ("It started in March", "2 weeks before my visit"),
    ("since 2019", "3 times a year"),
    ("my weight is 180", "lbs"),
    ("180", "lbs"),
    ("98.6", "99.1 this morning"),
    ("temp 98.6", "101.2"),
    ("I take 10", "20 at night"),
    ("10 mg", "20 mg"),
    ("2 tablets", "every 4 hours"),
    ("platelets 150000", "145000 last week"),
    ("my platelets are 150", "000"),
    ("WBC 11", "200"),
    ("LDL 131", "HDL 44"),
    ("potassium 4", "5.1 in May 2020"),
    ("My name is not important", "I need a refill"),
    ("what is the name", "of the blue pill?"),
    ("I am", "tired all day"),
    ("I'm", "dizzy when I stand"),
    ("this is", "worse than before"),
    ("Hi, I am", "worried about my cough"),
    ("can I call", "in the morning?"),
    ("What number", "of pills is safe?"),
    ("my phone does not work", "can I walk 30 minutes?"),
    ("is it 5", "or 10 units?"),
    ("1/2 tablet", "1/4 at night"),
    ("take 1", "2 hours before meals"),
    ("10 units", "12 units"),
    ("units 10", "14 at bedtime"),
    ("ratio 1", "15 carbs"),
    ("I walked 5000", "6000 steps yesterday"),
    ("calories 1800", "2000 on Sundays"),
    ("heart rate 72", "110 when I climb"),
    ("oxygen 95", "93 lying down"),
    ("peak flow 400", "350 today"),
    ("I am 45", "and he is 50"),
    ("at 7", "30 pm"),
    ("every 8", "hours"),
    ("for 3", "weeks"),
    ("20", "minutes"),
    ("I emailed the office", "at noon"),
    ("my email is down", "what is metformin for?"),
    ("look", "at my results"),
    ("the dot", "on my scan"),
    ("I looked online", "com side effects"),
    ("metformin", "500"),
    ("lisinopril 10", "hctz 12.5"),
    ("insulin 24", "26 on weekends"),
    ("INR 2.5", "3.1"),
    ("GFR 58", "61 in 2022"),
    ("pain 7", "8 out of 10"),
    ("7/10", "8/10"),
    ("I sleep 5", "6 hours"),
    ("waist 40", "inches"),
    ("height 5", "11"),
    ("dose was 0.5", "1.0 now"),
    ("three", "times a day"),
    ("vitamin B", "12 shots"),
    ("type", "2 diabetes"),
    ("stage", "3 kidney disease"),
)
