"""The built models on the real Triton: what the gateway will see over gRPC."""

import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tritonclient.grpc as grpcclient
from numpy.typing import NDArray
from tritonclient.utils import InferenceServerException

from portico_models.check import check_models
from portico_models.scoring import load_golden
from portico_models.triton_server import TritonServer, start_triton

ROOT = Path(__file__).parents[2]
REPOSITORY = ROOT / "model_repository"
LABELS = (REPOSITORY / "safety_classifier" / "labels.txt").read_text().split()
DEADLINE_S = 30.0
# About 2,500 words before and after: no single window of the text is mostly about the emergency.
FILLERS = {
    "story": "We walked through the garden and talked about the weather, the tomatoes and the neighbours for a while. ",
    "education": "A blood test measures many things in the blood and the laboratory reports each with a range. ",
}
EMERGENCY = "My husband's face is drooping and he can't lift his arm right now. "
PASSAGES = [
    {"id": "iron.what", "text": "An iron test measures iron in the blood. Low iron can make a person tired."},
    {"id": "iron.when", "text": "Call your care team about new chest pain. The test needs a small blood sample."},
]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TritonServer]:
    report = check_models(REPOSITORY)
    assert report.passed, f"run `make models` first: {report.problems}"
    with start_triton(REPOSITORY, tmp_path_factory.mktemp("state"), ready_s=60) as running:
        yield running


@pytest.fixture(scope="module")
def client(server: TritonServer) -> Iterator[grpcclient.InferenceServerClient]:
    with grpcclient.InferenceServerClient(server.grpc_url) as made:
        yield made


def infer(client: grpcclient.InferenceServerClient, model: str, **texts: list[str | bytes]) -> Any:
    inputs = []
    for name, rows in texts.items():
        array = np.array([[row.encode() if isinstance(row, str) else row] for row in rows], dtype=np.object_)
        tensor = grpcclient.InferInput(name, list(array.shape), "BYTES")
        tensor.set_data_from_numpy(array)
        inputs.append(tensor)
    return client.infer(model, inputs, client_timeout=DEADLINE_S)


def classify(client: grpcclient.InferenceServerClient, *texts: str | bytes) -> NDArray[np.float32]:
    return np.asarray(infer(client, "safety_classifier", TEXT=list(texts)).as_numpy("SCORES"))


def draft(client: grpcclient.InferenceServerClient, question: str, passages: Any) -> list[dict[str, Any]]:
    content = passages if isinstance(passages, str) else json.dumps(passages)
    reply = infer(client, "responder", QUESTION=[question], PASSAGES=[content]).as_numpy("DRAFT")
    return list(json.loads(reply[0, 0])["sentences"])


def test_classifier_gives_a_softmax_in_the_order_of_labels(client: grpcclient.InferenceServerClient) -> None:
    reply = infer(client, "safety_classifier", TEXT=["What is metformin used for?", EMERGENCY])
    scores, counts = reply.as_numpy("SCORES"), reply.as_numpy("TOKENS_SCORED")
    assert scores.shape == (2, 6)
    assert np.allclose(scores.sum(axis=1), 1, atol=1e-5)
    assert [LABELS[i] for i in scores.argmax(axis=1)] == ["informational", "emergency"]
    assert reply.as_numpy("LABELS").tolist() == [[label.encode() for label in LABELS]] * 2
    assert counts.dtype == np.int32
    assert (counts > 5).all()


def test_served_scores_are_those_that_were_checked(client: grpcclient.InferenceServerClient) -> None:
    """The gate measured the artefact outside Triton; inside it must say the same."""
    golden = load_golden()
    scores = np.concatenate(
        [classify(client, *(m.text for m in golden[i : i + 30])) for i in range(0, len(golden), 30)]
    )
    said = [LABELS[i] for i in scores.argmax(axis=1)]
    hits = {
        label: sum(m.label == s == label for m, s in zip(golden, said, strict=True))
        for label in ("clinician", "emergency", "crisis", "attack")
    }
    assert hits == {r.label: r.by_int8 for r in check_models(REPOSITORY).recalls}


