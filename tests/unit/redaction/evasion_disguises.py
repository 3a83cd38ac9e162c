"""The ways in which an identifier is written so that a pattern misses it and a reader does not.

Each takes a value (or, for `CARRIERS`, a whole sentence) and gives its disguised writing, or None where the value has
nothing to disguise.
"""

import base64
import quopri
import random
import re
from collections.abc import Callable

from unit.redaction.evasion_identifiers import Kind

Disguise = Callable[[str, random.Random], str | None]

_ENGLISH = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
_SPANISH = ["cero", "uno", "dos", "tres", "cuatro", "cinco", "seis", "siete", "ocho", "nueve"]
_SIGNS = {"-": "dash", "/": "slash", ".": "dot", "+": "plus", ":": "colon", "@": "at"}
_CODE_WORDS = (
    "alfa bravo charlie delta echo foxtrot golf hotel india juliett kilo lima mike november oscar papa quebec romeo"
    " sierra tango uniform victor whiskey xray yankee zulu"
)
CODE_WORDS = _CODE_WORDS.split()
_SIGNS_OF_MORSE = (
    ".- -... -.-. -.. . ..-. --. .... .. .--- -.- .-.. -- -. --- .--. --.- .-. ... - ..- ...- .-- -..- -.-- --.."
    " ----- .---- ..--- ...-- ....- ..... -.... --... ---.. ----. .--.-. .-.-.-"
)
MORSE = dict(zip("abcdefghijklmnopqrstuvwxyz0123456789@.", _SIGNS_OF_MORSE.split(), strict=True))
_CYRILLIC = str.maketrans("AaBCcEeHIijKMOoPpSsTXxYy", "АаВСсЕеНІіјКМОоРрЅѕТХхУу")
_GREEK = str.maketrans("ABEZHIKMNOPTYXopv", "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧορν")
_CHEROKEE = str.maketrans("ABCDEGHJKLMPRSTVWZ", "ᎪᏴᏟᎠᎬᏀᎻᎫᏦᏞᎷᏢᎡᏚᎢᏙᎳᏃ")
_DIGIT_LOOKS = str.maketrans("236", "ᒿЗб")
_DASHES = "‐‑‒–—―−⁃﹘﹣－⸺⸻〜〰゠᐀᠆־˗➖⎯─━ー一"
_SPACES = "\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
_ZERO_WIDTH = "\u200b\u200c\u200d\u2060\ufeff\u180e"


def _digits(zero: int) -> Disguise:
    table = {ord("0") + n: chr(zero + n) for n in range(10)}
    return lambda value, _: _changed(value, value.translate(table))


def _listed(ten: str) -> Disguise:
    table = str.maketrans("0123456789", ten)
    return lambda value, _: _changed(value, value.translate(table))


def _changed(value: str, written: str) -> str | None:
    return written if written != value else None


def _between(characters: str) -> Disguise:
    return lambda value, chance: "".join(c + chance.choice(characters) for c in value)


def _after_each(mark: str) -> Disguise:
    return lambda value, _: "".join(c + mark for c in value)


def _dash(dash: str) -> Disguise:
    return lambda value, _: _changed(value, value.replace("-", dash))


def _space(space: str) -> Disguise:
    return lambda value, _: _changed(
        value, value.replace(" ", space).replace("-", space) if "@" not in value else value
    )


def _spoken(words: list[str], gap: str) -> Disguise:
    def write(value: str, _: random.Random) -> str | None:
        if "@" in value or "://" in value:
            return None
        said = [words[int(c)] if c.isdigit() else _SIGNS.get(c, c) for c in value if c != " "]
        return gap.join(said if words is _ENGLISH else [word for word in said if word not in _SIGNS.values()])

    return write


def _doubled(value: str, _: random.Random) -> str | None:
    if not value.replace("-", "").isdigit():
        return None
    words, compact, at = [], value.replace("-", ""), 0
    while at < len(compact):
        twice = compact[at : at + 2] == compact[at] * 2
        words.append(("double " if twice else "") + ("oh" if compact[at] == "0" else _ENGLISH[int(compact[at])]))
        at += 1 + twice
    return " ".join(words)


def _wrapped(before: str, after: str) -> Disguise:
    """Put markup around every group of a number; a number in one piece is cut after its third character."""

    def write(value: str, _: random.Random) -> str | None:
        if "@" in value or "://" in value or ":" in value:
            return None
        groups = re.split(r"([ /.-])", value) if re.search(r"[ /.-]", value) else [value[:3], value[3:]]
        return "".join(part if len(part) == 1 and not part.isalnum() else before + part + after for part in groups)

    return write


