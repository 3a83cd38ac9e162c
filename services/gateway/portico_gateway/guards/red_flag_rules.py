"""The red flags themselves: what counts as an emergency or a crisis now, each with the public guidance it follows.

Patterns read folded text (portico_gateway.guards.red_flags.fold): lower case, no accents, no apostrophes, so "can't" is
"cant". Every repeat is bounded or runs over one word, so that matching time grows with the length of the text. A
pattern is tried only near one of its rule's cues: plain strings, "|" between them, one of which every match holds.
"""

from dataclasses import dataclass
from enum import Flag, auto

from portico_core.labels import Label

_AHA_STROKE = "https://www.stroke.org/en/about-stroke/stroke-symptoms"
_AHA_HEART = "https://www.heart.org/en/health-topics/heart-attack/warning-signs-of-a-heart-attack"
_MEDLINE_EMERGENCY = "https://medlineplus.gov/ency/article/001927.htm"
_AHA_CPR = "https://cpr.heart.org/en/resources/what-is-cpr"
_ACAAI = "https://acaai.org/allergies/symptoms/anaphylaxis/"
_RED_CROSS_BLEEDING = (
    "https://www.redcross.org/take-a-class/resources/learn-first-aid/bleeding-life-threatening-external"
)
_CDC_SEIZURE = "https://www.cdc.gov/epilepsy/first-aid-for-seizures/index.html"
_POISON = "https://www.poison.org/"
_CDC_OVERDOSE = "https://www.cdc.gov/overdose-prevention/about/index.html"
_CDC_MATERNAL = "https://www.cdc.gov/hearher/maternal-warning-signs/index.html"
_CDC_MENINGITIS = "https://www.cdc.gov/meningitis/symptoms/index.html"
_AAP_FEVER = "https://www.healthychildren.org/English/health-issues/conditions/fever/Pages/Fever-When-to-Call-the-Pediatrician.aspx"
_NIMH = "https://www.nimh.nih.gov/health/publications/warning-signs-of-suicide"
_988 = "https://988lifeline.org/get-help/"
_SAMHSA = "https://www.samhsa.gov/mental-health/suicidal-behavior"
_NIMH_SELF_HARM = "https://www.nimh.nih.gov/health/topics/suicide-prevention"
_HOTLINE = "https://www.thehotline.org/identify-abuse/domestic-abuse-warning-signs/"
_CHILDHELP = "https://www.childhelphotline.org/"
_RAINN = "https://www.rainn.org/"


class Unless(Flag):
    """What around a match shows that it is no sign of now; the words are in portico_gateway.guards.red_flags."""

    NEGATED = auto()
    PAST = auto()
    ASKED_ABOUT = auto()
    CONDITIONAL = auto()
    FICTION = auto()
    QUOTED = auto()


MEDICAL = Unless.NEGATED | Unless.PAST | Unless.ASKED_ABOUT | Unless.CONDITIONAL | Unless.FICTION
PERSONAL = Unless.NEGATED | Unless.PAST | Unless.QUOTED


@dataclass(frozen=True, slots=True)
class Rule:
    """One red flag: its name in audit records, what it says, where it comes from, and how people write it."""

    name: str
    label: Label
    source: str
    cue: str
    patterns: tuple[str, ...]

    @property
    def unless(self) -> Unless:
        """What explains a match away: a crisis in the first person is believed even as a question or a condition."""
        return MEDICAL if self.label is Label.EMERGENCY else PERSONAL


NEAR = r"[^!?\n]{0,90}?"
"""Anything between two signs that belong together; a full stop may stand between them."""

_RELATIVE = r"(?:husband|wife|spouse|partner|mother|father|mom|mum|mummy|mommy|dad|daddy|papa|nan|nana|granny|hubby|grandad|granddad|son|daughter|baby|infant|newborn|child|kid|toddler|grandma|grandpa|grandmother|grandfather|sister|brother|friend|neighbor|roommate|boyfriend|girlfriend|fiancee?|uncle|aunt|cousin|patient|boss|coworker|teammate|grandson|granddaughter|niece|nephew|\[name_\d+\])"
_CANNOT = r"(?:cant|can not|cannot|unable to|isnt able to|not able to|can barely|can hardly|barely able to|struggling to|having trouble|trouble|couldnt)"
_DROOP = r"(?:droop(?:ing|y|ed|s)?|sagging|sags?|lopsided|crooked|twisted|numb|paraly[sz]ed|caving|fallen|falling|melting|pulled down)"
_SUDDEN = r"(?:sudden|suddenly|all of a sudden|out of nowhere|abruptly)"
_WEAK_SIDE = rf"{_CANNOT}(?: to)?(?: lift| move| raise| feel| use| lifting| moving| hold up| grip with)(?: up)? (?:his|her|my|their|the|one|both|either|left|right)(?: left| right| whole| entire| other)? (?:arms?|hand|leg|side)"
_SLURRED = r"(?:slurr(?:ing|ed|s|y)|garbled|jumbled|gibberish|cant speak|cant talk|cannot speak|cannot talk|unable to speak|cant get (?:his|her|my) words out|not making (?:any )?sense|talking nonsense)"
_CHEST = r"(?:chest (?:pains?|pressure|tightness|discomfort|heaviness|squeezing|is tight|feels? tight|hurts?|feels? heavy|is heavy|is hurting|is killing|aches?|started hurting)|(?:pain|pressure|tightness|squeezing|heaviness|discomfort|weight) (?:in|on|across|around|all over) (?:the |my |his |her |the middle of my |the center of my |the left side of my )?chest|elephant (?:is )?(?:sitting )?on (?:my|his|her) chest|angina)"
_CHEST_COMPANION = r"(?:(?:left |right |my |his |her |the |both |down |an? )?(?:arms?|jaw)\b|sweat(?:ing|y|s)?|clammy|short(?:ness)? of breath|cant breathe|cant catch (?:my|his|her) breath|hard to breathe|trouble breathing|difficulty breathing|breathless|out of breath|passing out|passed out|faint(?:ing|ed)?|collaps(?:ed|ing)|turning (?:gray|grey|blue|pale)|light ?headed|throwing up|vomiting)"
_DEATH_DESIRE = r"(?:die|be dead|stop existing|not exist|not be alive|not wake up|never wake up|disappear (?:forever|for good)|cease to exist|not be here any ?more|go to sleep and (?:never|not) wake up)"
_NOT_LITERAL = r"(?! (?:of|from) (?:embarrassment|laugh\w*|boredom|shame|cuteness|happiness|curiosity|thirst|hunger)| laughing| at home| peacefully| with dignity| in (?:my|his|her|their) (?:sleep|own)| (?:my|your) hair| for (?:a|an|that|some|this)\b)"
_PILLS = r"(?:pills?|tablets?|tabs|capsules?|meds?|medications?|medicines?|tylenol|advil|aspirin|ibuprofen|acetaminophen|xanax|ativan|valium|klonopin|oxy\w{0,8}|insulin|benadryl|ambien|sleeping pills|antidepressants|opioids|percocet|vicodin|metoprolol|digoxin|lithium)"
_POISONS = r"(?:bleach|antifreeze|detergent|dish soap|laundry pods?|tide pods?|pods|(?:button |lithium |watch )?batter(?:y|ies)|rat poison|poison|pesticide|weed ?killer|drain cleaner|oven cleaner|toilet cleaner|cleaning (?:fluid|product|solution|stuff)|lye|gasoline|kerosene|lighter fluid|paint thinner|nail polish remover|rubbing alcohol|hand sanitizer|magnets?|windex|ammonia|drano|lysol|mothballs?|nicotine liquid|vape juice|essential oils?|wild mushrooms?|mouthwash|hydrogen peroxide)"
_ABUSER = rf"(?:he|she|they|my (?:ex|ex husband|ex wife|stepdad|stepfather|stepmom|stepmother|foster \w{{3,8}}|caregiver|aide|nurse|landlord|{_RELATIVE[3:-1]})|\[name_\d+\])"
_HITS = r"(?:hits?|hitting|beats?|beating|beat up|chok(?:es|ed|ing)|strangl(?:es|ed|ing)|punch(?:es|ed|ing)|slap(?:s|ped|ping)|kick(?:s|ed|ing)|shov(?:es|ed|ing)|burn(?:s|ed)|bit(?:es)?|rap(?:es|ed|ing)|molest(?:s|ed|ing)|abus(?:es|ed|ing)|whips?|whipped|smack(?:s|ed)|throws things at|pulled a (?:gun|knife) on|held a (?:gun|knife) to|threatened to (?:kill|hurt|shoot|stab))"
_VICTIM = r"(?:me|us|my (?:kids?|child|children|baby|daughter|son|mom|mother|sister|brother|grandma)|the (?:kids|children|baby))"

