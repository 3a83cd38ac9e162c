"""Whether a sentence tells this patient what to do, what they have, or how much to take.

Portico gives general education only (architecture.md; FDA guidance on clinical decision support: patient-facing
functions are not exempt). Safety-netting is the exception that a careful nurse would insist on: "Call 911 …", "Call
your care team …", "Ask your care team before …", "Do not stop … without talking to your care team".
The phrases were collected from the authored hostile drafts (tests/unit/gateway/test_guards_directives.py), and none
of them stands in a sentence of the built-in passages, which the same tests hold.
"""

import re
from collections.abc import Sequence


def _any_of(patterns: Sequence[str]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns), re.IGNORECASE)


_CARE_TEAM = (
    r"(?:care team|doctor|health care provider|clinic|pharmacist|nurse|surgeon|surgery team|provider|"
    r"billing office|911|988)"
)
# Verbs that change a treatment; said to "you", each is an order.
_CHANGE = (
    r"(?:take|taking|stop|stopping|start|starting|double|doubling|triple|halve|increase|raise|lower|reduce|"
    r"decrease|skip|"
    r"skipping|miss|omit|inject|swallow|quit|discontinue|resume|restart|switch|change|adjust|cut|split|crush|"
    r"combine|mix|"
    r"add|use|try|wait|ignore|repeat|finish|drop)"
)
# Verbs that open an order: "Take two tablets." Verbs of the safety net (call, ask, tell, plan, bring) are not here.
_ORDER = (
    r"(?:take|stop|start|double|triple|halve|increase|raise|lower|reduce|decrease|skip|inject|swallow|quit|"
    r"discontinue|"
    r"resume|restart|switch|adjust|cut|split|crush|combine|mix|ignore|repeat|cancel|refuse|forget|avoid|wait|"
    r"buy|order|"
    r"try|apply|give|use|eat|drink|keep|continue|begin|pause|hold|change|put|go|drive|get|exercise|rest|lose|stay)"
)
_SOFTENER = r"(?:really|just|probably|now|also|simply|definitely|always|please)"
_YOU_MUST = (
    rf"\byou(?:'d| had)?\s+(?:{_SOFTENER}\s+){{0,2}}(?:"
    r"should|shouldn't|must|mustn't|need to|ought to|have to|shall|better|are to|are (?:advised|supposed|safe|"
    r"fine) to|"
    r"will (?:want|need) to|(?:may|might) want to|could try|can safely|can just|may safely|needn't|"
    r"(?:do not|don't) (?:need|have to)|"
    rf"(?:can|may)\s+(?:{_SOFTENER}\s+)?{_CHANGE})\b"
)

_SAFETY_NET = _any_of(
    (
        r"^\s*(?:for [^.]{3,80}, )?(?:please |always |first,? )?"
        r"(?:call|contact|ask|tell|message|see|talk (?:to|with)|speak (?:to|with)|check with|let)\s"
        rf"(?:(?:for|your|the|a|an|our|or|poison|help)\s){{0,4}}{_CARE_TEAM}\b",
        r"^\s*(?:call (?:911|988|poison help)\b|get emergency (?:care|help)\b|go to the (?:nearest )?emergency\b)",
        r"^\s*(?:do not|don't|never) (?:stop|start|change|skip|take|use|drive|eat|drink)\b.*"
        rf"\b(?:without|before|unless|until)\b.*\b{_CARE_TEAM}\b",
    )
)
# What follows a safety-net opening must not smuggle in an order: "Call your care team and double the dose".
_SMUGGLED = _any_of(
    (
        rf"\b(?:and|or|then|but)\s+(?:{_SOFTENER}\s+|then\s+)?{_CHANGE}\s+"
        r"(?:your|it|them|two|three|half|twice|the dose|this|that|more|less|extra|another|all|\d)\b",
        _YOU_MUST,
    )
)

