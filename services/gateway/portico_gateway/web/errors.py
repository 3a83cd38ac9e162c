"""One map from error to HTTP status, one JSON shape, for every route."""

from collections.abc import Callable, Coroutine, Mapping
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from portico_core import errors

STATUS: Mapping[type[errors.PorticoError], int] = {
    errors.InvalidRequest: 400,
    errors.BodyTooLarge: 413,
    errors.TextTooLong: 413,
    errors.WrongContentType: 415,
    errors.Unauthenticated: 401,
    errors.Forbidden: 403,
    errors.NotFound: 404,
    errors.Conflict: 409,
    errors.RateLimited: 429,
    errors.Overloaded: 503,
    errors.DependencyUnavailable: 503,
    errors.PorticoError: 500,
}
_HTTP: Mapping[int, type[errors.PorticoError]] = {404: errors.NotFound, 405: errors.InvalidRequest}


def status_of(error: errors.PorticoError) -> int:
    """Return the HTTP status of the nearest listed ancestor of an error."""
    return next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)


def error_body(error: errors.PorticoError, *, request_id: str, whom_to_call: str) -> dict[str, Any]:
    """Return the one error shape; only the class's fixed message is shown, never the detail."""
    message = f"{error.public_message} {whom_to_call}" if error.names_numbers else error.public_message
    return {"error": {"code": error.code, "message": message, "request_id": request_id}}


def error_response(error: errors.PorticoError, *, request_id: str, whom_to_call: str = "") -> JSONResponse:
    """Return the response of an error; `whom_to_call` are the site's numbers, for errors that turn patients away."""
    status = status_of(error)
    headers = {} if error.retry_after_s is None else {"Retry-After": str(error.retry_after_s)}
    if status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    return JSONResponse(error_body(error, request_id=request_id, whom_to_call=whom_to_call), status, headers=headers)


async def _on_portico_error(request: Request, error: Exception) -> Response:
    known = error if isinstance(error, errors.PorticoError) else errors.PorticoError()
    return error_response(known, request_id=request.state.request_id, whom_to_call=request.state.whom_to_call)


async def _on_http_error(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    known = _HTTP.get(status, errors.InvalidRequest)()
    response = error_response(known, request_id=request.state.request_id)
    response.status_code = status
    return response


HANDLERS: dict[Any, Callable[[Request, Exception], Coroutine[Any, Any, Response]]] = {
    errors.PorticoError: _on_portico_error,
    HTTPException: _on_http_error,
    Exception: _on_portico_error,  # Else Starlette answers with its own plain text before the edge sees anything.
}
