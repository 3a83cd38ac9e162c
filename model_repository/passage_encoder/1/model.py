"""passage_encoder: the vector of a passage or of a redacted question, for retrieval.

`TEXT` [rows, 1] → `EMBEDDING` [rows, 384], unit length. A text of several windows gets the mean of their vectors.
"""

from typing import Any

import numpy as np
import triton_python_backend_utils as pb_utils
from text_model import TextModel, error_response, load_text_model, read_texts


class TritonPythonModel:
    """What Triton's Python backend calls."""

    def initialize(self, args: dict[str, str]) -> None:
        """Load and verify the model; Triton does not become ready if this raises."""
        self.model: TextModel = load_text_model(args)

    def execute(self, requests: list[Any]) -> list[Any]:
        """Answer each request by itself: one that fails does not touch its neighbours."""
        return [self._respond(request) for request in requests]

    def _respond(self, request: Any) -> Any:
        try:
            rows = [self.model.embed(text, "TEXT") for text in read_texts(request, "TEXT")]
        except Exception as error:  # Whatever it is, this request fails and says so.
            return error_response(error)
        return pb_utils.InferenceResponse([pb_utils.Tensor("EMBEDDING", np.stack(rows))])
