"""Device identifiers and serial numbers.

Format: FDA Unique Device Identification in GS1 (with and without brackets), HIBCC or ICCBBA form; serial, lot and model-and-serial
numbers beside a cue; MAC addresses (IEEE 802, three writings) and IMEI. Class M of 45 CFR 164.514(b)(2)(i). Source: 21 CFR 830.20 and
https://www.fda.gov/medical-devices/unique-device-identification-system-udi-system/udi-basics
"""

from portico_core.labels import PhiType
from portico_redaction.recognisers.base import EXACT_CASE, GAP, GLUE, IDENTIFIER, NUMBER, START, Form, FormRecogniser
from portico_redaction.recognisers.spared import is_code

_THING = (
    r"(?:device|(?:breast |dental |hip |knee )?implant(?:ed)?|(?:loop )?recorder|pacemaker|pacer|defibrillator|icd|crt-?d|aicd|lvad|stent|valve|leads?|generator|neurostimulator|stimulator|cochlear implant|hearing aids?"
    r"|(?:insulin )?pump|pod|omnipod|cgm|sensor|transmitter|receiver|dexcom|libre|meter|glucometer|monitor|bp cuff|cpap|bipap|ventilator|concentrator|nebuli[sz]er"
    r"|wheelchair|scooter|prosthe(?:sis|tic)|walker|lens|graft|shunt|catheter|filter|mesh|coil|clip|bed|lift|machine|tens(?: unit)?|oxygen|unit|tablet|watch|tracker|scale"
    r"|thermometer|equipment|asset|inventory|property|marcapasos|bomba|dispositivo|audífonos?|silla de ruedas)"
)
_TAG = r"(?:asset|equipment|inventory|property|device|loaner|rental)"
"""What a sticker of a hospital's or a lender's own is called after."""

_SERIAL = r"(?:serial(?:ized)?(?:[ _-]?(?:number|num|no|nr|id|code|#)(?![A-Za-z0-9])\.?)?(?: ?#)?|ser\.?(?: ?(?:#|no\b\.?))|s/n|s\.n\.)"
_CUE = (
    START
    + rf"(?:(?:(?:{_THING}|product|phone|watch|tablet|laptop|router|modem)(?:'s)? )?{_SERIAL}|{_THING}(?:'s)? ?(?:model )?{NUMBER}{{1,2}}"
    rf"|{_TAG} (?:tag|sticker|label){NUMBER}{{0,2}}"
    rf"|udi(?:-(?:di|pi))?|gtin|imei|meid|imsi|iccid|esn|lot{NUMBER}|lot ?#|batch{NUMBER}|mac(?: address)?(?= ?[:#=i])|mac address|bluetooth (?:id|address|name)"
    r"|(?:implant|device|pacemaker) (?:card|passport)(?: (?:number|no\.?|id|#))?|n[uú]mero de serie|nro\.? de serie|n[º°] de serie)"
)
_SURE_CUE = START + rf"(?:{_THING} (?:serial|id\b)|serial (?:number|no\b)|n[uú]mero de serie)"


