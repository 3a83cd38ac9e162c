"""DPO on pairs of drafts: one that informs and cites is preferred to one that advises, diagnoses, doses, invents …

    python -m portico_training.responder_llm.dpo --config training/configs/responder_llm.toml

Goes on from the adapter that SFT left, with a frozen copy of it as the reference. A small SFT term keeps the chosen
draft likely, which DPO alone lets sink together with the rejected one. Leaves the adapter in `work/dpo`.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from datasets import Dataset
from transformers.trainer_utils import set_seed
from trl import DPOConfig
from trl.trainer.dpo_trainer import DataCollatorForPreference

from portico_training.artefacts import RunLog, TrainingError
from portico_training.curve import draw_llm_curve
from portico_training.responder.preferences import (
    Preference,
    draft_json,
    load_preferences,
    preferences_digest,
    read_passages,
)
from portico_training.responder_llm import base
from portico_training.responder_llm.examples import answered, of_split
from portico_training.responder_llm.prompts import Prompt
from portico_training.responder_llm.settings import LlmRun, load_llm_run
from portico_training.responder_llm.sft import train_on
from portico_training.settings import fingerprint
from portico_training.trainers import DPO_FIGURES, LogFigures, TokenDpoTrainer

_FIGURES = {
    "dpo_step": DPO_FIGURES,
    "dpo_validation": {ours: f"eval_{theirs}" for ours, theirs in DPO_FIGURES.items()},
}


def main() -> None:
    """Run DPO as the configuration says."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--config", type=Path, required=True)
    try:
        run_dpo(load_llm_run(parser.parse_args().config))
    except (TrainingError, ValueError) as error:
        raise SystemExit(str(error)) from None


def run_dpo(run: LlmRun, callbacks: Sequence[Any] = ()) -> None:
    """Train from the adapter `sft` to the adapter `dpo` in the work folder."""
    base.check_place(run)
    set_seed(run.dpo.seed)
    texts = read_passages(run.passages)
    pairs = load_preferences(run.pairs, texts)
    digest, tokenizer = base.base_digest(run.base), base.load_tokenizer(run)
    begun = base.read_stage(run, "sft", digest)
    prompt = base.shared_prompt(run, tokenizer, digest)
    train, validation = (
        make_rows(run, tokenizer, prompt, of_split(pairs, split), texts) for split in ("train", "validation")
    )
    log = RunLog(run.log_path)
    log.record("dpo_start", **base.sizes(train))
    key = fingerprint(run.dpo, preferences_digest(pairs), begun["adapter"], prompt)
    model = base.load_stage(run, "sft", prompt, tokenizer, trainable=True)
    trainer = TokenDpoTrainer(
        model=model, args=_arguments(run, run.work / f"dpo-{key[:12]}"), processing_class=tokenizer,
        train_dataset=Dataset.from_list(train), eval_dataset=Dataset.from_list(validation),
        data_collator=DataCollatorForPreference(pad_token_id=tokenizer.pad_token_id),
        callbacks=[LogFigures(log, _FIGURES), *callbacks],
    )  # fmt: skip
    train_on(trainer)
    base.save_stage(run, "dpo", model, {"base": digest, "key": key, "prompt": prompt.version, "version": run.version})
    draw_llm_curve(log, run.work / "curve.png")


def make_rows(
    run: LlmRun, tokenizer: Any, prompt: Prompt, pairs: Sequence[Preference], texts: dict[str, str]
) -> list[dict[str, list[int]]]:
    """Return the ids of prompt, chosen and rejected draft of every pair."""
    rows = []
    for pair, example in zip(pairs, answered(pairs, texts), strict=True):
        ids = base.encode(run, tokenizer, prompt, example, example.draft, draft_json(pair.rejected))
        rows.append(dict(zip(("prompt_ids", "chosen_ids", "rejected_ids"), ids, strict=True)))
    return rows


def _arguments(run: LlmRun, folder: Path) -> DPOConfig:
    shared = base.trl_arguments(run, run.dpo, folder, name=folder.name, progress=sys.stderr.isatty())
    with_sft = run.dpo.sft_loss_weight > 0
    return DPOConfig(
        **shared, beta=run.dpo.beta, loss_type=["sigmoid", "sft"] if with_sft else ["sigmoid"],
        loss_weights=[1.0, run.dpo.sft_loss_weight] if with_sft else [1.0], precompute_ref_log_probs=True,
    )  # fmt: skip


if __name__ == "__main__":
    main()
