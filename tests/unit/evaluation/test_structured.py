"""The generated set: the same each time, enough of each class, and values that have their class's form."""

import re
from collections import Counter

from portico_core.labels import PhiType
from portico_evaluation.phi.structured import PER_CLASS, structured_texts
from portico_redaction.recognisers.base import luhn_valid

TEXTS = structured_texts()
UNMADE = {PhiType.NAME, PhiType.PHOTO, PhiType.BIOMETRIC}
"""Names have no form; photos and biometrics are no text."""


def values_of(kind: PhiType) -> list[str]:
    return [t.text[i.start : i.end] for t in TEXTS for i in t.identifiers if i.type is kind]


def test_the_same_seed_gives_the_same_texts() -> None:
    assert structured_texts() == TEXTS
    assert structured_texts(seed=1) != TEXTS


def test_every_class_with_a_form_has_enough() -> None:
    counts = Counter(identifier.type for text in TEXTS for identifier in text.identifiers)
    assert counts == dict.fromkeys(set(PhiType) - UNMADE, PER_CLASS)
    assert PER_CLASS >= 100
    assert all(len(set(values_of(kind))) > 0.5 * PER_CLASS for kind in counts if kind is not PhiType.AGE_OVER_89)


def test_ids_are_unique() -> None:
    assert len({text.id for text in TEXTS}) == len(TEXTS)


def test_values_have_their_form() -> None:
    assert all(len(re.sub(r"\D", "", value)) == 9 for value in values_of(PhiType.SSN))
    assert all(90 <= int(value) <= 120 for value in values_of(PhiType.AGE_OVER_89))
    assert all("555" in value for value in [*values_of(PhiType.PHONE), *values_of(PhiType.FAX)])
    cards = [value.replace(" ", "") for value in values_of(PhiType.ACCOUNT) if re.fullmatch(r"(\d{4} ?){4}", value)]
    assert len(cards) > 10
    assert all(map(luhn_valid, cards))


def test_a_vehicle_number_has_its_check_digit() -> None:
    numbers = [value for value in values_of(PhiType.VEHICLE) if len(value) == 17]
    assert len(numbers) > 30
    assert all(check_digit(number) == number[8] for number in numbers)
    assert check_digit("11111111111111111") == "1"  # The number that 49 CFR 565 users test with.


def check_digit(number: str) -> str:
    """Written again from 49 CFR 565.15(c), table III and IV."""
    table = {**{str(n): n for n in range(10)}, **dict(zip("ABCDEFGH", range(1, 9), strict=True))}
    table |= {
        **dict(zip("JKLMN", range(1, 6), strict=True)),
        "P": 7,
        "R": 9,
        **dict(zip("STUVWXYZ", range(2, 10), strict=True)),
    }
    weights = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
    left = sum(weight * table[sign] for weight, sign in zip(weights, number, strict=True)) % 11
    return "X" if left == 10 else str(left)
