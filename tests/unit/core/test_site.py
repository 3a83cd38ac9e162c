"""A site file names every number, or the service does not start."""

import json
from typing import Any

import pytest

from portico_core.errors import ConfigurationError
from portico_core.language import Language
from portico_core.site import UNITED_STATES, Wording, parse_site

ELSEWHERE: dict[str, Any] = {"emergency": "112", "crisis": {"call": "116 123", "text": ""}, "violence": ""}


def parse(**changes: Any) -> Any:
    return parse_site(json.dumps(ELSEWHERE | changes).encode())


def test_a_site_elsewhere_is_read() -> None:
    site = parse(texts={"es": {"disclosure": "Responde una máquina."}})
    assert (site.emergency, site.crisis.call, site.crisis.text, site.violence) == ("112", "116 123", "", "")
    assert site.texts[Language.SPANISH] == Wording(disclosure="Responde una máquina.")


@pytest.mark.parametrize("key", ELSEWHERE)
def test_a_missing_number_stops_the_start_and_is_named(key: str) -> None:
    document = json.dumps({name: value for name, value in ELSEWHERE.items() if name != key})
    with pytest.raises(ConfigurationError, match=key):
        parse_site(document.encode())


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"emergency": 112}, "emergency"),  # YAML without quotes.
        ({"emergency": ""}, "emergency"),
        ({"emergency": "call us"}, "emergency"),
        ({"crisis": {"call": "116123"}}, "crisis.text"),  # That nobody reads messages must be said.
        ({"emergancy": "112"}, "emergancy"),
        ({"texts": {"fr": {}}}, "texts.fr"),  # A language that no text is in would be silently English.
        ({"texts": {"en": {"emergancy": "Call {emergency}."}}}, "texts.en.emergancy"),
        ({"texts": {"en": {"emergency": ""}}}, "texts.en.emergency"),
        ({"clinic": {"name": "Elm Clinic"}}, "clinic.phone"),
    ],
)
def test_what_is_not_in_the_form_is_named(changes: dict[str, Any], named: str) -> None:
    with pytest.raises(ConfigurationError, match=named):
        parse(**changes)


def test_what_is_no_json_is_refused_without_being_shown() -> None:
    with pytest.raises(ConfigurationError) as refused:
        parse_site(b"emergency: '112'")
    assert "112" not in str(refused.value)


def test_without_a_file_the_numbers_are_those_of_the_united_states() -> None:
    assert (UNITED_STATES.emergency, UNITED_STATES.crisis.call, UNITED_STATES.crisis.text) == ("911", "988", "988")
