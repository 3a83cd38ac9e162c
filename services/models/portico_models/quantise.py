"""From a float graph to int8 linear layers, per channel.

Quantisation uses seven bits a weight (`reduce_range`): with eight, processors without VNNI saturate, and the same
message could get another verdict on another machine.
"""

import io
import tempfile
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx.helper import set_model_props
from onnx.shape_inference import infer_shapes
from onnxruntime.quantization import QuantType, quantize_dynamic

from portico_models.artefacts import MODEL
from portico_models.bert_graph import BertShape, quantised_nodes


def quantised(model: onnx.ModelProto, shape: BertShape, *, exact_layers: int = 0) -> bytes:
    """Return the model with int8 linear layers, per channel; the first `exact_layers` layers stay in float."""
    prepared = infer_shapes(model)
    # Tells the quantiser that shapes are known, without which it warns on standard error.
    set_model_props(prepared, {"onnx.quant.pre_process": "onnxruntime.quant"})
    with tempfile.TemporaryDirectory(prefix="portico-models-") as folder:
        output = Path(folder) / MODEL
        quantize_dynamic(
            prepared, output, per_channel=True, reduce_range=True, weight_type=QuantType.QInt8,
            nodes_to_quantize=quantised_nodes(shape, exact_layers=exact_layers),
        )  # fmt: skip
        return output.read_bytes()


def as_npy(rows: NDArray[np.float32]) -> bytes:
    """Return an array as the bytes of an .npy file."""
    buffer = io.BytesIO()
    np.save(buffer, rows, allow_pickle=False)
    return buffer.getvalue()