EMERGENCIES = (
    Rule(
        "stroke_face",
        Label.EMERGENCY,
        _AHA_STROKE,
        "droop|slur|strok|sudden|face|facial|mouth|smile|garbled|jumbled|gibberish|speak|talk|sense|confused|side of|out of nowhere|abruptly",
        (
            rf"\b(?:my|his|her|their|{_RELATIVE}s?)(?: \w{{1,10}})? (?:face|mouth|smile|eye and mouth)(?: \w{{1,9}}){{0,2}}? {_DROOP}\b",
            rf"\b(?:one|left|right|a) side of (?:my|his|her|their|the|{_RELATIVE}s?) (?:whole |entire )?(?:face|mouth|body)(?: \w{{1,9}}){{0,3}}? (?:{_DROOP}|weak|tingling and numb)\b",
            rf"\b(?:face|facial|mouth)(?: \w{{1,9}}){{0,2}}? droop\w{{0,3}}\b{NEAR}(?:\barms?\b|speech|slurr|cant (?:talk|speak)|words)|(?:\barms?\b|slurr\w{{1,3}}|speech)\b{NEAR}\b(?:face|facial|mouth)(?: \w{{1,9}}){{0,2}}? droop",
            rf"\b{_WEAK_SIDE}\b{NEAR}\b(?:droop|{_SLURRED}|{_SUDDEN}|confused)|\b(?:{_SUDDEN}|droop\w{{0,3}}|{_SLURRED})\b{NEAR}\b{_WEAK_SIDE}\b",
            rf"\b{_SUDDEN}(?:ly)?\b(?: \w{{1,10}}){{0,3}}? (?:{_SLURRED}|cant see|went blind|lost (?:my |his |her )?(?:vision|sight|speech)|lost (?:feeling|strength) in)",
            rf"\b(?:speech|words)\b(?: \w{{1,9}}){{0,2}}? (?:{_SUDDEN} )?{_SLURRED}\b{NEAR}\b(?:\barm\b|numb|weak|{_SUDDEN}|confused|face|headache|dizzy)",
            rf"\b(?:he|she|{_RELATIVE})(?: is|s)?(?: \w{{1,9}}){{0,2}}? {_SLURRED}(?: \w{{1,9}}){{0,3}}?(?:{NEAR}\b(?:\barm\b|numb|weak|{_SUDDEN}|confused|face|right now))",
            rf"\b(?:is|am|im|hes|shes|be|are|might be|may be|{_RELATIVE}s)(?: \w{{1,9}})? (?:having|getting) (?:a|another) (?:mini )?stroke\b",
            rf"\b(?:he|she|hes|shes|{_RELATIVE}s?)(?: is| was| has)?(?: now| suddenly| just| all of a sudden){{1,2}} (?:slurring|cant speak|cant talk|not able to speak|talking funny)\b",
            rf"\b(?:face|mouth)(?: is| looks| went| has gone| gone)? (?:droopy|lopsided|crooked|drooping)\b{NEAR}\b(?:arm|confus|speech|talk|speak|slur|{_SUDDEN}|now|weak)",
            rf"\b{_SUDDEN}\b(?: \w{{1,10}}){{0,4}}? (?:weak|numb|paraly[sz]ed)(?: \w{{1,9}}){{0,3}}? (?:one|left|right) side\b",
            rf"\b(?:one|left|right) side(?: of (?:my|his|her) body)?(?: \w{{1,9}}){{0,3}}? {_SUDDEN}(?: \w{{1,9}}){{0,2}}? (?:weak|numb|paraly[sz]ed)\b",
        ),
    ),
    Rule(
        "heart_attack",
        Label.EMERGENCY,
        _AHA_HEART,
        "chest|angina|heart|cardiac|pulse",
        (
            rf"\b{_CHEST}\b{NEAR}\b{_CHEST_COMPANION}",
            rf"\b(?:sweat(?:ing|y)|clammy|short(?:ness)? of breath|cant breathe|passing out|(?:left |both )arms?(?: \w{{1,9}}){{0,2}} (?:numb|hurts?|pain|tingl\w{{1,5}})|jaw (?:pain|hurts?))\b{NEAR}\b{_CHEST}\b",
            rf"\b(?:crushing|severe|terrible|horrible|unbearable|excruciating|intense|awful|really bad|very bad|squeezing|stabbing and crushing|sudden|worst) {_CHEST}\b",
            rf"\b{_CHEST}\b(?: \w{{1,10}}){{0,4}}? (?:right now|that wont (?:go away|stop)|wont (?:go away|stop)|for the (?:last|past) (?:\d+|few|ten|twenty|thirty|hour))",
            rf"\b(?:is|am|im|hes|shes|be|are|might be|may be|{_RELATIVE}s)(?: \w{{1,9}})? (?:having|getting) (?:a|another) (?:massive )?(?:heart attack|cardiac arrest)\b",
            r"\b(?:has no|cant find a|no|without a) pulse\b|\bheart (?:has )?(?:just )?stopped\b(?! (?:taking|racing|pounding))",
            rf"\b(?:clutching|holding|grabbing) (?:my|his|her|their) chest\b{NEAR}\b(?:gr[ae]y|pale|sweat|collaps|breath|pain)",
        ),
    ),
    Rule(
        "cannot_breathe",
        Label.EMERGENCY,
        _MEDLINE_EMERGENCY,
        "breath|gasp|blue|bluish|purple and|gray and|chok|suffocat| air|inhaler|lip|between breaths|at a time",
        (
            r"\b(?:cant|can not|cannot|cant even|can barely|can hardly|barely|hardly|struggling to|fighting to|unable to|having a hard time trying to) breathe?\b(?! (?:through|thru|from|out of|in through) (?:my|his|her|the|either|one)? ?(?:nose|nostrils?))(?!(?: \w{1,9}){0,4} (?:laugh|funny|nose|stuffy|stuffed))",
            r"\bgasping for (?:air|breath)\b|\b(?:is|hes|shes|im) gasping\b|\bfighting for (?:air|breath)\b",
            rf"\b(?:has |he |she |just |{_RELATIVE} (?:has |just )?)?stopped breathing\b|\b(?:isnt|is not|not|aint|wasnt|no longer) breathing\b(?! (?:well through|through (?:his|her|my) nose))",
            r"\b(?:lips?|face|fingers|fingertips|nails|mouth|skin)(?: \w{1,9}){0,2}? (?:blue|bluish|purple and|gray and)\b|\bblue lips\b|\b(?:turning|going|turned|went) blue\b",
            rf"\b(?:is|s|hes|shes|im|are|{_RELATIVE}s?|he|she) (?:still |just |now )?(?:choking|suffocating)\b(?! up| back)|\bchok(?:ing|ed) on (?:a|an|some|his|her|food|something|grape|hot ?dog|candy|meat|coin|toy)\b",
            rf"\b{_CANNOT} (?:catch (?:my|his|her) breath|get (?:any |enough )?air|breathing)\b{NEAR}\b(?:right now|{_SUDDEN}|getting worse|inhaler|talk|speak|sentence|panic|blue|rescue|chest)",
            rf"\b(?:asthma|copd)\b{NEAR}\binhaler (?:isnt|is not|not|doesnt|didnt|wont) (?:work|help)\w{{0,3}}|\b{_SUDDEN} (?:shortness of breath|difficulty breathing|trouble breathing)\b",
            r"\b(?:severe|extreme) (?:shortness of breath|difficulty breathing|trouble breathing|respiratory distress)\b|\b(?:lips?|hands|fingers|face)(?: \w{1,9}){0,2}? (?:gr[ae]y|blue|purple)\b(?! (?:nail|lip|polish|pen|ink|paint))",
            r"\b(?:turning|going|turned|went|gone|is|and) (?:blue and|blue in the face)\b|\bcan(?:t| only| hardly| barely) (?:speak|talk|say)(?: \w{1,9}){0,3}? (?:words?|sentences?) (?:at a time|between breaths)\b",
            r"\b(?:he|she|baby|it) (?:doesnt|does not) breathe\b(?! (?:well through|through))",
        ),
    ),
    Rule(
        "anaphylaxis",
        Label.EMERGENCY,
        _ACAAI,
        "throat|tongue|swell|swol|puffing|hives|stung|allerg|anaphyl|epi",
        (
            r"\bthroat(?: \w{1,9}){0,4}? (?:closing|swelling|swollen shut|swelled|tightening|closed up|closing up|constricting)\b",
            r"\b(?:tongue|lips?|face|mouth)(?: \w{1,9}){0,3}? (?:swelling|swollen|swelled|swole|puffing)\b(?: up)?(?:[^!?\n]{0,90}?\b(?:breath\w{0,4}|hives|throat|wheez\w{1,3}|bee|wasp|stung|sting|peanuts?|nuts?|shellfish|shrimp|epipen|fast|after (?:eating|taking|the shot)))",
            r"\btongue(?: \w{1,9}){0,3}? (?:swelling|swollen|swelled)\b",
            rf"\b(?:hives|stung|ate (?:a )?(?:peanuts?|nuts?|shrimp|shellfish)|allergic reaction)\b{NEAR}\b(?:cant breathe|trouble breathing|hard to breathe|wheezing|throat|tongue|passing out|lips? (?:are )?swelling|face (?:is )?swelling)",
            rf"\b(?:is|am|im|hes|shes|{_RELATIVE}s) (?:having|going into|in) (?:an? |severe )?(?:anaphyla\w{{2,7}}|severe allergic)\b",
            r"\b(?:just )?used (?:my|his|her|the|an) epi ?pen\b",
        ),
    ),
    Rule(
        "severe_bleeding",
        Label.EMERGENCY,
        _RED_CROSS_BLEEDING,
        "bleed|blood|pad|sever|chop|cut|spurt|gush|pumping|squirt",
        (
            r"\b(?:bleeding|blood)(?: \w{1,9}){0,3}? (?:wont stop|will not stop|isnt stopping|not stopping|doesnt stop|everywhere|gushing|spurting|pouring|squirting|uncontrollabl[ey])\b",
            r"\b(?:cant|cannot|can not|couldnt) (?:stop|control) (?:the |his |her |my |it from )?bleeding\b|\bwont stop bleeding\b(?! gums)|\bbleeding (?:out|to death|profusely|uncontrollably|very heavily|really heavily)\b",
            r"\b(?:vomiting|throwing up|threw up|puking|coughing up|spitting up) (?:\w{1,9} ){0,3}?(?:bright red |dark |fresh |lots of |a lot of |large )?blood\b",
            r"\bgushing blood\b|\bblood is (?:gushing|spurting|pouring|shooting)\b|\blost (?:a lot|so much|too much) (?:of )?blood\b|\bpool of blood\b",
            r"\b(?:soaking|soaked|going|filling)(?: through)?(?: \w{1,9}){0,2}? pads?(?: \w{1,9}){0,2}? (?:an|every|per|each|one) hour\b",
            rf"\b(?:cut|severed|chopped) (?:off )?(?:my|his|her) (?:finger|thumb|hand|toe|artery|wrist|arm|leg)\b{NEAR}\b(?:bleed|blood|off\b)",
            r"\b(?:vomit\w{0,3}|throw\w{0,3} up|threw up|puk\w{1,3}|cough\w{0,3} up) (?:\w{1,10} ){0,6}?blood\b(?! (?:test|pressure|sugar|work|thinner))|\b(?:it|blood|wound|cut)(?: is|s)? (?:spurting|gushing|pumping out|squirting)\b",
            r"\bblood in (?:my|his|her|the) vomit\b",
        ),
    ),
    Rule(
        "unresponsive",
        Label.EMERGENCY,
        _AHA_CPR,
        "conscious|respon|lifeless|limp|wak|collaps|passed|faint|blacked|floppy|open his|open her|come round",
        (
            rf"\b(?:is|s|hes|shes|he|she|{_RELATIVE}|found (?:him|her|my \w{{2,12}})|now|and)(?: \w{{1,9}}){{0,2}}? (?:unconscious|limp and)\b",
            rf"\b(?:hes|shes|he|she|they|{_RELATIVE}s?|found (?:him|her|my \w{{2,12}}))(?: \w{{1,9}}){{0,2}}? (?:unresponsive|lifeless)\b",
            rf"\b(?:wont|will not|doesnt|is not|isnt) (?:wake|waking) up\b(?! (?:early|on time|at|in the|until|rested|refreshed|feeling|before|to))|\b(?:cant|cannot|can not|couldnt) wake (?:him|her|my|them|the|{_RELATIVE})\b",
            r"\b(?:is|s|hes|shes|he|she|isnt|still) (?:not |isnt |un)respond(?:ing|s)\b(?! to (?:treat|med|therap|antib|insulin|chemo|the treat|any treat|my|emails?|messages?|calls?|texts?))|\b(?:isnt|not) responding to me\b",
            rf"\b(?:he|she|{_RELATIVE})(?: has| just| suddenly){{0,2}} (?:collapsed|passed out|fainted|blacked out)\b(?:[^!?\n]{{0,60}}?\b(?:wont|not|isnt|cant|blue|pulse|floor|help|now|just))",
            rf"\b(?:he|she|{_RELATIVE}) (?:has )?(?:just|suddenly) (?:collapsed|passed out)\b",
            r"\b(?:baby|newborn|infant|toddler) (?:is|s) (?:\w{1,9} ){0,2}?(?:limp|floppy|lifeless)\b",
            rf"\b(?:can|could) (?:hardly|barely|not) wake (?:him|her|my|them|the|{_RELATIVE})\b|\b(?:cant|cannot|couldnt|unable to) get (?:him|her|them|my {_RELATIVE}) to (?:wake|open (?:his|her|their) eyes|respond|come round)\b",
            rf"\b(?:he|she|{_RELATIVE})(?: just)? (?:wont|will not|doesnt) (?:wake|wake up|respond|open (?:his|her|their) eyes)\b(?! (?:up )?(?:to|for|at|in|early|on|until|before)\b)",
        ),
    ),
    Rule(
        "seizure_now",
        Label.EMERGENCY,
        _CDC_SEIZURE,
        "seiz|convuls| fit|shak|jerk",
        (
            rf"\b(?:is|am|im|hes|shes|s|{_RELATIVE}s?|still)(?: \w{{1,9}})? (?:having (?:a|another|his first|her first) (?:\w{{1,9}} )?(?:seizure|convulsion|fit)\b(?! disorder)|seizing|convulsing)\b",
            r"\bseizures?\b(?: \w{1,9}){0,5}? (?:wont stop|will not stop|isnt stopping|right now|back to back|one after another|for (?:over |more than |the last )?(?:five|ten|\d+) minutes)",
            rf"\b(?:had|having|has had) (?:a |his first |her first |another )?seizure\b{NEAR}\b(?:wont wake|not waking|isnt waking|not breathing|just now|minutes ago|first time ever|still (?:shaking|confused))",
            rf"\b(?:he|she|{_RELATIVE}) (?:just )?(?:started|is|started to) (?:shaking|shake|jerking)(?: \w{{1,10}}){{0,4}}? (?:eyes (?:are )?roll|foam|uncontrollabl|and wont)",
        ),
    ),
    Rule(
        "overdose",
        Label.EMERGENCY,
        _CDC_OVERDOSE,
        "took|taken|swallow| ate|eaten|downed|drank|popped|overdos|od ed|oded|oding|double|triple|found|saw |narcan",
        (
            rf"\b(?:i|ive|he|she|they|hes|shes|{_RELATIVE}|just|has|have|may have|might have|think)(?: \w{{1,9}}){{0,2}}? (?:took|taken|swallowed|ate|eaten|downed|drank|popped) (?:too many|way too many|a whole bottle|the whole bottle|whole bottle|an entire bottle|the entire bottle|a bottle|a handful|handfuls|a bunch|a ton|all|all of|the rest of|an overdose|\d{{2,3}}|twenty|thirty|forty|fifty)(?: \w{{1,10}}){{0,5}}? {_PILLS}\b(?! (?:ago|a day|in|over|since|per|home|back|to the|with me))",
            rf"\b(?:i|ive|im|hes|shes|he|she|{_RELATIVE}s?|has|have|just|think|might have|may have)(?: \w{{1,9}}){{0,2}}? (?:overdosed|overdosing|od ?ed|oding)\b",
            rf"\b(?:took|taken|having|had) an (?:accidental |intentional )?overdose\b|\btook (?:a )?(?:double|triple) (?:my|his|her) insulin\b{NEAR}\b(?:shak|confus|pass|sweat|low)",
            r"\b(?:found|saw) (?:him|her|them|my \w{2,12})(?: \w{1,9}){0,6}? (?:needle|heroin|fentanyl|empty (?:pill )?bottles?)\b",
            rf"\b(?:used|gave|given|giving) (?:\w{{1,9}} )?narcan\b{NEAR}\b(?:wont|not|isnt|still|breath)",
        ),
    ),
    Rule(
        "poison_swallowed",
        Label.EMERGENCY,
        _POISON,
        "swallow|drank| ate|ingest|drunk|drink|took|chew|carbon|co alarm|co detector|bit into|got into|sipped",
        (
            rf"\b(?:i|ive|he|she|{_RELATIVE}|just|may have|might have|has|accidentally|\w{{3,12}})(?: \w{{1,12}}){{0,2}}? (?:swallowed|drank|ate|ingested|drunk|sipped|bit into|swallowing|drinking)(?: \w{{1,10}}){{0,4}}? {_POISONS}\b",
            rf"\b(?:toddler|baby|child|kid|son|daughter|year old|month old|he|she)(?: \w{{1,10}}){{0,4}}? (?:got into|ate|swallowed|took|drank|chewed)(?: \w{{1,10}}){{0,4}}? (?:my|his|her|grandmas?|grandpas?|someones?|the dogs?|our)(?: \w{{1,12}}){{0,2}}? {_PILLS}\b",
            r"\b(?:carbon monoxide|co) (?:alarm|detector)(?: \w{1,9}){0,4}? (?:going off|beeping|went off|sounding)\b",
            rf"^(?:\w{{1,12}} ){{0,3}}?(?:swallowed|drank|ate|ingested)(?: \w{{1,10}}){{0,2}}? {_POISONS}\b",
            rf"\b(?:toddler|baby|child|kid|son|daughter|year old|he|she)(?: \w{{1,10}}){{0,3}}? (?:swallowed|ate|took)(?: \w{{1,10}}){{0,3}}? (?:pills|tablets|edibles|gummies)\b{NEAR}\b(?:sleepy|limp|drows|now|help|minutes|ago|how many|what do)",
        ),
    ),
    Rule(
        "worst_headache",
        Label.EMERGENCY,
        _MEDLINE_EMERGENCY,
        "headache|head ache|stiff",
        (
            r"\bworst head ?ache (?:of my|of his|of her|of their|ive|i have|he has|she has|ever|in my)\b(?: \w{1,9}){0,3}?",
            rf"\b(?:sudden|thunderclap|explosive|blinding) (?:severe |intense |terrible )?head ?ache\b{NEAR}\b(?:vomit|stiff|confus|vision|numb|weak|pass|collapse|speech)",
            rf"\bstiff neck\b{NEAR}\b(?:fever|temperature)\b{NEAR}\b(?:confus|rash|light|headache|drows|sleepy|spots)|\bfever\b{NEAR}\bstiff neck\b",
        ),
    ),
    Rule(
        "meningitis_rash",
        Label.EMERGENCY,
        _CDC_MENINGITIS,
        "rash|spots",
        (
            rf"\b(?:purple|dark|blotchy) (?:\w{{1,9}} )?(?:rash|spots)\b{NEAR}\b(?:fever|stiff neck|confus|drows)|\bfever\b{NEAR}\b(?:rash|spots) (?:that )?(?:doesnt|dont|wont) fade\b",
        ),
    ),
    Rule(
        "young_infant_fever",
        Label.EMERGENCY,
        _AAP_FEVER,
        "fever|temp",
        (
            r"\b(?:newborn|(?:\d|one|two|three|four|five|six|seven|eight|nine|ten|eleven) ?(?:-| )?(?:day|week|wk)s? ?-?old|(?:1|one|2|two) ?-?months? ?-?old|preemie)\b[^!?\n]{0,60}?\b(?:fever|temp(?:erature)?)\b(?: \w{1,9}){0,3}? ?(?:100\.[4-9]|10[1-6]|38(?:\.\d)?|39|40)\b",
            r"\b(?:fever|temp(?:erature)?) (?:of |is )?(?:100\.[4-9]|10[1-6](?:\.\d)?|38\.\d|39|40)\b[^!?\n]{0,50}?\b(?:newborn|\d ?-?(?:day|week|wk)s? ?-?old)\b",
        ),
    ),
    Rule(
        "pregnancy_danger",
        Label.EMERGENCY,
        _CDC_MATERNAL,
        "pregnan|weeks|baby|cord",
        (
            rf"\b(?:pregnant|weeks pregnant|\d+ weeks)\b{NEAR}\b(?:bleeding (?:a lot|heavily|heavy|so much|badly)|heavy bleeding|gushing|passed out|seizure|cant see|water broke (?:and|early))|\bbleeding (?:heavily|a lot)\b{NEAR}\bpregnant\b",
            r"\bbaby (?:isnt|is not|has stopped|stopped|hasnt been|has not) mov(?:ing|ed)\b(?: (?:today|since|all day|in))?|\bbaby is coming (?:right )?now\b|\b(?:umbilical )?cord is (?:coming )?out\b|\bcan see the babys? head\b",
        ),
    ),
    Rule(
        "major_injury",
        Label.EMERGENCY,
        _MEDLINE_EMERGENCY,
        "shot|stabbed|electrocut|run over|drown|pulled|fell|fallen|bone|legs| hit",
        (
            rf"\b(?:(?:i|he|she|{_RELATIVE}) (?:was |were |just |has been |got |has ){{1,3}}(?:shot(?! (?:up|of))|stabbed|electrocuted|hit by (?:a|the) (?:car|truck|bus|train)|run over|drowning|pulled out of the (?:pool|water)))\b(?! (?:in the (?:arm )?with (?:a |the )?vaccine|record))",
            rf"\b(?:fell|fallen) (?:off|from|down)(?: \w{{1,9}}){{1,4}}? (?:roof|ladder|balcony|window|stairs)\b{NEAR}\b(?:cant move|cant feel|unconscious|wont wake|bleeding|blood|bone|vomiting|confused)",
            rf"\bhit (?:his|her|my) head\b{NEAR}\b(?:wont wake|cant wake|passed out|unconscious|knocked out|vomiting|throwing up|confused|seizure|pupils|blood thinn|eliquis|warfarin|xarelto)",
            r"\bbone (?:is )?(?:sticking|poking|coming) (?:out|through)\b|\b(?:cant feel or move|cant move or feel) (?:my|his|her) legs\b",
        ),
    ),
    Rule(
        "low_sugar_confused",
        Label.EMERGENCY,
        _MEDLINE_EMERGENCY,
        "sugar|glucose",
        (
            rf"\b(?:blood )?(?:sugar|glucose)\b(?: \w{{1,9}}){{0,4}}? (?:[1-4]\d|too low to read|low)\b{NEAR}\b(?:confused|unconscious|wont wake|passed out|seizure|unresponsive|not making sense|cant swallow|slurr)",
            rf"\b(?:confused|unconscious|wont wake up|passed out|unresponsive)\b{NEAR}\b(?:sugar|glucose) (?:is |was |reads? |reading )?(?:[1-4]\d|low)\b",
        ),
    ),
    Rule(
        "emergencia",
        Label.EMERGENCY,
        _MEDLINE_EMERGENCY,
        "respir|ahog|asfix|pecho|cara|boca|puede|infarto|derrame|ataque|responde|despierta|reacciona|despertar|inconsciente|desmay|desplom|convuls|labios|dedos|azul|morad|sangr|sobredosis|tomo|tome|trag|bebio|comio|garganta|lengua|vomit|pastillas",
        (
            r"\b(?:no (?:puedo|puede|logro|esta|podemos)|casi no (?:puedo|puede)|apenas (?:puedo|puede)|le cuesta mucho|me cuesta mucho) respira(?:r|ndo)\b(?! por la nariz)|\bno respira\b|\bdejo de respirar\b|\bse (?:esta|me esta|le esta|estan) (?:ahogando|asfixiando|atragantando)\b|\bse atraganto\b|\bse ahoga\b",
            rf"\b(?:dolor|presion|opresion|apreta\w{{2,6}}) (?:muy fuerte |fuerte |intens[oa] )?(?:en|de) (?:el |mi |su )?pecho\b{NEAR}\b(?:brazo|mandibula|quijada|sud\w{{2,8}}|aire|respirar|desmay\w{{1,6}}|vomit\w{{1,5}}|espalda|ahora)|\bme duele (?:mucho )?el pecho\b{NEAR}\b(?:brazo|mandibula|sud\w{{2,8}}|aire|respirar|ahora)",
            r"\b(?:cara|boca)(?: \w{1,8}){0,3}? (?:caid[ao]|cayendo|torcid[ao]|chueca|chueco|paralizad[ao]|dormida y)\b|\bse le (?:cayo|torcio|chueco|durmio|esta cayendo|va) (?:la |un lado de la )?(?:cara|boca)\b|\bno puede (?:mover|levantar) (?:el|su|un|la) (?:brazo|lado|pierna|mano)\b",
            r"\b(?:esta|estoy|le esta|me esta|creo que es|tiene|teniendo|dando)(?: \w{1,9}){0,2}? un (?:infarto|derrame|ataque al corazon|ataque cardiaco)\b",
            r"\b(?:esta|quedo|encontre)(?: \w{1,9}){0,3}? inconsciente\b|\bno (?:responde|despierta|reacciona)\b(?! (?:al? (?:tratamiento|medic|antib)|mis|los mensajes))|\bno (?:lo|la) puedo despertar\b|\bse (?:desmayo|desplomo)\b(?: \w{1,9}){0,3}? (?:no|y)\b",
            r"\b(?:esta|sigue)(?: \w{1,9}){0,2}? (?:convulsionando|con convulsiones)\b|\bconvulsion(?:es)?\b(?: \w{1,9}){0,4}? (?:ahora|no para\w{0,2})",
            r"\b(?:labios|cara|dedos)(?: \w{1,9}){0,2}? (?:azul(?:es|ados)?|morad[oa]s)\b|\bse (?:esta poniendo|puso) (?:azul|morad[oa])\b",
            r"\bno (?:para|deja) de sangrar\b|\bsangra(?:ndo)? (?:mucho|muchisimo|demasiado|sin parar)\b|\bvomita(?:ndo)? (?:\w{1,8} )?sangre\b|\bperdi(?:o|endo)? mucha sangre\b",
            r"\bsobredosis\b(?: \w{1,9}){0,3}?(?= |$|\W)(?<!una sobredosis es)|\bse (?:tomo|trago)(?: \w{1,9}){0,3}? (?:todas|muchas|demasiadas|un frasco|todo el frasco|el frasco)\b|\bme (?:tome|trague) (?:todas|muchas|demasiadas|un frasco|todo el frasco)\b",
            r"\b(?:bebio|tomo|trago|se comio)(?: \w{1,9}){0,2}? (?:cloro|lejia|veneno|blanqueador|detergente|gasolina|anticongelante|raticida|(?:una )?pila|(?:una )?bateria|jabon)\b",
            r"\bgarganta(?: \w{1,9}){0,3}? (?:cerrando|cierra|hinchando|hinchada)\b|\bse (?:me|le) (?:esta )?(?:cierra|cerrando|hincha|hinchando) (?:la )?(?:garganta|lengua)\b|\blengua(?: \w{1,9}){0,2}? hinchada\b",
            r"\bvomito sangre\b|\bvomita sangre\b|\bconvulsiona\b[^!?\n]{0,40}?\b(?:minutos|no para|ahora)\b",
            r"\bno (?:quiere|se puede) despertar(?:se)?\b|\bno se despierta\b",
            r"\bse tomo (?:las|mis|sus|unas|varias) pastillas\b|\b(?:nino|nina|bebe|hij[oa]) (?:\w{1,8} )?se (?:tomo|trago|comio) (?:\w{1,8} ){0,2}?(?:pastillas|pila|cloro|veneno)\b",
        ),
    ),
)

