"""The prompt as the engine gets it: the words of `portico_core.drafting` in the chat template of one tokenizer.

Triton's vLLM backend applies no template, so the serving model fills fixed parts (`prompt` of its manifest) and the
engine makes ids of the text. Training fills the same parts and makes ids in the same way; a template whose text does
not give the ids that it gives itself is refused, because then the model would be served on what it never saw. No torch
is needed here: `tokenizer` is one of transformers.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from portico_core.drafting import PROMPT_VERSION, draft_messages, without_control_tokens
from portico_core.knowledge import Passage
from portico_training.artefacts import TrainingError

_ID, _TEXT, _QUESTION, _SAID = "gapid", "gappassages", "gapquestion", "gapsaid"
_SHOWN = f"[{_ID}] {_TEXT}"


@dataclass(frozen=True, slots=True)
class Prompt:
    """The three fixed parts, the token that ends a draft, and what no text may hold."""

    version: str
    parts: tuple[str, str, str]
    stop: str
    control_tokens: tuple[str, ...]

    def fill(self, question: str, passages: Sequence[Passage]) -> str:
        """Return the prompt of a question; the passages stand as `draft_messages` shows them."""
        shown = "\n".join(f"[{passage.id}] {without_control_tokens(passage.text)}" for passage in passages)
        return self.parts[0] + shown + self.parts[1] + without_control_tokens(question) + self.parts[2]

    def as_json(self) -> dict[str, Any]:
        """Return it as a value for JSON."""
        return asdict(self)


def read_prompt(tokenizer: Any, template: dict[str, Any]) -> Prompt:
    """Read the parts out of the tokenizer's chat template; `template` are further arguments of it.

    Raises:
        TrainingError: there is no template, it has no gaps for both texts, it does not end a reply with one token, or
            its text gives other ids than it does itself.
    """
    if not tokenizer.chat_template:
        raise TrainingError("the base has no chat template: take an instruct model")
    messages = draft_messages(_QUESTION, [Passage(_ID, "", "", _TEXT)])
    asked = tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True, **template)
    before, shown, rest = asked.partition(_SHOWN)
    between, question, after = rest.partition(_QUESTION)
    if not shown or not question or _SHOWN in rest or _QUESTION in after:
        raise TrainingError("the chat template shows passages or question not once, or changes them")
    prompt = Prompt(PROMPT_VERSION, (before, between, after), _stop(tokenizer, messages, template), _tokens(tokenizer))
    return _as_served(tokenizer, prompt, messages, template)


def _stop(tokenizer: Any, messages: list[dict[str, str]], template: dict[str, Any]) -> str:
    """Return the token that ends a reply in this template."""
    said = [*messages, {"role": "assistant", "content": _SAID}]
    end = tokenizer.apply_chat_template(said, tokenize=False, **template).partition(_SAID)[2].strip()
    ids = tokenizer(end, add_special_tokens=False)["input_ids"] if end else []
    if not ids or ids[0] not in tokenizer.all_special_ids:
        raise TrainingError("the chat template ends a reply with no special token: a draft would never end")
    return str(tokenizer.convert_ids_to_tokens(ids[0]))


def _tokens(tokenizer: Any) -> tuple[str, ...]:
    """Return what the serving model breaks in every text: all added tokens that are more than a sign or a blank."""
    added = {str(token.content) for token in tokenizer.added_tokens_decoder.values()}
    found = tuple(sorted(token for token in added if len(token) > 1 and not any(map(str.isspace, token))))
    if not found:
        raise TrainingError("the tokenizer names no control tokens")
    return found


def _as_served(tokenizer: Any, prompt: Prompt, messages: list[dict[str, str]], template: dict[str, Any]) -> Prompt:
    """Hold the ids of the text against those of the template; leave out a first token that the engine adds itself."""
    read = tokenizer.apply_chat_template(messages, add_generation_prompt=True, return_dict=True, **template)
    wanted = list(read["input_ids"])
    before, between, after = prompt.parts
    first = tokenizer.bos_token or ""
    choices = [prompt.parts, (before.removeprefix(first), between, after)]
    for parts in choices:
        if tokenizer(_SHOWN.join(parts[:2]) + _QUESTION + parts[2])["input_ids"] == wanted:
            return Prompt(prompt.version, parts, prompt.stop, prompt.control_tokens)
    raise TrainingError("the chat template's text gives other ids than the template: it cannot be served as text")


def prompt_ids(tokenizer: Any, text: str) -> list[int]:
    """Return the ids of a filled prompt as the engine makes them."""
    return list(tokenizer(text)["input_ids"])


def draft_ids(tokenizer: Any, prompt: Prompt, draft: str) -> list[int]:
    """Return the ids of a draft and of the token that ends it."""
    ids = tokenizer(draft, add_special_tokens=False)["input_ids"]
    return [*ids, tokenizer.convert_tokens_to_ids(prompt.stop)]
