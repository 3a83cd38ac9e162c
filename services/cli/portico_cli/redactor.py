"""The one place where commands build their redactor, so that `redact` and `evaluate` run the same one."""

from portico_redaction.engine import Redactor


def open_redactor(mrn_pattern: str | None = None) -> Redactor:
    """Return the redactor as the gateway has it; it takes about three seconds. Raise ConfigurationError."""
    return Redactor(mrn_pattern=mrn_pattern)
