"""The running gateway keeps to its own OpenAPI document: schemathesis makes requests from it, good ones and bad ones.

No server error, no status and no content type that the document does not name, no body of another shape. The event
feed never ends and is left out here; `make fuzz` runs twenty times as many examples.
"""

import copy
import json
from collections.abc import Mapping
from typing import Any

import pytest
import schemathesis
from hypothesis import given
from schemathesis import Case
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from examples import examples
from portico_cli.issuer import DevelopmentIssuer
from portico_core.labels import Role
from portico_gateway.web.openapi import openapi_document
from portico_state.identifiers import new_id
from stack import Stack

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
DOCUMENT = openapi_document("0.1.0")
FEED = "/v1/conversations/{id}/events"
OPERATIONS = [(path, method) for path, item in DOCUMENT["paths"].items() for method in item if method != "parameters"]


class Door:
    """A patient's token and conversation, other ones every so often, so that no quota ends the test."""

    def __init__(self, stack: Stack) -> None:
        address = json.loads((stack.state / "demo.json").read_text(encoding="utf-8"))["issuer"]
        self._stack, self._issuer = stack, DevelopmentIssuer.open(stack.state, issuer=address)
        self.answered: list[int] = []

    def send(self, case: Case, *, own: bool, signed: bool = True) -> None:
        """Send a case as a new patient, to their own conversation if it is to be one, and check what came back."""
        token = self._issuer.sign(Role.PATIENT, patient=f"fuzz-{new_id()}")
        headers = {"Authorization": f"Bearer {token}"} if signed else {}
        if own and "id" in (case.path_parameters or {}):
            made = schemathesis.openapi.from_dict(DOCUMENT)["/v1/conversations"]["POST"]
            opened = made.Case(body={}, media_type="application/json").call(self._stack.url, headers=headers)
            case.path_parameters["id"] = opened.json()["id"]
        answer = case.call(base_url=self._stack.url, headers=headers)
        self.answered.append(answer.status_code)
        case.validate_response(answer, checks=CHECKS)


def fuzz(door: Door, document: Mapping[str, Any], operation: tuple[str, str], *, count: int, signed: bool) -> None:
    """Send examples of one operation; raise FailureGroup at the first answer that the document does not allow."""
    path, method = operation
    described = schemathesis.openapi.from_dict(dict(document))[path][method.upper()]

    @given(described.as_strategy())
    @examples(count, shrink=False)
    def send(case: Case) -> None:
        door.send(case, own=len(door.answered) % 2 == 0, signed=signed)

    send()


@pytest.mark.parametrize("operation", [each for each in OPERATIONS if each[0] != FEED], ids=" ".join)
def test_every_answer_is_one_that_the_document_names(stack: Stack, operation: tuple[str, str]) -> None:
    door = Door(stack)
    fuzz(door, DOCUMENT, operation, count=25, signed=True)
    shut = "feedback" in operation[0] or "tokens" in operation[0]  # A demo has no registered portal: 404.
    assert min(door.answered) < 300 or shut  # Some of them got all the way in.


def test_an_answer_that_the_document_does_not_name_is_found(stack: Stack) -> None:
    """The control: a document that does not know 401, and a request without a token."""
    short = copy.deepcopy(DOCUMENT)
    del short["paths"]["/v1/conversations"]["post"]["responses"]["401"]
    with pytest.raises(FailureGroup):
        fuzz(Door(stack), short, ("/v1/conversations", "post"), count=25, signed=False)
