"""Stands in for a model of Triton's vLLM backend: its documented tensors, decoupled; replies by rule, not by an LLM.

What a prompt contains decides the reply, faults included. It also says back what it was asked, so that a test can see
the prompt and the parameters that would have reached the engine.
"""

import json
from typing import Any

import numpy as np
import triton_python_backend_utils as pb_utils

ORDER = ("informational", "clinician", "emergency", "crisis", "attack", "out_of_scope")
FIRST_TOKEN = 101  # Token ids of the verdicts: 101 to 106.
CUES = {"chest pain": "emergency", "end my life": "crisis", "double my dose": "clinician", "ignore your": "attack"}


class TritonPythonModel:
    """What Triton's Python backend calls."""

    def execute(self, requests: list[Any]) -> None:
        """Send one response for each request, and an empty last one, as the backend does."""
        for request in requests:
            sender = request.get_response_sender()
            for reply in replies_to(request):
                sender.send(reply)
            sender.send(flags=pb_utils.TRITONSERVER_RESPONSE_COMPLETE_FINAL)


def replies_to(request: Any) -> list[Any]:
    """Return the replies that the prompt asks for."""
    prompt = text_of(request, "text_input")
    parameters = json.loads(text_of(request, "sampling_parameters"))
    if "FAULT error" in prompt:
        error = pb_utils.TritonError(f"engine failed on: {prompt}")
        return [pb_utils.InferenceResponse(output_tensors=[], error=error)]
    if "FAULT silence" in prompt:
        return []
    body = draft(prompt, parameters) if "structured_outputs" in parameters else verdict(prompt, parameters)
    return [respond(*body)] * (2 if "FAULT twice" in prompt else 1)


def verdict(prompt: str, parameters: dict[str, Any]) -> tuple[str, str, list[Any] | None]:
    """Return text, reason and log-probabilities of one verdict token."""
    said = next((label for cue, label in CUES.items() if cue in prompt), "informational")
    logs = {FIRST_TOKEN + i: -0.05 if label == said else -5.0 for i, label in enumerate(ORDER)}
    if parameters.get("allowed_token_ids") != list(logs) or parameters.get("max_tokens") != 1:
        logs = {7: -0.1}  # An engine that was not held to the tokens says anything.
    if "FAULT missing" in prompt:
        logs.pop(FIRST_TOKEN)
    if "FAULT nan" in prompt:
        logs[FIRST_TOKEN] = float("nan")
    row = {token: {"logprob": value, "rank": 1, "decoded_token": "?"} for token, value in logs.items()}
    rows = None if "FAULT null" in prompt else [row] * (2 if "FAULT two tokens" in prompt else 1)
    return "E", "length", rows


def draft(prompt: str, parameters: dict[str, Any]) -> tuple[str, str, list[Any] | None]:
    """Return a draft that cites the first id that the schema allows, and shows what was asked."""
    schema = json.loads(parameters["structured_outputs"])["json"]
    ids = schema["properties"]["sentences"]["items"]["properties"]["passage_ids"]["items"]["enum"]
    told = {"text": json.dumps({"prompt": prompt, "parameters": parameters}), "passage_ids": ids[:1]}
    text = json.dumps({"sentences": [told]})
    if "FAULT foreign" in prompt:
        text = json.dumps({"sentences": [{"text": "x", "passage_ids": ["elsewhere"]}]})
    if "FAULT prose" in prompt:
        text = "Sure! Here is what I know."
    if "FAULT extra" in prompt:
        text = json.dumps({"sentences": [], "advice": "double it"})
    return text, "length" if "FAULT cut off" in prompt else "stop", None


def respond(text: str, reason: str, logprobs: list[Any] | None) -> Any:
    """Return the documented output tensors."""
    return pb_utils.InferenceResponse(
        [
            pb_utils.Tensor("text_output", np.array([text.encode()], dtype=np.object_)),
            pb_utils.Tensor("finish_reason", np.array([reason.encode()], dtype=np.object_)),
            pb_utils.Tensor("logprobs", np.array([json.dumps(logprobs).encode()], dtype=np.object_)),
            pb_utils.Tensor("num_input_tokens", np.array([42], dtype=np.uint32)),
        ]
    )


def text_of(request: Any, name: str) -> str:
    """Return one text input."""
    return bytes(pb_utils.get_input_tensor_by_name(request, name).as_numpy()[0]).decode()
