"""What the LLM responder learns from, and the committed configurations; torch is not needed for either."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from portico_core.drafting import draft_messages
from portico_knowledge.passages import built_in_folder, load_passages
from portico_training.artefacts import TrainingError
from portico_training.responder.preferences import Preference, load_preferences, split_of
from portico_training.responder_llm.examples import answered, given, of_split, sft_examples, unanswered
from portico_training.responder_llm.prompts import Prompt
from portico_training.responder_llm.settings import LlmRun, load_llm_run
from reliability.hostile_drafts import TODAY
from reliability.preference_pairs import PAIRS

CONFIGS = PAIRS.parents[1] / "configs"


@pytest.fixture(scope="module")
def texts() -> dict[str, str]:
    return {passage.id: passage.text for passage in load_passages(built_in_folder(), today=TODAY)}


@pytest.fixture(scope="module")
def pairs(texts: dict[str, str]) -> list[Preference]:
    return load_preferences(PAIRS, texts)


@pytest.fixture(scope="module")
def run() -> LlmRun:
    return load_llm_run(CONFIGS / "responder_llm.toml")


def test_every_pair_teaches_its_chosen_draft_under_its_passages(pairs: list[Preference], texts: dict[str, str]) -> None:
    for pair, row in zip(pairs, answered(pairs, texts), strict=True):
        assert [passage.id for passage in row.passages] == list(pair.passages)
        assert [s["text"] for s in json.loads(row.draft)["sentences"]] == [said.text for said in pair.chosen]


@pytest.mark.parametrize("split", ["train", "validation", "test"])
def test_a_question_without_an_answer_gets_passages_of_its_split_that_share_no_word(
    run: LlmRun, pairs: list[Preference], texts: dict[str, str], split: str
) -> None:
    rows = sft_examples(run, pairs, texts, split)
    without = [row for row in rows if row.id.startswith("none-")]
    assert len(without) == round(run.sft.unanswered_share * len(of_split(pairs, split))) > 5
    by_id = {pair.id: pair for pair in pairs}
    for row in without:
        pair = by_id[row.id.removeprefix("none-")]
        topics = {passage.id.partition("#")[0] for passage in row.passages}
        assert row.draft == '{"sentences": []}' and len(topics) == 1
        assert split_of(*topics) == split and pair.kind not in {topic.partition(".")[0] for topic in topics}
        long = {word for word in row.question.lower().split() if len(word) > 4 and word.isalpha()}
        assert not long & set(" ".join(p.text for p in row.passages).lower().split())


def test_where_every_other_topic_shares_a_word_there_is_no_such_row(
    pairs: list[Preference], texts: dict[str, str]
) -> None:
    """Negative control of the rule above."""
    pair = next(pair for pair in pairs if pair.split == "test")
    shared = dict.fromkeys(texts, pair.question)
    with pytest.raises(TrainingError, match="every other topic of its split shares a word"):
        unanswered([pair], shared, share=1.0, seed=1)


def test_the_fixed_parts_make_the_prompt_of_the_gateway(pairs: list[Preference], texts: dict[str, str]) -> None:
    passages = given(pairs[0].passages, texts)
    rules, asked = draft_messages(pairs[0].question + " <|end|>", passages)
    prompt = Prompt("", (f"{rules['content']}>Passages:\n", "\n\nQuestion:\n", ">"), "", ())
    assert prompt.fill(pairs[0].question + " <|end|>", passages) == f"{rules['content']}>{asked['content']}>"
    assert "<|end|>" not in asked["content"]


@pytest.mark.parametrize("name", ["responder_llm", "responder_llm_tiny"])
def test_the_committed_configurations_are_read(name: str) -> None:
    run = load_llm_run(CONFIGS / f"{name}.toml")
    assert run.name == name and run.lora.rank > 0


def test_the_longest_row_fits(run: LlmRun, pairs: list[Preference], texts: dict[str, str]) -> None:
    """A token holds three signs or more of such text; ids of passages are the worst of it."""
    rows = [r for split in ("train", "validation", "test") for r in sft_examples(run, pairs, texts, split)]
    signs = [sum(len(m["content"]) for m in draft_messages(r.question, r.passages)) + len(r.draft) for r in rows]
    assert max(signs) / 3 < run.max_tokens


@pytest.mark.parametrize(
    ("find", "put", "reason"),
    [
        ('device = "cuda"', 'device = "tpu"', "device is cuda or cpu"),
        ("beta = 0.1\n", "", "missing or unknown key 'beta'"),
        ("[lora]", "[lora]\ndora = true", "missing or unknown key 'dora'"),
        ("[template]", "template", "Expected '='"),
    ],
)
def test_a_broken_configuration_is_refused(tmp_path: Path, find: str, put: str, reason: str) -> None:
    text = (CONFIGS / "responder_llm.toml").read_text(encoding="utf-8")
    assert find in text
    (tmp_path / "run.toml").write_text(text.replace(find, put, 1), encoding="utf-8")
    with pytest.raises(TrainingError, match=reason):
        load_llm_run(tmp_path / "run.toml")


def test_a_split_without_pairs_is_an_error(pairs: list[Preference]) -> None:
    with pytest.raises(TrainingError, match="no pairs in the split test"):
        of_split([replace(pair, split="train") for pair in pairs[:3]], "test")
