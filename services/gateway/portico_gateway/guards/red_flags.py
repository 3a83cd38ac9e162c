"""Red flags: emergencies and crises found by rule, before any model sees the text, and also when every model is down.

Fourth step of a turn. Deterministic, so that the most urgent messages do not depend on a score; high precision, because
a flag sends the patient to 911 or 988 at once and ends the turn. A sign counts only when it reads as now: history,
negation, questions of knowledge, conditions and fiction are told by the words around it. What no rule catches is still
judged by the classifier; a flag can raise severity and never lower it. Rules and sources: red_flag_rules.py.
"""

import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

from portico_core.labels import SEVERITY, Label, VerdictSource
from portico_core.verdict import Verdict
from portico_gateway.guards.disguises import disguised
from portico_gateway.guards.red_flag_rules import RULES, Rule, Unless

VERSION = "red-flags-2"

_DROPPED = re.compile("['`\u2018\u2019\u02bc\u00ad\u034f\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufe00-\ufe0f\ufeff]")
_BREAKS = re.compile(r"[.!?;\n]+(?=\s|$)|\n")
_SPACES = re.compile(r"[ \t]{1,1000}")

SENTENCE = 300
"""Longest sentence read as one: people in distress leave out full stops, and old news must not cover a new sign."""

REACH = 160
"""How far from a cue its rule looks, either way: two gaps of NEAR would hardly be one sign."""

CONTEXT = 160
"""How much before a sign is read for a negation or a condition; a longer way back says nothing about the sign."""


