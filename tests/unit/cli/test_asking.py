"""What `--let-through` measurements change: the verdict, and nothing that could answer for it."""

import asyncio

from policies import policy_of
from portico_cli.asking import LetThrough
from portico_core.labels import Label, Route
from portico_core.text import RedactedText
from portico_core.verdict import decide_route


def test_a_let_through_question_takes_the_answer_route() -> None:
    (verdict,) = asyncio.run(LetThrough().classify([RedactedText("what is it for")]))
    assert (verdict.label, verdict.model) == (Label.INFORMATIONAL, "let-through")
    assert decide_route(verdict, policy_of(answer=0.99, decline=0.5)) is Route.ANSWER
