"""Which sections a question is about, from how patients ask. Patterns over the question's lower-case words, no commas.

Collected while writing `evaluation/questions.jsonl`; a question may be about several sections, or about none.
"""

import re
from collections.abc import Mapping

_PATTERNS: Mapping[str, str] = {
    "side-effects": r"side effects?|reactions?|make (?:me|you|people|him|her) (?:feel |so )?(?:sleepy|tired|"
    r"dizzy|sick|fat|gain|"
    r"cough|drowsy|sleep|pee|itch|hungry)|gain weight|lose hair|cause|normal to (?:feel|have|get)|"
    r"makes? (?:me|you) ",
    "serious-side-effects": r"serious|danger\w*|risks?|allerg\w*|worst|harm\w*|severe|warning|liver damage|bad for",
    "uses": r"(?:used?|taken|prescribed|given|good|works?) (?:for|to)|what (?:is|are|"
    r"does) \w+(?: \w+)? (?:for|treat|do)\b|"
    r"why (?:do|does|would|did|am|are|is) .*(?:take|taking|prescribe|put|on|given)|what(?:s| is|"
    r" are)? \w+(?: \w+)?$|treats?|"
    r"point of|purpose|help with|what kind of",
    "how-it-works": r"how (?:does|do|long).* (?:work|help|do)\b|how it works|work in|what does .* do (?:to|"
    r"in)|mechanism|works",
    "taking": r"how (?:do|should|is|are|often|to).*(?:take|taken|use|used|given|inject(?:ed)?|store)|"
    r"when (?:is|do|should|to).*take|time of day|morning|"
    r"night|bedtime|with food|empty stomach|with (?:a )?meals?|crush|chew|before or after|swallow|best time|"
    r"how long",
    "interactions": r"interact\w*|(?:with|and) (?:alcohol|beer|wine|grapefruit|aspirin|ibuprofen|advil|"
    r"tylenol|vitamins?|other|"
    r"herbal|supplements?|antacids?|milk|food)|drink\w*|alcohol|beer|wine|mix\w*|together|combine\w*|"
    r"grapefruit|avoid|foods?",
    "missed-dose": r"miss(?:ed)?\b|forg[eo]t\w*|skip(?:ped)?|late",
    "storage": r"stor(?:e|ed|age)|fridge|refrigerat\w*|keep (?:it|them)|expire\w*|throw",
    "when-to-call": r"when (?:should|do|to|is).*(?:call|worry|doctor|help|concern\w*|er\b)|call (?:the|my|a)|"
    r"emergency|warning signs|"
    r"watch (?:out )?for|red flags?|problems? (?:after|to)",
    "what-it-is": r"what(?:s| is| are| exactly)\b(?! used)|explain|tell me about|mean(?:s|ing)?\b|difference",
    "why-it-is-done": r"why|reasons?|(?:used|done|ordered|needed|get|have|good|purpose|point) (?:for|of)|"
    r"who (?:needs|gets|should)|"
    r"what (?:is|are) .* for\b|look(?:ing)? for|check(?:ing)? for|find|order\w*|screen\w*",
    "preparation": r"prep\w*|get ready|before|fast\w*|eat|drink|wear|bring|stop taking|beforehand|"
    r"empty stomach|ride|drive",
    "what-happens": r"what happens|happen\w*|how (?:is|are|do|does|long|will).*(?:done|take|last|perform\w*|"
    r"work|go|it)|during|hurt\w*|"
    r"pain\w*|awake|asleep|feel like|like (?:to|when)|uncomfortable|how long|take long|loud|inside",
    "recovery": r"recover\w*|after\b|heal\w*|back to (?:work|normal)|go home|home|how soon|walk\w*|drive|"
    r"shower|return|lift\w*|scar\w*",
    "risks": r"risks?|danger\w*|safe\w*|complication\w*|go wrong|radiation|side effects?|harm\w*|problems?",
    "results": r"results?|normal|range\w*|mean\w*|numbers?|levels?|show\w*|how long|report|find out|score|goal|good",
    "what-it-measures": r"what(?:s| is| are| does| do)\b|measur\w*|test(?:s|ing)? for|check|stand for|shows?|tell",
    "high": r"high\w*|elevated|above|raised?|too much|increase\w*|over\b|up\b|spike\w*|go(?:es)? up",
    "low": r"low\w*|below|drop\w*|too little|decrease\w*|deficien\w*|under\b|down\b|anemi\w*",
    "limits": r"accura\w*|wrong|limits?|false\w*|affect\w*|reliable|miss\b|throw off|trust",
    "how-to": r"how (?:do|can|would|to|does)|where|steps|set up|sign up|request|change|cancel|schedule|see|"
    r"send|find|get|add|make",
    "timing": r"how (?:long|soon|fast|often|quick\w*)|when|days?|wait|late|time|hours?|weekend",
    "privacy": r"priva\w*|secure|safe|who (?:can|sees|reads)|see my|secret|confidential|share|access|read",
    "help": r"help|problem|trouble|contact|phone|call|cant|wont|locked|forgot\w*|wrong|lost|stuck|error",
}
_COMPILED = {section: re.compile(rf"\b(?:{pattern})") for section, pattern in _PATTERNS.items()}


def asked_sections(question: str) -> frozenset[str]:
    """Return the sections a question (lower-case words) is about."""
    return frozenset(section for section, pattern in _COMPILED.items() if pattern.search(question))
