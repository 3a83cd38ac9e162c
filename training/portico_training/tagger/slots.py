"""Fill the slots of the templates (training/data/tagger/README.md): names and places tagged, everything else not."""

import random
import re
from collections.abc import Callable
from pathlib import Path

from portico_core.tagging import Tag
from portico_training.tagger.people import People
from portico_training.tagger.pieces import Piece
from portico_training.tagger.places import STATES, Places, read_towns
from portico_training.tagger.words import WordLists

SLOT = re.compile(r"\{(\w+)\}")
MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday", "Mon", "Tue", "Wed", "Thu")
_WORDS = {
    "drug": "drugs", "disease": "diseases", "symptom": "symptoms", "lab": "labs", "procedure": "procedures",
    "body": "body", "job": "jobs", "dept": "departments", "product": "products", "org": "organisations",
    "work": "works", "country": "countries", "relation": "relations", "pet": "pets",
    "team": "teams", "nationality": "nationalities", "language": "languages",
}  # fmt: skip
_SHAPES = {"facility": "facilities", "landmark": "landmarks", "school": "schools", "area": "areas"}


class Slots:
    """Everything that a slot may stand for; one instance is one seeded source."""

    def __init__(self, rng: random.Random, *, data: Path, towns: Path) -> None:
        self._rng = rng
        words = WordLists(data / "words")
        self.people = People(rng, words)
        self.places = Places(rng, self.people, words, towns=read_towns(towns))
        self._words = {slot: words[name] for slot, name in (_WORDS | _SHAPES).items()}
        people, places = self.people, self.places
        self._tagged: dict[str, tuple[Tag, Callable[[], str]]] = {
            "name": (Tag.NAME, people.any_form), "full": (Tag.NAME, self._full), "first": (Tag.NAME, people.first),
            "last": (Tag.NAME, people.last), "initial": (Tag.NAME, people.initialled), "nick": (Tag.NAME, people.nick),
            "lastfirst": (Tag.NAME, people.last_first), "city": (Tag.PLACE, places.city),
            "city_state": (Tag.PLACE, places.city_state), "street": (Tag.PLACE, places.street),
            "address": (Tag.PLACE, places.address), "zip": (Tag.PLACE, places.zip_code),
            "county": (Tag.PLACE, places.county), "facility_city": (Tag.PLACE, self._facility_city),
            "streetname": (Tag.PLACE, places.street_name),
        }  # fmt: skip
        self._tagged |= {slot: (Tag.PLACE, lambda slot=slot: self._shape(slot)) for slot in _SHAPES}
        self._plain: dict[str, Callable[[], str]] = {
            slot: lambda slot=slot: rng.choice(self._words[slot]) for slot in _WORDS
        }
        self._plain |= {
            "month": lambda: rng.choice(MONTHS), "weekday": lambda: rng.choice(WEEKDAYS), "date": self._date,
            "time": lambda: f"{rng.randrange(1, 13)}:{rng.randrange(60):02} {rng.choice(['am', 'pm', 'AM', 'PM'])}",
            "year": lambda: str(rng.randrange(1948, 2027)), "age": lambda: str(rng.randrange(1, 90)),
            "state": lambda: rng.choice(list(STATES.values())), "phone": self._phone,
            "email": self._email, "url": self._url, "mrn": self._code, "policy": self._code, "ssn": self._ssn,
            "number": lambda: str(rng.randrange(1, rng.choice([10, 100, 10_000, 10_000_000]))),
            "org": self._organisation,
            "amount": lambda: f"${rng.randrange(1, 3000)}{rng.choice(['', '.50', '.00'])}", "dose": self._dose,
        }  # fmt: skip

    @property
    def names(self) -> frozenset[str]:
        """Return the slots that templates may hold."""
        return frozenset(self._tagged) | frozenset(self._plain)

    def fill(self, slot: str) -> Piece:
        """Return one filling of a slot."""
        if slot in self._tagged:
            tag, make = self._tagged[slot]
            return Piece(make(), tag)
        return Piece(self._plain[slot]())

    def _full(self) -> str:
        return self.people.middle() if self._rng.random() < 0.22 else self.people.full()

    def _organisation(self) -> str:
        """Return a company: of the list, or named after families, which are not people there."""
        rng, last = self._rng, self.people.last
        if rng.random() < 0.7:
            return rng.choice(self._words["org"])
        ending = rng.choice(
            ["Inc", "Inc.", "LLC", "Ltd", "Group", "PLC", "& Sons", "and Sons", "GmbH", "Partners", "Co."]
        )
        return rng.choice(
            [f"{last()} {ending}", f"{last()}-{last()}", f"{last()}, {last()} and {last()}", f"{last()} {ending}"]
        )

    def _facility_city(self) -> str:
        return f"{self._shape('facility')}{self._rng.choice([' in ', ' in ', ', ', ' '])}{self.places.city()}"

    def _shape(self, kind: str) -> str:
        """Fill the slots inside an authored shape; all of it is the place."""
        return SLOT.sub(lambda match: self._inner(match[1]), self._rng.choice(self._words[kind]))

    def _inner(self, slot: str) -> str:
        return self.fill(slot).text

    def _date(self) -> str:
        rng = self._rng
        month, day, year = rng.randrange(1, 13), rng.randrange(1, 29), rng.randrange(1935, 2027)
        name = MONTHS[month - 1]
        return rng.choice(
            [f"{month}/{day}/{year}", f"{month:02}/{day:02}/{year % 100:02}", f"{name} {day}, {year}",
             f"{name[:3]} {day}", f"{year}-{month:02}-{day:02}", f"{day} {name} {year}", f"{name} {day}",
             f"{month}-{day}-{year}"]
        )  # fmt: skip

    def _phone(self) -> str:
        a, b, c = self._rng.randrange(201, 990), self._rng.randrange(200, 999), self._rng.randrange(10000)
        return self._rng.choice(
            [f"({a}) {b}-{c:04}", f"{a}-{b}-{c:04}", f"{a}.{b}.{c:04}", f"+1 {a} {b} {c:04}", f"{a}{b}{c:04}"]
        )

    def _email(self) -> str:
        user = f"{self.people.first()}{self._rng.choice(['.', '_', ''])}{self.people.last()}".lower().replace(" ", "")
        return f"{user}@{self._rng.choice(['example.com', 'example.org', 'mail.example', 'clinic.example'])}"

    def _url(self) -> str:
        start = self._rng.choice(["https://www.", "www.", "http://"])
        return f"{start}{self.people.last().lower().replace(' ', '')}.example"

    def _code(self) -> str:
        rng = self._rng
        letters = "".join(rng.choice("ABCDEFGHJKLMNPRSTUVWXYZ") for _ in range(rng.randrange(4)))
        return f"{letters}{rng.choice(['', '-'])}{rng.randrange(1000, 10**9)}"

    def _ssn(self) -> str:
        return f"{self._rng.randrange(900, 999)}-{self._rng.randrange(10, 99)}-{self._rng.randrange(1000, 9999)}"

    def _dose(self) -> str:
        rng = self._rng
        amount = rng.choice(["2.5", "5", "10", "20", "25", "40", "50", "81", "100", "250", "500"])
        return f"{amount} {rng.choice(['mg', 'mg', 'mcg', 'units', 'mL'])}"
