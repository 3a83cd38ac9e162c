"""In which of our two languages a text is: so that a screen reader pronounces it, and fixed text answers in it.

Deterministic and without a model, because the fixed texts come with every model down: words that only one of the two
languages has are counted. `tests/unit/core/test_language.py` measures it on authored messages that were held out.
"""

import re
from enum import StrEnum


class Language(StrEnum):
    """A language of the fixed texts, as its BCP 47 tag."""

    ENGLISH = "en"
    SPANISH = "es"


# What stands in both languages (me, no, a, he, son, has, once, sin) is in neither list.
_ENGLISH_WORDS = (
    "the an and of to is are was were am be been it its it's i i'm i'd i'll i've my mine you your she his her they "
    "them their this that these those what which who when where why how can could should would will do does did "
    "don't dont doesn't didn't can't cant won't have had get got for from with without on at by about after before "
    "not but or if so than then there any some more many much very just if like need want take taking took feel "
    "please help tell give make know out up into now today pills pain hurt hurts die dead kill"
)
_SPANISH_WORDS = (
    "el la los las un una unos unas del al de que qué en con por para mi mis mí tu tus su sus se le les lo nos es "
    "está esta este esto estos estas esos esas están estoy estamos soy somos era fue fui tengo tiene tienen tenía "
    "tuve tomo tomar tomé toma tome puedo puede pueden debo debe debería quiero quiere quería hay hace hago hacer ha "
    "han como cómo cuando cuándo cual cuál cuáles cuánto cuántas dónde donde porque pero si sí muy más menos ya "
    "también desde hasta sobre entre cada otra otro algo nada todo todos siento siente duele dolor morir muerto "
    "matarme vivir ayuda ayúdame pastillas sangre corazón pecho respirar doctora médico medicina medicamento "
    "mamá papá mama esposo esposa hijo hija bebé niño niña usted ustedes yo ella ellos eso sirve significa gracias "
    "hola noche días día semana hoy ayer ahora dígame dame dime"
)
_ENGLISH, _SPANISH = frozenset(_ENGLISH_WORDS.split()), frozenset(_SPANISH_WORDS.split())
_SPANISH_SIGN = re.compile(r"[¿¡ñ]")
_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")
_WEIGHT = re.compile(r"0(\.[0-9]{0,3})?|1(\.0{0,3})?")
_HEADER_PARTS = 20
_PLACEHOLDER = re.compile(r"\[[A-Z][A-Z0-9_]*\]")


def language_of_tag(tag: str) -> Language:
    """Return the language of the fixed texts for a tag such as `es-MX`; English for one that we do not have."""
    return Language.SPANISH if _primary(tag) == Language.SPANISH else Language.ENGLISH


def language_of_header(accepted: str) -> Language:
    """Return the language of a page for an `Accept-Language` header (RFC 9110, 12.5.4): the one of ours liked most."""
    liked = [_liked(part) for part in accepted.split(",")[:_HEADER_PARTS]]
    ours = [(weight, tag) for weight, tag in liked if weight > 0 and _primary(tag) in set(Language)]
    return language_of_tag(max(ours, key=lambda each: each[0])[1]) if ours else Language.ENGLISH


def _liked(part: str) -> tuple[float, str]:
    """Return the weight and the tag of one part; 0 for a weight that is none."""
    tag, _, weight = part.replace(" ", "").replace("\t", "").partition(";q=")
    return float(weight) if _WEIGHT.fullmatch(weight) else float(not weight), tag


def _primary(tag: str) -> str:
    return tag.casefold().replace("_", "-").split("-")[0]


def language_of_text(text: str) -> Language | None:
    """Return the language that a text is clearly in, or None; placeholders count for neither."""
    folded = _PLACEHOLDER.sub(" ", text.replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")).casefold()
    words = _WORD.findall(folded)
    english = sum(word in _ENGLISH for word in words)
    spanish = sum(word in _SPANISH for word in words) + len(_SPANISH_SIGN.findall(folded))
    if english == spanish:
        return None
    return Language.ENGLISH if english > spanish else Language.SPANISH


def language_for(text: str, locale: str) -> Language:
    """Return the language of the fixed texts for a message: Spanish where the page or the message is in Spanish.

    English is what a page is in when nobody chose, so it does not outweigh what the patient writes.
    """
    written = language_of_text(text)
    return Language.SPANISH if Language.SPANISH in {written, language_of_tag(locale)} else Language.ENGLISH
