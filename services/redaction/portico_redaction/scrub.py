"""The engine without its engine: every recogniser over folded text, no Presidio, no known values, no placeholders.

For what is no patient's message: a log line as the last resort, and passages when they are indexed. Log calls should
carry no patient text in the first place (house rule); `scrub_line` catches what slips through, and never raises.
"""

from functools import cache

from portico_core.labels import PhiType
from portico_core.text import PhiSpan
from portico_redaction.normalise import normalise
from portico_redaction.recognisers import Recogniser, all_recognisers
from portico_redaction.resolve import settle_overlaps
from portico_redaction.views import Views

UNSCRUBBED = "[line withheld: it could not be checked for identifiers]"
LONGEST_LINE = 20_000


def scrub_line(text: str) -> str:
    """Return the line with each identifier replaced by its class; on any error a fixed line instead."""
    try:
        return _scrub(text[:LONGEST_LINE])
    except Exception:
        return UNSCRUBBED


def find_by_pattern(text: str) -> tuple[PhiSpan, ...]:
    """Return what the recognisers find, settled; raise whatever one of them raises."""
    folded = normalise(text)
    spans = [
        PhiSpan(*folded.original_range(found.start, found.end), PhiType(recogniser.phi_type), found.score)
        for recogniser in _recognisers()
        for found in recogniser.find(folded.text)
    ]
    return settle_overlaps(text, [*spans, *_views().find_spans(text, folded)])


@cache
def _views() -> Views:
    return Views(_recognisers())


@cache
def _recognisers() -> tuple[Recogniser, ...]:
    return tuple(all_recognisers())


def _scrub(text: str) -> str:
    for span in reversed(find_by_pattern(text)):
        text = f"{text[: span.start]}[{span.type.value}]{text[span.end :]}"
    return text