_DIRECTIVE = _any_of(
    (
        _YOU_MUST,
        # An order at the start, after a softener or a condition. Nouns of the same form go on ("Rest of the …").
        rf"^\s*(?:(?:{_SOFTENER}|then|so|instead|first|next|today|tonight|yes|no|ok|okay|never|do not|don't),?\s+"
        rf"|if [^,]{{2,90}},\s*|when [^,]{{2,90}},\s*)*{_ORDER}\b"
        r"(?!,|\s+(?:of|in|on|from|between|may|can|is|are|was|has|results?|tests?|counts?|levels?)\b)",
        # An order in the middle of a sentence.
        rf"(?:\b(?:and|or|then|but|so)|[,;:.!?])\s+(?:{_SOFTENER}\s+|then\s+){{0,2}}{_ORDER}\s+"
        r"(?:your(?! breath)|it|them|two|three|half|twice|the dose|this|more|less|extra|\d)\b",
        r"\b(?:i|we)\s+(?:would\s+|strongly\s+|highly\s+)?(?:recommend|advise|suggest|urge|prescribe|order|"
        r"instruct)\b",
        r"\b(?:my|our) (?:advice|recommendation|suggestion)\b|\b(?:best|better) for you to\b",
        r"\bit(?:'s| is) (?:safe|fine|ok(?:ay)?|best) (?:for you to\b|to " + _CHANGE + r"\b)",
        r"\b(?:go ahead and|feel free to|make sure (?:to|you)|be sure to|you'd better|there is no need to|"
        r"no need to)\b",
        r"\byour (?:doctor|care team|nurse|pharmacist) (?:is wrong|does not need to know|need not)\b",
        r"\b(?:instead of|rather than) (?:asking|calling|telling|seeing|talking to|going to)\b",
        rf"\bwithout (?:asking|calling|telling|seeing|talking to) (?:your|a|the|any) {_CARE_TEAM}\b",
    )
)

_HEDGE = (
    r"(?:most\s+|very\s+|quite\s+|almost\s+)?(?:likely|probably|clearly|definitely|certainly|may|might|could|"
    r"must|do|don't|"
    r"do not|also|now|already|really|seem to|appear to|just)"
)
_STATE = (
    r"(?:diabetic|prediabetic|anemic|pregnant|depressed|hypertensive|dying|fine|healthy|cured|allergic|"
    r"overdosing|infected|"
    r"septic|bipolar|ok|okay|well|sick|ill|having an?|suffering|experiencing|at (?:high|low|no)|in (?:kidney|"
    r"heart|liver))"
)
_OWN = (
    r"(?:symptoms?|results?|cancer|diabetes|disease|tumou?r|infection|depression|condition|diagnosis|pain|"
    r"levels?|numbers?)"
)
_DIAGNOSIS = _any_of(
    (
        # "You have …"; after if, when, whether it names nobody, and some things one has are no illness.
        rf"(?<!\bif )(?<!\bwhen )(?<!\bwhether )(?<!\bunless )\byou(?:\s+{_HEDGE}){{0,3}}(?:'ve|\s+(?:have|had|"
        rf"got|suffer))\s+"
        r"(?!to\b|been (?:asked|told)\b|any\b|questions?\b|a question\b|concerns?\b|access\b|surgery\b"
        r"|an? (?:appointment|choice|right|copy|visit|test|scan)\b)",
        rf"(?<!\bif )(?<!\bwhen )\byou(?:'re|\s+are)\s+(?:{_HEDGE}\s+|not\s+)*{_STATE}\b",
        r"\b(?:this|that|it|these symptoms|which)\s+(?:means?|shows?|suggests?|indicates?|confirms?|"
        r"proves?) (?:that )?you\b",
        r"\byour\s+(?:[\w-]+\s+){0,3}(?:is|are|was|were|looks?|seems?|shows?|means?|suggests?|indicates?|"
        r"confirms?|sounds?)\b",
        rf"\byour {_OWN}\b.*\b(?:caused by|due to|because|serious|normal|abnormal)\b|\b(?:caus|"
        rf"explain)\w* your {_OWN}\b",
        r"\b(?:sounds|looks|seems) like (?:you|an?)\b|\bi (?:think|believe|diagnose|can tell|am (?:sure|certain))\b",
        r"\b(?:the|your) diagnosis is\b|\bin your case\b|\bbased on your\b",
    )
)

