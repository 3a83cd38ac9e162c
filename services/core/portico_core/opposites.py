"""Words that a claim turns on: negations, hedges, certainty, numbers, and directions with their opposites.

Written for the grounding checker (carrying.py) in our own words; nothing of it is shown to a patient. A direction word
may say more than one thing. Opposed classes stand in one line.
"""

from collections import defaultdict

_SMALL_TEXT = """
    a an the and are as at be been being by do does did for from had has have having if in is it its itself of on or so
    than that their them then there these they this those to was were when which who whom whose will with you your
    yours he she his her hers we our us i me my also any such into out about via per how what where while both either
    other another during due can could may might should must would one's get gets
"""
SMALL = frozenset(_SMALL_TEXT.split())
_LIGHT_TEXT = """
    involve involves involving consist consists consisting composed comprise comprises contain contains contained give
    gives given giving take takes taken taking took use uses used using go goes going gone come comes coming came become
    becomes became keep keeps kept keeping put puts set sets show shows shown showing see sees seen seeing look looks
    seem seems appear appears occur occurs occurred occurring happen happens happened happening develop develops
    developed lead leads leading led result results resulting bring brings brought carry carries carried run runs call
    calls called named known know knows term termed mean means meaning refer refers referred say says said tell tells
    told ask asks asked think believed consider considered regarded find finds found need needs required require
    requires want try seek seeks contact talk speak discuss visit check work works working act acts serve serves manage
    managed handle deal drive drives hold holds remain remains stay stays stand lie lies
    receive receives received provide provides provided offer offers offered carried behind option options based
    type types kind kinds form forms class sort part parts case cases way ways thing things something anything someone
    anybody anyone people person persons patient patients individual individuals several various certain well even still
    just also quite very too really fairly simply especially particularly key main chief important major overall
    together upon within among along since whether however therefore thus lot lots much amount number
"""
LIGHT = frozenset(_LIGHT_TEXT.split())
"""Words of general English in which two tellings of one fact differ: none names a thing, a time or a direction."""
_NEGATIONS_TEXT = """
    not no never none nor neither without cannot nothing nobody hardly scarcely unable unlikely lack lacks lacking
    absence fail fails failed avoid avoids avoided avoiding unnecessary impossible instead except free rarely seldom
"""
NEGATIONS = frozenset(_NEGATIONS_TEXT.split())
_IMPLIED_TEXT = """
    differ differs different differently deficiency insufficient little fasting fast abnormal prevent prevents stop
    stops stopping quit skip skips skipped skipping untreated unlike limited leftover alone small discouraged
"""
IMPLIED = NEGATIONS | frozenset(_IMPLIED_TEXT.split())
"""What a negation in other words may restate."""
_UNITS_TEXT = """
    minute/minutes hour/hours/hourly day/days/daily week/weeks/weekly month/months/monthly year/years/yearly/annual
    mg/milligram/milligrams mcg/microgram/micrograms g/gram/grams ml/milliliter/milliliters liter/liters unit/units
    percent/% pound/pounds kilogram/kilograms kg ounce/ounces inch/inches time/times tablet/tablets/pill/pills
    dose/doses drop/drops puff/puffs cup/cups
"""
UNIT_OF = {word: group.split("/")[0] for group in _UNITS_TEXT.split() for word in group.split("/")}
_HEDGES_TEXT = """
    may might can could sometimes some often usually usual generally typically rarely possible possibly likely probably
    commonly mostly mainly occasionally about around roughly approximately almost nearly
"""
HEDGES = frozenset(_HEDGES_TEXT.split())
_STRONG_TEXT = """
    always never all every only must none certainly definitely completely everyone nobody cure cures cured proves
    prove guarantees entirely exclusively invariably solely anyone
"""
STRONG = frozenset(_STRONG_TEXT.split())
_COUNT_TEXT = "zero one two three four five six seven eight nine ten eleven twelve"
NUMBER_WORDS = {word: str(number) for number, word in enumerate(_COUNT_TEXT.split()) if word != "one"}

_OPPOSED_TEXT = """
    raise raises raised raising increase increases increased increasing higher high more rise rises rising rose greater
        gain gains gained gaining elevate elevated elevates boost boosts climb climbs grow grows larger longer heavier
        above over exceed exceeds extra stronger bigger =
        lower lowers lowered lowering reduce reduces reduced reducing decrease decreases decreased decreasing low less
        fewer drop drops dropping dropped fall falls falling fell decline declines cut cuts shrink shrinks deplete lose
        loses losing lost loss smaller shorter lighter below under weaker lessen lessens
    better improve improves improved improving improvement ease eases eased easing relieve relieves relief soothe help
        helps helped helpful heal heals = worse worsen worsens worsened worsening aggravate harm harms hurt hurts damage
    before prior earlier beforehand = after afterward afterwards later
    start starts starting started begin begins beginning began continue continues continued =
        stop stops stopping stopped quit quits quitting cease ceases discontinue discontinued
    safe safely safer harmless = unsafe dangerous harmful risky hazardous
    common commonly often frequent frequently usual usually = rare rarely uncommon seldom infrequent unusual
    fast faster quicker sooner quickly quick rapid rapidly soon promptly sudden suddenly immediately =
        slow slower slowly gradual gradually late
    prevent prevents preventing prevented protect protects = cause causes caused causing trigger triggers produce
    always every = never none
    left = right
    inside internal inner = outside external outer
    acute brief temporary short-term = chronic lasting permanent long-term
    mild = severe serious strong
    normal = abnormal
    positive = negative
    empty = full
    open opens opened widen widens relax relaxes = close closes closed narrow narrows tighten tightens
    overactive hyperthyroidism hypertension hyperglycemia = underactive hypothyroidism hypotension hypoglycemia
    bacteria bacterial = virus viral viruses
    constipation = diarrhea
    allow allows allowed recommended recommend advised = forbid forbidden discouraged prohibited
    include includes including = exclude excludes excluding
    necessary needed required essential = unnecessary optional
    most = least
    thin thinner slim = thick thicker
    dark darken darker = lighten lighter pale
    dry = wet damp moist runny oily
    hot warm = cold cool
    older old = young younger
    large big huge = small tiny slight slightly
    total whole complete = partial
    awake = asleep
    healthy = ill sick unwell
    present = absent missing
    simple uncomplicated = complicated
    strict stricter = loose looser relaxed
    prescription = nonprescription
    retain keep keeps kept = remove removes removed
    effective useful = ineffective useless
"""


def _read_opposed() -> tuple[dict[str, tuple[str, ...]], dict[str, str]]:
    """Return the classes of each word, and the opposite of each class."""
    classes: dict[str, list[str]] = defaultdict(list)
    opposite: dict[str, str] = {}
    for number, (one, other) in enumerate(_pairs()):
        names = (f"{number}+", f"{number}-")
        opposite.update({names[0]: names[1], names[1]: names[0]})
        for name, words in zip(names, (one, other), strict=True):
            for word in words:
                classes[word].append(name)
    return {word: tuple(names) for word, names in classes.items()}, opposite


def _pairs() -> list[tuple[list[str], list[str]]]:
    rows: list[str] = []
    for line in _OPPOSED_TEXT.strip("\n").splitlines():
        if line.startswith(" " * 8):
            rows[-1] += line
        elif line.strip():
            rows.append(line)
    halves = [row.split("=") for row in rows]
    return [(one.split(), other.split()) for one, other in halves]


CLASS_OF, OPPOSITE = _read_opposed()