class DeviceRecogniser(FormRecogniser):
    """Find device identifiers."""

    phi_type = PhiType.DEVICE
    forms = (
        Form("beside a cue", _CUE + GLUE + rf"(?P<value>{IDENTIFIER})", 0.9),
        Form(
            "grouped, beside a cue",
            rf"{START}(?:(?:{_THING} )?{_SERIAL}|imei|iccid|udi)"
            + GLUE
            + r"(?P<value>[A-Z0-9]{2,8}(?: [A-Z0-9]{2,8}){1,6}(?: [A-Z0-9])?)(?![A-Za-z0-9])",
            0.8,
            EXACT_CASE,
        ),
        Form(
            "leads",
            START + r"(?:leads?|electrodes?)[ :#]{1,2}(?P<value>[A-Z]{2,5}[0-9]{4,8}[A-Z]{0,2})(?![A-Z0-9])",
            0.8,
        ),
        Form(
            "SN and number",
            r"\b(?:SN|S/N|Ser)[-:#. ]{1,2}(?P<value>[A-Z]{0,4}[0-9](?:-?[A-Z0-9]){4,19})(?![A-Z0-9])",
            0.9,
        ),
        Form(
            "prefix",
            r"(?<![\w-])(?:SN|SER|DEV|DVC|UDI|IMPL|LOT)[-_#]?[0-9](?:-?[A-Z0-9]){4,19}(?![\w-])",
            0.85,
            EXACT_CASE,
        ),
        Form("pacemakers and leads", r"(?<![\w-])[A-Z]{3} ?[0-9]{6} ?[A-Z](?![\w-])", 0.6, EXACT_CASE),
        Form("GS1 UDI", r"\(01\) ?[0-9]{14}(?: ?\([0-9]{2,4}\) ?[A-Z0-9-]{1,20}){0,6}", 0.97),
        Form(
            "GS1 UDI without brackets",
            r"(?<![\w.-])01[0-9]{14}(?:(?:11|17)[0-9]{6}){1,2}(?:(?:10|21)[A-Z0-9]{1,40})?(?![A-Z0-9])",
            0.9,
        ),
        Form(
            "HIBCC UDI",
            r"(?<!\w)\*?\+[A-Z][A-Z0-9]{3}[A-Z0-9]{1,18}[0-9][A-Z0-9$%+.]?(?:/[A-Z0-9$+/-][A-Z0-9$+./-]{2,59}(?<![./-]))?\*?(?![A-Z0-9])",
            0.9,
            EXACT_CASE,
        ),
        Form(
            "where it stands",
            rf"{START}(?:{_SERIAL}|sn|{_THING} {NUMBER}|{_TAG} (?:tag|sticker))(?: [a-z,]{{1,12}}){{1,7}}? (?:is|was|are|reads?|says?|shows?|=)(?: it)?[ :]{{1,2}}(?P<value>{IDENTIFIER})",
            0.8,
        ),
        Form(
            "what a device says",
            rf"{START}{_THING}(?: [a-z,]{{1,12}}){{0,4}}? (?:reads?|says?|shows?|is labell?ed)[ :]{{1,2}}(?P<value>{IDENTIFIER})",
            0.75,
        ),
        Form(
            "one of two",
            START
            + r"(?:left|right|izquierd[oa]|derech[oa])(?: one| side)?(?: is)?[ :]{1,2}(?P<value>[A-Z]{0,4}[0-9]{4,9}-[0-9]{2,4}|[A-Z]{0,4}[0-9]{6,10}[A-Z]?)(?![\w-])"
            + r"(?<=\b(?:implants?|aids?|lens(?:es)?|stickers?|serials?|knees?|hips?|shoulders?)\b[^\n]{0,120})",
            0.7,
        ),
        Form(
            "ICCBBA UDI",
            r"(?<!\w)=[>/]?[A-Z0-9/]{10,40}(?:(?:=[,>}%a-zA-Z]|&,1)[A-Z0-9]{3,25}){0,8}(?![A-Z0-9])",
            0.85,
            EXACT_CASE,
        ),
        Form("MAC", r"(?<![0-9A-F:-])[0-9A-F]{2}(?P<gap>[:-])[0-9A-F]{2}(?:(?P=gap)[0-9A-F]{2}){4}(?![0-9A-F:-])", 0.9),
        Form("MAC with dots", r"(?<![0-9A-F.])[0-9A-F]{4}\.[0-9A-F]{4}\.[0-9A-F]{4}(?![0-9A-F.])", 0.8),
        Form(
            "card of a device",
            rf"{START}{_THING}\b[^\n0-9]{{0,30}}?\bcard(?: (?:says|reads|shows|has|lists|is))?[ :#]{{1,3}}(?P<value>{IDENTIFIER})",
            0.8,
        ),
        Form("some words between", _SURE_CUE + GAP + rf"(?P<value>{IDENTIFIER})", 0.55),
    )

    def accepts(self, value: str, form: Form) -> bool:
        """Leave rates and counts beside a device's name alone."""
        if form.name == "MAC with dots":
            return any(character.isalpha() for character in value)
        if form.name in ("HIBCC UDI", "ICCBBA UDI"):
            return sum(character.isdigit() for character in value) >= 3
        least = _LEAST_DIGITS.get(form.name)
        return least is None or is_code(value, digits=least[0], mixed_digits=least[1])


_LEAST_DIGITS = {
    "beside a cue": (4, 2),
    "grouped, beside a cue": (4, 2),
    "card of a device": (4, 2),
    "where it stands": (6, 2),
    "what a device says": (7, 4),
    "some words between": (5, 4),
}
"""How many digits a value of each form needs, by itself and with letters among them; the others have a form of their own."""
