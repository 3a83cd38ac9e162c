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


def test_case_and_reviewer_outlive_a_rotation_and_a_reviewer_is_known_at_one_case_alone() -> None:
    keyring = Keyring.generate()

    def named(keyring: Keyring, turn: str, actor: str) -> tuple[str, str]:
        made = make_review(
            [], turn=turn, actor=actor, guard=(A, Route.ESCALATE, "m/1"), right=(B, Route.ANSWER),
            keyring=keyring, tenant="demo",
        )  # fmt: skip
        return made.case, made.reviewer

    before, after = named(keyring, "turn-1", "dana"), named(keyring.rotate("patient"), "turn-1", "dana")
    assert before == after
    other_person, other_case = named(keyring, "turn-1", "sam"), named(keyring, "turn-2", "dana")
    assert other_person[0] == before[0] and other_person[1] != before[1]
    assert other_case[0] != before[0] and other_case[1] != before[1]
