"""A base model small enough for a test: a random Llama with a tokenizer and a chat template made on the spot."""

import json
from collections.abc import Sequence
from pathlib import Path

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers
from transformers import GenerationConfig, LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

BEGIN, TURN, END = "<|begin|>", "<|turn|>", "<|end|>"
TEMPLATE = (
    "{{ bos_token }}{% for message in messages %}<|turn|>{{ message['role'] }}\n{{ message['content'] | trim }}<|end|>"
    "\n{% endfor %}{% if add_generation_prompt %}<|turn|>assistant\n{% endif %}"
)


def make_tokenizer(texts: Sequence[str], template: str | None = TEMPLATE) -> PreTrainedTokenizerFast:
    """Return a byte-level tokenizer that learned its pieces from some texts and adds BEGIN itself, as Llama's."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    tokenizer.train_from_iterator(
        texts, trainers.BpeTrainer(vocab_size=900, special_tokens=[BEGIN, TURN, END], initial_alphabet=alphabet)
    )
    tokenizer.post_processor = processors.TemplateProcessing(single=f"{BEGIN} $A", special_tokens=[(BEGIN, 0)])
    made = PreTrainedTokenizerFast(tokenizer_object=tokenizer, bos_token=BEGIN, eos_token=END)
    made.add_special_tokens({"additional_special_tokens": [TURN]})
    made.chat_template = template
    return made


def make_base(folder: Path, texts: Sequence[str], *, ends: bool = True) -> None:
    """Write a random model; with `ends` it stops where its chat template ends a reply."""
    tokenizer = make_tokenizer(texts)
    torch.manual_seed(3)
    config = LlamaConfig(
        vocab_size=len(tokenizer), hidden_size=32, intermediate_size=64, num_hidden_layers=2, num_attention_heads=2,
        num_key_value_heads=1, initializer_range=0.2, max_position_embeddings=2048, bos_token_id=0, eos_token_id=2,
    )  # fmt: skip
    model = LlamaForCausalLM(config)
    end = tokenizer.convert_tokens_to_ids(END if ends else TURN)
    model.generation_config = GenerationConfig(bos_token_id=0, eos_token_id=end)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)


def write_pairs(source: Path, folder: Path, passages: Path, *, each: int) -> list[str]:
    """Copy the first pairs of each kind and split, and passages that say what they choose; return the passages' texts.

    The ids are those of the built-in knowledge, so that the validators that serve can judge what is drafted.
    """
    said: dict[str, list[str]] = {}
    folder.mkdir(parents=True)
    for path in sorted(source.glob("*.jsonl")):
        taken: dict[str, list[str]] = {}
        for line in path.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            kept = taken.setdefault(row["split"], [])
            if len(kept) < each:
                kept.append(line)
                for key in row["passages"]:
                    said.setdefault(key, [])
                for sentence in row["chosen"]["sentences"]:
                    for key in sentence["passage_ids"]:
                        said[key].append(sentence["text"])
        (folder / path.name).write_text("".join(f"{line}\n" for kept in taken.values() for line in kept), "utf-8")
    texts = {key: " ".join(dict.fromkeys(words)) or "More is said here." for key, words in said.items()}
    passages.write_text("".join(json.dumps({"id": k, "text": t}) + "\n" for k, t in texts.items()), encoding="utf-8")
    return list(texts.values())
