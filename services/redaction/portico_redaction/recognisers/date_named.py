"""Days and months that are named rather than numbered: "last Friday", "next March", "Christmas Eve 2021", "the 4th", "summer of 2019".

Class C of 45 CFR 164.514(b)(2)(i) asks for "all elements of dates (except year)": a weekday or month fixed by last, next or this is one, and so is
a holiday of a year, a numbered day of a month, a season or quarter of a year. What has no calendar element stays, because it dates nothing by
itself and a clinician needs it: "last week", "last month", "last year", "yesterday", a plain or repeated weekday ("on Mondays"), a fast or
holiday spoken of in general ("fasting in Ramadan").
"""

from collections.abc import Iterator

import regex

from portico_core.labels import PhiType
from portico_redaction.recognisers.base import PATTERN_TIMEOUT_S, START, Form, FormRecogniser, Found
from portico_redaction.recognisers.date_words import (
    FULL_MONTHS,
    FULL_WEEKDAY,
    MONTH,
    NTH,
    ORDINAL,
    SURE_MONTHS,
    WEEKDAY,
    YEAR,
)

_FIXED = r"(?:last|next|this(?: past| coming)?|the past|past|coming|upcoming|following|previous)"
_PART = r"(?:'s\b)?(?: (?:early )?(?:morning|afternoon|evening|night|noon))?"
_LONG_SURE = "january|february|april|june|july|august|september|october|november|december|enero|febrero|marzo|abril|junio|julio|agosto|septiembre|octubre|noviembre|diciembre"
_SURE_HOLIDAY = (
    r"(?:christmas (?:eve|day|morning|night)|new year'?s?'? (?:eve|day)|boxing day|thanksgiving (?:day|weekend|eve)|easter (?:sunday|monday)|good friday|palm sunday|ash wednesday|holy saturday|maundy thursday"
    r"|(?:the )?(?:4th|fourth) of july|july (?:4th|fourth)|independence day|memorial day(?: weekend)?|labor day weekend|flag day|mardi gras|fat tuesday|all (?:saints|souls)'? day|three kings'? day|day of the dead|canada day|bastille day|martin luther king(?: jr\.?)? day|mlk day|presidents'? day|veterans'? day|columbus day|indigenous peoples'? day"
    r"|groundhog day|valentine'?s?'? day|st\.? patrick'?s? day|mother'?s?'? day|father'?s?'? day|juneteenth|cinco de mayo|election day|leap day|patriots'? day|super bowl sunday|black friday"
    r"|nochebuena|nochevieja|d[ií]a de (?:navidad|reyes|la madre|los muertos|acci[oó]n de gracias|a[nñ]o nuevo)|viernes santo|domingo de (?:pascua|ramos))"
)
_HOLIDAY = (
    r"(?:christmas|xmas|x-mas|thanksgiving|labou?r day|purim|sukkot|shavuot|nowruz|easter|halloween|new year'?s?'?|valentine'?s?'?|hanukkah|chanukah|passover|rosh hashanah|yom kippur|ramadan|eid(?: al-?(?:fitr|adha))?|diwali|holi|lunar new year"
    r"|chinese new year|tet|kwanzaa|pentecost|navidad|pascua|semana santa|a[nñ]o nuevo)"
)
_HOLIDAY_NAME = regex.compile(rf"(?:the )?(?:day (?:after|before) )?(?:{_SURE_HOLIDAY}|{_HOLIDAY})", regex.IGNORECASE)
_BESIDE = r"(?:on|since|until|till|by|before|after|around|last|this|next|over|past|day after|day before|week (?:of|after|before)|for|desde|antes de|despu[eé]s de|en)"
_HOURS = regex.compile(
    r"\b(?:open|closed?|closing|hours|staffed|abiertos?|abren|cerrad[oa]s?|cierran)\b[^.;!?\n]{0,60}\Z",
    regex.IGNORECASE,
)
"""Whether an office is open on a holiday dates nothing of a patient's."""
_LOOK_BACK = 72
_NO_FOOD = r"(?! (?:turkey|ham|candy|cookies|corned beef|leftovers|feast|meals?|foods?|eggs|pie|chocolates?|dishes)\b)"
_SEASON = r"(?:(?:early|late|mid)[ -])?(?:spring|summer|fall|autumn|winter|primavera|verano|oto[nñ]o|invierno)"
_NTH_OF_WHAT = (
    r"(?! ?(?:day\b|week|time|grade|floor|month\b|trimester|percentile|dose|cycle|visit|try|attempt|year|birthday|century|edition|degree|round|pregnancy|child|baby|one\b|rib|toe|finger|metatarsal|metacarpal|cranial|nerve|ventricle"
    r"|vertebra|lumbar|generation|line|opinion|trip|episode|surgery|shot|booster|injection|session|infusion|digit|intercostal|heart|place|street|st\b|ave|avenue|hour|night|and final|stage|molar|appointment|pill|most|person|half|quarter|party)|[\w/-])"
)


