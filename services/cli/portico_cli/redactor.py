"""The one place where commands open their redactor, so that `redact`, `evaluate` and `knowledge` run the same one."""

from portico_cli.places import TAGGER
from portico_redaction.engine import Redactor
from portico_redaction.opening import open_redactor


def command_redactor(mrn_pattern: str | None = None) -> Redactor:
    """Return the redactor as the gateway has it; it takes about three seconds. Raise ConfigurationError."""
    return open_redactor(TAGGER, mrn_pattern=mrn_pattern)
