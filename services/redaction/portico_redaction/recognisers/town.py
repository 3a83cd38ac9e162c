"""Towns: before a state, after words that say where somebody lives, and large cities by list.

Class B of 45 CFR 164.514(b)(2)(i): geographic subdivisions smaller than a state. A state stays where it stands alone;
beside its town it is a part of the address and goes with it.
Source of the list: US Census Bureau, cities over 200,000 (https://www.census.gov/data/tables/time-series/demo/popest/2020s-total-cities-and-towns.html),
without those that are everyday words, states or given names, and the largest cities of the world that US patients name.
"""

from portico_core.labels import PhiType
from portico_redaction.recognisers.base import Form, FormRecogniser
from portico_redaction.recognisers.states import ABBREVIATIONS, NAMES
from portico_redaction.recognisers.word_lists import is_never_name

_CAPITAL = r"\p{Lu}[\p{L}'-]{1,24}"
_TOWN = (
    rf"(?:(?:St|Ft|Mt|Fort|Saint|San|Santa|New|El|Los|Las|La)\.? )?{_CAPITAL}(?:[ -](?:de |del |of "
    rf"|upon )?{_CAPITAL}){{0,2}}"
)
_STAYS = (
    rf"(?:{NAMES}|{ABBREVIATIONS}|America|USA|US|United States|Mexico|Canada|England|India|China|Medicare|Medicaid)"
)
_CITIES = (
    "Albuquerque|Anaheim|Anchorage|Arlington|Atlanta|Aurora|Austin|Bakersfield|Baltimore|Baton Rouge"
    "|Birmingham|Boise|Boston|Brooklyn|Buffalo|Charlotte|Chesapeake"
    "|Chicago|Chula Vista|Cincinnati|Cleveland|Colorado Springs|Columbus|Corpus Christi|Dallas|Denver"
    "|Des Moines|Detroit|Durham|El Paso|Fort Wayne|Fort Worth"
    "|Fresno|Glendale|Greensboro|Hartford|Hialeah|Honolulu|Houston|Indianapolis|Irvine|Jacksonville"
    "|Jersey City|Kansas City|Knoxville|Laredo|Las Vegas|Lexington"
    "|Lincoln|Long Beach|Los Angeles|Louisville|Lubbock|Manhattan|Memphis|Mesa|Miami|Milwaukee"
    "|Minneapolis|Nashville|New Orleans|New York City|NYC|Newark|Norfolk"
    "|Oakland|Oklahoma City|Omaha|Orlando|Palo Alto|Philadelphia|Phoenix|Pittsburgh|Plano|Portland"
    "|Providence|Raleigh|Richmond|Riverside|Rochester|Sacramento"
    "|Salt Lake City|San Antonio|San Bernardino|San Diego|San Francisco|San Jose|Santa Ana"
    "|Santa Monica|Savannah|Scottsdale|Seattle|Spokane|St\\. Louis|St Louis"
    "|St\\. Paul|St\\. Petersburg|Stockton|Syracuse|Tacoma|Tallahassee|Tampa|Toledo|Tucson|Tulsa"
    "|Virginia Beach|Wichita|Winston-Salem|Worcester"
    "|Amsterdam|Athens|Bangkok|Barcelona|Beijing|Berlin|Bogota|Brussels|Bucharest|Budapest"
    "|Buenos Aires|Cairo|Calgary|Caracas|Copenhagen|Delhi|Dubai|Dublin|Edinburgh"
    "|Frankfurt|Glasgow|Guadalajara|Hamburg|Havana|Helsinki|Hong Kong|Istanbul|Jakarta|Johannesburg"
    "|Karachi|Kyiv|Lagos|Lahore|Lima|Lisbon|London|Lyon|Madrid"
    "|Manchester|Manila|Melbourne|Mexico City|Milan|Montreal|Moscow|Mumbai|Munich|Nairobi|New Delhi"
    "|Oslo|Ottawa|Paris|Prague|Rome|San Juan|Santiago|Sao Paulo"
    "|Seoul|Shanghai|Singapore|Stockholm|Sydney|Tallinn|Tehran|Tel Aviv|Tijuana|Tokyo|Toronto"
    "|Vancouver|Vienna|Warsaw|Zurich"
)


class TownRecogniser(FormRecogniser):
    """Find towns."""

    phi_type = PhiType.GEOGRAPHIC
    forms = (
        Form("before a state", rf"(?<![\w-]){_TOWN},? (?:{ABBREVIATIONS})\b(?!')", 0.8, 0),
        Form("before a state's name", rf"(?<![\w-]){_TOWN}, (?:{NAMES})\b", 0.8, 0),
        Form(
            "lower case before a state",
            rf"\b(?:in|from|near|to|at) (?P<value>[a-z][a-z'-]{{2,20}}(?: [a-z][a-z'-]{{2,20}})?, ?"
            rf"(?:{ABBREVIATIONS}|{NAMES}))\b",
            0.7,
            0,
        ),
        Form(
            "where somebody lives",
            rf"\b(?:[Ll]iv(?:e|es|ed|ing) (?:here )?(?:in|at|near)|[Rr]esid(?:e|es|ed|ing) (?:in|at)|[Bb]orn in"
            rf"|[Gg]r[eo]w up in|[Mm]oved? (?:here |back )?(?:to|from)|[Vv]isiting|[Cc]ity of|[Tt]own of"
            rf"|[Vv]illage of|[Cc]ounty of|[Vv]ivo en|[Ss]oy de|[Tt]ravel(?:l?ed"
            rf"|l?ing)? to) (?P<value>(?!(?:{_STAYS})\b){_TOWN})(?! (?:Hospital|Clinic|Medical))",
            0.75,
            0,
        ),
        Form("county", rf"(?<![\w-]){_CAPITAL}(?: {_CAPITAL})? (?:County|Parish|Borough|Township)\b", 0.75, 0),
        Form("large cities", rf"(?<![\w-])(?:{_CITIES})(?![\w-]|'s)", 0.6, 0),
        Form("city label", rf"\b(?i:city|town|hometown|ciudad)(?: is)?: ?(?P<value>{_TOWN})", 0.8, 0),
    )

    def accepts(self, value: str, form: Form) -> bool:
        """Leave capitalised words that are no place alone ("Vitamin D, OR")."""
        words = value.replace(",", " ").split()
        return form.name == "large cities" or not any(map(is_never_name, words if len(words) < 2 else words[:-1]))
