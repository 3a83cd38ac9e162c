"""The redactor that serves: every rule, and the tagger of names and places. No lesser one can be opened by mistake."""

from pathlib import Path

from portico_redaction.engine import DEADLINE_S, Redactor
from portico_redaction.recognisers import all_recognisers
from portico_redaction.recognisers.tagged import TaggedRecogniser
from portico_redaction.tagger import Tagger


def open_redactor(tagger: Path, *, mrn_pattern: str | None = None, deadline_s: float = DEADLINE_S) -> Redactor:
    """Return the redactor; it takes about three seconds.

    `tagger` is the folder that `portico models build` filled, `mrn_pattern` the site's own form of a record number.
    Raises ConfigurationError when the folder lacks a file or holds another one than was built.
    """
    rules = all_recognisers(mrn_pattern=mrn_pattern)
    return Redactor(recognisers=[*rules, TaggedRecogniser(Tagger.load(tagger))], deadline_s=deadline_s)
