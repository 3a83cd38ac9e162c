"""The passage encoder for batch work: the model file in this process, or the one a running Triton serves."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import tritonclient.grpc as triton
from numpy.typing import NDArray
from tritonclient.utils import InferenceServerException

from portico_cli.places import MODEL_REPOSITORY
from portico_core.errors import EncoderUnavailable
from portico_gateway.adapters.triton_channel import OVER_TLS, credentials_for
from portico_gateway.settings import GatewaySettings
from portico_knowledge.local_encoder import LocalEncoder, open_local_encoder
from portico_models.versions import folder_in_force

DEADLINE_S = 30.0


class TritonEncoder:
    """Callable like `LocalEncoder`: texts in, rows of unit vectors out."""

    def __init__(self, url: str) -> None:
        secured = credentials_for(url, GatewaySettings().triton_tls())
        self._client = triton.InferenceServerClient(url.removeprefix(OVER_TLS), creds=secured[1] if secured else None)
        folder = _folder()
        self._number = folder.name
        self.version = str(json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["version"])

    def __call__(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return one row per text; raise EncoderUnavailable."""
        try:
            return np.vstack([self._encode(text) for text in texts])
        except InferenceServerException:
            raise EncoderUnavailable from None

    def _encode(self, text: str) -> NDArray[np.float32]:
        tensor = triton.InferInput("TEXT", [1, 1], "BYTES")
        tensor.set_data_from_numpy(np.array([[text.encode()]], dtype=np.object_))
        found = self._client.infer("passage_encoder", [tensor], self._number, client_timeout=DEADLINE_S)
        return np.asarray(found.as_numpy("EMBEDDING"), dtype=np.float32).reshape(1, -1)


def open_encoder(triton_url: str | None) -> LocalEncoder | TritonEncoder:
    """Return the encoder of a running Triton, or the same model in this process."""
    return TritonEncoder(triton_url) if triton_url else open_local_encoder(_folder())


def _folder() -> Path:
    return folder_in_force(MODEL_REPOSITORY, "passage_encoder")
