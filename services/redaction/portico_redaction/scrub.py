"""The last resort for a log line: patterns only, no Presidio engine, no names without a cue, and it never raises.

Log calls should carry no patient text in the first place (house rule); this catches what slips through.
"""

from functools import cache

from portico_core.labels import PhiType
from portico_core.text import PhiSpan
from portico_redaction.normalise import normalise
from portico_redaction.recognisers import Recogniser, all_recognisers
from portico_redaction.resolve import settle_overlaps

UNSCRUBBED = "[line withheld: it could not be checked for identifiers]"
LONGEST_LINE = 20_000


def scrub_line(text: str) -> str:
    """Return the line with each identifier replaced by its class; on any error a fixed line instead."""
    try:
        return _scrub(text[:LONGEST_LINE])
    except Exception:
        return UNSCRUBBED


@cache
def _recognisers() -> tuple[Recogniser, ...]:
    return tuple(all_recognisers())


def _scrub(text: str) -> str:
    folded = normalise(text)
    spans = [
        PhiSpan(*folded.original_range(found.start, found.end), PhiType(recogniser.phi_type), found.score)
        for recogniser in _recognisers()
        for found in recogniser.find(folded.text)
    ]
    for span in reversed(settle_overlaps(text, spans)):
        text = f"{text[: span.start]}[{span.type.value}]{text[span.end :]}"
    return text
