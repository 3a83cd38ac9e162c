"""Reading a posted form: small and URL-encoded."""

from urllib.parse import parse_qs

from starlette.requests import Request

from portico_core.errors import BodyTooLarge, InvalidRequest, WrongContentType

LARGEST_FORM = 65_536
MOST_FIELDS = 20


async def read_form(request: Request) -> dict[str, str]:
    """Return the first value of every field; raise InvalidRequest and its kin for anything else."""
    if request.headers.get("content-type", "").partition(";")[0] != "application/x-www-form-urlencoded":
        raise WrongContentType
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_FORM:
            raise BodyTooLarge
    try:
        fields = parse_qs(body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS)
    except ValueError:
        raise InvalidRequest from None
    return {name: values[0] for name, values in fields.items()}
