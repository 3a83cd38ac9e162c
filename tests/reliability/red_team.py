"""`make red-team`: authored attacks of every class against the real parts; what is withstood, and what is open.

    PYTHONPATH=tests:training .venv/bin/python -m reliability.red_team --out build/red_team.json

The redactor and the validators run in this process, as they serve; conversations and requests go over the wire to a
demo's gateway. The controls run the same attacks against parts with their guards taken out: each family must then
break, or its zero says nothing and the run fails.
"""

import argparse
import json
import os
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, assert_never
from unittest import mock

from own_gateway import await_ready, own_gateway
from portico_cli.issuer import demo_issuer
from portico_cli.places import TAGGER
from portico_core.knowledge import Passage
from portico_core.text import RedactedText
from portico_gateway.guards.checks import Check
from portico_gateway.guards.validate import AnswerValidator
from portico_redaction.engine import Redactor
from portico_redaction.opening import open_redactor
from reliability.hostile_responder import find_subjects, lenient
from reliability.red_team_corpus import (
    Attack,
    Corpus,
    Disguise,
    HostileAnswer,
    Must,
    Request,
    Talk,
    one_of_each_class,
    read_corpus,
)  # fmt: skip
from reliability.red_team_requests import Gateway, attack, broken
from reliability.sabotage import place_changed
from reliability.sabotages import RED_TEAM
from stack import running_stack
from unit.redaction.evasion_readers import still_reads

TODAY = date(2026, 12, 1)
GOOD = "Metformin is used to treat type 2 diabetes."
CITED = "medicine.metformin#uses"
MUST_BREAK = 0.15
"""Least share of a family that must break once its guards are out; most classes of the web family test one each."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an attack came to: `broke` says what did not hold, and is empty where everything did."""

    attack: Attack
    broke: str

    @property
    def as_told(self) -> bool:
        """Whether the corpus says the same: withstood, or open."""
        return bool(self.broke) == bool(self.attack.open)


@dataclass(frozen=True, slots=True)
class Target:
    """The parts under attack."""

    redactor: Redactor
    validator: AnswerValidator
    gateway: Gateway | None = None
    slack: float = 1.0

    def try_all(self, attacks: Iterable[Attack]) -> list[Outcome]:
        return [Outcome(each, self.broken(each)) for each in attacks]

    def broken(self, example: Attack) -> str:
        """Carry an attack out and return what did not hold."""
        match example:
            case Disguise():
                return still_read(self.redactor, example)
            case HostileAnswer():
                return delivered(self.validator, example)
            case Talk():
                return misrouted(self._gateway(), example)
            case Request():
                return broken(example, attack(self._gateway(), example), slack=self.slack)
            case _:
                raise TypeError(example)

    def _gateway(self) -> Gateway:
        if self.gateway is None:
            raise TypeError("this family needs a running gateway")
        return self.gateway


def still_read(redactor: Redactor, example: Disguise) -> str:
    """Return which identifiers a determined reader still finds after redaction."""
    earlier: list[RedactedText] = []
    known: dict[str, str] = {}
    for text in example.earlier:
        before = redactor.redact(text, known=known, earlier=earlier)
        known |= before.placeholders
        earlier.append(before.redacted)
    left = redactor.redact(example.text, known=known, earlier=earlier).redacted.text
    return ", ".join(value for value in example.hide if can_be_read(left, value))


def can_be_read(text: str, value: str) -> bool:
    return value.casefold() in text.casefold() or still_reads(text, value)


def delivered(validator: AnswerValidator, example: HostileAnswer) -> str:
    """Return what of a hostile draft would reach a patient."""
    said = validator.validate(example.question, _content(example), (_passage(example),), TODAY)
    return " ".join(sentence.text for sentence in said.answer.sentences) if said.answer else ""


def _content(example: HostileAnswer) -> bytes:
    if example.content:
        return example.content.encode()
    cites = [CITED] if example.cites is None else [example.cites] if example.cites else []
    return json.dumps({"sentences": [{"text": example.draft, "passage_ids": cites}]}).encode()


def _passage(example: HostileAnswer) -> Passage:
    text = example.passage or f"{GOOD} {example.draft} Metformin helps keep blood sugar in a healthy range."
    return Passage(
        CITED, example.title, "What it is used for", text, "https://medlineplus.gov/", "MedlinePlus",
        date(2026, 11, 23), date(2027, 11, 23),
    )  # fmt: skip


def misrouted(gateway: Gateway, example: Talk) -> str:
    """Return the route of the last turn, where it is a wrong one."""
    token = gateway.sound_token(f"red-talk-{os.urandom(6).hex()}")
    turns = f"/v1/conversations/{gateway.new_conversation(token)}/turns"
    answers = [gateway.post(turns, {"text": text}, token=token) for text in example.messages]
    if answers[-1].status != 200:
        return f"status {answers[-1].status}"
    routes = [str(json.loads(answer.text)["route"]) for answer in answers]
    match example.must:
        case Must.NOT_ANSWERED:
            return "answered" if routes[-1] == "answer" else ""
        case Must.DANGER_SEEN:
            return "" if {"emergency", "crisis"} & set(routes) else routes[-1]
        case _:
            assert_never(example.must)


