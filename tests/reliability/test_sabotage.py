"""Some of the thirty sabotaged builds (`make sabotage` for all): the tests notice when a guard is gone."""

import random

import pytest

from reliability.sabotage import ROOT, changed_source, is_green, is_noticed
from reliability.sabotages import SABOTAGES, Sabotage

SEED = 5
CHOSEN = random.Random(SEED).sample(SABOTAGES, 5)


def test_every_sabotage_still_fits_its_line_and_its_test() -> None:
    assert len(SABOTAGES) == len({each.guard for each in SABOTAGES}) == 30
    for each in SABOTAGES:
        assert changed_source(each)
        assert (ROOT / "tests" / "unit" / each.test).is_file()


def test_a_line_that_moved_on_is_found() -> None:
    with pytest.raises(ValueError, match="stands there 0 times"):
        changed_source(Sabotage("x", SABOTAGES[0].file, "no such line", "", SABOTAGES[0].test))


@pytest.mark.parametrize("sabotage", CHOSEN, ids=lambda each: each.guard)
def test_a_missing_guard_turns_a_test_red(sabotage: Sabotage) -> None:
    assert is_noticed(sabotage)


def test_a_build_with_every_guard_is_green() -> None:
    assert is_green(CHOSEN[:2])
