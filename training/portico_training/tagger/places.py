"""Invented places smaller than a state, in the forms that people write them: towns, addresses, named facilities.

Source of the parts: Faker's lists (MIT), towns of GeoNames (CC BY 4.0, `towns.txt` of portico_redaction), and authored
words. Addresses follow postal practice of the United States and forms of other countries, and the untidy ways of
exports: doubled numbers, a missing region, units before or after the street.
"""

import random
from collections.abc import Sequence
from pathlib import Path

from anyascii import anyascii
from faker import Faker

from portico_training.tagger.people import LOCALES, People
from portico_training.tagger.words import WordLists

STATES = {
    "AL": "Alabama", "AK": "Alaska", "AZ": "Arizona", "AR": "Arkansas", "CA": "California", "CO": "Colorado",
    "CT": "Connecticut", "DE": "Delaware", "FL": "Florida", "GA": "Georgia", "HI": "Hawaii", "ID": "Idaho",
    "IL": "Illinois", "IN": "Indiana", "IA": "Iowa", "KS": "Kansas", "KY": "Kentucky", "LA": "Louisiana", "ME": "Maine",
    "MD": "Maryland", "MA": "Massachusetts", "MI": "Michigan", "MN": "Minnesota", "MS": "Mississippi", "MO": "Missouri",
    "MT": "Montana", "NE": "Nebraska", "NV": "Nevada", "NH": "New Hampshire", "NJ": "New Jersey", "NM": "New Mexico",
    "NY": "New York", "NC": "North Carolina", "ND": "North Dakota", "OH": "Ohio", "OK": "Oklahoma", "OR": "Oregon",
    "PA": "Pennsylvania", "RI": "Rhode Island", "SC": "South Carolina", "SD": "South Dakota", "TN": "Tennessee",
    "TX": "Texas", "UT": "Utah", "VT": "Vermont", "VA": "Virginia", "WA": "Washington", "WV": "West Virginia",
    "WI": "Wisconsin", "WY": "Wyoming", "DC": "District of Columbia", "PR": "Puerto Rico",
}  # fmt: skip
_NUMBER_ENDINGS = ("", "", "", "", "A", "b", "½", "-12")
_REGIONS = ("13", "B", "62", "NSW", "QLD", "Ontario", "Alberta", "N/A", "-", "none", "nan")
"""Regions as letters and numbers, and what exports write for none."""


