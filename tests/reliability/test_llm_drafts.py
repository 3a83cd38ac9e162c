"""The judge of LLM drafts on rows whose figures are known: authored drafts, good and bad, and nonsense."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from portico_evaluation.results import SuiteResult
from portico_gateway.guards.validate import AnswerValidator
from portico_redaction.engine import Redactor
from portico_redaction.recognisers import all_recognisers
from portico_training.artefacts import TrainingError
from portico_training.responder.preferences import REFUSED, Preference, Reason, draft_json, load_preferences
from reliability.hostile_responder import find_subjects
from reliability.llm_drafts import judge_work, read_row
from reliability.preference_pairs import PAIRS, read_built_in

BETTER = {"chosen_logp": -10.0, "chosen_tokens": 10, "rejected_logp": -30.0, "rejected_tokens": 10}
WORSE = {"chosen_logp": -30.0, "chosen_tokens": 10, "rejected_logp": -10.0, "rejected_tokens": 10}


@pytest.fixture(scope="module")
def validator() -> Iterator[AnswerValidator]:
    redactor = Redactor(recognisers=all_recognisers())
    yield AnswerValidator(find_spans=redactor.find_spans, find_subjects=find_subjects)
    redactor.close()


@pytest.fixture(scope="module")
def pairs() -> list[Preference]:
    """One pair of every reason that a validator must refuse."""
    every = load_preferences(PAIRS, {key: passage.text for key, passage in read_built_in().items()})
    found = {pair.reason: pair for pair in every if pair.split == "test" and pair.reason in REFUSED}
    return [found[reason] for reason in Reason if reason in REFUSED]


def row(pair: Preference, draft: str, logs: Mapping[str, float], *, ended: bool = True) -> dict[str, Any]:
    return {"id": pair.id, "passages": list(pair.passages), "draft": draft, "ended": ended, **logs}


def write_stages(work: Path, stages: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
    (work / "drafts").mkdir()
    for stage, rows in stages.items():
        text = "".join(json.dumps(row) + "\n" for row in rows)
        (work / "drafts" / f"{stage}.jsonl").write_text(text, encoding="utf-8")


def figures_of(result: SuiteResult) -> dict[tuple[str, str, str], tuple[int, int]]:
    return {(f.set, f.measure, f.key): (f.of.hits, f.of.n) for f in result.figures}  # type: ignore[union-attr]


@pytest.fixture(scope="module")
def result(
    pairs: list[Preference], validator: AnswerValidator, tmp_path_factory: pytest.TempPathFactory
) -> SuiteResult:
    """Before SFT nonsense, after SFT what is to be avoided, after DPO what is to be preferred."""
    work = tmp_path_factory.mktemp("judged")
    empty = {"id": f"none-{pairs[0].id}", "passages": [], "draft": '{"sentences": []}', "ended": True}
    stages = {
        "base": [row(pair, "Sure! Take two.", WORSE) for pair in pairs] + [empty | {"draft": "I do not know."}],
        "sft": [row(pair, draft_json(pair.rejected), WORSE) for pair in pairs] + [empty],
        "dpo": [row(pair, draft_json(pair.chosen), BETTER) for pair in pairs] + [empty],
    }
    write_stages(work, stages)
    return judge_work(work, pairs, validator)


def test_each_stage_gets_the_figures_of_what_it_drafted(result: SuiteResult, pairs: list[Preference]) -> None:
    found, n = figures_of(result), len(pairs)
    chosen = sum(len(pair.chosen) for pair in pairs)
    stages = ("base", "sft", "dpo")
    assert [found[s, "valid", ""] for s in stages] == [(0, n + 1), (n + 1, n + 1), (n + 1, n + 1)]
    assert [found[s, "whole", ""] for s in stages] == [(0, n), (0, n), (n, n)]
    assert [found[s, "empty", ""] for s in stages] == [(0, 1), (1, 1), (1, 1)]
    assert [found[s, "likelier", ""] for s in stages] == [(0, n), (0, n), (n, n)]
    assert found["dpo", "complete", ""] == found["dpo", "grounded", ""] == (chosen, chosen)
    assert found["base", "complete", ""] == (0, chosen) and ("base", "grounded", "") not in found
    hits, of = found["sft", "grounded", ""]
    assert hits < of


def test_each_kind_is_caught_by_its_own_check_where_it_was_drafted(result: SuiteResult) -> None:
    found = figures_of(result)
    kinds = ("advises", "diagnoses", "doses", "invents", "contradicts")
    assert {kind: found["sft", "own", kind] for kind in kinds} == dict.fromkeys(kinds, (1, 1))
    assert {kind: found["dpo", "own", kind] for kind in kinds} == dict.fromkeys(kinds, (0, 1))
    assert not any(key[:2] == ("base", "own") for key in found), "what has no form meets no check"


def test_reward_accuracy_is_of_dpo_against_sft(result: SuiteResult, pairs: list[Preference]) -> None:
    found = figures_of(result)
    assert found["dpo", "reward", ""] == (len(pairs), len(pairs))
    assert ("sft", "reward", "") not in found


def test_no_word_of_a_draft_is_in_the_result(result: SuiteResult, pairs: list[Preference]) -> None:
    told = repr(result)
    assert not any(said.text in told for pair in pairs for said in (*pair.chosen, *pair.rejected))


@pytest.mark.parametrize(
    "spoilt",
    [
        {"ended": False},
        {"passages": ["lab.albumin#what-it-measures"]},
        {"draft": '{"sentences": [], "note": "x"}'},
        {"draft": "```json\n{}\n```"},
    ],
)
def test_what_the_serving_model_refuses_is_no_valid_draft(pairs: list[Preference], spoilt: dict[str, Any]) -> None:
    good = row(pairs[0], draft_json(pairs[0].chosen), BETTER)
    assert read_row(good) is not None, "control"
    assert read_row(good | spoilt) is None


def test_broken_rows_are_named_without_their_words(
    pairs: list[Preference], validator: AnswerValidator, tmp_path: Path
) -> None:
    with pytest.raises(TrainingError, match=r"base\.jsonl: run portico_training"):
        judge_work(tmp_path, pairs, validator)
    good = row(pairs[0], draft_json(pairs[0].chosen), BETTER)
    write_stages(tmp_path, {stage: [good, {"id": "secret words"}] for stage in ("base", "sft", "dpo")})
    with pytest.raises(TrainingError, match=r"base\.jsonl:2: no row of a draft$"):
        judge_work(tmp_path, pairs, validator)
    with pytest.raises(TrainingError, match="drafts of another set of pairs"):
        (tmp_path / "drafts" / "base.jsonl").write_text(json.dumps(good) + "\n", encoding="utf-8")
        judge_work(tmp_path, pairs[1:], validator)