_NOW = re.compile(
    r"\b(?:right now|now|just|suddenly|all of a sudden|today|tonight|this (?:morning|afternoon|evening|minute)|"
    r"currently|at the moment|again|still|getting worse|minutes? ago"
    r"|an hour ago|hurry|911|ambulance|emergency room|help me|please help|started (?:having|getting)|"
    r"since (?:this morning|last night)|last night|ahora|ahorita|hoy|de repente"
    r"|ayuda|ayudenme|any ?more|(?:isnt|not|wont|still not) (?:waking|wake|breathing|responding))\b"
)
_NEGATED = re.compile(
    r"(?:\b(?:no|not|never|without|denies|denied|deny|dont|doesnt|didnt|isnt|arent|wasnt|havent|hasnt|hadnt|nor|"
    r"neither|wouldnt|wont|rule out|ruled out|free of|negative for|absence of|nothing like"
    r"|rather than|instead of|stop|sin|nunca|niega|tampoco)(?: (?!but\b)[^ .!?,]{1,14}){0,4} ?)$"
)
_NEGATED_WITHIN = re.compile(
    r"\b(?:not|isnt|arent|wasnt|werent|never|dont|doesnt|didnt|no longer|wouldnt|havent|hasnt)"
    r"(?: \w{1,9}){0,2}? (?:having|die|be dead|suicidal|unconscious|unresponsive|choking|bleeding|seizing"
    r"|hit|hits|beats?|hurts?|harm|cut|cutting|kill|killing|touch\w{0,3}|abus\w{2,3}|raped|swallow\w{0,2}"
    r"|overdos\w{0,3}|took|take)\b"
)
_NEGATED_AFTER = re.compile(
    r"^(?: is| was| has)?(?: now)? "
    r"(?:gone|resolved|better now|negative|absent|ruled out|went away|has passed|passed)\b"
)
_NEGATED_COMPANION = re.compile(
    r"(?:[,.;] ?(?:and |but |or )?no|\bwithout(?! me$)|\bden(?:ies|ied|y)|\bnor|\bsin|\bniega)"
    r" (?:\w{1,12} ){0,3}\w{1,12}$|"
    r"\b(?:(?:is|are|was|am|im|hes|shes) not|isnt|arent|wasnt) "
    r"(?!breath|respond|wak|mov|stop|making|work|help|able)\w{1,14}$"
)
_NOT_A_NEGATION = re.compile(
    r"\b(?:not sure|dont know|no idea|not only|not just|no joke|not lying|not kidding|no longer|dont think (?:i|he|"
    r"she) can|why not|dont judge|not (?:ok|okay|well|good|right|feeling well)"
    r"|wont stop|dont want to (?:bother|scare)|no one|nobody|never felt|dont tell|"
    r"trying (?:so |really )?(?:hard )?not to|cant promise|no se|no matter|not going well|"
    r"dont care|cant stop|no me|no hay)\b[^.!?]{0,60}$"
)
_PAST = re.compile(
    r"\b(?:(?:in|since|back in|around|en) (?:19|20)\d\d|(?:in|on|since|back in|from|en|el) \[date_\d+\]|(?:\d+|an?|"
    r"one|two|three|four|five|six|ten|several|few|many|some|couple|couple of|long)"
    r" (?:years?|yrs?|months?|weeks?|decades?|time) (?:ago|back)|(?:years|months|weeks|decades) ago|last (?:year|"
    r"month|week|summer|winter|spring|fall|autumn|decade|january|march|june)|history of|hx of|family history"
    r"|used to|when (?:i|he|she|we) (?:was|were) (?:a |an |in |young|little|\d+|about|pregnant|ten|growing)|"
    r"as a (?:child|kid|teen\w{0,5}|young)|previous(?:ly)?|in the past|in my (?:teens|twenties|youth|past)|"
    r"once had|once i|formerly"
    r"|(?:i|he|she|mom|dad|mother|father|husband|wife|grandm\w{2,6}|grandf\w{2,6}|who) (?:had|survived|suffered|"
    r"has had) an? (?:\w{1,9} ){0,2}(?:stroke|heart attack|seizure|overdose|mini)"
    r"|after (?:my|his|her|the|a|an) (?:\w{1,9} )?(?:stroke|heart attack|seizure|overdose|attempt|attack)|"
    r"recover(?:ing|ed|y) from|growing up|before my (?:surgery|diagnosis)|at (?:age|the age of)"
    r"|hace (?:\w{1,8} ){1,3}(?:anos|meses|semanas)|el ano pasado|antes|cuando era|antecedentes|died (?:of|from|"
    r"after|in)|passed away|survivor|ex used to)\b"
)
_ASKED_ABOUT = re.compile(
    r"(?:\b(?:what (?:is|are|s|does|do|causes?|happens|kinds?|types?|would (?:cause|make)|could|can|else|exactly|"
    r"medic\w{2,7}|foods?|drugs?|to (?:do|watch|expect|look))|whats|which|who (?:gets|is at)|why (?:do|does|is|are|"
    r"would)|how (?:do (?:you|doctors|people|they|we)|does"
    r"|can (?:you|people|someone|one)|common|likely|serious|dangerous|often|is|are|long|many|much|to (?:tell|"
    r"recogni[sz]e|prevent|spot|know|treat|help|avoid|respond|identify))|signs? (?:of|and)|symptoms? (?:of|and|"
    r"include)|warning signs?|define|definition|explain|meaning"
    r"|tell me (?:about|what|more)|difference between|describe|can (?!you\b|someone\b|anyone\b|"
    r"i\b)(?:\w{1,14} ){1,5}(?:cause|lead|make|help|treat|prevent|trigger|be|give)|could (?:\w{1,14} ){1,4}cause|"
    r"does (?!anyone)|do (?:people|patients|most|all|some|statins|antibiotics|blood|beta|women|men)"
    r"|is it (?:possible|true|normal|common|safe)|are there|should (?:people|someone|you|one|patients|a person)|"
    r"risk(?:s| factors?)? (?:of|for)|prevent(?:ion|ing)?|chances? of|treatments? (?:for|of)|side effects?|"
    r"learn(?:ing)? (?:about|more)|information (?:on|about)|read(?:ing)? (?:about|that)"
    r"|heard (?:that|about)|called when|known as|what if|in (?:children|adults|women|men|pregnancy|people|"
    r"patients)|guidelines?|first aid for|cpr class|for (?:someone|people|a person|patients) (?:with|who)"
    r"|(?<!creo )(?<!pienso )que (?:es|son|causa|significa|sintomas|pasa)|cuales son|"
    r"como (?:se|saber|prevenir|reconocer)|sintomas de|senales de|por que)\b"
    r"|^ ?(?:is|are|can|does|do) (?:an? |the )?(?:chest|strokes?|headaches?|seizures?|bleeding|facial|face droop|"
    r"sudden|severe|vomiting|blue|anaphylaxis|choking|swelling|overdos)\w{0,6} )"
)
_PERSONAL = re.compile(
    r"\b(?:(?:i|we|he|she|they) (?:am|is|are|have|has|cant|feel|feels|think|just|keep|keeps|got|took|woke)|im|ive|"
    r"hes|shes|theyre|my (?:\w{1,12} ){0,2}(?:is|are|has|have|cant|wont|just|feels?|hurts?|keeps?|looks?|started|"
    r"stopped|swallowed|drank|ate|took|fell|collapsed|isnt))\b"
)
_CONDITIONAL = re.compile(
    r"\b(?:if|in case|in the event|whenever|unless|when (?:you|someone|a person|people|should)|until|or if|would|"
    r"could|si|en caso de|worried about|afraid of (?:having|getting)|fear of|to avoid|so (?:that )?i dont|"
    r"before (?:i|he|she) ha(?:ve|s))\b[^.!?]{0,90}$"
)
_UNSURE = re.compile(
    r"\b(?:not sure|unsure|idk|dont know|wonder(?:ing)?|worried|see|tell|ask(?:ing)?|check|as) if\b[^.!?]{0,90}$|"
    r"\bas if\b[^.!?]{0,60}$|\bno se si\b[^.!?]{0,60}$|\bcould (?:be|he|she|this|it|i)\b[^.!?]{0,60}$"
)
_FICTION = re.compile(
    r"\b(?:(?:in|from|about|watch\w{0,3}|saw|seen|read\w{0,3}|wrote|writing|write|for|playing|quoting|quote|"
    r"translate) (?:an?|the|this|my|that|our|some)? ?(?:\w{1,12} ){0,2}(?:movie|film|novel|book|episode|tv show|"
    r"show|series|song|poem|article|documentary|video ?game|game|screenplay|script|news|essay|paper|story"
    r"|play|podcast|report|textbook|case study|lyrics|role ?play|blog|post|fiction|tiktok|meme)|(?:character|"
    r"protagonist|villain|celebrity|lyrics|plot|the phrase|the saying|idiom|the word|the term)|in (?:a|my) dream|"
    r"dream(?:ed|t) (?:that|about)|figure of speech|on (?:tv|netflix|the news)|hypothetical(?:ly)?|pretend|"
    r"imagine)\b"
)
_QUOTED = re.compile(
    r"\b(?:in|from) (?:an?|the|this|that|my|our) (?:\w{1,12} ){0,2}(?:movie|film|novel|book|episode|tv show|show|"
    r"series|song|poem|article|documentary|game|screenplay|news|essay|story|play|podcast|textbook|lyrics|blog|meme)\b|"
    r"\b(?:character|protagonist|villain|lyrics?|the (?:phrase|saying|word|term|line|song|movie|novel)|idiom|"
    r"figure of speech|on (?:tv|netflix|the news)|la pelicula|la novela|la cancion|el libro|las noticias)\b"
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

    @property
    def sentence(self) -> str:
        """The whole of it."""
        return f"{self.before}{self.match}{self.after}"


@dataclass(frozen=True, slots=True)
class _Frame:
    """What the words of a sentence say about the time and the world it speaks of."""

    now: bool
    past: bool
    fiction: bool
    quoted: bool


@dataclass(frozen=True, slots=True)
class _Matcher:
    """A rule made ready: its cue finds where to look, and only there are the patterns tried."""

    rule: Rule
    cues: tuple[str, ...]
    patterns: tuple[re.Pattern[str], ...]


class _Message:
    """Folded text with its sentences; what a sentence says about time is read once, and forgotten with the message."""

    def __init__(self, text: str) -> None:
        self.text = fold(text)
        self._borders = list(_borders(self.text))
        self._frames: dict[str, _Frame] = {}

    def sign(self, match: re.Match[str]) -> _Sign:
        """Return a match with the sentence, or the sentences, around it."""
        start = self._borders[bisect_right(self._borders, match.start()) - 1]
        end = self._borders[bisect_left(self._borders, match.end())]
        return _Sign(self.text[start : match.start()], match.group(), self.text[match.end() : end])

    def frame(self, sentence: str) -> _Frame:
        """Say what the words of a sentence tell about the time and the world it speaks of."""
        if sentence not in self._frames:
            found = (pattern.search(sentence) is not None for pattern in (_NOW, _PAST, _FICTION, _QUOTED))
            self._frames[sentence] = _Frame(*found)
        return self._frames[sentence]


def _ready(rule: Rule) -> _Matcher:
    return _Matcher(rule, tuple(rule.cue.split("|")), tuple(re.compile(pattern) for pattern in rule.patterns))


_MATCHERS = [_ready(rule) for rule in sorted(RULES, key=lambda rule: -SEVERITY[rule.label])]


def fold(text: str) -> str:
    """Return text for the rules: NFKC, no case, no accents, no apostrophes, no invisible characters."""
    if not text.isascii():
        plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text.replace("\u00b4", "'")))
        text = "".join(character for character in plain if not unicodedata.combining(character))
    return _SPACES.sub(" ", _DROPPED.sub("", text.casefold()))