def _radio(value: str, _: random.Random) -> str | None:
    said = [CODE_WORDS[ord(c) - 97] if c.isalpha() else _ENGLISH[int(c)] for c in value.lower() if c.isalnum()]
    return " ".join(said) if value.isascii() and sum(map(str.isalpha, value)) > 2 and "@" not in value else None


def _morse(value: str, _: random.Random) -> str | None:
    signs = [MORSE.get(c, "") for c in value.lower()]
    return " ".join(filter(None, signs)) if all(c in MORSE or c in " -()/+" for c in value.lower()) else None


def _b64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def _percent(text: str) -> str:
    return "".join(f"%{byte:02X}" for byte in text.encode())


DISGUISES: dict[str, Disguise] = {
    "full width": lambda v, _: "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in v),
    "Arabic-Indic": _digits(0x660),
    "extended Arabic-Indic": _digits(0x6F0),
    "Devanagari": _digits(0x966),
    "Bengali": _digits(0x9E6),
    "Thai": _digits(0xE50),
    "Nko": _digits(0x7C0),
    "mathematical bold": _digits(0x1D7CE),
    "mathematical monospace": _digits(0x1D7F6),
    "segmented": _digits(0x1FBF0),
    "circled": _listed("⓪①②③④⑤⑥⑦⑧⑨"),
    "negative circled": _listed("⓿❶❷❸❹❺❻❼❽❾"),
    "parenthesised": _listed("0⑴⑵⑶⑷⑸⑹⑺⑻⑼"),
    "with full stop": _listed("🄀⒈⒉⒊⒋⒌⒍⒎⒏⒐"),
    "superscript": _listed("⁰¹²³⁴⁵⁶⁷⁸⁹"),
    "subscript": _listed("₀₁₂₃₄₅₆₇₈₉"),
    "keycaps": lambda v, _: _changed(v, "".join(c + "\ufe0f\u20e3" if c.isdigit() else c for c in v)),
    "zero width": _between(_ZERO_WIDTH),
    "soft hyphens": _after_each("\u00ad"),
    "direction marks": _between("\u200e\u200f\u061c"),
    "direction override": lambda v, _: f"\u202d{v}\u202c",
    "direction isolates": lambda v, _: "".join(f"\u2066{c}\u2069" for c in v),
    "reversed by override": lambda v, _: f"\u202e{v[::-1]}\u202c",
    "variation selectors": _between("\ufe00\ufe0f\U000e0101"),
    "struck through": _after_each("\u0336"),
    "underlined": _after_each("\u0332"),
    "enclosed": _after_each("\u20dd"),
    "many marks": _after_each("\u0336\u0335\u0323\u0330"),
    "tag characters": lambda v, _: "".join(chr(0xE0000 + ord(c)) for c in v),
    **{f"dash U+{ord(dash):04X}": _dash(dash) for dash in _DASHES},
    **{f"space U+{ord(space):04X}": _space(space) for space in _SPACES[::3]},
    "Cyrillic": lambda v, _: _changed(v, v.translate(_CYRILLIC)),
    "Greek": lambda v, _: _changed(v, v.translate(_GREEK)),
    "Cherokee": lambda v, _: _changed(v, v.translate(_CHEROKEE)),
    "look-alike digits": lambda v, _: _changed(v, v.translate(_DIGIT_LOOKS)),
    "letters for digits": lambda v, _: v.replace("0", "O").replace("1", "l") if set("01") & set(v) else None,
    "underscores": lambda v, _: _changed(v, v.replace("-", "_")),
    "emoji": lambda v, _: _changed(v, v.replace("-", "🙂")),
    "English words": _spoken(_ENGLISH, " "),
    "English words, hyphens": _spoken(_ENGLISH, "-"),
    "English words, one a line": _spoken(_ENGLISH, "\n"),
    "English words, commas": _spoken(_ENGLISH, ", "),
    "double": _doubled,
    "Spanish words": _spoken(_SPANISH, " "),
    "spaced out": lambda v, _: " ".join(v),
    "English words, slashes": _spoken(_ENGLISH, "/"),
    "English words, semicolons": _spoken(_ENGLISH, "; "),
    "English words, underscores": _spoken(_ENGLISH, "_"),
    "English words, a list": _spoken(_ENGLISH, "\n* "),
    "bold tags": _wrapped("<b>", "</b>"),
    "tags with attributes": _wrapped('<span class="n">', "</span>"),
    "empty tags": lambda v, _: "<i></i>".join(re.findall(".{1,4}", v)) if "@" not in v and ":" not in v else None,
    "comments": lambda v, _: "<!-- x -->".join(re.findall(".{1,4}", v)) if "@" not in v and ":" not in v else None,
    "bold": _wrapped("**", "**"),
    "emphasis": _wrapped("_", "_"),
    "code": _wrapped("`", "`"),
    "struck": _wrapped("~~", "~~"),
    "radio alphabet": _radio,
    "Morse": _morse,
    "two spaces": lambda v, _: "  ".join(v),
    "one a line": lambda v, _: "\n".join(v),
    "one a line, CRLF": lambda v, _: "\r\n".join(v),
    "full-width, spaced": lambda v, _: " ".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in v),
    "base64": lambda v, _: _b64(v),
    "base64url": lambda v, _: base64.urlsafe_b64encode(v.encode()).decode().rstrip("="),
    "base64 twice": lambda v, _: _b64(_b64(v)),
    "base64 of UTF-16": lambda v, _: base64.b64encode(v.encode("utf-16-le")).decode(),
    "base64 of full width": lambda v, _: _b64("".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in v)),
    "hex": lambda v, _: v.encode().hex(),
    "hex, capitals": lambda v, _: v.encode().hex().upper(),
    "hex, spaces": lambda v, _: v.encode().hex(" "),
    "hex, 0x": lambda v, _: " ".join(f"0x{byte:02x}" for byte in v.encode()),
    "base64 of hex": lambda v, _: _b64(v.encode().hex()),
    "hex of base64": lambda v, _: _b64(v).encode().hex(),
    "percent": lambda v, _: _percent(v),
    "percent twice": lambda v, _: _percent(v).replace("%", "%25"),
    "percent, some": lambda v, chance: "".join(_percent(c) if chance.random() < 0.5 else c for c in v),
    "percent of base64": lambda v, _: _percent(_b64(v)),
    "entities": lambda v, _: "".join(f"&#{ord(c)};" for c in v),
    "entities, hex": lambda v, _: "".join(f"&#x{ord(c):x};" for c in v),
    "entities, some": lambda v, chance: "".join(f"&#{ord(c)};" if chance.random() < 0.5 else c for c in v),
    "JSON escapes": lambda v, _: "".join(f"\\u{ord(c):04x}" for c in v),
    "hex escapes": lambda v, _: "".join(f"\\x{ord(c):02x}" for c in v),
    "quoted-printable": lambda v, _: "".join(f"={ord(c):02X}" for c in v),
}
"""Disguises of a value; the sentence around it is as a patient writes it."""


