"""Sealed values open only where they belong, unchanged, with the right key."""

import pytest

from portico_core.errors import ConfigurationError, PorticoError, StateUnavailable
from portico_state.keyring import Keyring
from portico_state.sealing import seal, unseal

KEYS = Keyring.generate().vault
PLACE = ("demo", "conversation-1", "map")
PLAIN = "Ms Ødegård, 555-0100".encode()


def test_what_was_sealed_opens_again() -> None:
    assert unseal(seal(PLAIN, keys=KEYS, place=PLACE), keys=KEYS, place=PLACE) == PLAIN


@pytest.mark.parametrize(
    "place",
    [
        ("other", "conversation-1", "map"),  # another tenant
        ("demo", "conversation-2", "map"),  # another conversation
        ("demo", "conversation-1", "turn"),  # another purpose
        ("democ", "onversation-1", "map"),  # the same letters, cut elsewhere
        ("demo", "conversation-1map"),  # fewer parts
    ],
)
def test_another_place_does_not_open(place: tuple[str, ...]) -> None:
    with pytest.raises(StateUnavailable):
        unseal(seal(PLAIN, keys=KEYS, place=PLACE), keys=KEYS, place=place)


def test_every_changed_character_is_noticed() -> None:
    sealed = seal(PLAIN, keys=KEYS, place=PLACE)
    for position in range(len(sealed) - 4):  # The last characters hold base64's unused bits.
        other = "A" if sealed[position] != "A" else "B"
        with pytest.raises(PorticoError):
            unseal(sealed[:position] + other + sealed[position + 1 :], keys=KEYS, place=PLACE)


def test_rotation_keeps_old_values_and_uses_the_new_key() -> None:
    old = seal(PLAIN, keys=KEYS, place=PLACE)
    rotated = KEYS.rotate("v")
    assert unseal(old, keys=rotated, place=PLACE) == PLAIN
    assert seal(PLAIN, keys=rotated, place=PLACE).startswith("p1.v2.")


def test_a_missing_key_id_is_said_and_another_key_does_not_open() -> None:
    sealed = seal(PLAIN, keys=KEYS.rotate("v"), place=PLACE)
    with pytest.raises(ConfigurationError, match="not in the keyring"):
        unseal(sealed, keys=KEYS, place=PLACE)
    with pytest.raises(StateUnavailable):
        unseal(seal(PLAIN, keys=KEYS, place=PLACE), keys=Keyring.generate().vault, place=PLACE)


def test_equal_texts_seal_differently() -> None:
    assert len({seal(PLAIN, keys=KEYS, place=PLACE) for _ in range(100)}) == 100
