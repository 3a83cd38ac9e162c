"""guardrails-ai as Portico uses it: nothing stored, nothing sent, nothing fetched.

The one place that imports the library, because its defaults do the opposite: at import it downloads a tokenizer where
nltk is installed, a guard keeps the raw values of its last ten calls, metrics and remote inference follow a file in
the home directory, and an asynchronous run sets the event loop policy of the whole process (promises.md, row 16).
"""

import os
import sys
from typing import Any

_MISSING = object()


def _import_without_nltk() -> Any:
    """Import guardrails-ai as if nltk were not installed; its sentence splitter is never used here."""
    before = sys.modules.get("nltk", _MISSING)
    sys.modules["nltk"] = None  # type: ignore[assignment]  # the documented way to make an import fail
    try:
        import guardrails  # noqa: PLC0415  the import is what this function is about
    finally:
        del sys.modules["nltk"]
        if before is not _MISSING:
            sys.modules["nltk"] = before  # type: ignore[assignment]
    return guardrails


guardrails = _import_without_nltk()

from guardrails.classes.generic import Stack  # noqa: E402
from guardrails.classes.rc import RC  # noqa: E402
from guardrails.settings import settings  # noqa: E402
from guardrails.types import OnFailAction  # noqa: E402
from guardrails.validator_base import FailResult, PassResult, Validator, register_validator  # noqa: E402
from pydantic import BaseModel  # noqa: E402


class _Forgetful(Stack):  # type: ignore[misc]  # guardrails-ai has no types
    """A history that keeps nothing."""

    def push(self, item: Any) -> None:
        """Forget."""


def make_local_guard(model: type[BaseModel]) -> Any:
    """Make a guard for a pydantic model, with everything of the library that stores or sends switched off."""
    os.environ["GUARDRAILS_RUN_SYNC"] = "true"  # else it sets the event loop policy of the process
    _switch_off()
    guard = guardrails.Guard.for_pydantic(model)
    guard.configure(allow_metrics_collection=False)
    _switch_off()  # making and configuring a guard each read ~/.guardrailsrc again
    guard.history = _Forgetful(max_length=1)
    return guard


def _switch_off() -> None:
    settings.rc = RC(enable_metrics=False, use_remote_inferencing=False)
    settings.use_server = False
    settings.disable_tracing = True


__all__ = ["FailResult", "OnFailAction", "PassResult", "Validator", "make_local_guard", "register_validator"]
