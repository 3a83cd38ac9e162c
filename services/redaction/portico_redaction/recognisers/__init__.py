"""The recognisers in force, one identifier a file. Their order does not matter: `resolve` settles overlaps."""

from portico_redaction.recognisers.account import AccountRecogniser
from portico_redaction.recognisers.address_line import AddressLineRecogniser
from portico_redaction.recognisers.address_tail import AddressTailRecogniser
from portico_redaction.recognisers.age import AgeRecogniser
from portico_redaction.recognisers.base import Recogniser
from portico_redaction.recognisers.biometric import BiometricRecogniser
from portico_redaction.recognisers.card import CardRecogniser
from portico_redaction.recognisers.code_in_groups import CodeInGroupsRecogniser
from portico_redaction.recognisers.coordinates import CoordinatesRecogniser
from portico_redaction.recognisers.date import DateRecogniser
from portico_redaction.recognisers.date_named import NamedDateRecogniser
from portico_redaction.recognisers.date_roman import RomanDateRecogniser
from portico_redaction.recognisers.date_shorthand import ShorthandDateRecogniser
from portico_redaction.recognisers.dea import DeaRecogniser
from portico_redaction.recognisers.device import DeviceRecogniser
from portico_redaction.recognisers.email import EmailRecogniser
from portico_redaction.recognisers.facility import FacilityRecogniser
from portico_redaction.recognisers.facility_visited import VisitedFacilityRecogniser
from portico_redaction.recognisers.fax import FaxRecogniser
from portico_redaction.recognisers.health_plan import HealthPlanRecogniser
from portico_redaction.recognisers.iban import IbanRecogniser
from portico_redaction.recognisers.ip import IpRecogniser
from portico_redaction.recognisers.licence import LicenceRecogniser
from portico_redaction.recognisers.long_number import (
    BareAccountRecogniser,
    BarePhoneRecogniser,
    BareSsnRecogniser,
    LongNumberRecogniser,
)
from portico_redaction.recognisers.mbi import MbiRecogniser
from portico_redaction.recognisers.mrn import MrnRecogniser
from portico_redaction.recognisers.name_bare import BareNameRecogniser
from portico_redaction.recognisers.name_introduced import IntroducedNameRecogniser
from portico_redaction.recognisers.name_kin import KinNameRecogniser
from portico_redaction.recognisers.name_labelled import LabelledNameRecogniser
from portico_redaction.recognisers.name_listed import ListedNameRecogniser
from portico_redaction.recognisers.name_reversed import ReversedNameRecogniser
from portico_redaction.recognisers.name_signed import SignedNameRecogniser
from portico_redaction.recognisers.name_spelled import SpelledNameRecogniser
from portico_redaction.recognisers.name_titled import TitledNameRecogniser
from portico_redaction.recognisers.npi import NpiRecogniser
from portico_redaction.recognisers.other_id import OtherIdRecogniser
from portico_redaction.recognisers.phone import PhoneRecogniser
from portico_redaction.recognisers.photo import PhotoRecogniser
from portico_redaction.recognisers.plate import PlateRecogniser
from portico_redaction.recognisers.postcode import PostcodeRecogniser
from portico_redaction.recognisers.room import RoomRecogniser
from portico_redaction.recognisers.spelling_alphabet import SpellingAlphabetRecogniser
from portico_redaction.recognisers.ssn import SsnRecogniser
from portico_redaction.recognisers.street import StreetRecogniser
from portico_redaction.recognisers.town import TownRecogniser
from portico_redaction.recognisers.town_listed import ListedTownRecogniser
from portico_redaction.recognisers.url import UrlRecogniser
from portico_redaction.recognisers.username import UsernameRecogniser
from portico_redaction.recognisers.vin import VinRecogniser
from portico_redaction.recognisers.wallet import WalletRecogniser

__all__ = ["Recogniser", "all_recognisers"]


_ALL: tuple[type[Recogniser], ...] = (
    AccountRecogniser,
    AddressLineRecogniser,
    AddressTailRecogniser,
    AgeRecogniser,
    BareAccountRecogniser,
    BareNameRecogniser,
    BarePhoneRecogniser,
    BareSsnRecogniser,
    BiometricRecogniser,
    CardRecogniser,
    CodeInGroupsRecogniser,
    CoordinatesRecogniser,
    DateRecogniser,
    DeaRecogniser,
    DeviceRecogniser,
    EmailRecogniser,
    FacilityRecogniser,
    FaxRecogniser,
    HealthPlanRecogniser,
    IbanRecogniser,
    IntroducedNameRecogniser,
    IpRecogniser,
    KinNameRecogniser,
    LabelledNameRecogniser,
    LicenceRecogniser,
    ListedNameRecogniser,
    ListedTownRecogniser,
    LongNumberRecogniser,
    MbiRecogniser,
    NamedDateRecogniser,
    NpiRecogniser,
    OtherIdRecogniser,
    PhoneRecogniser,
    PhotoRecogniser,
    PlateRecogniser,
    PostcodeRecogniser,
    ReversedNameRecogniser,
    RomanDateRecogniser,
    RoomRecogniser,
    ShorthandDateRecogniser,
    SignedNameRecogniser,
    SpelledNameRecogniser,
    SpellingAlphabetRecogniser,
    SsnRecogniser,
    StreetRecogniser,
    TitledNameRecogniser,
    TownRecogniser,
    UrlRecogniser,
    UsernameRecogniser,
    VinRecogniser,
    VisitedFacilityRecogniser,
    WalletRecogniser,
)


def all_recognisers(mrn_pattern: str | None = None) -> list[Recogniser]:
    """Return one of each; `mrn_pattern` is the site's own form of a medical record number.

    Photos and recordings themselves never come in, because uploads are refused; references to them in text do.
    """
    return [MrnRecogniser(mrn_pattern), *(recogniser() for recogniser in _ALL)]
