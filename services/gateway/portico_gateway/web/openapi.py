"""The OpenAPI 3.1 document of the patient API, made from the very models that read and write the bodies."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from portico_core.turn import Transcript, Turn
from portico_gateway.web.schemas import ConversationId, Feedback, NewConversation, NewTurn
from portico_gateway.web.token_exchange import MintedToken, Revocation, TokenRequest

_REF = "#/components/schemas/"
_MODELS: tuple[type[BaseModel], ...] = (
    NewConversation, ConversationId, NewTurn, Turn, Transcript, Feedback, TokenRequest, MintedToken, Revocation,
)  # fmt: skip
_ERROR: Mapping[str, Any] = {
    "type": "object",
    "required": ["error"],
    "additionalProperties": False,
    "properties": {
        "error": {
            "type": "object",
            "required": ["code", "message", "request_id"],
            "additionalProperties": False,
            "properties": {name: {"type": "string"} for name in ("code", "message", "request_id")},
        }
    },
}
_ERROR_STATUSES = ("400", "401", "403", "404", "409", "413", "415", "429", "503")


def openapi_document(version: str) -> dict[str, Any]:
    """Return the document served at /openapi.json."""
    _, definitions = models_json_schema([(m, "serialization") for m in _MODELS], ref_template=_REF + "{model}")
    schemas = {**definitions["$defs"], "Error": dict(_ERROR)}
    conversation = "/v1/conversations/{id}"
    return {
        "openapi": "3.1.0",
        "info": {"title": "Portico patient API", "version": version, "license": {"name": "Apache-2.0"}},
        "security": [{"bearer": []}],
        "paths": {
            "/v1/conversations": {"post": _operation("Start a conversation", "201", ConversationId, NewConversation)},
            conversation: {
                "parameters": [_path("id")],
                "get": _operation("Show the transcript", "200", Transcript),
                "delete": _operation("End the conversation and destroy its key", "204"),
            },
            conversation + "/turns": {"parameters": [_path("id")], "post": _turn_operation()},
            conversation + "/events": {"parameters": [_path("id")], "get": _events_operation()},
            conversation + "/turns/{turn}/feedback": {
                "parameters": [_path("id"), _path("turn")],
                "post": _operation("Say whether a turn helped", "204", None, Feedback),
            },
            "/v1/tokens": {
                "post": _portal_operation("Get a token for a patient's page", "200", MintedToken, TokenRequest)
            },
            "/v1/tokens/revoke": {
                "post": _portal_operation("End the tokens of a patient who signed out", "204", None, Revocation)
            },
        },
        "components": {
            "schemas": schemas,
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
        },
    }


def _operation(
    summary: str, status: str, result: type[BaseModel] | None = None, body: type[BaseModel] | None = None
) -> dict[str, Any]:
    success: dict[str, Any] = {"description": "Done"}
    if result is not None:
        success["content"] = {"application/json": {"schema": _ref(result.__name__)}}
    errors = {code: _error_response() for code in _ERROR_STATUSES}
    operation: dict[str, Any] = {"summary": summary, "responses": {status: success, **errors}}
    if body is not None:
        schema = _ref(body.__name__)
        operation["requestBody"] = {"required": True, "content": {"application/json": {"schema": schema}}}
    return operation


def _portal_operation(
    summary: str, status: str, result: type[BaseModel] | None, body: type[BaseModel]
) -> dict[str, Any]:
    """Return what a portal's back end asks for: its assertion in the body is its proof, and 404 where none is known."""
    return {**_operation(f"{summary} (registered portals)", status, result, body), "security": []}


def _turn_operation() -> dict[str, Any]:
    operation = _operation("Ask a question", "200", Turn, NewTurn)
    operation["parameters"] = [
        {"name": "Idempotency-Key", "in": "header", "schema": {"type": "string", "minLength": 1, "maxLength": 128}}
    ]
    operation["responses"]["200"]["content"]["text/event-stream"] = {"schema": {"type": "string"}}
    return operation


def _events_operation() -> dict[str, Any]:
    operation = _operation("Listen for replies and state changes", "200")
    operation["responses"]["200"]["content"] = {"text/event-stream": {"schema": {"type": "string"}}}
    return operation


def _path(name: str) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}


def _ref(name: str) -> dict[str, str]:
    return {"$ref": _REF + name}


def _error_response() -> dict[str, Any]:
    retry = {"description": "Seconds to wait, with 429 and 503", "schema": {"type": "integer", "minimum": 1}}
    content = {"application/json": {"schema": _ref("Error")}}
    return {"description": "See error.code", "headers": {"Retry-After": retry}, "content": content}
