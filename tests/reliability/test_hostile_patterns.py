"""Hostile text costs every recogniser little: strings built for its own patterns, and strings that hurt any pattern.

Each is 8,000 characters long, twice what a patient may send, and ends in an age over 89, so that no recogniser turns
away for want of a digit. Time is the thread's own processor time, so that a busy machine does not count. A planted
recogniser that backtracks shows that the same check finds one.
"""

import sys
import time

import pytest

from portico_core.labels import PhiType
from portico_redaction.recognisers import Recogniser, all_recognisers, base
from portico_redaction.recognisers.base import Form, FormRecogniser

LENGTH = 8_000
WORST_S = 0.25

STARTS: dict[str, tuple[str, str, str, str]] = {
    "AccountRecogniser": ("account number my ", "visa ending in ", "xxxx-", "routing is "),
    "AddressLineRecogniser": ("Calle ", "Hauptstrasse ", "US-", "apartado "),
    "AddressTailRecogniser": ("12 Ana Road, ", "Apt. 4 ", "Springfield, ", "99 "),
    "AgeRecogniser": ("my mother is 9", "ninety-", "age is ", "she is "),
    "BareAccountRecogniser": ("123456789012", "9-", "9 ", "$9"),
    "BareNameRecogniser": ("Ana's ", ". Anselmo said ", "? Keilani ", "Ab'c-"),
    "BarePhoneRecogniser": ("5551234567", "1", "0", "9."),
    "BareSsnRecogniser": ("123456789", "9/", "9,", "9+"),
    "BiometricRecogniser": ("fingerprint template id ", "face embedding 0.1, ", "Rk1SA", "iris code 4F:"),
    "CardRecogniser": ("4111 ", "4-", "4", "41111111111111111111"),
    "CodeInGroupsRecogniser": ("serial A1 ", "A1-", "case 12 AB ", "unit K9-1 "),
    "CoordinatesRecogniser": ("41.8781, ", "40°26'", "lat 41.", "849VCWC8"),
    "DateRecogniser": ("March 3, ", "3/4/", "3rd to 4th of ", "2024-03-04T10:22:00."),
    "DeaRecogniser": ("DEA number ", "AB123456", "A9", "DEA registration no no "),
    "DeviceRecogniser": ("pump serial number my ", "(01)12345678901234(17)", "=/W1234567=,", "+A123BC"),
    "EmailRecogniser": ("a-a", "a at b dot ", "a_at_", "ana@a."),
    "FacilityRecogniser": ("St. Ana General ", "Hospital of ", "Clinic ", "University of A "),
    "FaxRecogniser": ("fax the form to ", "(5 ", "fax: 5", "F: "),
    "HealthPlanRecogniser": ("member plan card policy id number ", "ins ", "HPN-", "W12 "),
    "IbanRecogniser": ("GB82 WEST ", "GB82", "GB82WEST1234", "AB12-"),
    "IntroducedNameRecogniser": ("my name is ", "I am Ana ", "this is Ana de la ", "called Ana-"),
    "IpRecogniser": ("1.1.", "a:b:", "1 dot ", "ip 1.x."),
    "KinNameRecogniser": ("my wife Ana ", "my son, ", "wife ", "husband Ana-"),
    "LabelledNameRecogniser": ("Name: ", "Patient: Ana ", "name: Ana, ", "Provider: Ana-"),
    "LicenceRecogniser": ("driver's license number no ", "DL TX ", "passport ", "A-123-"),
    "ListedNameRecogniser": ("Ana ", "Ana, Ruiz, ", "Ana-Ruiz ", "ana ruiz "),
    "ListedTownRecogniser": ("Springfield ", "San Ana, ", "New ", "springfield, "),
    "LongNumberRecogniser": ("AB-1", "eyJa.", "0a1b2c3d", "#A1-"),
    "MbiRecogniser": ("1EG4-TE5-", "1E", "1EG4 ", "1EG4TE5MK7"),
    "MrnRecogniser": ("mrn is no my ", "patient chart id number ", "record #", "MRN_1-"),
    "NamedDateRecogniser": ("last ", "Christmas ", "the 3rd of the ", "Monday the "),
    "NpiRecogniser": ("NPI number ", "1234567893", "1 ", "npi is "),
    "OtherIdRecogniser": ("order number id ref ", "confirmation code ", "id: ", "APPT-A1-"),
    "PhoneRecogniser": ("call me at (5", "555-", "+1 (5) ", "1-800-A"),
    "PhotoRecogniser": ("a.b", "whatsapp image a ", "data:image/png;a;", "C:\\a\\"),
    "PlateRecogniser": ("license plate number ", "plate TX A", "tag A1 ", "placa 1-"),
    "PostcodeRecogniser": ("zip code my ", "SW1A ", "1234 Ana ", "live in a "),
    "ReversedNameRecogniser": ("Gustafson, Elwood ", "Ana, ", "A, B, ", "Lopez,Ana "),
    "RomanDateRecogniser": ("XII.IV.", "MCMXC ", "I/V/", "xii iv "),
    "RoomRecogniser": ("room number ", "bed is ", "rm 4-", "hospital room 4 "),
    "ShorthandDateRecogniser": ("f/u 3/", "dob one ", "@ 3/4-", "Mon 3/"),
    "SignedNameRecogniser": ("sincerely,\n", "thanks, Ana ", "- Ana\n", "regards "),
    "SpelledNameRecogniser": ("a b c d ", "s-z-", "x.y.", "d o l a n "),
    "SpellingAlphabetRecogniser": ("alpha bravo ", "h as in hotel ", "A for ", "zulu-"),
    "SsnRecogniser": ("ssn my ", "last four of my ", "xxx-xx-", "first five of social "),
    "StreetRecogniser": ("12 Ana ", "Main Street ", "P.O. Box ", "12-14 Ana-"),
    "TitledNameRecogniser": ("Dr. ", "Mrs. Ana ", "Dr. Ana de la ", "Mr. O'"),
    "TownRecogniser": ("Springfield, ", "New York ", "San Ana, I", "county of "),
    "UrlRecogniser": ("http://", "a.b", "www.a.", "fb dot com slash "),
    "UsernameRecogniser": ("user name is ", "a on ", "@a", "instagram is as "),
    "VinRecogniser": ("VIN number ", "1HGCM82633A00435", "1HG CM8 ", "vehicle id no "),
    "VisitedFacilityRecogniser": ("seen at ", "at the Ana ", "went to Ana & ", "admitted to "),
    "WalletRecogniser": ("bc1q", "1A1z", "0xab", "3J"),
}
"""Four beginnings of each recogniser's own patterns."""