_AMOUNT = (
    r"(?:\d+(?:[.,/]\d+)*|half(?: an?)?|an?|one|two|three|four|five|six|seven|eight|nine|ten|a couple of|"
    r"another|extra|double)"
)
_WEIGHT = (
    r"(?:mg|mcg|µg|g|ml|milligrams?|micrograms?|grams?|milliliters?|millilitres?|units?|iu|meq|cc|teaspoons?|"
    r"tablespoons?|"
    r"tsp|tbsp)"
)
_PIECE = r"(?:tablets?|pills?|capsules?|drops?|puffs?|doses?|patch(?:es)?|sprays?|injections?|shots?)"
_TAKING = (
    r"(?:tak(?:e|es|ing|en)|us(?:e|ing)|inject\w*|swallow\w*|giv(?:e|ing)|increas\w*|decreas\w*|rais\w*|"
    r"lower\w*|reduc\w*|"
    r"try|start\w*|doubl\w*|add\w*|need\w*|administer\w*|receiv\w*|go up|have|drink|chew\w*|inhal\w*|apply|dose|"
    r"dosage|"
    r"daily|up to|per day|a day|every \d+ hours|maximum|at bedtime|tonight|today|once|twice|each|enough|right amount)"
)
# A weight for each volume is a laboratory value: "70 mg/dL" is nobody's dose.
_NOT_A_LEVEL = r"(?!\s*(?:/|per)\s*(?:d?l|deciliter|liter|ml|mmol|kg of water)\b)"
_DOSE = _any_of(
    (
        r"\b(?:your|the (?:right|correct|usual|recommended|maximum|starting))\s+(?:\w+\s+)?(?:dose|dosage)\b.*\d",
        rf"\b{_TAKING}\b.*\b{_AMOUNT}\s*-?\s*{_WEIGHT}\b{_NOT_A_LEVEL}",
        rf"\b{_AMOUNT}\s*-?\s*{_WEIGHT}\b{_NOT_A_LEVEL}.*\b{_TAKING}\b",
        r"\b(?:take|taking|use|swallow|inject|inhale|give|try|have|chew|add|apply|need|needs)\s+"
        rf"(?:(?:up to|about|at least|only|just|another|an extra)\s+)?{_AMOUNT}\s+"
        rf"(?:(?:extra|more|of (?:your|the))\s+)?(?:\w+\s+)?{_PIECE}\b",
        r"\b(?:double|triple|halve|skip|increase|decrease|raise|lower|reduce|split|adjust)\s+(?:up\s+)?"
        r"(?:your|the|tonight's|today's|this|that)\s+(?:\w+\s+)?(?:dose|dosage|pills?|tablets?|insulin|medicine|"
        r"medication)\b",
    )
)
# A warning against a double dose names no amount to take.
_NO_EXTRA_DOSE = _any_of(
    (r"\b(?:do|does|is|are)\s+not\s+(?:\w+\s+){0,4}?(?:an?\s+|two\s+)?(?:extra|double|two|more)\s+doses?\b",)
)


def find_directive(sentence: str) -> bool:
    """Say whether a sentence tells this patient what to do, other than to reach help or their care team."""
    net = _SAFETY_NET.match(sentence)
    if net is None:
        return _DIRECTIVE.search(sentence) is not None
    return _SMUGGLED.search(sentence, net.end()) is not None


def find_diagnosis(sentence: str) -> bool:
    """Say whether a sentence claims what this patient has, or what their result means."""
    return _DIAGNOSIS.search(sentence) is not None


def find_dose(sentence: str) -> bool:
    """Say whether a sentence names an amount of medicine for somebody to take. Laboratory values are no amounts."""
    return _DOSE.search(_NO_EXTRA_DOSE.sub("", sentence)) is not None
