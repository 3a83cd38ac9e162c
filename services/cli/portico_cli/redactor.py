"""The one place where commands build their redactor, so that `redact` and `evaluate` run the same one."""

from portico_redaction.engine import Redactor


def open_redactor() -> Redactor:
    """Return the redactor as the gateway has it, but for the site's own settings; it takes about three seconds."""
    return Redactor()
