"""How far reviewers agree."""

import pytest

from portico_core.labels import Label, Route
from portico_core.text import RedactedText
from portico_state.keyring import Keyring
from portico_state.reviews import Review, agreement, make_review

A, B = Label.CLINICIAN, Label.INFORMATIONAL


def review(case: str, reviewer: str, label: Label) -> Review:
    return Review(case, reviewer, "2026-11", ("words",), A, Route.ESCALATE, label, Route.ESCALATE, "m/1")


def test_agreement_counts_only_what_two_people_saw() -> None:
    assert agreement([review("1", "x", A), review("2", "y", B)]).alpha is None
    found = agreement([review("1", "x", A), review("1", "y", A), review("2", "x", B), review("2", "y", B)])
    assert (found.cases, found.share, found.alpha) == (2, 1.0, 1.0)


def test_alpha_takes_off_what_chance_gives() -> None:
    """Two coders, ten cases: the worked example of Krippendorff's "Computing alpha-reliability", section B."""
    first = [0, 1, 0, 0, 0, 0, 0, 0, 1, 0]
    second = [1, 1, 1, 0, 0, 1, 0, 0, 0, 0]
    labels = (A, B)
    given = [
        review(str(n), who, labels[value]) for who, row in (("x", first), ("y", second)) for n, value in enumerate(row)
    ]
    assert agreement(given).alpha == pytest.approx(0.095, abs=0.0005)


def test_a_review_leads_back_to_nobody() -> None:
    keyring = Keyring.generate()
    made = make_review(
        [RedactedText("I am [NAME_1], MRN [MRN_12]")], turn="turn-1", actor="clinician:dana",
        guard=(A, Route.ESCALATE, "m/1"), right=(B, Route.ANSWER), keyring=keyring, tenant="demo",
    )  # fmt: skip
    assert made.messages == ("I am [NAME], MRN [MRN]",)
    assert not made.guard_was_right
    assert "turn-1" not in str(made) and "dana" not in str(made)
