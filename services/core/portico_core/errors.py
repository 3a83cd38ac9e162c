"""One tree of errors. Each has a public code and a message that is safe to show; none carries patient text.

Guard outcomes are values; these are failures of infrastructure and bad input. Adapters translate library errors at
the border with a fixed message and `from None`, because third-party messages may hold what the patient wrote.
"""

import math
from typing import ClassVar

from portico_core.labels import LimitScope, Part


class PorticoError(Exception):
    """Base of every error Portico raises; `str()` is the public message."""

    code: ClassVar[str] = "internal"
    public_message: ClassVar[str] = "Something went wrong on our side. Please try again in a moment."
    names_numbers: ClassVar[bool] = False  # A patient who is turned away also reads whom to call, by the site.
    retry_after_s: int | None = None

    def __init__(self, detail: str | None = None) -> None:
        super().__init__(detail or self.public_message)


class InvalidRequest(PorticoError):
    """The request cannot be read."""

    code = "invalid_request"
    public_message = "The request could not be read. Please check its form and try again."


class EmptyText(InvalidRequest):
    code = "empty_text"
    public_message = "The message is empty. Please type a question."


class TextTooLong(InvalidRequest):
    code = "text_too_long"
    public_message = "The message is too long. Please keep it under 4,000 characters."


class UnsupportedText(InvalidRequest):
    code = "unsupported_text"
    public_message = "The message holds characters that cannot be read. Please type it as plain text."


class BodyTooLarge(InvalidRequest):
    code = "body_too_large"
    public_message = "The request is too large."


class WrongContentType(InvalidRequest):
    code = "unsupported_media_type"
    public_message = "Please send JSON with the content type application/json."


class Unauthenticated(PorticoError):
    code = "unauthenticated"
    public_message = "Please sign in again."


class Forbidden(PorticoError):
    code = "forbidden"
    public_message = "Your account may not do this."


class NotFound(PorticoError):
    code = "not_found"
    public_message = "There is nothing at this address."


class Conflict(PorticoError):
    code = "conflict"
    public_message = "This was already done or is being done. Please reload and look again."


class ConversationClosed(Conflict):
    code = "conversation_closed"
    public_message = "This conversation has ended. Please start a new one."


class Overloaded(PorticoError):
    code = "overloaded"
    public_message = "The assistant is busy. Please try again in a few seconds."
    names_numbers = True
    retry_after_s = 5


class Draining(Overloaded):
    """This process is about to end; another one of the site takes the request."""

    code = "draining"
    retry_after_s = 1


class RateLimited(PorticoError):
    """A token bucket is empty; `scope` says whose, for metrics and never for the client."""

    code = "rate_limited"
    public_message = "There were too many requests. Please wait a moment and try again."
    names_numbers = True

    def __init__(self, scope: LimitScope = LimitScope.TENANT, *, wait_s: float = 1.0) -> None:
        super().__init__()
        self.scope = scope
        self.retry_after_s = max(1, math.ceil(wait_s))


class DependencyUnavailable(PorticoError):
    """A part that Portico needs does not answer; `dependency` names it in logs and metrics."""

    code = "unavailable"
    public_message = "The assistant is not available right now."
    names_numbers = True
    retry_after_s = 5
    dependency: ClassVar[Part] = Part.UNKNOWN


class ClassifierUnavailable(DependencyUnavailable):
    dependency = Part.CLASSIFIER


class EncoderUnavailable(DependencyUnavailable):
    dependency = Part.ENCODER


class ResponderUnavailable(DependencyUnavailable):
    dependency = Part.RESPONDER


class SearchUnavailable(DependencyUnavailable):
    dependency = Part.SEARCH


class AuditUnavailable(DependencyUnavailable):
    dependency = Part.REDIS


class StateUnavailable(DependencyUnavailable):
    dependency = Part.REDIS


class IssuerUnavailable(DependencyUnavailable):
    """The identity provider's keys could not be read for longer than an outage may last: nobody can be recognised."""

    dependency = Part.ISSUER


class RedactionFailed(DependencyUnavailable):
    """A recogniser failed or ran out of time: the turn is refused, never sent on unredacted."""

    dependency = Part.REDACTOR


class ConfigurationError(PorticoError):
    """Start-up is refused; the detail says which setting and why, in one line."""

    code = "configuration"


def failed_part(error: Exception) -> Part:
    """Return the part that an error speaks of; a bare TimeoutError is the turn's own deadline."""
    if isinstance(error, TimeoutError):
        return Part.DEADLINE
    return error.dependency if isinstance(error, DependencyUnavailable) else Part.UNKNOWN


def describe_error(error: BaseException) -> str:
    """Return type and place of an error, never its message: a third-party message may hold patient text."""
    trace = error.__traceback__
    if trace is None:
        return f"{type(error).__name__} at ?"
    while trace.tb_next is not None:
        trace = trace.tb_next
    file = trace.tb_frame.f_code.co_filename.rsplit("/", 1)[-1]
    return f"{type(error).__name__} at {file}:{trace.tb_lineno}"
