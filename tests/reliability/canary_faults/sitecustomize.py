"""Faults for the canary run: on the path of a real stack, its gateway fails where a message says so.

Python imports this module at start-up. It patches three modules when they are imported; a message that holds a trigger
word then meets a recogniser, a validator or a handler that fails with the words themselves in its exception, as
careless code and libraries do. `planted-leak` is the control: it does leak, on purpose.
"""

import asyncio
import base64
import gc
import importlib.abc
import importlib.machinery
import importlib.util
import json
import logging
import os
import sys
import tempfile
import threading
import time
import warnings
from pathlib import Path
from types import ModuleType
from typing import Any


def fail(text: str) -> None:
    raise ValueError(f"cannot handle {text}")


async def fail_later(text: str) -> None:
    fail(text)


class Bad:
    """Fails in its destructor."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __del__(self) -> None:
        fail(self.text)


def leak_everywhere(text: str) -> None:
    """Give words to every mouth that a process has."""
    logging.getLogger("redis").error("bad value %s", text)
    logging.getLogger("tritonclient").warning("request %(body)r", {"body": text})
    logging.getLogger("uvicorn.error").error("Exception in ASGI application", exc_info=ValueError(text))
    logging.getLogger("starlette").error("number %d", text)
    logging.getLogger("portico").error("failed", extra={"fields": {"detail": ValueError(text), "note": [Path("x")]}})
    warnings.warn(text[:50], stacklevel=1)
    threading.Thread(target=fail, args=(text,)).start()
    asyncio.get_running_loop().call_soon(fail, text)
    asyncio.get_running_loop().create_task(fail_later(text), name="nobody awaits it")
    Bad(text)
    gc.collect()
    raise RuntimeError(text)


def leak_on_purpose(text: str) -> None:
    """The control: standard error, and a temporary file in base64."""
    sys.stderr.write(text + "\n")
    with tempfile.NamedTemporaryFile("wb", delete=False) as file:
        file.write(base64.b64encode(text.encode()))


def patch_recogniser(module: ModuleType) -> None:
    original = module.EmailRecogniser.find

    def find(self: Any, text: str) -> Any:
        if "recogniser-raises" in text:
            fail(text)
        if "recogniser-times-out" in text:
            raise TimeoutError(text)
        if "recogniser-ends" in text:
            raise SystemExit(text)
        if "recogniser-hangs" in text:
            time.sleep(1.2)  # The gateway's deadline is one second.
        return original(self, text)

    module.EmailRecogniser.find = find


def patch_validator(module: ModuleType) -> None:
    original = module.AnswerValidator.validate

    def validate(self: Any, question: str, *rest: Any) -> Any:
        if "validator-raises" in question:
            fail(question)
        if "montelukast" in question.lower():  # The responder invents a person, beside what it was asked.
            draft = json.loads(rest[0])
            draft["sentences"][0]["text"] = "Call Mrs. Wilhelmina Quibbleton. " + draft["sentences"][0]["text"]
            rest = (json.dumps(draft).encode(), *rest[1:])
        return original(self, question, *rest)

    module.AnswerValidator.validate = validate


def patch_handler(module: ModuleType) -> None:
    original = module.admit_text

    def admit_text(text: str) -> Any:
        if "handler-raises" in text:
            fail(text)
        if "everything-leaks" in text:
            leak_everywhere(text)
        if "planted-leak" in text:
            leak_on_purpose(text)
        return original(text)

    module.admit_text = admit_text


PATCHES = {
    "portico_redaction.recognisers.email": patch_recogniser,
    "portico_gateway.guards.validate": patch_validator,
    "portico_gateway.web.patient_api": patch_handler,
}


class PatchingLoader(importlib.abc.Loader):
    """Load a module as it is, and patch it then."""

    def __init__(self, loader: Any) -> None:
        self.loader = loader

    def create_module(self, spec: Any) -> Any:
        return self.loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        self.loader.exec_module(module)
        PATCHES[module.__name__](module)


class PatchingFinder(importlib.abc.MetaPathFinder):
    """Find the modules to patch where they are always found."""

    def find_spec(self, name: str, path: Any, target: Any = None) -> Any:
        if name not in PATCHES:
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path, target)
        if spec is not None and spec.loader is not None:
            spec.loader = PatchingLoader(spec.loader)
        return spec


if os.environ.get("CANARY_FAULTS") == "on":
    sys.meta_path.insert(0, PatchingFinder())
