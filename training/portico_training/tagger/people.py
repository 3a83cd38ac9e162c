"""Invented names of people from everywhere, in the forms that people write them.

Source of the parts: Faker's name lists of all its locales (MIT), as they are and in Latin letters (anyascii, ISC), and
words that are names as well ("Hope Rivers"). One name in twelve gets a letter changed, so that the sentence and the
shape of the word must speak, not a list.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from anyascii import anyascii
from faker import Faker
from faker.config import AVAILABLE_LOCALES

from portico_training.tagger.words import WordLists

LOCALES = tuple(sorted(locale for locale in AVAILABLE_LOCALES if "_" in locale and locale != "fr_QC"))
_PER_LOCALE = 260
_SUFFIXES = (" Jr.", " Jr", " Sr.", ", Jr.", " II", " III", " IV", " Jr")
_PARTICLES = (
    "de ", "de la ", "van ", "van der ", "von ", "al-", "bin ", "Mc", "Mac", "O'", "D'", "St. ", "del ", "dos ", "Le ",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class NamePool:
    """Given and family names of one locale."""

    given: tuple[str, ...]
    family: tuple[str, ...]


class People:
    """Make names; one instance is one seeded source."""

    def __init__(self, rng: random.Random, words: WordLists) -> None:
        self._rng, self._words = rng, words
        self._pools = {locale: _pool(locale) for locale in LOCALES}
        self._forms: Sequence[tuple[Callable[[], str], int]] = (
            (self.full, 46), (self.first, 18), (self.last, 8), (self.initialled, 9), (self.last_first, 6),
            (self.initial_last, 6), (self.nick, 4), (self.middle, 8),
        )  # fmt: skip

    def any_form(self) -> str:
        """Return a name in any form."""
        makers, weights = zip(*self._forms, strict=True)
        return str(self._rng.choices(makers, weights)[0]())

    def first(self) -> str:
        """Return a given name, now and then a double one or a word that is a name."""
        given, rng = self._given(self._locale()), self._rng
        if rng.random() < 0.04:
            return f"{given}{rng.choice('- ')}{self._given(self._locale())}"
        return given

    def last(self) -> str:
        """Return a family name, now and then double or with a particle."""
        return self._family(self._locale())

    def nick(self) -> str:
        """Return a pet form."""
        return self._rng.choice(self._words["nicknames"])

    def full(self) -> str:
        """Return given and family name, mostly of one locale."""
        locale, rng = self._locale(), self._rng
        other = locale if rng.random() < 0.85 else self._locale()
        given = self.nick() if rng.random() < 0.06 else self._given(locale)
        name = f"{given} {self._family(other)}"
        return name + rng.choice(_SUFFIXES) if rng.random() < 0.03 else name

    def middle(self) -> str:
        """Return a name with middle names or middle initials."""
        locale, rng = self._locale(), self._rng
        initial = self._given(locale)[0].upper()
        between = rng.choice(
            [f"{initial}.", initial, self._given(locale), f"{initial}. {rng.choice('ABCDEFGJKLMRST')}."]
        )
        return f"{self._given(locale)} {between} {self._family(locale)}"

    def initialled(self) -> str:
        """Return a given name with the initial of the family name, as clinicians shorten names."""
        locale = self._locale()
        return f"{self._given(locale)} {self._family(locale)[0].upper()}{self._rng.choice(['.', '.', ''])}"

    def initial_last(self) -> str:
        """Return initials and a family name."""
        locale, rng = self._locale(), self._rng
        first = f"{self._given(locale)[0].upper()}{rng.choice(['. ', '. ', ' ', '.'])}"
        second = f"{self._given(locale)[0].upper()}{rng.choice(['. ', ' '])}" if rng.random() < 0.3 else ""
        return f"{first}{second}{self._family(locale)}"

    def last_first(self) -> str:
        """Return a name as registers list it."""
        locale, rng = self._locale(), self._rng
        middle = f" {rng.choice('ABCDEFGHJKLMNPRST')}{rng.choice(['.', ''])}" if rng.random() < 0.3 else ""
        name = f"{self._family(locale)}, {self._given(locale)}{middle}"
        return name.upper() if rng.random() < 0.2 else name

    def _locale(self) -> str:
        return "en_US" if self._rng.random() < 0.3 else self._rng.choice(LOCALES)

    def _given(self, locale: str) -> str:
        if self._rng.random() < 0.05:
            return self._rng.choice(self._words["given_words"])
        return self._varied(self._rng.choice(self._pools[locale].given))

    def _family(self, locale: str) -> str:
        rng = self._rng
        if rng.random() < 0.06:
            return rng.choice(self._words["family_words"])
        name = self._varied(rng.choice(self._pools[locale].family))
        if rng.random() < 0.03:
            return rng.choice(_PARTICLES) + name
        return f"{name}{rng.choice('- ')}{rng.choice(self._pools[locale].family)}" if rng.random() < 0.05 else name

    def _varied(self, name: str) -> str:
        """Put a name in Latin letters, often without accents, and at times change a letter."""
        rng = self._rng
        if not name.isascii() and (not _is_latin(name) or rng.random() < 0.4):
            keep_script = not _is_latin(name) and rng.random() < 0.08
            name = name if keep_script else anyascii(name).strip("'`") or name
            name = name if keep_script else name[:1].upper() + name[1:]
        if rng.random() < 1 / 12 and len(name) > 3:
            at = rng.randrange(1, len(name))
            name = name[:at] + rng.choice("aeioulnrstkmzjhy") + name[at + rng.randrange(2) :]
        return name


def _is_latin(name: str) -> bool:
    return all(ord(character) < 0x250 or 0x1E00 <= ord(character) < 0x1F00 for character in name)


def _pool(locale: str) -> NamePool:
    """Draw the names of a locale once."""
    fake = Faker(locale)
    fake.seed_instance(f"portico-{locale}")
    given = {fake.first_name() for _ in range(_PER_LOCALE)}
    family = {fake.last_name() for _ in range(_PER_LOCALE)}
    return NamePool(tuple(sorted(_clean(given))), tuple(sorted(_clean(family))))


def _clean(names: set[str]) -> set[str]:
    return {name.strip() for name in names if name.strip() and len(name) < 30}
