"""The widget's files: the loader at its stable address, and what it names by hash, which never changes.

Any portal may load them: they hold nothing of anybody, and a script with an integrity must be readable across origins.
"""

import re
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from portico_core.errors import NotFound

_HASHED = re.compile(r"portico-[0-9a-f]{16}\.js")
_BUILT = re.compile(r"portico(-[0-9a-f]{16}\.js|\.mjs|\.d\.ts)")
_SHORT, _FOREVER = "public, max-age=300", "public, max-age=31536000, immutable"


def widget_routes(loader: Path) -> list[Route]:
    """Return the loader's route and one for what was built beside it; there is no way to any other file."""

    async def show_loader(_: Request) -> Response:
        return _file(loader)

    async def show_other(request: Request) -> Response:
        built = loader.with_name(request.path_params["file"])
        if not _BUILT.fullmatch(built.name) or built.name != request.path_params["file"] or not built.is_file():
            raise NotFound
        return _file(built)

    return [
        Route("/widget/v1/portico.js", show_loader, methods=["GET"]),
        Route("/widget/v1/{file}", show_other, methods=["GET"]),
    ]


def _file(path: Path) -> FileResponse:
    headers = {
        "Cache-Control": _FOREVER if _HASHED.fullmatch(path.name) else _SHORT,
        "Cross-Origin-Resource-Policy": "cross-origin",
        "Access-Control-Allow-Origin": "*",
    }
    return FileResponse(path, media_type="text/javascript; charset=utf-8", headers=headers)