CRISES = (
    Rule(
        "suicide_statement",
        Label.CRISIS,
        _NIMH,
        "myself|my self|suffering|everything tonight|die|dead|exist|disappear|be here|born|live|living|suicid|better off|pill|tablet|gun|rope|noose|razor|knife|goodbye|farewell|heaven|kms|sewerslide|delete|this earth|this world|keep going|life|last day|last night|wont be|tonight is|today is|no more|be over|end it|hang|tired of|blade|would kill|ending|jump|stepp| step|driv|wake up|bottle|it all|on any|do this any|go on l|go on an| wake",
        (
            r"\b(?:want|wanna|wanting|going|gonna|about|plan|planning|need|ready|trying|try|tried|tempted|decided|think(?:ing)?|thoughts?|thought|consider(?:ing)?|urges?|might|will|ill|could|should|wish i could|how (?:to|do i|can i)|ways? to|easiest way to|best way to|let me|gotta|idea|ideas|fantasi\w{3,5}|talk\w{0,3} about|feel like)(?: to| of| about| i| i should| just| really| constantly){0,3} (?:kill|killing|hang|hanging|shoot|shooting|drown|drowning|poison|poisoning|unalive|unaliving|offing|off) (?:myself|my self)\b(?! (?:with (?:work|exercise)|laughing|trying to|at the gym|in the foot|over (?:this|that) (?:silly|dumb)))",
            r"\b(?:kill|killing|unalive|unaliving) (?:myself|my self)\b(?! (?:with (?:work|exercise)|laughing|trying|at the gym|at work|working|to (?:get|make|finish)|for this|for that|over this (?:diet|job)))",
            r"\b(?:end|ending|take|taking|finish) (?:my (?:own )?life|it all|my existence|my suffering for good|everything tonight)\b",
            rf"\bi(?: (?!no\b|not\b|dont\b|never\b|didnt\b|wouldnt\b)\w{{1,10}}){{0,2}}? (?:want|wanna|wish|prefer|rather|hope|deserve|ready|need|pray)(?: to| i could| i would| i can| i was| i were| id| just| simply){{0,4}} {_DEATH_DESIRE}\b{_NOT_LITERAL}",
            r"\b(?:i|id) (?:just )?(?:wish|wished) (?:that )?(?:i|id) (?:was|were|had) (?:dead|never (?:been )?born|not (?:alive|here any ?more))\b",
            r"\b(?:dont|do not|didnt|no longer|never) (?:really |even |just )?(?:want|wanna|wish|care|feel like|see (?:the|a) (?:point|reason)|see any (?:point|reason))(?: to| in| about| if i| for)? (?:be(?:ing)? alive|live any ?more|living any ?more|exist(?:ing)?|be here any ?more|be on this earth|be in this world|go on living|keep living|liv(?:e|ing)(?= ?(?:[.,!?\n]|$| like this| and| but| because| without)))\b",
            r"\b(?:dont|do not) (?:want to|wanna) (?:live|be here|go on|keep going|wake up|do this|exist)(?: \w{1,9}){0,2}? (?:any ?more|any longer|tomorrow)\b(?! (?:at|in) \w)",
            r"\b(?:cant|cannot|can not) (?:go on|keep going|keep living|live|do life) (?:any ?more|like this|living|another day|any longer)\b",
            r"\b(?:im|i am|i feel|feeling|ive been|ive become|i have been|i was just|i get|i might be|i think im|been)(?: \w{1,10}){0,3}? suicidal\b|\bactively suicidal\b",
            r"\b(?:i|ive|im)(?: \w{1,10}){0,4}? (?:suicidal|thoughts of suicide|suicide thoughts|thinking (?:of|about) suicide|considering suicide|contemplating suicide|commit(?:ting)? suicide|attempt(?:ing)? suicide)\b",
            r"\b(?:nothing|no reason|no point|not worth|nothing left)(?: \w{1,8}){0,3}? (?:to live for|to live|living for|in living|in being alive|being alive)\b(?! (?:in|with) (?:a|the) )",
            r"\b(?:everyone|everybody|they|world|family|kids|you|people|wife|husband)(?: \w{1,9}){0,3}? (?:better off) (?:without me|if i (?:was|were) (?:dead|gone)|with me (?:gone|dead))\b|\bim better off dead\b|\bid be better off dead\b|\bbetter off dead\b",
            rf"\b(?:have|got|holding|bought|counting|saved up|saving|stash\w{{2,4}}|looking at|taking)(?: \w{{1,9}}){{0,4}}? (?:{_PILLS}|gun|rope|noose|razor|knife|bottle)\b{NEAR}\b(?:end it|end my|die\b|not wake up|kill|be over|alive|dead|goodbye|no more)",
            rf"\b(?:end it|die tonight|be alive|want to die|be dead|goodbye)\b{NEAR}\b(?:have|got|holding)(?: \w{{1,9}}){{0,4}}? (?:{_PILLS}|gun|rope|noose|razor|knife)\b",
            r"\b(?:wrote|writing|written|left|leaving) (?:a |my |the |their )?(?:suicide|goodbye|farewell) (?:note|letter|notes|letters)\b",
            r"\b(?:want|wanna|going|gonna|about|ready|thinking (?:of|about)|standing|will|might)(?: \w{1,9}){0,4}? (?:jump|jumping|step|stepping|drive|driving)(?: \w{1,9}){0,3}? (?:off|in front of|into)(?: \w{1,9}){0,2}? (?:bridge|roof|building|balcony|cliff|train|traffic|truck|bus|tree|wall|window)\b(?! (?:for|into the (?:pool|water|lake)))",
            r"\b(?:want|going|ready) to (?:be with|join|see)(?: \w{1,9}){1,4}? in heaven\b(?! (?:some|one) ?day)|\b(?:kms|sewerslide|unalive myself|self delete)\b",
            r"\b(?:tonight|today) is (?:my )?(?:last (?:night|day) (?:alive|on earth|here)|the (?:night|day) i (?:end|die))\b|\bwont be (?:here|alive|around) (?:tomorrow|in the morning|much longer)\b(?! because (?:i|we) (?:have|am|are) (?:a|work|trav))",
            r"\b(?:id|i would|i) (?:\w{1,9} )?rather be dead\b(?! (?:than (?:eat|wear|watch|listen|seen)))|\b(?:rather|better) (?:die|be dead|off dead) than (?:live|go on|keep going|be alive)\b",
            r"\b(?:hope|hoping|wish|pray|praying|so (?:that )?|want) (?:that )?(?:i|to) (?:dont|do not|didnt|never|wouldnt|wont|not) wake(?: up)?\b(?! (?:up )?(?:early|late|at|during|in|tired|with|every|so|too))",
            r"\b(?:how many|how much|enough|which)\b[^!?\n]{0,60}?\b(?:to not wake up|so i (?:dont|wont|never) wake|that i (?:dont|wont|never) wake|to (?:die|kill me|end it)|would kill me)\b",
            r"\btired of (?:being alive|living|life itself|existing)\b(?! (?:with|in|at|like|here|alone|next|off|on|under))",
            r"\bsuicidal thoughts\b[^!?\n]{0,30}?\b(?:wont stop|again|now|every|cant|worse|back|daily)\b|^suicidal\b",
            r"\b(?:ending|end) it (?:all )?(?:tonight|today|tomorrow|this week|now)\b|\bi(?:ll| will| want to| wanna| am going to| might| just want to) end it\b(?! (?:with|between|on good|quickly by))",
            r"\bi(?: \w{1,8})? (?:have|got|ve got|ve) (?:a |the |my )?(?:suicide plan|plan to (?:die|kill))\b|\b(?:my|the) suicide note\b",
            r"\b(?:have|got|with)(?: \w{1,6}){0,3}? (?:pills|tablets|rope|gun|knife|blade)(?: \w{1,9}){0,3}? (?:in my hand|counted out|in front of me|ready)\b",
            r"\bi(?: (?!dont\b|never\b|not\b)\w{1,9}){0,2}? think(?:ing)? (?:a lot )?(?:about|of) (?:suicide|dying every|ending it)\b",
        ),
    ),
    Rule(
        "suicide_of_another",
        Label.CRISIS,
        _988,
        "himself|herself|themsel|to die|life|suicid|live|be dead",
        (
            rf"\b(?:he|she|they|{_RELATIVE})(?: \w{{1,9}}){{0,4}}? (?:wants?|wanted|threat\w{{3,6}}|going|planning|trying|tried|talking about|says? (?:he|she|they) (?:wants?|will|is going)|said (?:he|she|they) (?:wants?|wanted|will|would))(?: to| of){{0,2}} (?:kill(?:ing)?|hurt(?:ing)?|hang(?:ing)?|shoot(?:ing)?|harm(?:ing)?) (?:himself|herself|themsel(?:f|ves))\b",
            rf"\b(?:he|she|they|{_RELATIVE})(?: \w{{1,9}}){{0,4}}? (?:wants? to die|wants? to end (?:his|her|their) (?:own )?life|is suicidal|has been suicidal|feels suicidal|seems suicidal|is going to commit suicide|talks? about suicide|talking about suicide|doesnt want to (?:live|be alive)(?: any ?more)?)\b(?! (?:at home|peacefully|with dignity|with|in|alone|near))",
            rf"\b(?:he|she|they|{_RELATIVE}) (?:has |just |already ){{0,2}}(?:tried|attempted) (?:to )?(?:suicide|kill (?:himself|herself|themselves))\b",
            rf"\b(?:{_RELATIVE}|he|she|they)(?: \w{{1,9}}){{0,3}}? (?:wants?|says? (?:he|she|they) wants?|said (?:he|she|they) wants?|keeps saying (?:he|she|they) wants?) to (?:die|be dead)\b(?! (?:at home|peacefully|with dignity|in))",
        ),
    ),
    Rule(
        "self_harm",
        Label.CRISIS,
        _NIMH_SELF_HARM,
        "myself|my wrist|my arm|my thigh|my skin|my own|self harm|self-harm|selfharm|relaps|himself|herself|themselves",
        (
            r"\b(?:i|ive|im|id)(?: \w{1,10}){0,4}? (?:cutting|burning|hurting|harming|scratching|hitting) myself\b(?! (?:when|while|shav|by accident|accidentally|at|on|with (?:work|exercise)|lifting|running|playing))",
            r"\b(?:want|wanna|urges?|going|gonna|need|tempted|feel like|thinking (?:of|about)|thoughts? (?:of|about)|plan\w{0,4}|ready|might|afraid i will|scared i will|ill|trying|try)(?: to| i| i will| ill| just){0,3} (?:cut|cutting|hurt|hurting|harm|harming|burn|burning|injure|injuring|stab|stabbing) (?:myself|my (?:wrists?|arms?|thighs?|skin))\b(?! (?:again )?(?:at|on the|while|lifting|exercis|running|doing))",
            r"\b(?:i|ive|just)(?: \w{1,9}){0,2}? (?:cut|cutting|slit|slashed|sliced) my(?: own)? (?:wrists?|thighs?)\b|\bcut myself (?:again|on purpose|to (?:feel|cope)|because|so i|tonight|deep|and i (?:like|feel))",
            r"\bi(?: \w{1,9}){0,3}? self[ -]?harm(?:ing|ed|s)?\b|\bi hurt myself on purpose\b|\brelapsed? (?:with|on|into) (?:self ?harm|cutting)\b",
            rf"\b(?:{_RELATIVE}|he|she)(?: \w{{1,9}}){{0,3}}? (?:cutting|burning|harming|hurting) (?:himself|herself|themselves)\b",
            r"\b(?:i|ive) (?:\w{1,7} )?cut my (?:arms?|legs?|thighs?|wrists?) (?:again|on purpose|last night|to (?:feel|cope)|when i)\b",
            r"\b(?:i|ive|started|been) (?:\w{1,7} ){0,2}?(?:cut|cutting|burning|burn) (?:myself|my (?:arms?|thighs?|wrists?)) (?:again|on purpose|every|when i (?:am|feel|get)|to (?:feel|cope))\b",
            r"\b(?:i|ill|im) (?:\w{1,9} ){0,2}?(?:hurt|hurting|harm|harming) myself (?:again|on purpose|tonight|now|every|because|to feel)\b",
        ),
    ),
    Rule(
        "harm_to_baby_or_voices",
        Label.CRISIS,
        _SAMHSA,
        "hurt|harm|kill|drown|smother|shake|shaking|voice",
        (
            r"\b(?:thoughts? (?:of|about)|thinking (?:of|about)|afraid (?:i will|ill|im going to|i might|of)|scared (?:i will|ill|im going to|i might)|urges? to|want to|going to|might)(?: to)? (?:hurt|hurting|harm|harming|kill|killing|drown|drowning|smother|smothering|shake|shaking) (?:my|the|our) (?:baby|newborn|infant|child|kids|children|son|daughter)\b",
            r"\bvoices?(?: \w{1,9}){0,5}? (?:telling|tell|told|say|saying|commanding)(?: me| to| i should){1,2}(?: \w{1,9}){0,2}? (?:kill|hurt|harm|die|jump|end)\b",
        ),
    ),
    Rule(
        "sexual_assault",
        Label.CRISIS,
        _RAINN,
        "rape|assault|molest|drugged|roofied|forced",
        (
            r"\b(?:i was|i got|i have been|ive been|i think i was|she was|my (?:daughter|son|sister|friend) was)(?: just)? (?:raped|sexually assaulted|molested|drugged and raped|date raped|roofied)\b",
            r"\b(?:he|someone|somebody|they|a man|my \w{2,12}|\[name_\d+\]) (?:just )?(?:raped|sexually assaulted|forced himself on) (?:me|my)\b",
        ),
    ),
    Rule(
        "violence_at_home",
        Label.CRISIS,
        _HOTLINE,
        "beat|chok|strangl|punch|slap|kick|shov|burn|rape|raping|molest|abus|whip|smack|throws|threaten|afraid|scared|terrified|frighten|safe|assault|trafficked|gun|lock|withholds|hurt|kill|violent|knife|let me|takes my|take my| bit | bites|hits| hit |hitting|pulled a|held a|force me|forced me|forces me|forced him|forces him|be hit",
        (
            rf"\b{_ABUSER}(?: \w{{1,10}}){{0,3}}? {_HITS} {_VICTIM}\b(?! (?:up (?:inside|with)|to (?:it|the)|at|in (?:chess|cards|the (?:game|race))|out|off|again,? at|with (?:an? )?(?:\w{{1,9}} )?(?:question|bill|news|the news|fever)|hard that|as|like|when i (?:realized|read)))",
            rf"\b(?:afraid|scared|terrified|frightened|worried|think|fear)(?: \w{{1,9}}){{0,2}}? {_ABUSER}(?: is going to| will| is gonna| might| would| could|s going to| may|ll)(?: \w{{1,9}}){{0,2}}? (?:kill|hurt|hit|beat|shoot|attack|choke|rape) (?:me|us|my)\b",
            r"\b(?:afraid|scared|terrified) (?:of (?:my (?:husband|wife|partner|boyfriend|girlfriend|ex|dad|father|stepdad|stepfather|son|caregiver)|him|what he)|to go home|to be (?:at )?home)\b(?! (?:leaving|dying|getting sick|finding out|losing))",
            r"\b(?:dont|do not|not|never) (?:feel )?safe (?:at home|in my (?:own )?(?:home|house)|with (?:him|my (?:husband|partner|boyfriend|wife|dad|father|stepdad|ex)))\b|\bnot safe (?:at home|here with)\b",
            r"\b(?:im|i am|ive been|i was|being|been|getting|she is|he is|is being)(?: being| just| sexually| physically| constantly){0,3} (?:abused|raped|molested|sexually assaulted|assaulted|beaten|strangled|trafficked)\b(?: by| at| last| today| tonight|[ .,!?]|$)",
            rf"\b{_ABUSER} (?:has |have )?(?:a gun and|wont let me (?:leave|go|out|see (?:a|my) (?:doctor|family)|call)|locks? me in|locked me in|keeps me locked|takes? my (?:pills|medicine|food) away|withholds? my|forced? (?:me|himself on me)|forces? (?:me to have sex|himself on me))\b",
            rf"\b(?:help|escape|get away|leave)\b{NEAR}\b(?:abusive (?:husband|wife|partner|boyfriend|girlfriend|relationship|home|father|dad|mother|family))\b",
            rf"\b(?:he|she|my {_RELATIVE}|my ex)(?: has|s got|s| is holding|s holding| got) (?:a |his )(?:gun|knife)\b{NEAR}\b(?:hiding|kill|hurt|me\b|house|scared|afraid|threat)",
            rf"\b(?:he|she|my {_RELATIVE}|my ex)(?:s| is| says? hes| said hes| will|ll)(?: \w{{1,6}})? (?:going to|gonna) (?:kill|beat|hurt|hit|shoot|stab) (?:me|us|my mom|my mum|my kids|my sister)\b",
            rf"\b(?:he|she|my {_RELATIVE}|my ex) (?:hurt|hurts) (?:me|us) (?:again|when|every|at night|if|badly)\b(?! (?:i (?:move|walk|cough|breathe)))",
            rf"\b(?:he|she|my {_RELATIVE}|my ex)(?: \w{{1,9}})? (?:gets|got|is|turns|becomes) (?:violent|physically abusive)\b",
            r"\bi (?:was|am|got|get|keep getting) (?:hit|beaten|punched|slapped|choked|kicked|strangled) by my (?:husband|wife|partner|boyfriend|girlfriend|ex|dad|father|mom|mother|stepdad|son|brother)\b",
        ),
    ),
    Rule(
        "child_abuse",
        Label.CRISIS,
        _CHILDHELP,
        "touch|fondl|grop|abus|molest|raped|hurt|hit by|starv|neglect|beat",
        (
            rf"\b(?:{_ABUSER}|my (?:teacher|coach|pastor|babysitter|doctor)|(?:the|her|his|a|some) (?:teacher|coach|babysitter|uncle|stepdad|stepfather|boyfriend|neighbor|man|guy))(?: \w{{1,9}}){{0,3}}? (?:touch(?:es|ed|ing)?|fondl(?:es|ed|ing)|grop(?:es|ed|ing))(?: \w{{1,9}}){{1,3}}?(?: down there| private\w?| inappropriately| where| sexually| at night| and (?:told|said))",
            r"\b(?:my|our|the|a|this) (?:\w{1,10} )?(?:kids?|child|children|daughter|son|baby|niece|nephew|grandson|granddaughter|student|neighbors? (?:kid|child)|little (?:girl|boy))(?: is| are| was| were| has been| might be| may be)(?: \w{1,9}){0,2}? (?:abused|molested|raped|beaten|hurt by (?:her|his|my|the)|hit by (?:her|his|my) (?:dad|father|stepdad|mom|mother|teacher|babysitter)|starved|neglected)\b",
            r"\b(?:suspect|report|think|afraid)(?: \w{1,9}){0,4}? (?:abusing|molesting|beating|hurting) (?:my|our|her|his|the|their) (?:kids?|child|children|daughter|son|baby|niece|nephew|stepson|stepdaughter|grand\w{3,8})\b",
        ),
    ),
    Rule(
        "crisis_en_espanol",
        Label.CRISIS,
        _988,
        "morir|matar|suicid|muert|desaparecer|dejar de|acabar|vida|terminar|vivir|seguir|vivo|viva|existir|despertar|hacerme|lastimarme|cortar|sin mi|corto|quemo|lastimo|hago dano|corte las|miedo|pastillas|cansad|ganas|pega|pego|golpe|maltrat|viol|ahorc|abusa|abuso|amenaza|patea|se corta|mejor |tengo por que|no puedo|quema",
        (
            r"\b(?:me )?quiero (?:morir(?:me)?|matar(?:me)|suicidar(?:me)|estar muert[oa]|desaparecer para siempre|dejar de (?:vivir|existir)|acabar con (?:mi vida|todo)|quitarme la vida|terminar con (?:mi vida|todo))\b(?! de (?:risa|hambre|ganas|pena|verguenza|calor))|\bme quiero (?:morir|matar)\b(?! de (?:risa|hambre|pena|verguenza))",
            r"\bno quiero (?:vivir|seguir (?:viviendo|viva|vivo|asi)|estar viv[oa]|existir|despertar)\b(?! (?:en|con|cerca|lejos|a las|temprano|tan))|\bya no (?:quiero|puedo) (?:vivir|seguir|mas con mi vida)\b",
            r"\b(?:voy a|pienso en|pensando en|he pensado en|ganas de|quisiera|planeo|intento|intente) (?:matarme|suicidarme|quitarme la vida|morirme|acabar con mi vida|terminar con mi vida|el suicidio|cortarme|hacerme dano|lastimarme)\b|\bme voy a (?:matar|suicidar|cortar|quitar la vida)\b",
            r"\bmejor (?:estaria|estoy|estarian) (?:muert[oa]|sin mi)\b|\bno vale la pena vivir\b|\bsin razon para vivir\b|\bno tengo (?:por que|razon para|motivos para) vivir\b",
            r"\bme (?:corto|quemo|lastimo|hago dano) (?:los brazos|las munecas|las piernas|a proposito|yo mism[oa]|la piel|cuando)\b|\bme corte las (?:munecas|venas)\b",
            r"\b(?:el|ella|mi (?:esposo|esposa|marido|mujer|novio|novia|pareja|ex|papa|padre|padrastro|mama|madre|hijo|jefe)|\[name_\d+\])(?: \w{1,9}){0,2}? (?:me|nos) (?:pega|pego|golpea|golpeo|maltrata|viola|violo|ahorca|ahorco|abusa|amenaza con matar\w{0,3}|va a matar|quiere matar|patea)\b",
            r"\btengo miedo de? ?(?:que )?(?:\w{1,9} ){0,3}?me (?:mate|pegue|golpee|haga dano)\b|\b(?:abusan|abusa|abuso|abusaron) de (?:mi|mi hij[oa]|mis hijos|el nino|la nina)\b|\bme (?:violaron|violo|estan violando)\b",
            r"\b(?:dice|dijo|repite) que (?:se )?quiere (?:morir(?:se)?|matar(?:se)|suicidarse)\b|\bquiere (?:matarse|suicidarse|quitarse la vida|morirse)\b",
            r"\bse (?:corta|quema|lastima) (?:los brazos|las munecas|las piernas|la piel|a proposito)\b",
            r"\bno puedo mas\b[^!?\n]{0,60}?\b(?:pastillas|pistola|cuerda|navaja|cuchillo)\b|\b(?:pastillas|cuerda|pistola)\b[^!?\n]{0,60}?\b(?:no puedo mas|acabar|morir)\b",
            r"\bmiedo (?:de |a )?que (?:\w{1,9} ){0,3}?(?:me|nos) (?:mate|pegue|golpee|haga dano)\b|\b(?:me|nos) (?:golpea|pega) (?:cuando|cada|si|todos|otra vez|mucho)\b",
            r"\bestaria(?:n)? mejor (?:sin mi|muert[oa])\b|\bcansad[oa] de vivir\b|\bganas de (?:morir|morirme|no vivir)\b",
        ),
    ),
)

RULES = EMERGENCIES + CRISES
