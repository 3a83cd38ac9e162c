"""responder, CPU profile: a draft made of sentences of approved passages, so that none can be invented.

`QUESTION` [rows, 1] and `PASSAGES` [rows, 1] (JSON list of `{"id", "text"}`) → `DRAFT` [rows, 1], JSON
`{"sentences": [{"text", "passage_ids"}]}`. No sentence means that nothing was close enough to the question; the
gateway then hands over to a person. Vectors of passage sentences are kept, those of questions never.
"""

import functools
import json
from dataclasses import dataclass
from typing import Any

import numpy as np
import triton_python_backend_utils as pb_utils
from numpy.typing import NDArray
from selection import Sentence, score_sentence, select_sentences, split_sentences
from text_model import Refused, TextModel, error_response, load_text_model, read_texts

CACHED_SENTENCES = 16_384  # 24 MB of vectors, ten times the built-in passages
MOST_SENTENCES_READ = 256
_MALFORMED = 'PASSAGES is not a JSON list of {"id", "text"}'


@dataclass(frozen=True, slots=True)
class Passage:
    """One approved passage as the gateway gave it."""

    id: str
    text: str


class TritonPythonModel:
    """What Triton's Python backend calls."""

    def initialize(self, args: dict[str, str]) -> None:
        """Load and verify the model; Triton does not become ready if this raises."""
        self.model: TextModel = load_text_model(args)
        self.sentence_vector = functools.lru_cache(CACHED_SENTENCES)(self._embed_sentence)

    def execute(self, requests: list[Any]) -> list[Any]:
        """Answer each request by itself: one that fails does not touch its neighbours."""
        return [self._respond(request) for request in requests]

    def _respond(self, request: Any) -> Any:
        try:
            pairs = zip(read_texts(request, "QUESTION"), read_texts(request, "PASSAGES"), strict=True)
            drafts = [self._draft(question, read_passages(passages)) for question, passages in pairs]
        except Exception as error:  # Whatever it is, this request fails and says so.
            return error_response(error)
        rows = np.array([[json.dumps(draft, ensure_ascii=False).encode()] for draft in drafts], dtype=np.object_)
        return pb_utils.InferenceResponse([pb_utils.Tensor("DRAFT", rows)])

    def _draft(self, question: str, passages: list[Passage]) -> dict[str, Any]:
        sentences = [s for i, passage in enumerate(passages) for s in split_sentences(passage.text, i)]
        if len(sentences) > MOST_SENTENCES_READ:
            raise Refused(f"PASSAGES holds over {MOST_SENTENCES_READ} sentences", pb_utils.TritonError.INVALID_ARG)
        vector = self.model.embed(question, "QUESTION")
        scored = [score_sentence(question, vector, s, self.sentence_vector(s.text)) for s in sentences]
        return {"sentences": [cite(chosen, passages) for chosen in select_sentences(scored)]}

    def _embed_sentence(self, text: str) -> NDArray[np.float32]:
        return self.model.embed(text, "PASSAGES")


def cite(sentence: Sentence, passages: list[Passage]) -> dict[str, Any]:
    """Name every passage that says the sentence, the one it was taken from first."""
    origin = passages[sentence.passage]
    others = [p.id for p in passages if p.id != origin.id and sentence.text in p.text]
    return {"text": sentence.text, "passage_ids": [origin.id, *others]}


def read_passages(content: str) -> list[Passage]:
    """Read PASSAGES.

    Raises:
        Refused: it is anything but a list of at least one `{"id", "text"}`.
    """
    try:
        passages = [Passage(item["id"], item["text"]) for item in json.loads(content)]
    except (ValueError, TypeError, KeyError, RecursionError):
        raise Refused(_MALFORMED, pb_utils.TritonError.INVALID_ARG) from None
    if not passages or not all(isinstance(p.id, str) and isinstance(p.text, str) and p.id for p in passages):
        raise Refused(_MALFORMED, pb_utils.TritonError.INVALID_ARG)
    return passages
