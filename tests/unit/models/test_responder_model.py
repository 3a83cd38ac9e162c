"""The responder chooses; it never writes."""

import json
from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np
import pytest

Load = Callable[[str, str], ModuleType]


@pytest.fixture
def selection(load_model: Load) -> ModuleType:
    return load_model("responder", "selection")


@pytest.fixture
def responder(load_model: Load) -> ModuleType:
    return load_model("responder", "model")


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("One. Two! Three?", ["One.", "Two!", "Three?"]),
        # Abbreviations, initials and decimals do not end a sentence.
        ("Ask Dr. Lee. It is 1.5 mg, e.g. one pill.", ["Ask Dr. Lee.", "It is 1.5 mg, e.g. one pill."]),
        ("In the U.S. many people do. Some do not.", ["In the U.S. many people do.", "Some do not."]),
        # A single letter is a word.
        ("Kale holds vitamin K. Eat it.", ["Kale holds vitamin K.", "Eat it."]),
        ('She said "stop." Then she left.', ['She said "stop."', "Then she left."]),
        ("- first\n- second\n\n3) third", ["first", "second", "third"]),
        ("no end", ["no end"]),
        ("", []),
        (" \n . ", []),
    ],
)
def test_sentences_are_split_and_exact(selection: ModuleType, text: str, sentences: list[str]) -> None:
    found = [s.text for s in selection.split_sentences(text, 0)]
    assert found == sentences
    assert all(sentence in text for sentence in found)


def scored(selection: ModuleType, *rows: tuple[str, int, int, float]) -> list[Any]:
    """Give each sentence a direction of its own, so that none is a duplicate by meaning."""
    axes = np.eye(len(rows), dtype=np.float32)
    return [
        selection.Scored(selection.Sentence(text, passage, position), axes[i], score)
        for i, (text, passage, position, score) in enumerate(rows)
    ]


def chosen(selection: ModuleType, *rows: tuple[str, int, int, float]) -> list[str]:
    return [s.text for s in selection.select_sentences(scored(selection, *rows))]


def test_the_best_passage_leads_in_its_own_order(selection: ModuleType) -> None:
    rows = [("Alpha.", 0, 0, 0.76), ("Beta.", 1, 0, 0.7), ("Gamma.", 1, 1, 0.8)]
    assert chosen(selection, *rows) == ["Beta.", "Gamma.", "Alpha."]


def test_at_most_four_sentences(selection: ModuleType) -> None:
    rows = [(f"Word{i}.", i // 3, i % 3, 0.8) for i in range(9)]
    assert chosen(selection, *rows) == ["Word0.", "Word1.", "Word2.", "Word3."]


def test_another_passage_adds_its_best_sentence_and_no_more_than_two_do(selection: ModuleType) -> None:
    rows = [(f"Word{i}.", i // 2, i % 2, 0.8 - i / 100) for i in range(8)]
    assert chosen(selection, *rows) == ["Word0.", "Word1.", "Word2.", "Word4."]
    far = [("Alpha.", 0, 0, 0.8), ("Beta.", 1, 0, 0.59), ("Gamma.", 0, 1, 0.59)]
    assert chosen(selection, *far) == ["Alpha.", "Gamma."], "a little worse is well enough in the main passage only"


def test_what_the_search_puts_first_is_heard_if_it_is_near_at_all(selection: ModuleType) -> None:
    assert chosen(selection, ("Beta.", 1, 0, 0.8), ("Alpha.", 0, 0, 0.52)) == ["Beta.", "Alpha."]
    assert chosen(selection, ("Beta.", 1, 0, 0.8), ("Alpha.", 2, 0, 0.52)) == ["Beta."]
    assert chosen(selection, ("Beta.", 1, 0, 0.8), ("Alpha.", 0, 0, 0.49)) == ["Beta."]


def test_nothing_close_gives_nothing(selection: ModuleType) -> None:
    assert chosen(selection, ("Alpha.", 0, 0, 0.29)) == []
    assert selection.select_sentences([]) == []


def test_a_far_sentence_is_left_out(selection: ModuleType) -> None:
    assert chosen(selection, ("Alpha.", 0, 0, 0.8), ("Beta.", 0, 1, 0.5)) == ["Alpha."]


def test_the_same_words_are_said_once(selection: ModuleType) -> None:
    assert chosen(selection, ("A test is quick.", 0, 0, 0.8), ("Tests are quick.", 1, 0, 0.79)) == ["A test is quick."]


def test_a_sentence_that_leans_on_another_comes_with_it_or_not_at_all(selection: ModuleType) -> None:
    assert chosen(selection, ("Iron is a metal.", 0, 0, 0.7), ("It rusts.", 0, 1, 0.8)) == [
        "Iron is a metal.",
        "It rusts.",
    ]
    assert chosen(selection, ("Iron is a metal.", 0, 0, 0.1), ("It rusts.", 0, 1, 0.8)) == [
        "Iron is a metal.",
        "It rusts.",
    ]
    rows = [("Iron is a metal.", 0, 0, 0.8), ("Gold is one.", 0, 1, 0.1), ("It shines.", 0, 2, 0.7)]
    assert chosen(selection, *rows) == ["Iron is a metal."]


def test_every_passage_that_says_a_sentence_is_cited(responder: ModuleType, selection: ModuleType) -> None:
    passages = [
        responder.Passage("a", "Other."),
        responder.Passage("b", "Yes. No."),
        responder.Passage("c", "No. Yes."),
    ]
    cited = responder.cite(selection.Sentence("Yes.", 1, 0), passages)
    assert cited == {"text": "Yes.", "passage_ids": ["b", "c"]}


@pytest.mark.parametrize(
    "content",
    [
        "", "junk", "{}", "[]", "null", "3", '"text"', "[1]", "[[]]", '[{"id": "a"}]', '[{"text": "a"}]',
        '[{"id": 1, "text": "a"}]', '[{"id": "a", "text": null}]', '[{"id": "", "text": "a"}]', "[" * 60_000,
    ],
)  # fmt: skip
def test_junk_passages_are_refused_with_fixed_words(responder: ModuleType, content: str) -> None:
    with pytest.raises(responder.Refused) as refused:
        responder.read_passages(content)
    assert str(refused.value) == 'PASSAGES is not a JSON list of {"id", "text"}'


class FakeText:
    """Every text has the same vector; counts how often each is embedded."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    def embed(self, text: str, name: str) -> Any:
        self.seen.append(text)
        return np.array([1.0, 0.0], dtype=np.float32)


@pytest.fixture
def model(responder: ModuleType, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(responder, "load_text_model", lambda args: FakeText())
    made = responder.TritonPythonModel()
    made.initialize({})
    return made


def test_passage_vectors_are_kept_and_questions_never(model: Any, make_request: Callable[..., Any]) -> None:
    passages = json.dumps([{"id": "a", "text": "Iron is a metal."}])
    for _ in range(3):
        response = model.execute([make_request(QUESTION="what is iron", PASSAGES=passages)])[0]
        assert json.loads(response.output("DRAFT")[0, 0])["sentences"][0]["passage_ids"] == ["a"]
    assert model.model.seen.count("Iron is a metal.") == 1
    assert model.model.seen.count("what is iron") == 3


def test_too_many_sentences_are_refused(model: Any, make_request: Callable[..., Any]) -> None:
    passages = json.dumps([{"id": "a", "text": "Iron is a metal. " * 300}])
    response = model.execute([make_request(QUESTION="what is iron", PASSAGES=passages)])[0]
    assert response.error.text == "PASSAGES holds over 256 sentences"
