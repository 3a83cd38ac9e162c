"""A world for `answer_turn`: one hand-written fake for each port, with state that tests look at afterwards.

Every fake can be broken: `world.break_("classifier")`. What happens is also written into one journal, in order.
"""

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from policies import policy_of
from portico_core.audit import AuditEntry
from portico_core.clocks import ReplyTimes
from portico_core.errors import (
    AuditUnavailable,
    ClassifierUnavailable,
    Conflict,
    ConversationClosed,
    EncoderUnavailable,
    PorticoError,
    RedactionFailed,
    ResponderUnavailable,
    StateUnavailable,
)
from portico_core.knowledge import FoundPassage, Passage, Subjects
from portico_core.labels import AuditPhase, Author, Label, PhiType, Urgency, VerdictSource
from portico_core.switches import Switch
from portico_core.text import PatientText, PhiSpan, RedactedText, Redaction
from portico_core.verdict import RoutePolicy, Verdict
from portico_gateway.guards.validate import (
    AnswerValidator,
    CheckedAnswer,
    CheckedCitation,
    CheckedSentence,
    ValidationOutcome,
)
from portico_gateway.metrics import Metrics
from portico_gateway.pipeline import Parts, TurnRequest
from portico_gateway.texts import SiteTexts
from portico_state.audit_script import Receipt
from portico_state.effects import NO_EFFECTS, Effects
from portico_state.vault import VaultContents

NAME = "Zebulon"  # The one identifier that the fake redactor knows.
EMERGENCY = "my husband's face is drooping and he can't lift his arm"
CRISIS = "i dont want to be alive anymore, i have pills here"
QUESTION = "What is metformin used for?"
NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
PASSAGE = Passage(
    id="medicine.metformin#uses",
    title="Metformin",
    section="Uses",
    text="Metformin lowers blood sugar.",
    url="https://medlineplus.gov/druginfo/meds/a696005.html",
    reviewed_on=date(2026, 1, 1),
    review_due=date(2027, 1, 1),
)
TERMINAL = {AuditPhase.DECIDED, AuditPhase.REFUSED, AuditPhase.ABANDONED}
# Every part that may fail, and the error with which its adapter says so.
FAULTS: dict[str, type[PorticoError]] = {
    "accepted": AuditUnavailable,
    "window": StateUnavailable,
    "vault": StateUnavailable,
    "redactor": RedactionFailed,
    "classifier": ClassifierUnavailable,
    "encoder": EncoderUnavailable,
    "responder": ResponderUnavailable,
    "decided": AuditUnavailable,
}


def make_verdict(label: Label = Label.INFORMATIONAL, confidence: float = 0.95) -> Verdict:
    rest = (1 - confidence) / (len(Label) - 1)
    scores = {name: confidence if name is label else rest for name in Label}
    return Verdict(label, confidence, scores, VerdictSource.MODEL, "safety_classifier/test")


def make_request(text: str = QUESTION, **changes: Any) -> TurnRequest:
    fields: dict[str, Any] = {
        "turn": "t1", "conversation": "c1", "patient": "5" * 32, "actor": "patient:6", "text": PatientText(text),
        "locale": "en",
    }  # fmt: skip
    return TurnRequest(**(fields | changes))


class FakeRedactor:
    """Takes one name out, under the placeholder the conversation has for it."""

    def __init__(self, world: "World") -> None:
        self._world = world

    async def redact_turn(
        self,
        text: PatientText | str,
        *,
        known: Mapping[str, str] = {},
        known_values: Sequence[Any] = (),
        earlier: Sequence[RedactedText] = (),
        as_people: bool = False,
    ) -> Redaction:
        self._world.act("redactor")
        raw = text.reveal() if isinstance(text, PatientText) else text
        if NAME not in raw:
            return Redaction(RedactedText(raw), ())
        by_value = {value: placeholder for placeholder, value in known.items()}
        placeholder = by_value.get(NAME, f"[NAME_{len(known) + 1}]")
        spans = tuple(PhiSpan(0, len(NAME), PhiType.NAME, 1.0) for _ in range(raw.count(NAME)))
        return Redaction(RedactedText(raw.replace(NAME, placeholder)), spans, {placeholder: NAME})


