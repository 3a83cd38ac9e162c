"""Third step of a turn: identifiers out of patient text, stable placeholders in. The only maker of `RedactedText`.

Raw text goes no further than this module, so it fails closed: whatever a recogniser raises, and any time-out, refuses
the turn as `RedactionFailed`, with a fixed message and `from None`, because an exception may hold what the
patient wrote.
"""

from collections.abc import Mapping, Sequence

from presidio_analyzer import EntityRecognizer
from presidio_anonymizer import AnonymizerEngine
from presidio_anonymizer.entities import OperatorConfig, RecognizerResult

from portico_core.errors import PorticoError, RedactionFailed
from portico_core.labels import PhiType
from portico_core.text import PatientText, PhiSpan, RedactedText, Redaction
from portico_redaction.addresses import join_addresses
from portico_redaction.begun import find_begun
from portico_redaction.known_values import KnownSessions, KnownValues
from portico_redaction.normalise import NormalisedText, normalise
from portico_redaction.placeholders import PLACEHOLDER, PlaceholderBook, restore, what_stands_before
from portico_redaction.presidio_engine import Analyzer
from portico_redaction.recognisers.things import Things
from portico_redaction.resolve import names_beside, repeated_names, settle_overlaps, tidy_edges, what_is_left
from portico_redaction.scrub import scrub_line
from portico_redaction.views import Views
from portico_redaction.window import MESSAGES, Window
from portico_redaction.workers import Workers

__all__ = ["Redactor", "restore", "scrub_line"]

DEADLINE_S = 2.0
WORKERS = 1
"""One: the analyser takes one text at a time anyway, and a second thread at its lock takes turns for nothing (188
against 148 messages a second in one run of 300) and makes the event loop wait longer for the interpreter."""
_NOTHING: Mapping[str, str] = {}