class NamedDateRecogniser(FormRecogniser):
    """Find named days and months."""

    phi_type = PhiType.DATE
    forms = (
        Form("fixed weekday", rf"\b(?<!\bthe )(?P<value>{_FIXED} {FULL_WEEKDAY}{_PART})(?![\w'])", 0.8),
        Form(
            "fixed weekday, short",
            r"\b(?P<value>(?:[Ll]ast|[Nn]ext|[Tt]his(?: past| coming)?|[Pp]ast) (?:Mon|Tues?|Wed|Thurs?|Thu|Fri|Sat|Sun)\b\.?)(?! [A-Z]\w)",
            0.78,
            0,
        ),
        Form("fixed month", rf"\b(?P<value>{_FIXED} (?:{_LONG_SURE}|{SURE_MONTHS})(?![A-Za-z]))", 0.8),
        Form(
            "fixed month, capital",
            r"\b(?P<value>(?:[Ll]ast|[Nn]ext|[Tt]his(?: past| coming)?|[Pp]ast) (?:May|March|Mar\.?|Jan\.?|Dec\.?|Sep\.?))(?=[\s,.;!?)]|$)",
            0.8,
            0,
        ),
        Form(
            "weekday from now",
            rf"\b(?P<value>(?:a|one|two|three) (?:weeks? )?(?:from|ago|before|after) (?:last |next |this )?{FULL_WEEKDAY}|{FULL_WEEKDAY} (?:before last|after next|last|a week ago|two weeks ago|week)|{FULL_WEEKDAY}s ago)\b",
            0.75,
        ),
        Form(
            "Spanish",
            rf"\b(?:el |este )?(?P<value>(?:pasado|pr[oó]ximo|este) {FULL_WEEKDAY}|{FULL_WEEKDAY} (?:pasado|pr[oó]ximo|que viene)|(?:pasado|pr[oó]ximo) (?:mes de )?{MONTH}|{MONTH} (?:pasado|pr[oó]ximo))\b",
            0.78,
        ),
        Form(
            "Spanish weekday and day",
            r"\b(?P<value>(?:lunes|martes|mi[eé]rcoles|jueves|viernes|s[aá]bado|domingo) (?:[1-9]|[12][0-9]|3[01]))(?![\w%/]|[.,:][0-9])",
            0.78,
        ),
        Form(
            "Spanish day by itself",
            r"\b(?:desde|hasta|antes del?|despu[eé]s del?|para|vemos) ?(?:el )(?P<value>(?:[1-9]|[12][0-9]|3[01]))(?=[.,;!?\n]|$)|\bantes del (?P<value>(?:[1-9]|[12][0-9]|3[01]))(?=[.,;!?\n]|$)",
            0.65,
        ),
        Form(
            "two Spanish days",
            rf"\bel (?P<value>(?:[1-9]|[12][0-9]|3[01]))(?= (?:y|o|al) (?:el )?[0-9]{{1,2}} de {MONTH})",
            0.78,
        ),
        Form(
            "two months",
            rf"\b(?:{FULL_MONTHS})(?= or (?:{FULL_MONTHS})\b)|(?<=\b(?:{FULL_MONTHS}) or )(?:{FULL_MONTHS})\b",
            0.65,
            0,
        ),
        Form("weekday and day", rf"\b(?P<value>{WEEKDAY}[.,]{{0,2}} (?:the |el )?(?:{NTH}|{ORDINAL}))(?![\w-])", 0.8),
        Form(
            "sure holiday",
            rf"\b(?P<value>(?:(?:last|this|next) )?{_SURE_HOLIDAY}(?:,? (?:of |in )?{YEAR})?)(?![\w]){_NO_FOOD}",
            0.75,
        ),
        Form(
            "holiday of a year",
            rf"\b(?P<value>{_HOLIDAY}(?: day| time| weekend| break)?,? (?:of |in |de )?{YEAR})(?!\w)",
            0.8,
        ),
        Form(
            "holiday beside a cue",
            rf"\b{_BESIDE} (?:the )?(?P<value>{_HOLIDAY}(?: day| time| weekend| dinner| break)?)(?! (?:disease|tree|rash|factor|island|fast)){_NO_FOOD}(?!\w)",
            0.65,
        ),
        Form(
            "part of a holiday",
            rf"\b(?P<value>{_HOLIDAY}(?: day)?)(?= (?:night|morning|evening|afternoon|eve)\b)",
            0.68,
        ),
        Form(
            "season of a year",
            rf"\b(?P<value>{_SEASON},? (?:of |de(?:l)? )?(?:(?:19|20)[0-9]{{2}}|'[0-9]{{2}}|last year|this year))(?![\w-])",
            0.7,
        ),
        Form(
            "quarter of a year",
            r"\b(?P<value>(?:Q[1-4]|(?:first|second|third|fourth) quarter)(?:,? (?:of )?)[ '-]?(?:(?:19|20)[0-9]{2}|'[0-9]{2}))(?!\w)",
            0.7,
        ),
        Form(
            "numbered day",
            rf"\b(?:on|since|until|till|til|by|before|after|from|around|between|through|and|to|of|el(?: d[ií]a)?|morning of|night of|evening of|dated?|due|was|is) (?:{WEEKDAY},? )?(?P<value>the {NTH}){_NTH_OF_WHAT}",
            0.7,
        ),
        Form(
            "numbered day, its clause ends",
            rf"\b(?:for|past|on|since|until|till|til|by|before|after) the (?P<value>{NTH})(?=\s*(?:[.,;!?)\n]|$))(?<!\b(?:floor|grade|line)\b[^.]{{0,20}})",
            0.66,
        ),
        Form(
            "numbered day beside its name",
            rf"\b(?:today|tomorrow|yesterday|tonight)(?:,| is| was|:)? (?P<value>the {NTH}){_NTH_OF_WHAT}",
            0.7,
        ),
        Form(
            "ordinal day in words",
            rf"\b(?:on|since|until|till|by|before|after|is|was) (?P<value>the (?:{ORDINAL}))(?=[.,;!?)\n]|$)",
            0.65,
        ),
        Form(
            "numbered day without article",
            rf"\b(?:on|since|until|by) (?P<value>{NTH})(?! (?:and|or)\b(?! the))(?=[\s,.;!?)]|$){_NTH_OF_WHAT}",
            0.65,
        ),
        Form(
            "day of this month",
            rf"\b(?P<value>(?:the )?(?:{NTH}|{ORDINAL}) of (?:the |this |that |last |next )(?:month|mo))\b",
            0.8,
        ),
        Form(
            "month of somebody's",
            rf"\b(?:[Mm]y|[Oo]ur|[Tt]he|[Hh]er|[Hh]is|[Tt]heir|[Yy]our) (?P<value>(?:{FULL_MONTHS.replace('March|', '').replace('|May', '')}))(?= [a-z])",
            0.65,
            0,
        ),
        Form(
            "holiday party of cues", rf"{START}(?:d[ií]a) (?P<value>[0-9]{{1,2}}) (?=de (?:este|ese|pr[oó]ximo))", 0.7
        ),
    )

    def find(self, text: str) -> Iterator[Found]:
        """Leave holidays on which somebody asks whether an office is open."""
        for found in super().find(text):
            before = text[max(0, found.start - _LOOK_BACK) : found.start]
            if not (_HOLIDAY_NAME.match(text, found.start, timeout=PATTERN_TIMEOUT_S) and _HOURS.search(before)):
                yield found
