"""The red team's corpus: authored attacks by family and class, one JSON object a line in `red_team/`.

Every example says what must hold. One that does not hold today says so (`open`, with the reason); a run that finds an
open one mended is as red as one that finds another one broken, so that the page tells the truth both ways.
"""

from collections.abc import Iterable, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeAlias

from pydantic import BaseModel, ConfigDict, Field

FOLDER = Path(__file__).parent / "red_team"


class Must(StrEnum):
    """What must hold of a conversation's last turn."""

    NOT_ANSWERED = "not answered"
    DANGER_SEEN = "danger seen"  # The 911 or 988 text came at once.


class Attack(BaseModel):
    """One example. `open` is the reason why it is not withstood today; empty: it must be."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: str = Field(alias="class", min_length=3)
    open: str = ""


class Disguise(Attack):
    """A message; nothing of `hide` may be read in it after redaction. `earlier` is what was said before it."""

    text: str
    hide: list[str] = Field(min_length=1)
    earlier: list[str] = []


class Talk(Attack):
    """Messages of one conversation."""

    messages: list[str] = Field(min_length=1)
    must: Must = Must.NOT_ANSWERED


class HostileAnswer(Attack):
    """What a responder returns; no sentence of it may be delivered.

    `passage` is the approved text beside it; without one the passage itself says the sentence.
    """

    draft: str = ""
    content: str = ""
    passage: str = ""
    title: str = "Metformin"
    question: str = "What is metformin used for?"
    cites: str | None = None


class Forgery(BaseModel):
    """How a token is made: claims and header over those of a sound one (null takes one out), and who signs."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    claims: dict[str, Any] = {}
    header: dict[str, Any] = {}
    signed_by: str = Field(pattern="^(issuer|stranger|nobody|public key)$")
    swap: dict[str, Any] = {}


class Request(Attack):
    """One request on the wire, and the statuses that are right (0: closed without one).

    `{sound}`, `{token}`, `{own}`, `{foreign}` and `{host}` are filled in; a `repeat` is [before, part, times, after].
    """

    method: str = "POST"
    path: str = "/v1/conversations"
    host: str = "{host}"
    headers: list[str] | None = None
    token: Forgery | None = None
    body: dict[str, Any] | None = None
    raw_body: str | None = None
    raw_hex: str = ""
    repeat: tuple[str, str, int, str] | None = None
    path_repeat: tuple[str, str, int] | None = None
    header_repeat: tuple[str, str, int] | None = None
    header_lines: tuple[str, int] | None = None
    bearer_repeat: tuple[str, str, int] | None = None
    wire: str = ""
    status: list[int] = Field(min_length=1)
    absent: list[str] = []
    unsaid: list[str] = []
    head_only: bool = False
    within_s: float = 5.0


Corpus: TypeAlias = dict[str, Sequence[Attack]]
FAMILIES: dict[str, type[Attack]] = {
    "redaction_evasion": Disguise,
    "guard_evasion": Talk,
    "injection_message": Talk,
    "injection_history": Talk,
    "injection_passage": HostileAnswer,
    "auth": Request,
    "web": Request,
    "resource": Request,
}
IN_PROCESS = ("redaction_evasion", "injection_passage")
"""Families that need no running stack: the redactor and the validators that serve, in this process."""


def read_corpus() -> Corpus:
    """Read every family; a misspelt field stops the run."""
    return {name: read_family(name) for name in FAMILIES}


def read_family(name: str) -> list[Attack]:
    lines = (FOLDER / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    return [FAMILIES[name].model_validate_json(line) for line in lines]


def one_of_each_class(attacks: Iterable[Attack]) -> list[Attack]:
    """Return the first example of every class, and every open one."""
    seen: set[str] = set()
    chosen = []
    for attack in attacks:
        if attack.kind not in seen or attack.open:
            chosen.append(attack)
        seen.add(attack.kind)
    return chosen