def find_red_flag(text: str, *, as_written: str = "") -> RedFlag | None:
    """Return the most severe red flag of a text, or None; never raise, because it also guards text that nobody read.

    The text as it stands is read first; only where nothing is found are its other readings looked at, and those of what
    the patient wrote: letters spread out may be a name to the redactor, and are gone from its text.
    """
    readings = (text, *disguised(text), *disguised(as_written))
    return next((flag for reading in readings if (flag := _flag_of(reading))), None)


def _flag_of(text: str) -> RedFlag | None:
    message = _Message(text)
    fired = (matcher.rule for matcher in _MATCHERS if _fires(matcher, message))
    return next((RedFlag(rule.name, rule.label) for rule in fired), None)


def verdict_of(flag: RedFlag) -> Verdict:
    """Return the verdict a red flag stands for."""
    return Verdict(flag.label, 1.0, {}, VerdictSource.RULE, VERSION, flag.rule)


def _fires(matcher: _Matcher, message: _Message) -> bool:
    return any(
        not _explained(message.sign(match), matcher.rule.unless, message)
        for start, end in _stretches(matcher.cues, message.text)
        for pattern in matcher.patterns
        for match in pattern.finditer(message.text, start, end)
    )


def _borders(text: str) -> Iterator[int]:
    """Yield where sentences begin and the last one ends; a run-on sentence is cut at a space."""
    start = 0
    yield start
    for end in (*(match.end() for match in _BREAKS.finditer(text)), len(text)):
        while end - start > SENTENCE:
            start = max(text.rfind(" ", start, start + SENTENCE), start + SENTENCE // 2)
            yield start
        if end > start:
            start = end
            yield start


def _stretches(cues: tuple[str, ...], text: str) -> Iterator[tuple[int, int]]:
    """Yield the parts of the text near a cue, merged where they overlap, so that nothing is read twice."""
    start = end = -1
    for position in sorted(position for cue in cues if cue in text for position in _positions(cue, text)):
        if position - REACH > end:
            if end >= 0:
                yield start, end
            start = max(0, position - REACH)
        end = min(len(text), position + REACH)
    if end >= 0:
        yield start, end


def _positions(cue: str, text: str) -> Iterator[int]:
    position = text.find(cue)
    while position >= 0:
        yield position
        position = text.find(cue, position + 1)


def _explained(sign: _Sign, unless: Unless, message: _Message) -> bool:
    """Say whether the words around a sign show that it is not about now."""
    frame = message.frame(sign.sentence)
    return (
        (Unless.PAST in unless and frame.past and not frame.now)
        or (Unless.FICTION in unless and frame.fiction and (frame.quoted or not frame.now))
        or (Unless.QUOTED in unless and frame.quoted)
        or (Unless.NEGATED in unless and _is_negated(sign))
        or (Unless.CONDITIONAL in unless and _is_conditional(sign))
        or (Unless.ASKED_ABOUT in unless and _is_asked_about(sign, now=frame.now))
    )


def _is_negated(sign: _Sign) -> bool:
    before = "" if sign.before.endswith(" but ") else sign.before[-CONTEXT:]
    if _NOT_A_NEGATION.search(before + sign.match) is not None:
        return False
    return (
        _NEGATED.search(before) is not None
        or _NEGATED_WITHIN.search(sign.match) is not None
        or _NEGATED_COMPANION.search(sign.match) is not None
        or _NEGATED_AFTER.search(sign.after) is not None
    )


def _is_asked_about(sign: _Sign, *, now: bool) -> bool:
    """A question of knowledge opens before the sign, and nobody's present state stands between them."""
    upto = sign.before[-CONTEXT:] + sign.match
    asked = _ASKED_ABOUT.search(upto + sign.after[:CONTEXT])
    if asked is None or asked.start() >= len(upto):
        return False
    return not (now and _PERSONAL.search(upto)) and not _PERSONAL.search(upto[asked.end() :])


def _is_conditional(sign: _Sign) -> bool:
    before = sign.before[-CONTEXT:]
    return _CONDITIONAL.search(before) is not None and _UNSURE.search(before) is None