GENERIC = (
    *(
        "a",
        "A",
        "9",
        "é",
        " ",
        "\n",
        "-",
        ":",
        "(",
        "#",
        "x*",
        "a ",
        "A ",
        "9 ",
        "9-",
        "9/9 ",
        "a.",
        "a-9",
        "A1 ",
        "\t9",
        "'a",
        ", ",
        "::(",
        "[.]",
    ),
    *("Aa Bb ", "the ", "no no ", "is my ", "de la "),
)


END = " @ http://9 93"
"""What every recogniser needs to look at a text at all."""


def grown(unit: str) -> str:
    return (unit * (LENGTH // len(unit) + 1))[: LENGTH - len(END)] + END


def hostile_strings(starts: tuple[str, ...]) -> list[str]:
    """Return strings of each beginning: a run of it, one value that never ends well, and separators between."""
    own = [
        text
        for start in starts
        for text in (grown(start), grown(f"{start}1a-1a-1a-1a-1a-1a-!"), grown(f"{start}: # (= - "))
    ]
    return [*own, *(start + grown("1a-")[len(start) :] for start in starts), *map(grown, GENERIC)]


def seconds(recogniser: Recogniser, text: str) -> float:
    """Return the processor time of one text: the better of two, where the first is over the limit."""
    took = []
    while not took or (took[-1] > WORST_S and len(took) < 2):
        begin = time.thread_time()
        list(recogniser.find(text))
        took.append(time.thread_time() - begin)
    return min(took)


def worst_of(recogniser: Recogniser, strings: list[str]) -> tuple[float, str]:
    """Return the longest time over the strings, and the string; stop at the first that ran out of time altogether."""
    worst = (0.0, "")
    for text in strings:
        try:
            worst = max(worst, (seconds(recogniser, text), text))
        except TimeoutError:
            return (float("inf"), text)
    return worst


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give patterns longer than a turn does: that limit is of the wall clock, which a busy machine runs out of."""
    monkeypatch.setattr(base, "PATTERN_TIMEOUT_S", 5.0)


RECOGNISERS = {type(recogniser).__name__: recogniser for recogniser in all_recognisers()}


@pytest.mark.parametrize("name", sorted(STARTS))
def test_hostile_strings_cost_little(name: str) -> None:
    strings = hostile_strings(STARTS[name])
    took, text = worst_of(RECOGNISERS[name], strings)
    sys.stdout.write(f"{name:<26} n {len(strings)}  worst {1000 * took:6.1f} ms  {text[:24]!r}\n")
    assert took <= WORST_S, text[:80]


def test_every_recogniser_has_strings_of_its_own() -> None:
    assert set(STARTS) == set(RECOGNISERS)
    assert {len(text) for starts in STARTS.values() for text in hostile_strings(starts)} == {LENGTH}


class BacktrackingRecogniser(FormRecogniser):
    """Tries every way to cut a run of letters in two, from every place."""

    phi_type = PhiType.OTHER_ID
    forms = (Form("cubic", r"[a-z]+[a-z]+[0-9]", 0.5),)


def test_a_planted_backtracking_recogniser_is_caught() -> None:
    took, _ = worst_of(BacktrackingRecogniser(), hostile_strings(("a", "aa", "ab ", "a1")))
    assert took > WORST_S
