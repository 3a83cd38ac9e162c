"""Options that several commands share."""

from pathlib import Path
from typing import Annotated, Optional

import typer

State = Annotated[Path, typer.Option(help="Folder of the demo's state, or of a site's keys.json and checkpoints.")]
Site = Annotated[
    Optional[str],  # noqa: UP045
    typer.Option(
        "--redis", envvar="PORTICO_REDIS_URL", help="URL of the site's Redis or Valkey; without it the demo in --state."
    ),
]
Tenant = Annotated[str, typer.Option(envvar="PORTICO_TENANT", help="Site id.")]
Engine = Annotated[
    bool, typer.Option("--engine", help="The search engine that PORTICO_SEARCH_URL and its settings name.")
]
Reason = Annotated[str, typer.Option(help="Why, in a few words and without anybody's name.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
DEFAULT_STATE = Path(".portico")
