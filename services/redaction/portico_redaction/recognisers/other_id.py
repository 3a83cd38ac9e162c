"""Other numbers and codes that single out a person: appointments, orders, claims, cases, prescriptions, specimens, studies, badges.

Class R of 45 CFR 164.514(b)(2)(i): "any other unique identifying number, characteristic, or code".
Format: a cue decides, or a prefix that names one ("APPT-88213"). Codes of diagnoses, drugs and registries stay (spared.py).
"""

from portico_core.labels import PhiType
from portico_redaction.recognisers.base import EXACT_CASE, GAP, GLUE, IDENTIFIER, NUMBER, START, Form, FormRecogniser
from portico_redaction.recognisers.spared import is_code

_THING = (
    r"(?:appointments?|appts?|apt|orders?|claims?|cases?|case ?worker|tickets?|prescriptions?|rx|script|refills?|referrals?|(?:prior )?auth(?:ori[sz]ation)?s?|pre-?auth|pa|prior"
    r"|confirmation|conf|reference|ref|tracking|shipment|package|visit|encounter|enc|csn|contact serial|accession|acc|specimens?|samples?|tube|vial|barcode|requisition|req"
    r"|lab(?: order| result)?|imaging|study|invoice|receipt|trial|participant|subject|enrol?lment|employee|emp|staff|student|badge|visa|inmate|booking|offender"
    r"|military|dod|va|veteran|voter|national|tribal|citizen|household|request|message|thread|report|registration|reservation|check-?in|queue|token|ticket|complaint|grievance|incident|docket|court|warrant|police report"
    r"|site|location|provider|donor|recipient|transplant|unos|organ|cycle|session|meeting|zoom|device order|transaction|trans|txn|document|doc|form|consent|file|entry|survey|batch job|work order|service|support|help ?desk|call"
    r"|fob|key ?card|access card|wristband|bracelet|kit|voucher|coupon|co-?pay card|gift card|block|slide|lead|quote|estimate|proof|waitlist|waiting list|application|appeal|letter|enquiry|inquiry"
    r"|cita|orden|receta|reclamo|caso|referencia|autorizaci[oó]n|confirmaci[oó]n|folio|solicitud|turno|boleto)"
)
_CUE = (
    START + rf"(?:{_THING}{NUMBER}{{1,2}}"
    r"|(?:rx|accession|csn|fin|folio|requisition|encounter|specimen|claim|order|case|ticket|referral|appointment|appt|confirmation|prescription)(?= ?[:#=] ?#?[A-Z]{0,5}-?[0-9])"
    r"|id ?(?:#|number|no\b\.?|:|card|is|=)|id(?= end)|ids ?[:#]|(?:reference|confirmation|tracking|ref)(?= (?:is|was) [A-Z]{0,5}-?[0-9])|ref(?:erence)?\.?(?: code)?(?: ?#|:)|confirmation(?: code)?:?"
    r"|curp|rfc|dni|nie|nif|rut|cpf|c[eé]dula(?: de identidad)?|n[uú]mero de (?:cita|orden|receta|caso|reclamo|referencia|autorizaci[oó]n|confirmaci[oó]n|folio|identidad|identificaci[oó]n)|identificaci[oó]n)"
)
_BARE = (
    START
    + r"(?:study (?:subject|participant)|subject|participant|(?:police|incident|accident) report|(?:court )?docket|(?:employee |staff )?badge|appeal|letter|kit|slides?|(?:biopsy )?block|rx|prescription|claim|case|order|ticket|accession|referral|appointment|confirmation|auth(?:ori[sz]ation)?|requisition|encounter|specimen|visit|tracking|invoice|reference|ref|barcode)"
)
_SURE_CUE = START + rf"(?:{_THING}{NUMBER}{{1,2}})"
_PREFIXES = "APPT|APT|ORD|RX|CLM|CL|CLAIM|CASE|CS|TKT|TKN|TICKET|REQ|ACC|ENC|VIS|VST|REF|RFL|AUTH|PA|CONF|CNF|LAB|SPEC|SPC|SMP|STUDY|SUBJ|SUB|PTC|EMP|EID|USR|UID|INC|CSN|INV|ORDER|BKG|WO|DOC|MSG|SR|SID|TRK|BDG|STU"


