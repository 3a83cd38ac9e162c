"""The widget's files: the loader at its stable address, and what it names by hash, which never changes.

Any portal may load them: they hold nothing of anybody, and a script with an integrity must be readable across origins.
"""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from portico_core.errors import NotFound

_HASHED = re.compile(r"portico-[0-9a-f]{16}\.js")
_BUILT = re.compile(r"portico(-[0-9a-f]{16}\.js|\.mjs|\.d\.ts)")
_SCRIPT = "text/javascript; charset=utf-8"
_ANYBODY = {"Cross-Origin-Resource-Policy": "cross-origin", "Access-Control-Allow-Origin": "*"}
_SHORT, _FOREVER = "public, max-age=300", "public, max-age=31536000, immutable"


def widget_routes(loader: Path, own_words: Mapping[str, Any]) -> list[Route]:
    """Return the loader's route and one for what was built beside it; there is no way to any other file.

    The site's numbers (`own_words`, by language) travel in the loader and in the module themselves: whoever has the
    widget has them, also with this server down. The hashed file stays what its integrity says.
    """
    site = f"globalThis.porticoSite??={json.dumps(own_words, ensure_ascii=True, separators=(',', ':'))};\n".encode()

    async def show_loader(_: Request) -> Response:
        return _with_site(loader, site)

    async def show_other(request: Request) -> Response:
        built = loader.with_name(request.path_params["file"])
        if not _BUILT.fullmatch(built.name) or built.name != request.path_params["file"] or not built.is_file():
            raise NotFound
        return _with_site(built, site) if built.suffix == ".mjs" else _file(built)

    return [
        Route("/widget/v1/portico.js", show_loader, methods=["GET"]),
        Route("/widget/v1/{file}", show_other, methods=["GET"]),
    ]


def _with_site(path: Path, site: bytes) -> Response:
    return Response(site + path.read_bytes(), media_type=_SCRIPT, headers={**_ANYBODY, "Cache-Control": _SHORT})


def _file(path: Path) -> FileResponse:
    cached = _FOREVER if _HASHED.fullmatch(path.name) else _SHORT
    return FileResponse(path, media_type=_SCRIPT, headers={**_ANYBODY, "Cache-Control": cached})