class FakeClassifier:
    """Gives `default`, or the verdict of the first phrase of `by_phrase` that stands in a text."""

    def __init__(self, world: "World") -> None:
        self._world = world
        self.default = make_verdict()
        self.by_phrase: dict[str, Verdict] = {}
        self.judged: list[tuple[str, ...]] = []
        self.gives: int | None = None  # So many verdicts, whatever was asked.

    async def classify(self, texts: Sequence[RedactedText]) -> tuple[Verdict, ...]:
        self.judged.append(tuple(text.text for text in texts))
        self._world.act("classifier")
        verdicts = tuple(self._judge(text.text) for text in texts)
        return verdicts if self.gives is None else verdicts[: self.gives]

    def _judge(self, text: str) -> Verdict:
        return next((verdict for phrase, verdict in self.by_phrase.items() if phrase in text), self.default)


WORDING = "(in the topics' words)"


class FakeKnowledge:
    """Encoder, search and responder: one passage, and a draft that quotes it; `asked` is what each was given."""

    def __init__(self, world: "World") -> None:
        self._world = world
        self.found: tuple[FoundPassage, ...] = (FoundPassage(PASSAGE, 0.9),)
        self.sentence = PASSAGE.text
        self.asked: list[str] = []

    def subjects(self, text: str) -> Subjects:
        return Subjects()

    def wording(self, question: str) -> str:
        self.asked.append(question)
        return f"{question} {WORDING}"

    async def encode(self, text: RedactedText) -> NDArray[np.float32]:
        self._world.act("encoder")
        self.asked.append(text.text)
        return np.zeros(384, dtype=np.float32)

    def search(self, question: str, vector: NDArray[np.float32], *, k: int = 10) -> tuple[FoundPassage, ...]:
        self._world.act("search")
        self.asked.append(question)
        return self.found[:k]

    async def respond(self, question: RedactedText, passages: Sequence[Passage]) -> bytes:
        self._world.act("responder")
        self.asked.append(question.text)
        sentences = [{"text": self.sentence, "passage_ids": [passage.id for passage in passages]}]
        return json.dumps({"sentences": sentences}).encode()


class FakeValidator:
    """Passes every draft, or none."""

    def __init__(self, world: "World") -> None:
        self._world = world
        self.passes = True

    def validate(self, question: str, draft: bytes, passages: Sequence[Passage], today: date) -> ValidationOutcome:
        self._world.act("validator")
        if not self.passes:
            return ValidationOutcome(None, {"schema": "pass", "grounding": "fail"}, dropped=1, refused=True)
        said = json.loads(draft)["sentences"][0]["text"]
        cited = CheckedCitation(1, PASSAGE.id, PASSAGE.title, PASSAGE.section, PASSAGE.url, today, PASSAGE.text)
        answer = CheckedAnswer((CheckedSentence(said, (1,)),), (cited,), 5.0)
        return ValidationOutcome(answer, {"schema": "pass", "grounding": "pass"})


class FakeAudit:
    """A durable log: a turn is accepted once and ends once; a second ending gets the receipt of the first."""

    def __init__(self, world: "World") -> None:
        self._world = world
        self.records: list[tuple[AuditEntry, Effects]] = []

    async def append(self, entry: AuditEntry, *, effects: Effects = NO_EFFECTS) -> Receipt:
        self._world.act("accepted" if entry.phase is AuditPhase.ACCEPTED else "decided")
        first = next((known for known, _ in self.records if _step(known) == _step(entry)), None)
        if first is None:
            self.records.append((entry, effects))
        kept = first or entry
        return Receipt("r", "1-1", "chain", 1, "h" * 64, kept.phase, kept.bytes_sha256, first is not None)

    def entries(self, *phases: AuditPhase) -> list[AuditEntry]:
        return [entry for entry, _ in self.records if not phases or entry.phase in phases]

    def effects(self) -> Effects:
        """What was stored with the terminal record."""
        return next(effects for entry, effects in self.records if entry.phase in TERMINAL)


class FakeSpool:
    """The refusals on the local disk."""

    def __init__(self, world: "World") -> None:
        self._world = world
        self.waiting: list[tuple[AuditEntry, Effects]] = []

    def put(self, entry: AuditEntry, effects: Effects) -> None:
        self._world.act("spool")
        self.waiting.append((entry, effects))