class Places:
    """Make places; facilities, landmarks, schools and areas come from authored shapes with slots."""

    def __init__(self, rng: random.Random, people: People, words: WordLists, *, towns: Sequence[str]) -> None:
        self._rng, self._people, self._words = rng, people, words
        self._towns = list(towns)
        self._cities = {locale: _draw(locale, "city", 70) for locale in LOCALES}
        self._streets = {locale: _draw(locale, "street_address", 40) for locale in LOCALES}
        self._addresses = {locale: _draw(locale, "address", 30) for locale in LOCALES}

    def city(self) -> str:
        """Return a town."""
        rng = self._rng
        draw = rng.random()
        if draw < 0.55:
            return rng.choice(self._towns)
        if draw < 0.62:
            prefix = rng.choice(self._words["town_prefixes"])
            return f"{prefix} {rng.choice([self._people.last(), rng.choice(self._towns)])}"
        return self._latin(rng.choice(self._cities[rng.choice(LOCALES)]))

    def city_state(self) -> str:
        """Return a town with its state."""
        short = self._rng.choice(list(STATES))
        state = short if self._rng.random() < 0.65 else STATES[short]
        return f"{self.city()}{self._rng.choice([', ', ', ', ', ', ' ', ','])}{state}"

    def zip_code(self) -> str:
        """Return a postal code."""
        rng = self._rng
        five = f"{rng.randrange(501, 99951):05}"
        return f"{five}-{rng.randrange(10000):04}" if rng.random() < 0.15 else five

    def county(self) -> str:
        """Return a county."""
        word = self._rng.choice(["County", "County", "County", "Parish", "Borough", "Township"])
        return f"{self._people.last() if self._rng.random() < 0.5 else self._rng.choice(self._towns)} {word}"

    def street_name(self) -> str:
        """Return a street without a number."""
        rng = self._rng
        draw = rng.random()
        if draw < 0.55:
            words = self._words["street_words"]
            core = rng.choice([rng.choice(words), rng.choice(words), self._people.last(), self._ordinal()])
            direction = (
                f"{rng.choice(['N', 'S', 'E', 'W', 'N.', 'North', 'West', 'NW', 'SE'])} " if rng.random() < 0.2 else ""
            )
            return f"{direction}{core} {self._suffix()}"
        if draw < 0.8:
            return rng.choice(self._words["street_shapes"]).replace("{last}", self._people.last())
        return f"{self._people.first()} {self._people.last()} {self._suffix()}"

    def street(self) -> str:
        """Return a street line with its number, often with a unit."""
        rng = self._rng
        if rng.random() < 0.3:
            line = self._latin(rng.choice(self._streets[rng.choice(LOCALES)])).replace("\n", ", ")
        else:
            number = f"{rng.randrange(1, rng.choice([99999, 2000, 2000]))}{rng.choice(_NUMBER_ENDINGS)}"
            name = self.street_name()
            line = f"{number} {name}" if rng.random() < 0.75 else f"{name} {number}"
        if rng.random() < 0.12:
            line = f"{rng.randrange(1, 99999)} {line}"
        if rng.random() < 0.4:
            door = rng.choice([str(rng.randrange(1, 1200)), f"{rng.randrange(1, 40)}{rng.choice('ABCD')}", "B", "F"])
            unit = rng.choice(self._words["units"]).replace("{number}", door)
            gap = rng.choice([" ", ", ", " ", "\n ", "\n"])
            line = f"{unit} {line}" if rng.random() < 0.12 else f"{line}{gap}{unit}"
        return line

    def address(self) -> str:
        """Return a whole postal address, on one line or several."""
        rng = self._rng
        draw = rng.random()
        if draw < 0.2:
            return self._latin(rng.choice(self._addresses[rng.choice(LOCALES)]))
        if draw < 0.26:
            return self._box()
        gap = rng.choice([", ", ", ", " ", "\n", "\n", "\n ", ",\n", "\n    "])
        return self._american(gap) if draw < 0.62 else self._foreign(gap)

    def _suffix(self) -> str:
        return self._rng.choice(self._words["street_suffixes"])

    def _american(self, gap: str) -> str:
        rng = self._rng
        short = rng.choice(list(STATES))
        state = short if rng.random() < 0.75 else STATES[short]
        tail = f"{self.city()}{rng.choice([', ', ', ', ' ', gap])}{state}"
        tail += f" {self.zip_code()}" if rng.random() < 0.8 else ""
        return f"{self.street()}{gap}{tail}"

    def _foreign(self, gap: str) -> str:
        """Return an address of another country, with what exports leave out or put where it does not belong."""
        rng = self._rng
        parts = [self.street(), self.city().upper() if rng.random() < 0.25 else self.city()]
        if rng.random() < 0.35:
            parts.append(rng.choice([self.city(), *_REGIONS]))
        if rng.random() < 0.6:
            parts.append(rng.choice(self._words["countries"]))
        if rng.random() < 0.7:
            dashed = f"{rng.randrange(10, 99)}-{rng.randrange(100, 999)}"
            code = rng.choice([str(rng.randrange(1000, 99999)), self.zip_code(), dashed, self._uk_code()])
            parts.insert(rng.choice([len(parts), len(parts), 1]), code)
        return gap.join(parts) if rng.random() < 0.6 else f"{parts[0]}{gap}{rng.choice([' ', ', ']).join(parts[1:])}"

    def _box(self) -> str:
        rng = self._rng
        if rng.random() < 0.5:
            unit = f"{rng.choice(['PSC', 'Unit', 'CMR'])} {rng.randrange(10, 9999)}"
            box = f"{rng.choice([', ', ' '])}Box {rng.randrange(10, 9999)}{rng.choice([', ', ' '])}"
            return f"{unit}{box}{rng.choice(['APO', 'FPO', 'DPO'])} {rng.choice(['AA', 'AE', 'AP'])} {self.zip_code()}"
        name = rng.choice(["P.O. Box", "PO Box", "P O Box", "Box"])
        return f"{name} {rng.randrange(1, 99999)}, {self.city_state()} {self.zip_code()}"

    def _uk_code(self) -> str:
        rng, letters = self._rng, "ABDEFGHJLNPQ"
        area = f"{rng.choice(['SW', 'N', 'E', 'LS', 'M', 'BT', 'EH', 'CF'])}{rng.randrange(1, 30)}"
        return f"{area} {rng.randrange(1, 9)}{rng.choice(letters)}{rng.choice(letters)}"

    def _ordinal(self) -> str:
        number = self._rng.randrange(1, 180)
        ending = "th" if 10 < number % 100 < 14 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
        words = ("First", "Second", "Third", "Fourth", "Fifth", "Sixth", "Seventh", "Eighth", "Ninth", "Tenth")
        return words[number - 1] if number <= 10 and self._rng.random() < 0.5 else f"{number}{ending}"

    def _latin(self, text: str) -> str:
        return anyascii(text) if not text.isascii() and self._rng.random() < 0.7 else text


def _draw(locale: str, kind: str, count: int) -> tuple[str, ...]:
    """Draw the places of a locale once; locales without any fall back to the neighbourhood of English ones."""
    fake = Faker(locale)
    fake.seed_instance(f"portico-{kind}-{locale}")
    return tuple(sorted({str(getattr(fake, kind)()).strip() for _ in range(count)}))


def read_towns(path: Path) -> list[str]:
    """Read the towns that the redactor's list holds, in title case."""
    words = path.read_text(encoding="utf-8").split("\n")
    return [
        " ".join(part.capitalize() for part in word.split(" ")) for word in words if word and not word.startswith("#")
    ]
