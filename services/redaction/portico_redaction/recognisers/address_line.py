"""Parts of addresses on their own: units, foreign street lines, military mail, a country with its postal code.

Class B of 45 CFR 164.514(b)(2)(i). Format: "Apt. 4", "Suite 12B"; a house number, a capitalised name and a second
number; street words of other languages before the name; PSC and APO lines; "Spain 61709".
Source: UPU S42 (https://www.upu.int/en/postal-solutions/programmes-services/addressing-solutions), USPS Publication 28.
"""

from portico_core.labels import PhiType
from portico_redaction.recognisers.base import Form, FormRecogniser
from portico_redaction.recognisers.word_lists import country_names, is_never_name

_COUNTRY = rf"(?:{'|'.join(sorted(sorted(country_names()), key=len, reverse=True))})"
_NAME = r"\p{Lu}[\p{L}'-]{2,24}"
_STREET = (
    r"(?:[Rr]ue|[Aa]venue|[Aa]vda\.?|[Aa]v\.|[Cc]alle|[Cc]/|[Uu]l\.|[Aa]l\.|[Vv]ia|[Vv]iale|[Rr]ua"
    r"|[Rr]uta|[Cc]ours|[Qq]uai|[Bb]oulevard|[Cc]hemin|[Pp]lace"
    r"|[Cc]orso|[Pp]iazza|[Pp]laza|[Ee]strada|[Tt]ravessa|[Cc]amino|[Cc]arretera|[Ss]ector|[Pp]od|[Nn]a|[Kk]\.)"
)
_PARTICLES = r"(?:(?:de|del|de la|des|du|di|da|do|la|le|les|los|las|el|of|nad|von|van)\s|l'|d'){0,2}"
_SECOND = r"[0-9]{1,4}[A-Za-z]?"


class AddressLineRecogniser(FormRecogniser):
    """Find parts of addresses."""

    phi_type = PhiType.GEOGRAPHIC
    forms = (
        Form(
            "unit",
            r"\b(?:Apt|Apartment|Suite|Ste|APT|SUITE|STE|Unit|Piso|Appt"
            r"|Bldg)\.? ?#? ?[0-9]{1,5}[A-Z]?\b(?! ?(?:mg|ml|units?))",
            0.75,
            0,
        ),
        Form("lower-case unit", r"\b(?:apt|apartment|suite)\.? ?#? ?[0-9]{1,5}[a-z]?\b", 0.75),
        Form(
            "number, name, number",
            rf"(?<![\w.,$/-])[0-9]{{3,5}} (?P<name>{_NAME}(?: {_PARTICLES}{_NAME}){{0,2}}) {_SECOND}(?![\w/%.-])",
            0.62,
            0,
        ),
        Form(
            "two numbers and a name",
            rf"(?<![\w.,$/-])[0-9]{{2,5}} [0-9]{{1,4}} {_PARTICLES}{_NAME}(?: {_PARTICLES}{_NAME}){{0,3}}(?: St\b\.?)?",
            0.6,
            0,
        ),
        Form(
            "street word first",
            rf"(?<![\w.])(?:[0-9]{{1,5}},? ){{0,2}}{_STREET} {_PARTICLES}{_NAME}(?:"
            rf" {_PARTICLES}{_NAME}){{0,3}},? {_SECOND}\b",
            0.7,
            0,
        ),
        Form(
            "Spanish street word and name",
            rf"(?<![\w.])(?P<value>(?:[Ll]a )?(?:[Cc]alle|[Aa]venida|[Aa]vda\.|[Pp]aseo|[Bb]ulevar|[Cc]alzada) {_PARTICLES}{_NAME}(?: {_PARTICLES}{_NAME}){{0,2}})",
            0.7,
            0,
        ),
        Form(
            "number, then street word",
            rf"(?<![\w.])(?:[0-9]{{1,5}},? ){{1,2}}(?!(?:Na|na|Place|place|Pod"
            rf"|pod)\b){_STREET} {_PARTICLES}[\p{{L}}'-]{{3,24}}(?: {_PARTICLES}{_NAME}){{0,3}}",
            0.7,
            0,
        ),
        Form(
            "name and strasse",
            rf"\b{_NAME} (?i:strasse|straße|weg|allee|platz|gasse|vej|gade|gata|gatan|utca|út|tér|katu|tie"
            rf"|cesta|ulica|sokak|utca) [0-9]{{1,4}}[A-Za-z]?\b",
            0.75,
            0,
        ),
        Form(
            "house number after its street",
            rf"(?m)^[ >?\t]*(?P<value>(?:[0-9]{{1,5}} )?{_NAME}(?:[ -]{_NAME}){{0,2}} {_SECOND})[ \t]*$",
            0.6,
            0,
        ),
        Form(
            "military",
            r"\b(?:(?:PSC|CMR|Unit|UNIT) [0-9]{2,5},? ?(?:Box|BOX) [0-9]{1,6}"
            r"|US[NS]S? \p{Lu}\p{L}+)(?:[,\n ]{1,3}(?:[AFD]PO) A[AEP](?: [0-9]{5})?)?",
            0.8,
            0,
        ),
        Form("country with code", rf"(?<!\w){_COUNTRY},? (?!(?:19|20)[0-9]{{2}}\b)[0-9]{{4,6}}(?![\w.-])", 0.7, 0),
        Form("country on its line", rf"(?m)^[ >?\t]*(?P<value>{_COUNTRY})[ \t.]*$", 0.6, 0),
        Form(
            "code before a street",
            rf"(?m)(?<![\w.,$/-])(?P<value>[0-9]{{5}})(?= (?:{_STREET} )?{_NAME}(?:[ -]{_NAME}){{0,2}} {_SECOND}\b)",
            0.6,
            0,
        ),
    )

    def accepts(self, value: str, form: Form) -> bool:
        """Leave what holds an everyday or clinical word ("500 Tylenol 3")."""
        if form.name not in ("number, name, number", "two numbers and a name", "house number after its street"):
            return True
        words = [word for word in value.replace("-", " ").split() if word[0].isupper() and word not in ("St", "St.")]
        return bool(words) and not any(map(is_never_name, words))