class Redactor:
    """Find and replace identifiers. Open one at start-up (`opening.open_redactor`) and share it between threads."""

    def __init__(
        self,
        *,
        recognisers: Sequence[EntityRecognizer],
        deadline_s: float = DEADLINE_S,
    ) -> None:
        self._analyzer = Analyzer(recognisers)
        self._views = Views(recognisers)
        self._window = Window(recognisers)
        self._sessions = KnownSessions()
        self._anonymizer = AnonymizerEngine()
        self._workers = Workers(WORKERS, deadline_s=deadline_s)

    def find_spans(self, text: str, *, known_values: KnownValues = ()) -> tuple[PhiSpan, ...]:
        """Return the identifiers of a text, none overlapping, in reading order; raise RedactionFailed, never skip."""
        try:
            return self._find_spans(text, known_values)
        except PorticoError:
            raise
        except Exception:
            raise RedactionFailed from None

    def redact(
        self,
        text: PatientText | str,
        *,
        known: Mapping[str, str] = _NOTHING,
        known_values: KnownValues = (),
        earlier: Sequence[RedactedText] = (),
        as_people: bool = False,
    ) -> Redaction:
        """Replace identifiers; `known` is the conversation's map so far, `earlier` what was said in it, oldest first.

        `as_people` gives one person one placeholder; the spellings then have to be kept with the turn.
        """
        raw = text.reveal() if isinstance(text, PatientText) else text
        spans = self.find_spans(raw, known_values=known_values)
        try:
            spans = settle_overlaps(raw, [*spans, *self._find_split(raw, known, earlier), *_typed_placeholders(raw)])
            session = self._sessions.session_of(known_values)
            return self._replace(raw, spans, PlaceholderBook(known, owners_of=session.owners_of if as_people else None))
        except Exception:
            raise RedactionFailed from None

    async def redact_turn(
        self,
        text: PatientText | str,
        *,
        known: Mapping[str, str] = _NOTHING,
        known_values: KnownValues = (),
        earlier: Sequence[RedactedText] = (),
        as_people: bool = False,
    ) -> Redaction:
        """Redact off the event loop; raise RedactionFailed when the deadline passes, or at once when a job hangs."""
        return await self._workers.run(
            lambda: self.redact(text, known=known, known_values=known_values, earlier=earlier, as_people=as_people)
        )

    def find_spans_in_time(self, text: str) -> tuple[PhiSpan, ...]:
        """Find identifiers for a caller on a thread of its own; raise RedactionFailed as `redact_turn` does."""
        return self._workers.run_and_wait(lambda: self.find_spans(text))

    @staticmethod
    def restore(text: str, placeholders: Mapping[str, str]) -> str:
        """Put raw values back into text for the patient's own view."""
        return restore(text, placeholders)

    def close(self) -> None:
        """Stop the worker threads without waiting for one that hangs."""
        self._workers.close()

    def _find_spans(self, text: str, known_values: KnownValues) -> tuple[PhiSpan, ...]:
        folded = normalise(text)
        things = Things(folded.text)
        results = [found for found in self._analyzer.analyze(folded.text) if not things.hold(found)]
        spans = [PhiSpan(r.start, r.end, PhiType(r.entity_type), float(r.score)) for r in results]
        spans.extend(self._sessions.session_of(known_values).find(folded.text))
        spans.extend(names_beside(folded.text, spans))
        spans.extend(repeated_names(folded.text, spans))
        outside = _beside_placeholders(folded.text, spans)
        mapped = [
            PhiSpan(*folded.original_range(s.start, s.end), s.type, round(s.score, 3))
            for s in tidy_edges(folded.text, join_addresses(folded.text, outside))
            if s.end > s.start
        ]
        return settle_overlaps(text, [*mapped, *self._find_in_views(text, folded, known_values)])

    def _find_in_views(self, text: str, folded: NormalisedText, known_values: KnownValues) -> list[PhiSpan]:
        session = self._sessions.session_of(known_values)
        return _beside_placeholders(text, self._views.find_spans(text, folded, find_known=session.find))

    def _find_split(self, text: str, known: Mapping[str, str], earlier: Sequence[RedactedText]) -> list[PhiSpan]:
        """Find what of an identifier lies in this message when the rest lies in another one."""
        folded = normalise(text)
        before = [normalise(restore(message.text, known)).text for message in earlier[-MESSAGES:]]
        found = [*find_begun(folded.text), *self._window.find(folded.text, before)]
        return [PhiSpan(*folded.original_range(s.start, s.end), s.type, round(s.score, 3)) for s in found]

    def _replace(self, raw: str, spans: Sequence[PhiSpan], book: PlaceholderBook) -> Redaction:
        """Let Presidio put the placeholders in; they are numbered beforehand, because it works from the end."""
        used: dict[tuple[PhiType, str], str] = {}
        for span in spans:
            value = raw[span.start : span.end]
            used[span.type, value] = book.placeholder_for(span.type, value, before=what_stands_before(raw, span))
        operators = {
            kind.value: OperatorConfig("custom", {"lambda": lambda value, kind=kind: used[kind, value]})
            for kind in PhiType
        }
        results = [RecognizerResult(entity_type=s.type.value, start=s.start, end=s.end, score=s.score) for s in spans]
        done = self._anonymizer.anonymize(raw, results, operators=operators, merge_entities_with_spaces=False)
        spelled = book.spellings_of((used[s.type, raw[s.start : s.end]], raw[s.start : s.end]) for s in spans)
        people, given = book.people_of(used.values()), book.values_of(used.values())
        return Redaction(RedactedText(done.text), tuple(spans), given, spelled, people)


def _beside_placeholders(text: str, spans: Sequence[PhiSpan]) -> list[PhiSpan]:
    """Return the spans without the placeholders in them: what stands beside one is an identifier all the same."""
    literals = _typed_placeholders(text)
    return [part for span in spans for part in what_is_left(text, span, literals)]


def _typed_placeholders(text: str) -> list[PhiSpan]:
    """Return what the patient typed in the shape of a placeholder: it gets one of its own, so it restores as typed."""
    return [PhiSpan(match.start(), match.end(), PhiType.OTHER_ID, 1.0) for match in PLACEHOLDER.finditer(text)]