@pytest.mark.parametrize("filler", FILLERS.values(), ids=FILLERS)
def test_an_emergency_in_the_middle_of_5000_words_is_seen(
    client: grpcclient.InferenceServerClient, filler: str
) -> None:
    half = filler * (2500 // len(filler.split()))
    reply = infer(client, "safety_classifier", TEXT=[half + EMERGENCY + half])
    scores, count = reply.as_numpy("SCORES")[0], int(reply.as_numpy("TOKENS_SCORED")[0, 0])
    assert count > 4900
    assert LABELS[scores.argmax()] == "emergency" or scores.max() <= 0.52
    calm = classify(client, filler * 40)[0]
    assert LABELS[calm.argmax()] != "emergency"
    # How far it rises depends on the adapter: by .37 in the calmer filler with 0.2.0.
    assert scores[LABELS.index("emergency")] > calm[LABELS.index("emergency")] + 0.15


def test_a_neighbour_in_the_batch_changes_no_score(client: grpcclient.InferenceServerClient) -> None:
    alone = classify(client, "What is metformin used for?")[0]
    together = classify(client, *["I have crushing chest pain " * 20] * 15, "What is metformin used for?")[-1]
    with ThreadPoolExecutor(16) as pool:
        at_once = list(pool.map(lambda _: classify(client, "What is metformin used for?")[0], range(64)))
    assert np.array_equal(alone, together)
    assert all(np.array_equal(alone, row) for row in at_once)


@pytest.mark.parametrize("model", ["safety_classifier", "passage_encoder"])
def test_a_batch_of_32_is_served_and_33_refused(client: grpcclient.InferenceServerClient, model: str) -> None:
    texts: list[str | bytes] = [f"What does test number {i} measure?" for i in range(32)]
    output = {"safety_classifier": "SCORES", "passage_encoder": "EMBEDDING"}[model]
    assert len(infer(client, model, TEXT=texts).as_numpy(output)) == 32
    with pytest.raises(InferenceServerException, match="32"):
        infer(client, model, TEXT=[*texts, "one more"])


@pytest.mark.parametrize("model", ["safety_classifier", "passage_encoder"])
@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "holds nothing to read"),
        (" \n\t ", "holds nothing to read"),
        ("\u200b\x00", "holds nothing to read"),
        (b"\xff\xfe", "is not UTF-8"),
        ("word " * 20_000, "is longer than 65536 bytes"),
    ],
    ids=["empty", "blank", "invisible", "not-utf8", "huge"],
)
def test_unservable_text_is_an_error_with_a_code(
    client: grpcclient.InferenceServerClient, model: str, text: str | bytes, words: str
) -> None:
    with pytest.raises(InferenceServerException, match=words) as refused:
        infer(client, model, TEXT=[text])
    assert refused.value.status() == "StatusCode.INVALID_ARGUMENT"


def test_embeddings_have_unit_length_and_meaning(client: grpcclient.InferenceServerClient) -> None:
    texts: list[str | bytes] = [
        "What is metformin for?",
        "Metformin treats type 2 diabetes.",
        "The cat sat on the mat.",
    ]
    vectors = infer(client, "passage_encoder", TEXT=texts).as_numpy("EMBEDDING")
    assert vectors.shape == (3, 384)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert vectors[0] @ vectors[1] > vectors[0] @ vectors[2] + 0.3


def test_a_long_text_has_an_embedding(client: grpcclient.InferenceServerClient) -> None:
    vector = infer(client, "passage_encoder", TEXT=[FILLERS["education"] * 100]).as_numpy("EMBEDDING")[0]
    assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-5)


def test_a_draft_is_sentences_of_its_passages(client: grpcclient.InferenceServerClient) -> None:
    sentences = draft(client, "What does an iron test measure?", PASSAGES)
    assert sentences[0] == {"text": "An iron test measures iron in the blood.", "passage_ids": ["iron.what"]}
    by_id = {p["id"]: p["text"] for p in PASSAGES}
    assert 1 <= len(sentences) <= 4
    assert all(s["text"] in by_id[i] for s in sentences for i in s["passage_ids"])


def test_a_question_that_no_passage_answers_gets_no_sentence(client: grpcclient.InferenceServerClient) -> None:
    assert draft(client, "Who won the football game last night?", PASSAGES) == []


@pytest.mark.parametrize("junk", ["", "junk", "{}", "[]", '[{"id": "a"}]', "[" * 60_000], ids=range(6))
def test_junk_passages_are_an_error_without_the_text(client: grpcclient.InferenceServerClient, junk: str) -> None:
    with pytest.raises(InferenceServerException) as refused:
        draft(client, "What is iron?", junk)
    assert refused.value.status() == "StatusCode.INVALID_ARGUMENT"
    assert refused.value.message() == 'PASSAGES is not a JSON list of {"id", "text"}'


def test_no_request_stalls(client: grpcclient.InferenceServerClient) -> None:
    """A queue policy in config.pbtxt made 1 to 3 % of requests wait 500 ms: 12 to 36 of these 1,200.

    A machine that stops for half a second holds up the four in flight, so eight may be late without it.
    """

    def seconds(i: int) -> float:
        started = time.perf_counter()
        infer(client, "passage_encoder", TEXT=[f"What is test {i}?"])
        return time.perf_counter() - started

    with ThreadPoolExecutor(4) as pool:
        waited = sorted(pool.map(seconds, range(1200)))
    assert waited[-9] < 0.4, f"the slowest nine of 1,200 took {waited[-9:]} s"


def test_no_text_reaches_the_log(client: grpcclient.InferenceServerClient, server: TritonServer) -> None:
    canary = "zebracanary"
    classify(client, f"What is {canary}?")
    draft(client, f"What is {canary}?", [{"id": "a", "text": f"A {canary} is a word."}])
    with pytest.raises(InferenceServerException):
        draft(client, canary, canary)
    log = server.log.read_text()
    assert "safety_classifier" in log
    assert canary not in log
