"""What Triton is told equals the table that the gateway, the charts and the images rely on.

The table is repeated here on purpose: a renamed tensor must break this test and ask for a decision record.
"""

import ast
import struct
import sys
from pathlib import Path

import pytest
from google.protobuf import text_format
from tritonclient.grpc import model_config_pb2

from portico_core.labels import SEVERITY, Label

REPOSITORY = Path(__file__).parents[2] / "model_repository"
MODELS = ("passage_encoder", "responder", "safety_classifier")
INPUTS = {
    "safety_classifier": {"TEXT": ("TYPE_STRING", [1])},
    "passage_encoder": {"TEXT": ("TYPE_STRING", [1])},
    "responder": {"QUESTION": ("TYPE_STRING", [1]), "PASSAGES": ("TYPE_STRING", [1])},
}
OUTPUTS = {
    "safety_classifier": {
        "SCORES": ("TYPE_FP32", [6]),
        "TOKENS_SCORED": ("TYPE_INT32", [1]),
        "LABELS": ("TYPE_STRING", [6]),
    },
    "passage_encoder": {"EMBEDDING": ("TYPE_FP32", [384])},
    "responder": {"DRAFT": ("TYPE_STRING", [1])},
}
# What the Triton environment holds for models; anything else would be missing there.
ALLOWED_IMPORTS = {"numpy", "onnxruntime", "tokenizers", "triton_python_backend_utils", "text_model", "selection"}


def read_config(model: str) -> model_config_pb2.ModelConfig:
    text = (REPOSITORY / model / "config.pbtxt").read_text()
    return text_format.Parse(text, model_config_pb2.ModelConfig())


def tensors(declared: object) -> dict[str, tuple[str, list[int]]]:
    return {t.name: (model_config_pb2.DataType.Name(t.data_type), list(t.dims)) for t in declared}  # type: ignore[attr-defined]


def test_the_repository_holds_these_models_and_nothing_that_triton_would_take_for_one() -> None:
    assert {path.name for path in REPOSITORY.iterdir() if path.is_dir()} == set(MODELS)


@pytest.mark.parametrize("model", MODELS)
def test_tensors_are_those_of_the_contract(model: str) -> None:
    config = read_config(model)
    assert config.name == model
    assert config.backend == "python"
    assert tensors(config.input) == INPUTS[model]
    assert tensors(config.output) == OUTPUTS[model]


@pytest.mark.parametrize("model", MODELS)
def test_batching_instances_and_warm_up(model: str) -> None:
    config = read_config(model)
    assert config.max_batch_size == 32
    assert config.dynamic_batching.max_queue_delay_microseconds == 1000
    assert [(g.kind, g.count) for g in config.instance_group] == [(model_config_pb2.ModelInstanceGroup.KIND_CPU, 1)]
    assert set(config.model_warmup[0].inputs) == set(INPUTS[model])


@pytest.mark.parametrize("model", MODELS)
def test_no_queue_policy_stalls_the_batcher(model: str) -> None:
    """Triton 2.51 with a queue policy loses wake-ups: 1 to 3 % of requests then wait half a second."""
    assert not read_config(model).dynamic_batching.HasField("default_queue_policy")


@pytest.mark.parametrize("model", MODELS)
def test_warm_up_files_are_strings_as_triton_reads_them(model: str) -> None:
    for sample in read_config(model).model_warmup[0].inputs.values():
        content = (REPOSITORY / model / "warmup" / sample.input_data_file).read_bytes()
        assert struct.unpack("<I", content[:4])[0] == len(content) - 4 > 0


def test_the_order_of_labels_is_the_order_of_scores() -> None:
    labels = (REPOSITORY / "safety_classifier" / "labels.txt").read_text().split()
    assert labels == [label.value for label in Label]
    assert read_config("safety_classifier").output[0].label_filename == "labels.txt"


def test_models_and_services_agree_on_severity() -> None:
    source = ast.parse((REPOSITORY / "safety_classifier" / "1" / "model.py").read_text())
    declared = next(
        ast.literal_eval(node.value)
        for node in source.body
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id == "SEVERITY"
    )
    assert list(declared) == sorted((label.value for label in Label), key=lambda v: -SEVERITY[Label(v)])


def test_the_copies_of_text_model_are_one() -> None:
    copies = {(REPOSITORY / model / "1" / "text_model.py").read_bytes() for model in MODELS}
    assert len(copies) == 1


@pytest.mark.parametrize("path", sorted(REPOSITORY.glob("*/1/*.py")), ids=lambda p: f"{p.parts[-3]}/{p.name}")
def test_models_import_only_what_their_environment_holds(path: Path) -> None:
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.split(".")[0])
    assert found - set(sys.stdlib_module_names) <= ALLOWED_IMPORTS


@pytest.mark.parametrize("model", MODELS)
def test_every_model_has_a_card(model: str) -> None:
    card = (REPOSITORY / model / "MODEL_CARD.md").read_text()
    assert all(heading in card for heading in ("## Intended use", "## Limits", "## Measured", "## Licence"))
