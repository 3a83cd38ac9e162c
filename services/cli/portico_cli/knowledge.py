"""Building and checking the passage index."""

import contextlib
import sys
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import Progress

from portico_cli.encoder import open_encoder
from portico_cli.redactor import command_redactor
from portico_cli.serve import engine_place
from portico_core.errors import ConfigurationError
from portico_core.knowledge import Passage
from portico_gateway.settings import GatewaySettings
from portico_knowledge.check import check_identifiers, check_passages, count_served
from portico_knowledge.identifiers import refuse_identified
from portico_knowledge.index import (
    MAX_IN_ENGINE,
    MAX_PASSAGES,
    Floats,
    IndexUnfit,
    assemble_index,
    encode_passages,
    known_vectors,
    load_index,
    refuse_too_many,
    save_index,
)
from portico_knowledge.lines import read_passage_lines
from portico_knowledge.passages import built_in_folder, load_passages
from portico_knowledge.search import HybridSearch
from portico_redaction.scrub import find_by_pattern

if TYPE_CHECKING:
    from portico_knowledge.pgvector_connection import Place


def passages_of(source: Path | None, site: Path | None, *, alone: bool = False) -> tuple[Passage, ...]:
    """Return the passages to index: of JSON lines, or the built-in ones that are served with those of a site."""
    if source is not None:
        return _from_file(source)
    if alone and site is None:
        raise ConfigurationError("--alone says that a site's topics stand alone; name their folder with --site")
    folders = [*([] if alone else [built_in_folder()]), *([site] if site else [])]
    return load_passages(*folders, today=datetime.now(UTC).date())


def build(out: Path, given: Sequence[Passage], *, triton: str | None, for_engine: bool = False) -> None:
    """Index passages, but for those that identify a person; `for_engine` allows more than a gateway may hold."""
    refuse_too_many(given, most=MAX_IN_ENGINE if for_engine else MAX_PASSAGES)
    encoder = open_encoder(triton)
    known = _known_vectors(out, encoder.version)
    console = Console(stderr=True)
    with (
        Progress(console=console, disable=not console.is_terminal) as progress,
        ThreadPoolExecutor(max_workers=1) as beside,  # The encoder leaves the interpreter to the identifier check.
    ):
        bar = progress.add_task("indexing passages", total=None)

        def show(done: int, of: int) -> None:
            progress.update(bar, completed=done, total=of)

        checked = beside.submit(refuse_identified, given, find=find_by_pattern)
        # What is refused may be encoded in this process meanwhile, but never leaves it.
        fit = given if triton is None else checked.result()[0]
        vectors = encode_passages(fit, encode=encoder, known=known, on_progress=show)
        passages, refused = checked.result()
        index = assemble_index(passages, vectors=vectors, encoder_version=encoder.version)
    for passage in refused:
        sys.stderr.write(f"refused: {passage}\n")
    save_index(index, out)
    left_out = f", {len(refused)} refused" if refused else ""
    sys.stdout.write(f"{len(passages)} passages indexed in {out}{left_out}\n")


def load(folder: Path, *, tenant: str) -> None:
    """Load the index of a folder into the search engine that the settings name."""
    from portico_knowledge.pgvector_connection import Connections
    from portico_knowledge.pgvector_tables import load_into

    place = _engine_place()
    Connections(place).close()  # Says in one line where the driver is not installed.
    index = load_index(folder)
    number = load_into(place, index, tenant=tenant)
    sys.stdout.write(f"{len(index.passages)} passages loaded into {place.host} as index {number} of {tenant}\n")


def open_engine(tenant: str, encoder_version: str) -> HybridSearch:
    """Return the search over a tenant's active index in the engine that the settings name."""
    from portico_knowledge.pgvector_connection import Connections
    from portico_knowledge.pgvector_engine import PgvectorEngine

    return HybridSearch(PgvectorEngine(Connections(_engine_place()), tenant, encoder_version=encoder_version))


def _engine_place() -> "Place":
    settings = GatewaySettings()
    if not settings.search_url:
        raise ConfigurationError("--engine needs PORTICO_SEARCH_URL")
    return engine_place(settings)


def _known_vectors(folder: Path, encoder_version: str) -> Mapping[str, Floats]:
    """Return the vectors of the index that stands there, if this encoder made them."""
    with contextlib.suppress(IndexUnfit):
        index = load_index(folder)
        if index.encoder_version == encoder_version:
            return known_vectors(index)
    return {}


def check(site: Path | None = None) -> int:
    """Print every problem of the built-in passages, or of a site's; 0 if none is an error."""
    folder = site or built_in_folder()
    with contextlib.closing(command_redactor()) as redactor:
        identifiers = check_identifiers(folder, find=redactor.find_spans)
    today = datetime.now(UTC).date()
    problems = [*check_passages(folder, today=today), *identifiers]
    for problem in problems:
        sys.stdout.write(f"{problem.file}:{problem.line}: {problem.level}: {problem.message} [{problem.code}]\n")
    counts = count_served(folder, today=today)
    kinds = ", ".join(f"{counts[kind]} {kind}" for kind in sorted(counts))
    sys.stdout.write(f"{counts.total()} topics served: {kinds}\n")
    errors = sum(problem.level == "error" for problem in problems)
    sys.stdout.write(f"{errors} errors, {len(problems) - errors} warnings\n")
    return 1 if errors else 0


def _from_file(source: Path) -> tuple[Passage, ...]:
    try:
        lines: Iterable[str] = source.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        raise ConfigurationError(f"{source} cannot be read as UTF-8 text") from None
    return read_passage_lines(lines, file=source)
