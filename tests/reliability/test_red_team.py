"""The red team's corpus, the short form (`make red-team` for all of it): what is withstood and what is open, both ways.

In-process families run whole; the others send one attack of each class, and every open one, to the session's demo.
"""

from collections.abc import Iterator

import pytest

from portico_cli.issuer import demo_issuer
from portico_cli.places import TAGGER
from portico_gateway.guards.validate import AnswerValidator
from portico_redaction.opening import open_redactor
from reliability.hostile_responder import find_subjects
from reliability.red_team import GOOD, Outcome, Target, can_be_read, controls, delivered, not_as_told
from reliability.red_team_corpus import (
    FAMILIES,
    IN_PROCESS,
    Attack,
    Disguise,
    HostileAnswer,
    one_of_each_class,
    read_corpus,
    read_family,
)  # fmt: skip
from reliability.red_team_requests import Gateway
from stack import Stack

LEAST_CLASSES = 90
SLACK = 10.0
"""A machine that runs the other tests besides may take ten times as long; the true seconds are `make red-team`'s."""
ON_THE_WIRE = [family for family in FAMILIES if family not in IN_PROCESS]
OF_THE_CONTROL = 8


@pytest.fixture(scope="module")
def parts() -> Iterator[Target]:
    redactor = open_redactor(TAGGER)
    yield Target(redactor, AnswerValidator(find_spans=redactor.find_spans_in_time, find_subjects=find_subjects))
    redactor.close()


@pytest.fixture
def target(parts: Target, stack: Stack) -> Target:
    gateway = Gateway(int(stack.url.rsplit(":", 1)[1]), demo_issuer(stack.state))
    return Target(parts.redactor, parts.validator, gateway, SLACK)


def test_the_corpus_is_as_large_as_it_says() -> None:
    corpus = read_corpus()
    classes = {(family, attack.kind) for family, attacks in corpus.items() for attack in attacks}
    print(f"N={sum(map(len, corpus.values()))}, {len(classes)} classes")  # noqa: T201
    assert len(classes) >= LEAST_CLASSES
    assert {sum(a.kind == kind for a in corpus[family]) for family, kind in classes} <= {2, 3}


@pytest.mark.parametrize("family", IN_PROCESS)
def test_the_parts_withstand_what_the_corpus_says(parts: Target, family: str) -> None:
    assert not_as_told(parts.try_all(read_family(family))) == []


@pytest.mark.parametrize("family", ON_THE_WIRE)
def test_the_stack_withstands_what_the_corpus_says(target: Target, family: str) -> None:
    assert not_as_told(target.try_all(one_of_each_class(read_family(family)))) == []


def test_the_judge_reads_every_disguise() -> None:
    """A leak that the judge cannot see would count as none."""
    disguises = [each for each in read_family("redaction_evasion") if isinstance(each, Disguise) and not each.earlier]
    assert [d.text for d in disguises for value in d.hide if not can_be_read(d.text, value)] == []


def test_an_honest_draft_is_delivered(parts: Target) -> None:
    """Else the validators would withstand everything."""
    assert delivered(parts.validator, HostileAnswer.model_validate({"class": "honest", "draft": GOOD})) == GOOD


def test_parts_without_their_guards_break(target: Target, stack: Stack) -> None:
    """The negative control: the same attacks on a gateway, validators and a redactor whose guards are out."""
    corpus = {family: one_of_each_class(read_family(family)) for family in FAMILIES}
    few = {family: found if family in IN_PROCESS else found[:OF_THE_CONTROL] for family, found in corpus.items()}
    assert [family for family, count in controls(few, target, stack.state).items() if not count["broke"]] == []


@pytest.mark.parametrize(
    ("broke", "reason", "red"), [("x", "", True), ("", "known", True), ("", "", False), ("x", "y", False)]
)
def test_newly_broken_and_newly_mended_are_both_red(broke: str, reason: str, red: bool) -> None:
    attack = Attack.model_validate({"class": "some class", "open": reason})
    assert bool(not_as_told([Outcome(attack, broke)])) is red


def test_a_misspelt_field_stops_the_run() -> None:
    with pytest.raises(ValueError, match="hides"):
        Disguise.model_validate({"class": "some class", "text": "x", "hides": ["x"]})
