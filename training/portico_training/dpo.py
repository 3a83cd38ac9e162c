"""Direct preference optimisation with TRL: the right label is preferred to the tempting one.

    python -m portico_training.dpo --config training/configs/classifier.toml

Each training message gives the pair (its label, the tempting label), and one more against the wrong label that
the SFT model itself finds likely. Pairs are drawn with weights: the more harmful a confusion, the likelier its
pair is seen. DPOTrainer goes on from the SFT adapter and keeps a frozen copy of it as the reference. The prompt
already ends in [SEP] and the completion is one token, so the ids are built here: TRL's own preparation would
append an end token.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import torch
from datasets import Dataset
from peft import PeftModel
from tokenizers import Tokenizer
from transformers import BertTokenizerFast
from transformers.trainer_utils import get_last_checkpoint
from trl import DPOConfig
from trl.trainer.dpo_trainer import DataCollatorForPreference

from portico_training.artefacts import RunLog, TrainingError
from portico_training.checkpoints import load_adapter, put_adapter, save_adapter, take_adapter
from portico_training.curve import draw_curve
from portico_training.messages import LABELS, Message, load_messages, messages_digest, of_split
from portico_training.model import LABEL_TOKENS, PAD, encode, load_base, load_tokenizer, logits_of, unwrapped
from portico_training.preferences import Preference, make_preferences, sample_preferences
from portico_training.scoring import softmax
from portico_training.settings import DpoSettings, RunSettings, fingerprint, load_run
from portico_training.trainers import DPO_FIGURES, LogFigures, TokenDpoTrainer


def main() -> None:
    """Run DPO as the configuration says."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--config", type=Path, required=True)
    try:
        run_dpo(load_run(parser.parse_args().config))
    except (TrainingError, ValueError) as error:
        raise SystemExit(str(error)) from None


def run_dpo(run: RunSettings) -> None:
    """Train from `sft.safetensors` to `dpo.safetensors` in the work folder."""
    torch.set_num_threads(run.threads)
    torch.manual_seed(run.dpo.seed)
    rows = load_messages(run.messages)
    train = of_split(rows, "train")
    tokenizer = load_tokenizer(run.base)
    adapter = load_adapter(run.work / "sft.safetensors", run.sft.lora_alpha / run.sft.lora_rank)
    model = put_adapter(load_base(run.base), adapter)
    preferences = find_preferences(model, tokenizer, train, run.dpo)
    log = RunLog(run.log_path)
    log.record("dpo_start", pairs=len(preferences), messages=len(train))
    folder = run.work / f"dpo-{fingerprint(run.dpo, messages_digest(rows), adapter.head_bias)[:12]}"
    train_preferences(model, make_dataset(tokenizer, preferences, run.dpo), run, folder, log)
    save_adapter(take_adapter(model), run.work / "dpo.safetensors")
    draw_curve(log, run.work / "curve.png")


def find_preferences(
    model: PeftModel, tokenizer: Tokenizer, rows: Sequence[Message], settings: DpoSettings
) -> list[Preference]:
    """Ask the SFT model what it would confuse, and build the pairs."""
    logits = logits_of(unwrapped(model), tokenizer, [m.text for m in rows], max_tokens=settings.max_tokens)
    return sample_preferences(make_preferences(rows, softmax(logits)), count=settings.pairs, seed=settings.seed)


def make_dataset(tokenizer: Tokenizer, preferences: Sequence[Preference], settings: DpoSettings) -> Dataset:
    """Build ids so that both completions share the prompt exactly."""
    return Dataset.from_list(
        [
            {
                "prompt_ids": encode(tokenizer, p.text, settings.max_tokens),
                "chosen_ids": [LABEL_TOKENS[LABELS.index(p.chosen)]],
                "rejected_ids": [LABEL_TOKENS[LABELS.index(p.rejected)]],
            }
            for p in preferences
        ]
    )


def train_preferences(model: PeftModel, dataset: Dataset, run: RunSettings, folder: Path, log: RunLog) -> None:
    """Run the trainer; an interrupted run goes on from its last checkpoint."""
    trainer = TokenDpoTrainer(
        model=model,
        args=dpo_arguments(run.dpo, folder),
        train_dataset=dataset,
        processing_class=BertTokenizerFast(tokenizer_file=str(run.base / "tokenizer.json")),
        data_collator=DataCollatorForPreference(pad_token_id=PAD),
        callbacks=[LogFigures(log, {"dpo_step": DPO_FIGURES})],
    )
    trainer.train(resume_from_checkpoint=get_last_checkpoint(folder) if folder.is_dir() else None)


def dpo_arguments(settings: DpoSettings, folder: Path) -> DPOConfig:
    """Translate the settings. The small SFT term keeps the probability of the right label from sinking."""
    with_sft = settings.sft_loss_weight > 0
    return DPOConfig(
        output_dir=str(folder), seed=settings.seed, num_train_epochs=settings.epochs,
        per_device_train_batch_size=settings.batch_size, learning_rate=settings.learning_rate,
        beta=settings.beta, loss_type=["sigmoid", "sft"] if with_sft else ["sigmoid"],
        loss_weights=[1.0, settings.sft_loss_weight] if with_sft else [1.0],
        precompute_ref_log_probs=True, precompute_ref_batch_size=64, max_length=None,
        gradient_checkpointing=False, bf16=False, use_cpu=True, max_grad_norm=1.0, warmup_steps=10,
        logging_steps=10, logging_nan_inf_filter=False, save_steps=100, save_total_limit=1,
        report_to=[], disable_tqdm=not sys.stderr.isatty(), dataloader_num_workers=0,
    )  # fmt: skip


if __name__ == "__main__":
    main()
