"""What one site tells its patients to call, and its own words where the built-in ones do not fit.

A site outside the United States names its own numbers: a wrong emergency number is worse than none, so a site file
must name every one of them, and nothing in it is guessed. Only `texts` may be left out, key by key.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from portico_core.errors import ConfigurationError
from portico_core.language import Language

NUMBER = r"\+?[0-9](?:[0-9 -]{0,18}[0-9])?"
Number = Annotated[str, Field(pattern=f"^{NUMBER}$")]
NumberOrNone = Annotated[str, Field(pattern=f"^({NUMBER})?$")]
Phrase = Annotated[str, Field(min_length=1, max_length=1_000)]


class _Closed(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, hide_input_in_errors=True)


class Clinic(_Closed):
    """The care team's name and number, as patients see them."""

    name: Annotated[str, Field(min_length=1, max_length=120)]
    phone: Annotated[str, Field(pattern=r"^\+?[0-9-]{7,20}$")]


class Crisis(_Closed):
    """The line for a mental health crisis; `text` is empty where nobody reads messages."""

    call: Number
    text: NumberOrNone


class Wording(_Closed):
    """A site's own phrases in one language. They may name {clinic} {phone} {emergency} {crisis} {crisis_text}
    {violence} and {crisis_line}, the phrase of that name; with a capital letter, {Crisis_line}."""

    call_emergency: Phrase | None = None
    call_crisis: Phrase | None = None
    text_crisis: Phrase | None = None
    call_clinic: Phrase | None = None
    health_topics: Phrase | None = None
    disclosure: Phrase | None = None
    reach_person: Phrase | None = None
    crisis_line: Phrase | None = None
    crisis_now: Phrase | None = None
    violence_line: Phrase | None = None
    short_disclosure: Phrase | None = None
    if_worse: Phrase | None = None
    not_for_emergencies: Phrase | None = None
    after_error: Phrase | None = None
    link_emergency: Phrase | None = None
    link_crisis: Phrase | None = None
    link_text: Phrase | None = None
    escalate: Phrase | None = None
    escalate_unqueued: Phrase | None = None
    escalate_paused: Phrase | None = None
    emergency: Phrase | None = None
    crisis: Phrase | None = None
    attack: Phrase | None = None
    decline: Phrase | None = None
    unavailable: Phrase | None = None


class SiteFile(_Closed):
    """The numbers of one site. `violence` is the line for domestic violence, empty where there is none."""

    emergency: Number
    crisis: Crisis
    violence: NumberOrNone
    clinic: Clinic | None = None
    texts: Mapping[Language, Wording] = Field(default_factory=dict)


# 988lifeline.org, thehotline.org; 988 answers in Spanish after 2, or to the word AYUDA.
UNITED_STATES = SiteFile(
    emergency="911",
    crisis=Crisis(call="988", text="988"),
    violence="1-800-799-7233",
    texts={
        Language.ENGLISH: Wording(
            violence_line=(
                "If a partner or a family member hurts you, the National Domestic Violence Hotline is {violence}."
            )
        ),
        Language.SPANISH: Wording(
            call_crisis="Llame al {crisis} (oprima 2)",
            text_crisis="Envíe AYUDA al {crisis_text}",
            crisis_now="llame al {crisis} y oprima 2, o envíe AYUDA al {crisis_text}",
        ),
    },
)


def read_site(path: Path | None) -> SiteFile:
    """Return the site of a file, that of the United States without one; raise ConfigurationError."""
    if path is None:
        return UNITED_STATES
    try:
        return parse_site(path.read_bytes())
    except OSError:
        raise ConfigurationError("the site file cannot be read") from None


def parse_site(document: bytes) -> SiteFile:
    """Return the site of a JSON document; raise ConfigurationError that says which keys are missing or wrong."""
    try:
        return SiteFile.model_validate_json(document)
    except ValidationError as error:
        places = {".".join(str(part) for part in item["loc"]) for item in error.errors(include_input=False)}
        raise ConfigurationError(f"unusable site file: {', '.join(sorted(places)) or 'no JSON'}") from None