class OtherIdRecogniser(FormRecogniser):
    """Find other identifiers beside a cue."""

    phi_type = PhiType.OTHER_ID
    forms = (
        Form("beside a cue", _CUE + GLUE + rf"(?P<value>{IDENTIFIER})", 0.8, loose=True),
        Form(
            "grouped digits",
            _SURE_CUE + GLUE + r"(?P<value>[A-Z]{0,2}[0-9]{2,6}(?:[ -][0-9]{2,6}){1,6})(?![0-9A-Z])",
            0.7,
        ),
        Form(
            "beside a bare cue",
            _BARE
            + r"[ :#=(]{1,3}(?![A-Z]{2,4} (?:19|20)[0-9]{2}\b)(?P<value>(?:(?-i:[A-Z]{2,4}) )?[A-Z]{0,5}[-/]?[0-9](?:[-/]?[A-Z0-9]){3,24})(?![A-Z0-9/-]|\.[0-9])",
            0.65,
            loose=True,
        ),
        Form(
            "place in a queue",
            START
            + r"(?:(?:queue|waiting|walk-?in|kiosk|pharmacy|lab|check-?in|counter|deli)(?: room)? (?:ticket|token|number|slip)|ticket|token|now serving|turno|boleto)(?: (?:number|no\.?|is|was))?[ :#]{1,3}(?P<value>[A-Z]-?[0-9]{2,4})(?![\w/%-])",
            0.7,
        ),
        Form(
            "letters only",
            START
            + rf"(?:(?:confirmation|reference|booking|reservation|tracking|verification|access|check-?in|ref|conf)(?: (?:code|number|no\.?|#|id))?|ticket)(?i:{GLUE})(?P<value>(?=[A-Z0-9]{{0,7}}[A-Z])[A-Z0-9]{{5,10}})(?![\w-])",
            0.7,
            EXACT_CASE,
        ),
        Form(
            "prefix",
            rf"(?<![\w-])#?(?:{_PREFIXES})[-_#][A-Z]{{0,3}}[0-9](?:[-_]?[A-Z0-9]){{2,20}}(?![\w-])",
            0.78,
            EXACT_CASE,
            loose=True,
        ),
        Form(
            "prefix in one word",
            r"(?<![\w-])(?:APPT|ORD|RX|CLM|CASE|TKT|REQ|ENC|REF|AUTH|CONF|ACC|CSN)[0-9]{4,15}(?![\w-])",
            0.75,
            EXACT_CASE,
            loose=True,
        ),
        Form(
            "parcel",
            r"(?<![\w-])1Z[0-9A-Z]{16}(?![\w-])|(?<![\w.-])9[2-5][0-9]{2}(?: ?[0-9]{4}){4}(?: ?[0-9]{2})?(?![\w-])",
            0.75,
            EXACT_CASE,
        ),
        Form(
            "a thing and its code",
            START
            + r"(?:participant|subject|permit|pass|badge|placard|locker|voucher|fob|key ?card|pre-?auth(?:ori[sz]ation)?|study id)(?: (?:is|was|says|reads))?[ :#]{1,2}(?P<value>[A-Z]{1,4}-[0-9]{3,8})(?![A-Z0-9-])",
            0.72,
        ),
        Form(
            "cheque",
            START + rf"(?:check|cheque|money order),?(?i:{NUMBER})[ :#]{{0,2}}(?P<value>[0-9]{{3,8}})(?![\w/.%-])",
            0.7,
        ),
        Form("some words between", _SURE_CUE + GAP + rf"(?P<value>{IDENTIFIER})", 0.5),
    )

    def accepts(self, value: str, form: Form) -> bool:
        """Leave years, readings and short counts alone."""
        match form.name:
            case "beside a cue":
                return is_code(value, digits=4, mixed_digits=2) and len(value) >= 4
            case "grouped digits":
                return is_code(value, digits=6)
            case "some words between" | "beside a bare cue":
                return is_code(value, digits=5, mixed_digits=4)
            case "letters only":
                return any(character.isdigit() for character in value) or len(value) >= 6
            case _:
                return True
