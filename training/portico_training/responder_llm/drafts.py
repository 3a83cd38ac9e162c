"""What each stage drafts for the test pairs, and how likely it finds their two drafts: the rows that are judged.

    python -m portico_training.responder_llm.drafts --config training/configs/responder_llm.toml

Stages: the base, after SFT, after DPO. Drafting is greedy, as the gateway asks for it, and free: without the structured
output that holds the engine to the schema when it serves. `python -m reliability.llm_drafts` judges the rows with the
validators that serve; they need the serving environment, and this needs torch. A stopped run goes on.
"""

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import torch
from tqdm import tqdm

from portico_training.artefacts import TrainingError, write_text
from portico_training.responder.preferences import draft_json, load_preferences, read_passages
from portico_training.responder_llm import base
from portico_training.responder_llm.examples import Example, of_split, sft_examples
from portico_training.responder_llm.prompts import Prompt, prompt_ids
from portico_training.responder_llm.settings import LlmRun, load_llm_run


def main() -> None:
    """Draft with every stage."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument("--stages", nargs="+", choices=base.STAGES, default=list(base.STAGES))
    args = parser.parse_args()
    try:
        for stage in args.stages:
            draft_stage(load_llm_run(args.config), stage)
    except (TrainingError, ValueError) as error:
        raise SystemExit(str(error)) from None


def draft_stage(run: LlmRun, stage: str, split: str = "test") -> Path:
    """Write `drafts/<stage>.jsonl`: one row a question, with the draft and the log-probabilities of the pair's two."""
    digest, tokenizer = base.base_digest(run.base), base.load_tokenizer(run)
    if stage != "base":
        base.read_stage(run, stage, digest)
    texts = read_passages(run.passages)
    pairs = load_preferences(run.pairs, texts)
    prompt = base.shared_prompt(run, tokenizer, digest)
    examples = sft_examples(run, pairs, texts, split)
    rejected = {pair.id: draft_json(pair.rejected) for pair in of_split(pairs, split)}
    path = run.work / "drafts" / f"{stage}.jsonl"
    key = f"{digest} {base.adapter_digest(run, stage)} {prompt.version} {run.drafts}"
    rows = {row["id"]: row for row in _read(path) if row["key"] == key}
    left = [example for example in examples if example.id not in rows]
    model = base.load_stage(run, stage, prompt, tokenizer).eval() if left else None
    for batch in tqdm(list(_batches(left, run.drafts.batch_size)), desc=stage, disable=not sys.stderr.isatty()):
        for example, said in zip(batch, draft_batch(run, model, tokenizer, prompt, batch), strict=True):
            rows[example.id] = {"id": example.id, "stage": stage, "key": key, **said}
            if example.id in rejected:
                ids = base.encode(run, tokenizer, prompt, example, example.draft, rejected[example.id])
                rows[example.id] |= score_pair(model, *ids)
        _write(path, [rows[example.id] for example in examples if example.id in rows])
    return path


@torch.inference_mode()  # type: ignore[untyped-decorator]
def draft_batch(
    run: LlmRun, model: Any, tokenizer: Any, prompt: Prompt, batch: Sequence[Example]
) -> list[dict[str, Any]]:
    """Return for each question its passages, the draft as text, and whether it ended by itself."""
    asked = [prompt_ids(tokenizer, prompt.fill(example.question, example.passages)) for example in batch]
    longest = max(map(len, asked))
    ids = torch.tensor([[tokenizer.pad_token_id] * (longest - len(row)) + row for row in asked]).to(run.device)
    mask = torch.tensor([[0] * (longest - len(row)) + [1] * len(row) for row in asked]).to(run.device)
    out = model.generate(
        input_ids=ids, attention_mask=mask, do_sample=False, max_new_tokens=run.drafts.max_new_tokens,
        pad_token_id=tokenizer.pad_token_id,
    )  # fmt: skip
    stop = tokenizer.convert_tokens_to_ids(prompt.stop)
    return [_said(example, row, tokenizer, stop) for example, row in zip(batch, out[:, longest:].tolist(), strict=True)]


def _said(example: Example, new: list[int], tokenizer: Any, stop: int) -> dict[str, Any]:
    ended = stop in new
    text = tokenizer.decode(new[: new.index(stop)] if ended else new, skip_special_tokens=True)
    return {"passages": [passage.id for passage in example.passages], "draft": text, "ended": ended}


@torch.inference_mode()  # type: ignore[untyped-decorator]
def score_pair(model: Any, asked: list[int], chosen: list[int], rejected: list[int]) -> dict[str, Any]:
    """Return log-probability and length of both drafts of a pair, given the ids of prompt and drafts."""
    found: dict[str, Any] = {}
    for name, said in (("chosen", chosen), ("rejected", rejected)):
        ids = torch.tensor([[*asked, *said]]).to(model.device)
        logits = model(input_ids=ids).logits[0, len(asked) - 1 : -1].float()
        told = logits.log_softmax(-1).gather(1, ids[0, len(asked) :, None]).sum().item()
        found |= {f"{name}_logp": told, f"{name}_tokens": len(said)}
    return found


def _batches(examples: Sequence[Example], size: int) -> Iterator[Sequence[Example]]:
    for at in range(0, len(examples), size):
        yield examples[at : at + size]


def _read(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.is_file() else []


def _write(path: Path, rows: Sequence[dict[str, Any]]) -> None:
    write_text(path, "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))


if __name__ == "__main__":
    main()