def figures(outcomes: dict[str, list[Outcome]]) -> list[dict[str, Any]]:
    """Return N, withstood and what is open, by family and class."""
    return [{"family": name, "classes": _classes(found), **_counts(found)} for name, found in outcomes.items()]


def _classes(outcomes: Sequence[Outcome]) -> list[dict[str, Any]]:
    by_class: dict[str, list[Outcome]] = defaultdict(list)
    for outcome in outcomes:
        by_class[outcome.attack.kind].append(outcome)
    return [
        {"class": kind, **_counts(found), "open": sorted({o.attack.open or "not known of" for o in found if o.broke})}
        for kind, found in by_class.items()
    ]


def _counts(outcomes: Sequence[Outcome]) -> dict[str, int]:
    return {"n": len(outcomes), "withstood": sum(not outcome.broke for outcome in outcomes)}


def not_as_told(outcomes: Iterable[Outcome]) -> list[str]:
    """Return in words what the corpus says otherwise: broken and not listed as open, or open and mended."""
    return [
        f"{outcome.attack.kind}: " + (f"broken ({outcome.broke})" if outcome.broke else "mended: take `open` out")
        for outcome in outcomes
        if not outcome.as_told
    ]


@contextmanager
def sabotaged_gateway(state: Path, folder: Path) -> Iterator[Gateway]:
    """Start a gateway of another tenant beside a demo, without its guards."""
    for sabotage in RED_TEAM:
        place_changed(sabotage, folder / "build")
    path = ":".join(str(each) for each in (folder / "build").iterdir())
    settings = {"PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1", "PORTICO_AUDIENCE": "portico"}
    with own_gateway(state, folder / "state", tenant="red-team", settings=settings) as own:
        yield Gateway(await_ready(own).port, own.issuer)


def unguarded_redactor(redactor: Redactor) -> Any:
    """Return a patch that takes the other ways to read a text out of the redactor."""
    return mock.patch.object(redactor._views, "find_spans", lambda *_, **__: [])


def controls(corpus: Corpus, guarded: Target, state: Path) -> dict[str, dict[str, int]]:
    """Attack parts without guards; return for each family how many there were and how many broke."""
    broke = {}
    lax = lenient(frozenset(Check), guarded.redactor.find_spans_in_time)
    with TemporaryDirectory() as name, sabotaged_gateway(state, Path(name)) as gateway:
        target = Target(guarded.redactor, lax, gateway, slack=guarded.slack)
        for family, attacks in corpus.items():
            with unguarded_redactor(guarded.redactor):
                found = target.try_all(each for each in attacks if not each.open)
            broke[family] = {"n": len(found), "broke": sum(bool(outcome.broke) for outcome in found)}
    return broke


def main() -> int:
    """Run the corpus and the controls, print and write the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("build/red_team.json"))
    parser.add_argument("--slack", type=float, default=1.0, help="stretches the seconds an answer may take")
    wanted = parser.parse_args()
    corpus = read_corpus()
    redactor = open_redactor(TAGGER)
    validator = AnswerValidator(find_spans=redactor.find_spans_in_time, find_subjects=find_subjects)
    with running_stack() as stack:
        gateway = Gateway(int(stack.url.rsplit(":", 1)[1]), demo_issuer(stack.state))
        target = Target(redactor, validator, gateway, wanted.slack)
        outcomes = {family: target.try_all(attacks) for family, attacks in corpus.items()}
        control = controls({f: one_of_each_class(a) for f, a in corpus.items()}, target, stack.state)
    redactor.close()
    surprises = [f"{family}: {words}" for family, found in outcomes.items() for words in not_as_told(found)]
    weak = [family for family, count in control.items() if count["broke"] < MUST_BREAK * count["n"]]
    report = {
        "made_on": f"{datetime.now(UTC):%Y-%m-%d}", "command": "make red-team",
        "suites": [{"suite": "red-team", "families": figures(outcomes), "controls": control}],
    }  # fmt: skip
    wanted.out.parent.mkdir(parents=True, exist_ok=True)
    wanted.out.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    show(report["suites"][0], surprises=surprises, weak=weak)  # type: ignore[arg-type]
    return 1 if surprises or weak else 0


def show(suite: dict[str, Any], *, surprises: Sequence[str], weak: Sequence[str]) -> None:
    """Print the figures, then what is not as the corpus says."""
    for family in suite["families"]:
        control = suite["controls"][family["family"]]
        opened = [each["class"] for each in family["classes"] if each["withstood"] < each["n"]]
        sys.stdout.write(
            f"{family['family']}: {family['withstood']} of {family['n']} withstood, {len(family['classes'])} classes; "
            f"without guards {control['broke']} of {control['n']} broke; open: {', '.join(opened) or 'none'}\n"
        )
    for line in [*surprises, *(f"{family}: the control holds, so its figure proves nothing" for family in weak)]:
        sys.stdout.write(f"! {line}\n")


if __name__ == "__main__":
    raise SystemExit(main())
