"""Red flags: emergencies and crises found by rule, before any model sees the text, and also when every model is down.

Fourth step of a turn. Deterministic, so that the most urgent messages do not depend on a score; high precision, because a
flag sends the patient to 911 or 988 at once and ends the turn. A sign counts only when it reads as now: history,
negation, questions of knowledge, conditions and fiction are told by the words around it. What no rule catches is still
judged by the classifier; a flag can raise severity and never lower it. Rules and sources: red_flag_rules.py.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from portico_core.labels import SEVERITY, Label, VerdictSource
from portico_core.verdict import Verdict

from portico_gateway.guards.red_flag_rules import RULES, Rule, Unless

VERSION = "red-flags-1"

_DROPPED = re.compile("['`\u2018\u2019\u02bc\u00ad\u034f\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufe00-\ufe0f\ufeff]")
_BREAKS = re.compile(r"[.!?;\n]+(?=\s|$)|\n")
_SPACES = re.compile(r"[ \t\u00a0]{1,1000}")

_NOW = re.compile(
    r"\b(?:right now|now|just|suddenly|all of a sudden|today|tonight|this (?:morning|afternoon|evening|minute)|currently|at the moment|again|still|getting worse|minutes? ago"
    r"|an hour ago|hurry|911|ambulance|emergency room|help me|please help|started (?:having|getting)|since (?:this morning|last night)|last night|ahora|ahorita|hoy|de repente"
    r"|ayuda|ayudenme|any ?more)\b"
)
_NEGATED = re.compile(
    r"(?:\b(?:no|not|never|without|denies|denied|deny|dont|doesnt|didnt|isnt|arent|wasnt|havent|hasnt|hadnt|nor|neither|wouldnt|wont|rule out|ruled out|free of|negative for|absence of|nothing like"
    r"|rather than|instead of|stop|sin|nunca|niega|tampoco)(?: (?!but\b)[^ .!?,]{1,14}){0,4} ?)$"
)
_NEGATED_AFTER = re.compile(r"^(?: is| was| has)?(?: now)? (?:gone|resolved|better now|negative|absent|ruled out|went away|has passed|passed)\b")
_NOT_A_NEGATION = re.compile(
    r"\b(?:not sure|dont know|no idea|not only|not just|no joke|not lying|not kidding|no longer|dont think (?:i|he|she) can|why not|dont judge|not (?:ok|okay|well|good|right|feeling well)"
    r"|wont stop|dont want to (?:bother|scare)|no one|nobody|never felt|dont tell|no se|no matter|not going well|dont care|cant stop|no me|no hay)\b[^.!?]{0,60}$"
)
_PAST = re.compile(
    r"\b(?:(?:in|since|back in|around|en) (?:19|20)\d\d|(?:in|on|since|back in|from|en|el) \[date_\d+\]|(?:\d+|an?|one|two|three|four|five|six|ten|several|few|many|some|couple|couple of|long)"
    r" (?:years?|yrs?|months?|weeks?|decades?|time) (?:ago|back)|(?:years|months|weeks|decades) ago|last (?:year|month|week|summer|winter|spring|fall|autumn|decade|january|march|june)|history of|hx of|family history"
    r"|used to|when (?:i|he|she|we) (?:was|were) (?:a |an |in |young|little|\d+|about|pregnant|ten|growing)|as a (?:child|kid|teen\w{0,5}|young)|previous(?:ly)?|in the past|in my (?:teens|twenties|youth|past)|once had|once i|formerly"
    r"|(?:i|he|she|mom|dad|mother|father|husband|wife|grandm\w{2,6}|grandf\w{2,6}|who) (?:had|survived|suffered|has had) an? (?:\w{1,9} ){0,2}(?:stroke|heart attack|seizure|overdose|mini)"
    r"|after (?:my|his|her|the|a|an) (?:\w{1,9} )?(?:stroke|heart attack|seizure|overdose|attempt|attack)|recover(?:ing|ed|y) from|growing up|before my (?:surgery|diagnosis)|at (?:age|the age of)"
    r"|hace (?:\w{1,8} ){1,3}(?:anos|meses|semanas)|el ano pasado|antes|cuando era|antecedentes|died (?:of|from|after|in)|passed away|survivor|ex used to)\b"
)
_ASKED_ABOUT = re.compile(
    r"(?:\b(?:what (?:is|are|s|does|do|causes?|happens|kinds?|types?|would (?:cause|make)|could|can|else|exactly|medic\w{2,7}|foods?|drugs?|to (?:do|watch|expect|look))|whats|which|who (?:gets|is at)|why (?:do|does|is|are|would)|how (?:do (?:you|doctors|people|they|we)|does"
    r"|can (?:you|people|someone|one)|common|likely|serious|dangerous|often|is|are|long|many|much|to (?:tell|recogni[sz]e|prevent|spot|know|treat|help|avoid|respond|identify))|signs? (?:of|and)|symptoms? (?:of|and|include)|warning signs?|define|definition|explain|meaning"
    r"|tell me (?:about|what|more)|difference between|describe|can (?!you\b|someone\b|anyone\b|i\b)(?:\w{1,14} ){1,5}(?:cause|lead|make|help|treat|prevent|trigger|be|give)|could (?:\w{1,14} ){1,4}cause|does (?!anyone)|do (?:people|patients|most|all|some|statins|antibiotics|blood|beta|women|men)"
    r"|is it (?:possible|true|normal|common|safe)|are there|should (?:people|someone|you|one|patients|a person)|risk(?:s| factors?)? (?:of|for)|prevent(?:ion|ing)?|chances? of|treatments? (?:for|of)|side effects?|learn(?:ing)? (?:about|more)|information (?:on|about)|read(?:ing)? (?:about|that)"
    r"|heard (?:that|about)|called when|known as|what if|in (?:children|adults|women|men|pregnancy|people|patients)|guidelines?|first aid for|cpr class|for (?:someone|people|a person|patients) (?:with|who)"
    r"|que (?:es|son|causa|significa|sintomas|pasa)|cuales son|como (?:se|saber|prevenir|reconocer)|sintomas de|senales de|por que)\b)"
)
_PERSONAL = re.compile(
    r"\b(?:(?:i|we|he|she|they) (?:am|is|are|have|has|cant|feel|feels|think|just|keep|keeps|got|took|woke)|im|ive|hes|shes|theyre|my (?:\w{1,12} ){0,2}(?:is|are|has|have|cant|wont|just|feels?|hurts?|keeps?|looks?|started|stopped|swallowed|drank|ate|took|fell|collapsed|isnt))\b"
)
_CONDITIONAL = re.compile(r"\b(?:if|in case|in the event|whenever|unless|when (?:you|someone|a person|people|should)|until|or if|would|could|si|en caso de|worried about|afraid of (?:having|getting)|fear of|to avoid|so (?:that )?i dont|before (?:i|he|she) ha(?:ve|s))\b[^.!?]{0,90}$")
_UNSURE = re.compile(r"\b(?:not sure|unsure|idk|dont know|wonder(?:ing)?|worried|see|tell|ask(?:ing)?|check|as) if\b[^.!?]{0,90}$|\bas if\b[^.!?]{0,60}$|\bno se si\b[^.!?]{0,60}$|\bcould (?:be|he|she|this|it|i)\b[^.!?]{0,60}$")
_FICTION = re.compile(
    r"\b(?:(?:in|from|about|watch\w{0,3}|saw|seen|read\w{0,3}|wrote|writing|write|for|playing|quoting|quote|translate) (?:an?|the|this|my|that|our|some)? ?(?:\w{1,12} ){0,2}(?:movie|film|novel|book|episode|tv show|show|series|song|poem|article|documentary|video ?game|game|screenplay|script|news|essay|paper|story"
    r"|play|podcast|report|textbook|case study|lyrics|role ?play|blog|post|fiction|tiktok|meme)|(?:character|protagonist|villain|celebrity|lyrics|plot|the phrase|the saying|idiom|the word|the term)|in (?:a|my) dream|dream(?:ed|t) (?:that|about)|figure of speech|on (?:tv|netflix|the news)|hypothetical(?:ly)?|pretend|imagine)\b"
)


@dataclass(frozen=True, slots=True)
class RedFlag:
    """A rule that fired, by name, and what it says the message is."""

    rule: str
    label: Label


@dataclass(frozen=True, slots=True)
class _Sign:
    """A match with the sentence it stands in: what is before it, itself, and what follows."""

    before: str
    match: str
    after: str


_COMPILED = [(rule, [re.compile(pattern) for pattern in rule.patterns]) for rule in RULES]


def fold(text: str) -> str:
    """Return text for the rules: NFKC, lower case, no accents, no apostrophes, no invisible characters."""
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).replace("\u00b4", "'"))
    plain = "".join(character for character in plain if not unicodedata.combining(character))
    return _SPACES.sub(" ", _DROPPED.sub("", plain.lower()))


def find_red_flag(text: str) -> RedFlag | None:
    """Return the most severe red flag of a text, or None."""
    folded = fold(text)
    breaks = [0, *(match.end() for match in _BREAKS.finditer(folded)), len(folded)]
    flags = [RedFlag(rule.name, rule.label) for rule, patterns in _COMPILED if _fires(rule, patterns, folded, breaks)]
    return max(flags, key=lambda flag: SEVERITY[flag.label], default=None)


def verdict_of(flag: RedFlag) -> Verdict:
    """Return the verdict a red flag stands for."""
    return Verdict(flag.label, 1.0, {}, VerdictSource.RULE, VERSION, flag.rule)


def _fires(rule: Rule, patterns: list[re.Pattern[str]], folded: str, breaks: list[int]) -> bool:
    return any(not _explained(sign, rule.unless) for pattern in patterns for sign in _signs(pattern, folded, breaks))


def _signs(pattern: re.Pattern[str], folded: str, breaks: list[int]) -> Iterator[_Sign]:
    for match in pattern.finditer(folded):
        start = max(position for position in breaks if position <= match.start())
        end = min(position for position in breaks if position >= match.end())
        yield _Sign(folded[start : match.start()], match.group(), folded[match.end() : end])


def _explained(sign: _Sign, unless: Unless) -> bool:
    """Say whether the words around a sign show that it is not about now."""
    sentence = f"{sign.before}{sign.match}{sign.after}"
    now = _NOW.search(sentence) is not None
    return (
        (Unless.NEGATED in unless and _is_negated(sign))
        or (Unless.PAST in unless and not now and _PAST.search(sentence) is not None)
        or (Unless.ASKED_ABOUT in unless and _is_asked_about(sign, now=now))
        or (Unless.CONDITIONAL in unless and _is_conditional(sign))
        or (Unless.FICTION in unless and _FICTION.search(sentence) is not None)
    )


def _is_negated(sign: _Sign) -> bool:
    before = sign.before if not sign.before.endswith(" but ") else ""
    negated = _NEGATED.search(before) is not None and _NOT_A_NEGATION.search(before) is None
    return negated or _NEGATED_AFTER.search(sign.after) is not None


def _is_asked_about(sign: _Sign, *, now: bool) -> bool:
    """A question of knowledge stands before the sign, and nobody's present state stands between them."""
    asked = None
    for asked in _ASKED_ABOUT.finditer(sign.before + sign.match):
        break
    if asked is None:
        return False
    between = (sign.before + sign.match)[asked.end() :]
    return not (now and _PERSONAL.search(sign.before + sign.match)) and not _PERSONAL.search(between)


def _is_conditional(sign: _Sign) -> bool:
    return _CONDITIONAL.search(sign.before) is not None and _UNSURE.search(sign.before) is None
