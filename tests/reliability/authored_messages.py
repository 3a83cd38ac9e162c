"""Different messages without end, for measuring: a seeded generator of portal messages with made-up identifiers.

Every message has words that no earlier one had, so that whatever keeps a word, a value or a compiled pattern grows.
"""

import random
from collections.abc import Iterator

_STARTS = [
    "bel",
    "dor",
    "fen",
    "gal",
    "har",
    "jor",
    "kel",
    "lin",
    "mar",
    "nor",
    "pel",
    "quin",
    "ros",
    "sal",
    "tor",
    "vin",
]
_MIDDLES = ["a", "e", "i", "o", "u", "ia", "eo", "ou"]
_ENDS = ["bert", "dale", "ford", "gard", "lyn", "mond", "nelle", "rick", "son", "stad", "ton", "vane", "wick", "zano"]
_OPENINGS = [
    "My name is {name} and I have a question about my medicine.",
    "Hello, this is {name}, born {date}.",
    "Hi, I am writing for my mother {name}, her MRN: {number}.",
    "Good morning, {name} here, please call me at ({area}) 555-{four}.",
    "I moved to {street} last month, my e-mail is {mail}.",
    "My member ID is {letters}{number} and my phone is {area}-555-{four}.",
]
_MIDDLE_SENTENCES = [
    "I take {dose} mg of metformin twice a day and my sugar was {lab} this morning.",
    "Dr. {name} started lisinopril {dose} mg and my pressure is {lab} over 80.",
    "Since {date} I have had a cough, and {rare} does not help.",
    "The pharmacy on {street} says that the refill {letters}-{number} is not there.",
    "My {rare} test came back at {lab}, is that a worry?",
]
_ENDINGS = [
    "Can you help?",
    "What should I know?",
    "Thank you, {name}",
    "Is it safe with food?",
    "Please tell me more.",
]


def authored_messages(seed: int, *, length: int = 200) -> Iterator[str]:
    """Yield messages of about `length` characters for ever; the same seed gives the same ones."""
    rng = random.Random(seed)
    while True:
        message = _fill(rng.choice(_OPENINGS), rng)
        while len(message) < length - 40:
            message += " " + _fill(rng.choice(_MIDDLE_SENTENCES), rng)
        yield f"{message} {_fill(rng.choice(_ENDINGS), rng)}"[: length + 40]


def _word(rng: random.Random) -> str:
    return rng.choice(_STARTS) + rng.choice(_MIDDLES) + rng.choice(_STARTS) + rng.choice(_MIDDLES) + rng.choice(_ENDS)


def _fill(template: str, rng: random.Random) -> str:
    return template.format(
        name=f"{_word(rng).capitalize()} {_word(rng).capitalize()}",
        date=f"{rng.randint(1, 12)}/{rng.randint(1, 28)}/{rng.randint(1930, 2020)}",
        number=str(rng.randint(10_000_000, 99_999_999)),
        area=str(rng.randint(201, 989)),
        four=f"{rng.randint(0, 9999):04d}",
        street=f"{rng.randint(10, 9999)} {_word(rng).capitalize()} Street",
        mail=f"{_word(rng)}{rng.randint(1, 999)}@example.org",
        letters="".join(rng.choice("ABCDEFGHJKLMNPQRSTUVWXYZ") for _ in range(3)),
        dose=str(rng.choice([5, 10, 20, 40, 250, 500])),
        lab=f"{rng.randint(60, 260)}",
        rare=_word(rng),
    )
