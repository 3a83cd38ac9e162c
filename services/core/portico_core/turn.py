"""The turn as the API gives it (contracts.md, HTTP). Pydantic, because these bytes leave the process."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

from portico_core.labels import Author, Label, Route, Urgency, VerdictSource
from portico_core.language import Language


class _Wire(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class VerdictView(_Wire):
    """The verdict with one score per label (empty where a rule decided)."""

    label: Label
    confidence: float
    scores: dict[str, float]
    source: VerdictSource
    model: str


class AnswerSentence(_Wire):
    """A checked sentence and the numbers of the citations that carry it."""

    text: str
    citations: list[int]


class CitationView(_Wire):
    """An approved passage behind the answer; `reviewed` says that a clinician has signed it."""

    n: int
    passage_id: str
    title: str
    section: str
    url: str
    reviewed_on: str
    quote: str
    reviewed: bool = False


class AnswerView(_Wire):
    """A validated answer; `reading_grade` is a US school grade, `lang` the language of the approved passages."""

    sentences: list[AnswerSentence]
    citations: list[CitationView]
    reading_grade: float
    lang: Language = Language.ENGLISH


class EscalationView(_Wire):
    """What happens next: `reply_by` is RFC 3339 UTC."""

    id: str
    urgency: Urgency
    reply_by: str


class Contact(_Wire):
    """A way to a person: `uri` is tel:, sms: or https:."""

    label: str
    uri: str


class Disclosure(_Wire):
    """That this is an AI, and how to reach a person (California AB 3030)."""

    text: str
    human_contact: str


class Turn(_Wire):
    """What a patient sent and what they got; `lang` is that of its fixed texts (null: an earlier release)."""

    turn_id: str
    conversation_id: str
    route: Route
    verdict: VerdictView | None
    answer: AnswerView | None
    message: str | None
    escalation: EscalationView | None
    contacts: list[Contact]
    disclosure: Disclosure
    redactions: dict[str, int]
    degraded: bool
    lang: Language | None = None


class TranscriptMessage(_Wire):
    """One message of a transcript, with what it belongs to; `lang` is null where its words do not tell."""

    author: Author
    text: str
    time: str
    turn_id: str | None = None
    turn: Turn | None = None
    role: Literal["nurse", "physician", "pharmacist", "staff"] | None = None
    lang: Language | None = None


class SuggestedPassage(_Wire):
    """A passage that fits the question of a ticket; `reviewed` says that a clinician has signed it."""

    id: str
    title: str
    section: str
    url: str
    text: str
    reviewed: bool


class Suggestion(_Wire):
    """What approved material says to a ticket's question, for the clinician alone; `draft` passed every check."""

    passages: list[SuggestedPassage]
    draft: AnswerView | None


class Transcript(_Wire):
    """A conversation as its own patient sees it."""

    id: str
    closed: bool
    messages: list[TranscriptMessage]
