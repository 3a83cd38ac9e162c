"""Device identifiers and serial numbers.

Format: FDA Unique Device Identification in GS1, HIBCC or ICCBBA form, serial numbers beside a cue, MAC addresses and
IMEI. Class M of 45 CFR 164.514(b)(2)(i). Source: 21 CFR 830.20 and
https://www.fda.gov/medical-devices/unique-device-identification-system-udi-system/udi-basics
"""

from portico_core.labels import PhiType
from portico_redaction.recognisers.base import GLUE, IDENTIFIER, Form, FormRecogniser

_CUE = (
    r"\b(?:(?:device |pump |pacemaker |implant |sensor |transmitter |meter |icd |cgm "
    r"|product )?serial(?: (?:number|num|no)\b\.?| ?#)?"
    r"|s/n|(?:device|implant|pacemaker|pump|sensor|transmitter|meter|icd|cgm)(?: ?(?:id|identifier"
    r"|number|no|model)\b\.?| ?#){1,2}"
    r"|udi(?:-(?:di|pi))?|gtin|imei|lot(?: (?:number|no)\b\.?| ?#)|mac address|n[uú]mero de serie)"
)


class DeviceRecogniser(FormRecogniser):
    """Find device identifiers."""

    phi_type = PhiType.DEVICE
    forms = (
        Form("beside a cue", _CUE + GLUE + rf"(?P<value>{IDENTIFIER})", 0.9),
        Form("SN and number", r"\bSN[-:# ]{1,2}(?P<value>[A-Z]{0,4}[0-9](?:-?[A-Z0-9]){4,19})(?![A-Z0-9])", 0.9),
        Form("GS1 UDI", r"\(01\) ?[0-9]{14}(?: ?\([0-9]{2}\) ?[A-Z0-9-]{1,20}){0,5}", 0.97),
        Form("HIBCC UDI", r"(?<!\w)\+[A-Z][A-Z0-9]{5,22}/(?:\$\$)?[A-Z0-9/]{5,40}", 0.9),
        Form("MAC", r"(?<![0-9A-F:-])[0-9A-F]{2}(?:[:-][0-9A-F]{2}){5}(?![0-9A-F:-])", 0.9),
    )