def carriers(kind: Kind, value: str, sentence: str) -> dict[str, str]:
    """Return writings of a whole sentence or record that carries the value."""
    wide = quopri.encodestring(f"{sentence} – é".encode()).decode()
    found = {
        "base64 of the sentence": f"see {_b64(sentence)} for it",
        "base64 of the sentence, twice": _b64(_b64(sentence)),
        "MIME lines": base64.encodebytes(
            (sentence + " and thank you for all your help with this " * 3).encode()
        ).decode(),
        "hex of the sentence": f"see {sentence.encode().hex()} for it",
        "percent of the sentence": _percent(sentence),
        "quoted-printable of the sentence": wide.replace(value[:5], "".join(f"={ord(c):02X}" for c in value[:5])),
        "full width of the sentence": "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in sentence),
    }
    for key in kind.keys:
        found[f"JSON {key}"] = f'{{"id":1,"{key}":"{value}","note":"ok"}}'
        found[f"JSON {key}, spaced"] = f'{{ "{key}" : "{value}" }}'
        found[f"JSON {key} in base64"] = _b64(f'{{"{key}":"{value}"}}')
        found[f"JSON {key} in a string"] = f'"{{\\"{key}\\":\\"{value}\\"}}"'
        found[f"XML {key}"] = f"<{key}>{value}</{key}>"
        found[f"form {key}"] = f"a=1&{key}={_percent(value)}&b=2"
    if kind.hl7:
        segment, number = kind.hl7.split(":")
        found[f"HL7 {kind.hl7}"] = f"{segment}{'|' * int(number)}{value.replace('/', '')}|M\rOBX|1|NM|GLU||98|mg/dL"
    if kind.vcard:
        written = f";;12 Elm St;Springfield;IL;{value};USA" if kind.vcard == "ADR" else value
        found[f"vCard {kind.vcard}"] = f"BEGIN:VCARD\nVERSION:3.0\n{kind.vcard}:{written}\nEND:VCARD"
    return found
