"""responder, GPU profile: an LLM that drafts from the given passages, behind the contract of the CPU profile.

`QUESTION` [rows, 1] and `PASSAGES` [rows, 1] (JSON list of `{"id", "text"}`) → `DRAFT` [rows, 1], JSON
`{"sentences": [{"text", "passage_ids"}]}`. The engine is asked for structured output and is not believed: the draft is
parsed and checked here, and every sentence again by the gateway. A draft that was cut off is none.
"""

import asyncio
import json
from typing import Any

import numpy as np
import triton_python_backend_utils as pb_utils
from llm import Refused, Reply, ask, error_response, fill_prompt, load_manifest, read_texts

MOST_SENTENCES = 8
_MALFORMED = 'PASSAGES is not a JSON list of {"id", "text"}'


class TritonPythonModel:
    """What Triton's Python backend calls."""

    def initialize(self, args: dict[str, str]) -> None:
        """Load the manifest; Triton does not become ready if this raises."""
        self.manifest = load_manifest(args, {"max_tokens": int})

    async def execute(self, requests: list[Any]) -> list[Any]:
        """Answer each request by itself, all at once: the engine batches what is in flight."""
        return list(await asyncio.gather(*(self._respond(request) for request in requests)))

    async def _respond(self, request: Any) -> Any:
        try:
            pairs = zip(read_texts(request, "QUESTION"), read_texts(request, "PASSAGES"), strict=True)
            drafts = await asyncio.gather(*(self._draft(question, passages) for question, passages in pairs))
        except Exception as error:  # Whatever it is, this request fails and says so.
            return error_response(error)
        rows = np.array([[json.dumps(draft, ensure_ascii=False).encode()] for draft in drafts], dtype=np.object_)
        return pb_utils.InferenceResponse([pb_utils.Tensor("DRAFT", rows)])

    async def _draft(self, question: str, passages: str) -> dict[str, Any]:
        given = read_passages(passages)
        if not given:
            return {"sentences": []}
        shown = "\n".join(f"[{key}] {text}" for key, text in given.items())
        parameters = {
            "temperature": 0.0,
            "max_tokens": self.manifest["max_tokens"],
            # JSON inside JSON: the backend reads this one from a string.
            "structured_outputs": json.dumps({"json": schema_of(list(given))}),
        }
        return read_draft(await ask(self.manifest, fill_prompt(self.manifest, shown, question), parameters), set(given))


def read_passages(text: str) -> dict[str, str]:
    """Return id → text of the passages; raise Refused for another form."""
    try:
        listed = [(row["id"], row["text"]) for row in json.loads(text)]
    except (ValueError, TypeError, KeyError):
        raise Refused(_MALFORMED, pb_utils.TritonError.INVALID_ARG) from None
    if not all(isinstance(part, str) and part for pair in listed for part in pair) or len(dict(listed)) != len(listed):
        raise Refused(_MALFORMED, pb_utils.TritonError.INVALID_ARG)
    return dict(listed)


def schema_of(ids: list[str]) -> dict[str, Any]:
    """Return the schema of a draft that may cite these passages and nothing else."""
    sentence = {
        "type": "object",
        "additionalProperties": False,
        "required": ["text", "passage_ids"],
        "properties": {
            "text": {"type": "string", "minLength": 1, "maxLength": 400},
            "passage_ids": {"type": "array", "minItems": 1, "maxItems": 3, "items": {"enum": ids}},
        },
    }
    listed = {"type": "array", "maxItems": MOST_SENTENCES, "items": sentence}
    return {
        "type": "object",
        "additionalProperties": False,
        "required": ["sentences"],
        "properties": {"sentences": listed},
    }


def read_draft(reply: Reply, ids: set[str]) -> dict[str, Any]:
    """Return a draft of the contract's form; raise Refused for anything else, and for one that was cut off."""
    if reply.finish_reason != "stop":
        raise Refused("the draft was cut off", pb_utils.TritonError.INTERNAL)
    try:
        document = json.loads(reply.text)
    except ValueError:
        raise Refused("the draft is not JSON", pb_utils.TritonError.INTERNAL) from None
    if not isinstance(document, dict) or document.keys() != {"sentences"} or not _fits(document["sentences"], ids):
        raise Refused("the draft is not of the contract's form", pb_utils.TritonError.INTERNAL)
    return document


def _fits(sentences: Any, ids: set[str]) -> bool:
    return (
        isinstance(sentences, list)
        and len(sentences) <= MOST_SENTENCES
        and all(
            isinstance(one, dict)
            and one.keys() == {"text", "passage_ids"}
            and isinstance(one["text"], str)
            and bool(one["text"].strip())
            and isinstance(one["passage_ids"], list)
            and bool(one["passage_ids"])
            and all(isinstance(key, str) and key in ids for key in one["passage_ids"])
            for one in sentences
        )
    )