class FakeVault:
    """The placeholder map; `conflicts` other turns save first. Sealing is reversible, and not readable.

    `ended` is a conversation that its patient ended while the turn ran.
    """

    def __init__(self, world: "World") -> None:
        self._world = world
        self.placeholders: dict[str, str] = {}
        self.version = 0
        self.conflicts = 0
        self.ended = False

    async def load(self, conversation: str) -> VaultContents:
        self._world.act("vault")
        return VaultContents(dict(self.placeholders), self.version)

    async def save(self, conversation: str, placeholders: Mapping[str, str], *, version: int) -> int:
        if self.conflicts:
            self.conflicts -= 1
            self.version += 1
            self.placeholders[f"[NAME_{self.version}]"] = f"Other{self.version}"
        if version != self.version:
            raise Conflict
        self.placeholders, self.version = dict(placeholders), version + 1
        return self.version

    async def seal(self, conversation: str, text: str, *, purpose: str) -> str:
        if self.ended:
            raise ConversationClosed
        return base64.b64encode(json.dumps([conversation, purpose, text]).encode()).decode()

    @staticmethod
    def unseal(sealed: str) -> tuple[str, str, str]:
        conversation, purpose, text = json.loads(base64.b64decode(sealed))
        return conversation, purpose, text


class FakeSwitches:
    """The switches that a test turned off."""

    def __init__(self, world: "World") -> None:
        self._world = world
        self.turned_off: frozenset[Switch] = frozenset()

    async def off(self) -> frozenset[Switch]:
        if "switches" in self._world.faults:
            raise self._world.faults["switches"]
        return self.turned_off


class FakeWindow:
    """What the terminal records put into the window, as the store's script does."""

    def __init__(self, world: "World") -> None:
        self._world = world

    async def window(self, conversation: str) -> tuple[RedactedText, ...]:
        self._world.act("window")
        records = self._world.audit.records
        return tuple(e.window for entry, e in records if e.window and entry.conversation == conversation)

    async def recent(self, conversation: str) -> tuple[RedactedText, ...]:
        effects = [effects for entry, effects in self._world.audit.records if entry.conversation == conversation]
        said = [message.text for one in effects for message in one.messages if message.author is Author.PATIENT]
        return tuple(said[-3:])


@dataclass(slots=True)
class World:
    """All parts of a turn, the errors they raise, and the journal of what was asked of them."""

    faults: dict[str, BaseException] = field(default_factory=dict)
    journal: list[str] = field(default_factory=list)
    policy: RoutePolicy = field(default_factory=lambda: policy_of(answer=0.7, decline=0.6))
    metrics: Metrics = field(default_factory=Metrics)
    redactor: FakeRedactor = field(init=False)
    classifier: FakeClassifier = field(init=False)
    knowledge: FakeKnowledge = field(init=False)
    validator: FakeValidator = field(init=False)
    audit: FakeAudit = field(init=False)
    spool: FakeSpool = field(init=False)
    vault: FakeVault = field(init=False)
    window: FakeWindow = field(init=False)
    switches: FakeSwitches = field(init=False)

    def __post_init__(self) -> None:
        self.redactor, self.classifier, self.knowledge = FakeRedactor(self), FakeClassifier(self), FakeKnowledge(self)
        self.validator, self.audit, self.spool = FakeValidator(self), FakeAudit(self), FakeSpool(self)
        self.vault, self.window, self.switches = FakeVault(self), FakeWindow(self), FakeSwitches(self)

    def act(self, part: str) -> None:
        """Note that a part was asked; raise its fault."""
        self.journal.append(part)
        if part in self.faults:
            raise self.faults[part]

    def break_(self, *parts: str) -> "World":
        """Make parts fail as their adapters would."""
        self.faults.update({part: FAULTS.get(part, AuditUnavailable)() for part in parts})
        return self

    def parts(self) -> Parts:
        return Parts(
            tenant="demo",
            policy=self.policy,
            models={"safety_classifier": "0.1.0"},
            good_enough=0.5,
            redactor=self.redactor,
            classifier=self.classifier,
            encoder=self.knowledge,
            search=self.knowledge,
            responder=self.knowledge,
            validator=cast("AnswerValidator", self.validator),
            audit=self.audit,
            refusals=self.spool,
            vault=self.vault,
            window=self.window,
            switches=self.switches,
            texts=SiteTexts("Riverbend Clinic", "+1-555-0100"),
            reply_times=ReplyTimes({Urgency.ROUTINE: 24, Urgency.URGENT: 1, Urgency.IMMEDIATE: 0.25}),
            metrics=self.metrics,
            now=lambda: NOW,
        )

    def count(self, name: str, **labels: str) -> float:
        """Return the value of a counter or gauge; 0 where it was never touched."""
        return self.metrics.registry.get_sample_value(name, labels) or 0.0


def _step(entry: AuditEntry) -> tuple[str, str]:
    return entry.turn, "end" if entry.phase in TERMINAL else entry.phase.value
