"""What a text says besides what it shows: identifiers spelled out, spread out, encoded, hidden, or named by a key.

Part of the third step of a turn. Every view is the given text with one kind of writing undone, and knows the way back,
so that what a recogniser finds in it is taken as it was written. Decoding goes two levels deep; each level is looked at
in every other view. Views run the structured recognisers only, because names and places in plain words need no view; in
decoded text all rules run, for there nothing has read the names yet, and only what lies in a decoded run counts.
Cost: a plain message pays for the triggers, not for a second look. Where a view changes a little of a long text, only
the surroundings of the changes are looked at again.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence

from portico_core.labels import PhiType
from portico_core.text import PhiSpan
from portico_redaction.encodings import decoding_edits
from portico_redaction.fields import keyed_spans
from portico_redaction.hidden import has_hidden_text, hidden_edits, invisible_runs
from portico_redaction.markup import markup_edits
from portico_redaction.normalise import Edit, NormalisedText, normalise, rewrite
from portico_redaction.recognisers import Recogniser
from portico_redaction.recognisers.postcode import PostcodeRecogniser
from portico_redaction.segments import segment_spans
from portico_redaction.skeleton import skeleton_edits
from portico_redaction.spaced import spaced_edits
from portico_redaction.spoken_digits import spoken_digit_edits

LEVELS = 2
"""How deep encodings may be nested; each level is one more look, over no more characters than the level before."""

_REWRITINGS: tuple[Callable[[str], Iterator[Edit]], ...] = (
    spoken_digit_edits,
    spaced_edits,
    skeleton_edits,
    markup_edits,
)
_BEFORE, _AFTER = 100, 60
"""How much of the text around a change a recogniser needs: the longest cue, and the longest unit or "is my SSN"."""

_BREAK = "\n;;;\n"
"""What stands for text that was left out: no pattern of a recogniser reads over it."""

_INVISIBLE_SCORE = 0.5

FindKnown = Callable[[str], Iterable[PhiSpan]]


def _nothing(_: str) -> Iterable[PhiSpan]:
    return ()


class Views:
    """Look for identifiers in every other way to read a text. Build one with the redactor; it keeps no state."""

    def __init__(self, recognisers: Iterable[object]) -> None:
        self._rules = tuple(r for r in recognisers if isinstance(r, Recogniser))
        self._structured = tuple(r for r in self._rules if _is_structured(r))

    def find_spans(self, text: str, folded: NormalisedText, *, find_known: FindKnown = _nothing) -> list[PhiSpan]:
        """Return spans of the text as typed; `folded` is the same text normalised. Raise what a recogniser raises.

        `find_known` finds what the session vouches for, in every view.
        """
        spans = [PhiSpan(*run, PhiType.OTHER_ID, _INVISIBLE_SCORE) for run in invisible_runs(text)]
        shown = _laid_open(text)
        if shown is not None:
            spans += self._look(shown, self._rules, find_known, only_disguised=True)
            spans += self._look_again(shown, find_known)
        spans += self._look_again(folded, find_known)
        level = shown or folded
        for _ in range(LEVELS):
            decoded = _rewrite_near(level, [*decoding_edits(level.text)])
            if decoded is None:
                break
            spans += self._look(decoded, self._rules, find_known, only_disguised=True)
            spans += self._look_again(decoded, find_known)
            level = decoded
        return spans

    def _look_again(self, level: NormalisedText, find_known: FindKnown) -> list[PhiSpan]:
        """Look at one level in every view but decoding."""
        named = [*keyed_spans(level.text), *segment_spans(level.text)]
        spans = [PhiSpan(*_given_range(level, s.start, s.end), s.type, s.score) for s in named]
        for edits_of in _REWRITINGS:
            view = _rewrite_near(level, [*edits_of(level.text)])
            if view is not None:
                spans += self._look(view, self._structured, find_known, only_disguised=False)
        return spans

    @staticmethod
    def _look(
        view: NormalisedText, recognisers: Sequence[Recogniser], find_known: FindKnown, *, only_disguised: bool
    ) -> list[PhiSpan]:
        found = [PhiSpan(f.start, f.end, PhiType(r.phi_type), f.score) for r in recognisers for f in r.find(view.text)]
        return [
            PhiSpan(*_given_range(view, s.start, s.end), s.type, round(s.score, 3))
            for s in (*found, *find_known(view.text))
            if _BREAK not in view.text[s.start : s.end] and (not only_disguised or _is_disguised(view, s.start, s.end))
        ]


def _is_structured(recogniser: Recogniser) -> bool:
    return recogniser.phi_type not in (PhiType.NAME, PhiType.GEOGRAPHIC) or isinstance(recogniser, PostcodeRecogniser)


def _given_range(view: NormalisedText, start: int, end: int) -> tuple[int, int]:
    """Return what a range of a view stands for; a view may show characters in another order than typed."""
    return min(view.starts[start:end]), max(view.ends[start:end])


def _is_disguised(view: NormalisedText, start: int, end: int) -> bool:
    """Say whether any character of a range stands for more than one typed, as a decoded one does."""
    return any(e - s > 1 for s, e in zip(view.starts[start:end], view.ends[start:end], strict=True))


def _laid_open(text: str) -> NormalisedText | None:
    """Return text with hidden text laid open, folded; None where nothing is hidden."""
    if not has_hidden_text(text):
        return None
    typed = NormalisedText(text, range(len(text)), range(1, len(text) + 1))
    laid_open = rewrite(typed, hidden_edits(text))
    folded = normalise(laid_open.text)
    starts = tuple(laid_open.starts[position] for position in folded.starts)
    return NormalisedText(folded.text, starts, tuple(laid_open.ends[position - 1] for position in folded.ends))


def _rewrite_near(level: NormalisedText, edits: Sequence[Edit]) -> NormalisedText | None:
    """Make edits and leave out what is far from all of them; None where there is nothing to change."""
    return rewrite(level, _with_breaks(level.text, edits)) if edits else None


def _with_breaks(text: str, edits: Sequence[Edit]) -> Iterator[Edit]:
    """Yield the edits, and one for each long stretch without one; words are not cut."""
    position = -_AFTER
    for edit in [*edits, Edit(len(text), len(text), "")]:
        if edit.start - position > _AFTER + _BEFORE + len(_BREAK):
            yield from _break(
                text, position + _AFTER, edit.start - (_BEFORE if edit.text or edit.end > edit.start else 0)
            )
        if edit.end > edit.start:
            yield edit
        position = edit.end


def _break(text: str, start: int, end: int) -> Iterator[Edit]:
    while start < end and start and not text[start].isspace():
        start += 1
    while end > start and end < len(text) and not text[end].isspace():
        end -= 1
    if end - start > len(_BREAK):
        yield Edit(start, end, _BREAK)
