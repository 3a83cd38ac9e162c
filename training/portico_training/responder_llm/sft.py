"""SFT with citations: the chosen drafts, word for word, as the reply to the prompt that serves.

    python -m portico_training.responder_llm.sft --config training/configs/responder_llm.toml

The loss is on the draft and on the token that ends it, not on the prompt. A stopped run goes on from its last
checkpoint; one of other settings, data, prompt or base does not. Leaves the adapter in `work/sft`.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from datasets import Dataset
from transformers.trainer_utils import get_last_checkpoint, set_seed
from trl import SFTConfig

from portico_training.artefacts import RunLog, TrainingError
from portico_training.curve import draw_llm_curve
from portico_training.responder.preferences import Preference, load_preferences, preferences_digest, read_passages
from portico_training.responder_llm import base
from portico_training.responder_llm.examples import Example, sft_examples
from portico_training.responder_llm.prompts import Prompt
from portico_training.responder_llm.settings import LlmRun, load_llm_run
from portico_training.settings import fingerprint
from portico_training.trainers import LogFigures, TokenSftTrainer

_FIGURES = {"sft_step": {"loss": "loss"}, "sft_validation": {"loss": "eval_loss"}}


def main() -> None:
    """Run SFT as the configuration says."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--config", type=Path, required=True)
    try:
        run_sft(load_llm_run(parser.parse_args().config))
    except (TrainingError, ValueError) as error:
        raise SystemExit(str(error)) from None


def run_sft(run: LlmRun, callbacks: Sequence[Any] = ()) -> None:
    """Train from the base to the adapter `sft` in the work folder; `callbacks` are further ones for the trainer."""
    base.check_place(run)
    set_seed(run.sft.seed)
    texts = read_passages(run.passages)
    pairs = load_preferences(run.pairs, texts)
    digest, tokenizer = base.base_digest(run.base), base.load_tokenizer(run)
    prompt = base.shared_prompt(run, tokenizer, digest)
    train, validation = (
        make_rows(run, tokenizer, prompt, sft_examples(run, pairs, texts, split)) for split in ("train", "validation")
    )
    log = RunLog(run.log_path)
    log.record("sft_start", **base.sizes(train))
    key = _key(run, pairs, prompt, digest)
    model = base.fresh_adapter(base.load_base(run, prompt, tokenizer), run)
    trainer = TokenSftTrainer(
        model=model, args=_arguments(run, run.work / f"sft-{key[:12]}"), processing_class=tokenizer,
        train_dataset=Dataset.from_list(train), eval_dataset=Dataset.from_list(validation),
        callbacks=[LogFigures(log, _FIGURES), *callbacks],
    )  # fmt: skip
    train_on(trainer)
    base.save_stage(run, "sft", model, {"base": digest, "key": key, "prompt": prompt.version, "version": run.version})
    draw_llm_curve(log, run.work / "curve.png")


def train_on(trainer: Any) -> None:
    """Train, or go on from the last checkpoint of exactly this step."""
    folder = Path(trainer.args.output_dir)
    trainer.train(resume_from_checkpoint=get_last_checkpoint(folder) if folder.is_dir() else None)


def make_rows(run: LlmRun, tokenizer: Any, prompt: Prompt, examples: Sequence[Example]) -> list[dict[str, list[int]]]:
    """Return ids of prompt and draft, and a mask that is 1 on what is learned."""
    encoded = [base.encode(run, tokenizer, prompt, example, example.draft) for example in examples]
    return [
        {"input_ids": [*asked, *said], "completion_mask": [0] * len(asked) + [1] * len(said)} for asked, said in encoded
    ]


def _key(run: LlmRun, pairs: Sequence[Preference], prompt: Prompt, digest: str) -> str:
    return fingerprint(run.sft, preferences_digest(pairs), run.lora, prompt, digest)


def _arguments(run: LlmRun, folder: Path) -> SFTConfig:
    shared = base.trl_arguments(run, run.sft, folder, name=folder.name, progress=sys.stderr.isatty())
    return SFTConfig(**shared, weight_decay=run.sft.weight_decay, completion_only_loss=True, packing=False)


if __name__ == "__main__":
    main()
