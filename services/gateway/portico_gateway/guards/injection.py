"""Plain prompt injection, found by rule beside the classifier.

Fifth step of a turn, with the classifier: it can raise a verdict to `attack` and never lowers one, so a danger told in
the same message still wins by severity. Only orders to this assistant count, at the start of a sentence; a patient who
quotes somebody's instructions is not attacking. Source: OWASP Top 10 for LLM applications, LLM01 Prompt Injection.
"""

import re

from portico_core.labels import Label, VerdictSource
from portico_core.verdict import Verdict

MODEL = "injection-1"
_STARTS = r"(?:^|[.!?:;\n\"'\]>])[ \t]{0,4}(?:please |now |so |ok(?:ay)?,? |first,? )?"
_ORDERS = (
    _STARTS + r"(?:ignore|disregard|forget|override|bypass) (?:all |any |each )?(?:of )?"
    r"(?:your|the above|(?:the |your )?(?:previous|prior|earlier|preceding)) (?:\w{1,12} ){0,2}"
    r"(?:instructions?|rules|guidelines|prompts?|programming|restrictions)\b",
    _STARTS + r"(?:print|show|reveal|repeat|output|display|give|tell|leak)(?: me| us)? (?:out )?(?:all of )?your "
    r"(?:\w{1,12} )?(?:system|initial|hidden|secret|original) (?:prompt|instructions?|message|rules)\b",
    r"\band (?:print|show|reveal|repeat|output|display) (?:me )?your (?:system|hidden) (?:prompt|instructions)\b",
)
_ORDER = re.compile("|".join(f"(?:{order})" for order in _ORDERS), re.IGNORECASE)
# What an answer never says: it speaks to a patient, not to a model, and not about its own rules.
_SPOKEN_TO_A_MODEL = re.compile(
    r"^\W*(?:system|assistant|user|developer|human|ai)\s*:"
    r"|\b(?:system|hidden|secret|initial) (?:prompt|message|instructions?)\b"
    r"|\bprompt injection\b|\bjailbr(?:eak|oken)\b"
    r"|\b(?:new|previous|prior|earlier|above|original) (?:instructions?|rules|prompts?|guidelines)\b"
    r"|\b(?:ignore|disregard|forget|override|bypass)\W+(?:\w+\W+){0,3}(?:instructions?|rules|guidelines|prompts?)\b"
    r"|\b(?:validators?|guardrails?|filters?|safety checks?)\W+(?:\w+\W+){0,2}(?:off|disabled|removed|bypassed)\b"
    r"|\b(?:answer|reply|respond)\W+(?:\w+\W+){0,2}without\W+(?:\w+\W+){0,2}(?:checks?|filters?|restrictions?|rules)\b",
    re.IGNORECASE,
)


def find_injection(text: str) -> Verdict | None:
    """Return an `attack` verdict where the text orders the assistant to drop its rules or show its prompt."""
    if _ORDER.search(text) is None:
        return None
    return Verdict(Label.ATTACK, 1.0, {}, VerdictSource.RULE, MODEL, "prompt-injection")


def find_order(sentence: str) -> bool:
    """Say whether a sentence of a draft speaks to a model: an injection in a passage that the responder repeats."""
    return _ORDER.search(sentence) is not None or _SPOKEN_TO_A_MODEL.search(sentence) is not None
