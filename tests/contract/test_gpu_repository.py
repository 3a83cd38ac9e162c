"""The GPU profile keeps the contract of the CPU profile, and its engine models name the documented tensors."""

import ast
import json
from pathlib import Path
from typing import Any

import pytest
from google.protobuf import text_format
from tritonclient.grpc import model_config_pb2

from contract.test_model_repository import INPUTS, OUTPUTS, tensors
from portico_core import drafting
from portico_core.labels import Label

REPOSITORY = Path(__file__).parents[2] / "model_repository_gpu"
THIN, ENGINES = ("safety_classifier", "responder"), ("safety_llm", "responder_llm")
# What the thin models send and ask for; the vLLM backend's user guide has the types.
SENT = {"text_input", "stream", "sampling_parameters", "exclude_input_in_output",
        "return_finish_reason", "return_logprobs", "return_num_input_tokens"}  # fmt: skip
ASKED = {"text_output", "finish_reason", "logprobs", "num_input_tokens"}


def read_config(model: str) -> Any:
    text = (REPOSITORY / model / "config.pbtxt").read_text(encoding="utf-8")
    return text_format.Parse(text, model_config_pb2.ModelConfig())


def test_there_is_nothing_else() -> None:
    assert {path.name for path in REPOSITORY.iterdir() if path.is_dir()} == {*THIN, *ENGINES}


@pytest.mark.parametrize("model", THIN)
def test_the_contract_is_that_of_the_cpu_profile(model: str) -> None:
    config = read_config(model)
    assert (config.name, config.backend, config.max_batch_size) == (model, "python", 32)
    assert (tensors(config.input), tensors(config.output)) == (INPUTS[model], OUTPUTS[model])


@pytest.mark.parametrize("model", ENGINES)
def test_an_engine_is_decoupled_and_names_every_tensor_that_is_used(model: str) -> None:
    config = read_config(model)
    assert (config.name, config.backend, config.max_batch_size) == (model, "vllm", 0)
    assert config.model_transaction_policy.decoupled
    assert {t.name for t in config.input} == SENT and {t.name for t in config.output} == ASKED
    source = (REPOSITORY / THIN[0] / "1" / "llm.py").read_text(encoding="utf-8")
    assert all(f'"{name.removeprefix("return_")}"' in source for name in SENT | ASKED)
    engine = json.loads((REPOSITORY / model / "1" / "model.json").read_text(encoding="utf-8"))
    assert engine["model"].startswith("/bundle/weights/"), "weights come with the bundle, checked; nothing is fetched"


def test_the_engine_gives_a_log_probability_to_all_six_tokens() -> None:
    engine = json.loads((REPOSITORY / "safety_llm" / "1" / "model.json").read_text(encoding="utf-8"))
    assert engine["logprobs_mode"] == "processed_logprobs" and engine["max_logprobs"] == len(Label)


def test_the_copies_of_llm_are_one_and_the_labels_in_order() -> None:
    assert len({(REPOSITORY / model / "1" / "llm.py").read_bytes() for model in THIN}) == 1
    assert (REPOSITORY / "safety_classifier" / "labels.txt").read_text("utf-8").split() == [x.value for x in Label]


def test_both_ways_to_an_llm_ask_for_the_same_draft() -> None:
    """The thin model shares no code with the services; its schema is that of `portico_core.drafting`."""
    source = ast.parse((REPOSITORY / "responder" / "1" / "model.py").read_text(encoding="utf-8"))
    function = next(n for n in source.body if isinstance(n, ast.FunctionDef) and n.name == "schema_of")
    names: dict[str, Any] = {"Any": Any, "MOST_SENTENCES": drafting.MOST_SENTENCES}
    exec(compile(ast.Module([function], []), "schema_of", "exec"), names)  # noqa: S102  our own file; its imports need Triton's own module.
    assert names["schema_of"](["a#b", "c#d"]) == drafting.draft_schema(["a#b", "c#d"])
    assert f"MOST_SENTENCES = {drafting.MOST_SENTENCES}\n" in ast.unparse(source) + "\n"
