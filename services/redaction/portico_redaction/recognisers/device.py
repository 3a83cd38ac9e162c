"""Device identifiers and serial numbers.

Format: FDA Unique Device Identification in GS1 (with and without brackets), HIBCC or ICCBBA form; serial, lot and model-and-serial
numbers beside a cue; MAC addresses (IEEE 802, three writings) and IMEI. Class M of 45 CFR 164.514(b)(2)(i). Source: 21 CFR 830.20 and
https://www.fda.gov/medical-devices/unique-device-identification-system-udi-system/udi-basics
"""

from portico_core.labels import PhiType
from portico_redaction.recognisers.base import EXACT_CASE, GAP, GLUE, IDENTIFIER, NUMBER, START, Form, FormRecogniser
from portico_redaction.recognisers.spared import is_code

_THING = (
    r"(?:device|implant(?:ed)?|pacemaker|pacer|defibrillator|icd|crt-?d|aicd|lvad|stent|valve|leads?|generator|neurostimulator|stimulator|cochlear implant|hearing aids?"
    r"|(?:insulin )?pump|pod|omnipod|cgm|sensor|transmitter|receiver|dexcom|libre|meter|glucometer|monitor|bp cuff|cpap|bipap|ventilator|concentrator|nebuli[sz]er"
    r"|wheelchair|scooter|prosthe(?:sis|tic)|walker|marcapasos|bomba|dispositivo)"
)
_SERIAL = r"(?:serial(?:ized)?(?:[ _-]?(?:number|num|no|nr|id|code|#)(?![A-Za-z0-9])\.?)?(?: ?#)?|ser\.?(?: ?(?:#|no\b\.?))|s/n|s\.n\.)"
_CUE = (
    START
    + rf"(?:(?:(?:{_THING}|product|phone|watch|tablet|laptop|router|modem)(?:'s)? )?{_SERIAL}|{_THING}(?:'s)? ?(?:model )?{NUMBER}{{1,2}}"
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
            + r"(?P<value>[A-Z0-9]{2,8}(?: [A-Z0-9]{2,8}){1,6})(?![A-Z0-9])",
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
        Form("GS1 UDI", r"\(01\) ?[0-9]{14}(?: ?\([0-9]{2,4}\) ?[A-Z0-9-]{1,20}){0,6}", 0.97),
        Form(
            "GS1 UDI without brackets",
            r"(?<![\w.-])01[0-9]{14}(?:(?:11|17)[0-9]{6}){1,2}(?:(?:10|21)[A-Z0-9]{1,40})?(?![A-Z0-9])",
            0.9,
        ),
        Form(
            "HIBCC UDI",
            r"(?<!\w)\*?\+[A-Z][A-Z0-9]{3}[A-Z0-9]{1,18}[0-9][A-Z0-9$%/+.]?(?:/[A-Z0-9$+./-]{3,60})?\*?(?![A-Z0-9])",
            0.9,
            EXACT_CASE,
        ),
        Form(
            "ICCBBA UDI",
            r"(?<!\w)=[>/]?[A-Z0-9/]{10,40}(?:(?:=[,>}%a-zA-Z]|&,1)[A-Z0-9]{3,25}){0,8}(?![A-Z0-9])",
            0.85,
            EXACT_CASE,
        ),
        Form("MAC", r"(?<![0-9A-F:-])[0-9A-F]{2}(?P<gap>[:-])[0-9A-F]{2}(?:(?P=gap)[0-9A-F]{2}){4}(?![0-9A-F:-])", 0.9),
        Form("MAC with dots", r"(?<![0-9A-F.])[0-9A-F]{4}\.[0-9A-F]{4}\.[0-9A-F]{4}(?![0-9A-F.])", 0.8),
        Form("some words between", _SURE_CUE + GAP + rf"(?P<value>{IDENTIFIER})", 0.55),
    )

    def accepts(self, value: str, form: Form) -> bool:
        """Leave rates and counts beside a device's name alone."""
        match form.name:
            case "beside a cue" | "grouped, beside a cue":
                return is_code(value, digits=4, mixed_digits=2)
            case "some words between":
                return is_code(value, digits=5, mixed_digits=4)
            case "MAC with dots":
                return any(character.isalpha() for character in value)
            case "HIBCC UDI" | "ICCBBA UDI":
                return sum(character.isdigit() for character in value) >= 3
            case _:
                return True
