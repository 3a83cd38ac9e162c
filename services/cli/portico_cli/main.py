"""The `portico` command. Each command imports what it needs when it runs, so that help and batch start-up are quick."""

import asyncio
import json
import logging
import sys
import warnings
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, Optional

import typer

from portico_cli.audit.app import audit_app
from portico_cli.keys import keys_app
from portico_cli.models import models_app
from portico_cli.options import DEFAULT_STATE, Engine, Reason, Site, State, Tenant
from portico_core.errors import PorticoError, describe_error
from portico_core.labels import Role
from portico_evaluation.suites import SuiteName
from portico_models.errors import ModelError

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
serve_app = typer.Typer(no_args_is_help=True, help="Run one service, configured by PORTICO_… variables.")
knowledge_app = typer.Typer(no_args_is_help=True, help="Approved passages: ingest, check, index, search.")
deliveries_app = typer.Typer(no_args_is_help=True, help="Notifications of escalations: dead letters, sending again.")
switch_app = typer.Typer(no_args_is_help=True, help="Kill switches: turn a route or a model off and on.")
reviews_app = typer.Typer(no_args_is_help=True, help="Was the guard right? What reviewers say.")
app.add_typer(reviews_app, name="reviews")
app.add_typer(switch_app, name="switch")
app.add_typer(deliveries_app, name="deliveries")
app.add_typer(serve_app, name="serve")
app.add_typer(knowledge_app, name="knowledge")
app.add_typer(models_app, name="models")
app.add_typer(audit_app, name="audit")
app.add_typer(keys_app, name="keys")

Triton = Annotated[Optional[str], typer.Option(help="gRPC address of a running Triton; without it a private one.")]  # noqa: UP045
Redis = Annotated[Optional[str], typer.Option(help="URL of a Redis or Valkey; without it a private one.")]  # noqa: UP045
Index = Annotated[Optional[Path], typer.Option(help="Folder of a passage index; without it the built-in one.")]  # noqa: UP045
SiteFolder = Annotated[Optional[Path], typer.Option("--site", help="Folder of a site's own topic files.")]  # noqa: UP045
MrnPattern = Annotated[Optional[str], typer.Option(help="The site's form of an MRN, a regular expression.")]  # noqa: UP045
SwitchName = Annotated[
    str, typer.Argument(help="route=answer|decline, model=safety_classifier|passage_encoder|responder")
]


@app.command()
def demo(
    port: int = 8080,
    state: State = DEFAULT_STATE,
    observe: Annotated[bool, typer.Option("--observe", help="Start Prometheus beside it, with the rules.")] = False,
    webhook: Annotated[str, typer.Option(help="Announce escalations to this address, as `serve notifier` does.")] = "",
) -> None:
    """Start Valkey, Triton, gateway, console and the development issuer on loopback."""
    from portico_cli.demo import run_demo

    raise typer.Exit(run_demo(port=port, state=state, observe=observe, webhook=webhook))


@app.command()
def token(state: State = DEFAULT_STATE, role: Role = Role.PATIENT, patient: str = "demo-patient") -> None:
    """Print a short-lived token of the running demo's development issuer."""
    from portico_cli.issuer import demo_issuer

    typer.echo(demo_issuer(state).sign(role, patient=patient))


@app.command()
def ask(
    text: str,
    url: str = "http://127.0.0.1:8080",
    state: State = DEFAULT_STATE,
    as_json: Annotated[bool, typer.Option("--json", help="Print the whole turn.")] = False,
) -> None:
    """Send one turn to a running gateway."""
    from portico_cli.ask import as_plain_text, ask_gateway

    turn = ask_gateway(text, url=url, state=state)
    typer.echo(json.dumps(turn, ensure_ascii=False, indent=2) if as_json else as_plain_text(turn))


@serve_app.command("gateway")
def serve_gateway() -> None:
    """The patient API."""
    from portico_cli.serve import run_gateway

    run_gateway()


@serve_app.command("console")
def serve_console() -> None:
    """The clinicians' console."""
    from portico_cli.serve import run_console

    run_console()


@serve_app.command("notifier")
def serve_notifier() -> None:
    """Announce escalations to the hospital's own systems: signed webhooks, with retries and a dead-letter list."""
    from portico_cli.notifier import run_notifier

    run_notifier()


@deliveries_app.command("list")
def deliveries_list(state: State = DEFAULT_STATE, redis: Site = None, tenant: Tenant = "demo") -> None:
    """Print what waits, and one JSON line for each notification that was given up."""
    from portico_cli.notifier import list_dead

    asyncio.run(list_dead(state, redis_url=redis, tenant=tenant))


@deliveries_app.command("resend")
def deliveries_resend(
    ids: Annotated[Optional[list[str]], typer.Argument(help="Ids of dead notifications; without any, all.")] = None,  # noqa: UP045
    state: State = DEFAULT_STATE,
    redis: Site = None,
    tenant: Tenant = "demo",
) -> None:
    """Send notifications again that were given up; every one leaves an audit record with your name."""
    from portico_cli.notifier import resend

    asyncio.run(resend(tuple(ids or ()), state, redis_url=redis, tenant=tenant))


@reviews_app.command("export")
def reviews_export(
    out: Annotated[Path, typer.Option(help="Folder for messages, preferences, drafts and ratings (.jsonl).")],
    state: State = DEFAULT_STATE,
    redis: Site = None,
    tenant: Tenant = "demo",
) -> None:
    """Write what reviewers say in the form that training reads, and print how far they agree; on record before."""
    from portico_cli.reviews import export

    asyncio.run(export(out, state, redis_url=redis, tenant=tenant))


@switch_app.command("off")
def switch_off(
    switch: SwitchName,
    reason: Reason,
    state: State = DEFAULT_STATE,
    redis: Site = None,
    tenant: Tenant = "demo",
) -> None:
    """Turn a route or a model off, at once: what it would have answered goes to a person."""
    from portico_cli.switches import turn

    asyncio.run(turn(switch, state, off=True, reason=reason, redis_url=redis, tenant=tenant))


@switch_app.command("on")
def switch_on(
    switch: SwitchName,
    reason: Reason,
    state: State = DEFAULT_STATE,
    redis: Site = None,
    tenant: Tenant = "demo",
) -> None:
    """Turn a route or a model on again."""
    from portico_cli.switches import turn

    asyncio.run(turn(switch, state, off=False, reason=reason, redis_url=redis, tenant=tenant))


@switch_app.command("list")
def switch_list(state: State = DEFAULT_STATE, redis: Site = None, tenant: Tenant = "demo") -> None:
    """Print what was turned off, by whom and why, as JSON lines."""
    from portico_cli.switches import show

    asyncio.run(show(state, redis_url=redis, tenant=tenant))


@serve_app.command("issuer", hidden=True)
def serve_issuer(state: State, port: Annotated[int, typer.Option()], issuer: Annotated[str, typer.Option()]) -> None:
    """The demo's development identity provider; loopback only."""
    from portico_cli.serve import run_issuer

    run_issuer(state, port=port, issuer=issuer)


@app.command()
def redact(mrn_pattern: MrnPattern = None) -> None:
    """Redact JSON lines {"text"}: the text with placeholders, and the spans found.

    One JSON line out for each line in, in order, as soon as it is done:
    {"text": "I am [NAME_1]", "spans": [{"start": 5, "end": 8, "type": "NAME", "score": 0.9}]}. Offsets count Unicode
    code points of the given text. Other keys are kept. A line that cannot be used gives {"error": …} in its place, and
    exit status 1 at the end. Each line is a conversation of its own: placeholders start at 1.
    """
    from portico_cli.commands import redact_lines

    _batch(lambda: redact_lines(mrn_pattern))


@app.command()
def classify(triton: Triton = None) -> None:
    """Classify JSON lines {"text"} or {"messages"}."""
    from portico_cli.commands import classify_lines

    _batch(lambda: classify_lines(triton))


@app.command("drift-reference")
def drift_reference() -> None:
    """Make the reference of drift from JSON lines {"label","confidence"}: of `portico classify`, or audit records."""
    from portico_gateway.drift import make_reference

    try:
        rows = [json.loads(line) for line in sys.stdin if line.strip()]
        reference = make_reference(row for row in rows if row.get("label"))
    except (ValueError, KeyError, TypeError, AttributeError):
        typer.echo('error: every line must be JSON with "label" and "confidence", one of them at least', err=True)
        raise typer.Exit(1) from None
    typer.echo(json.dumps(reference, indent=1))


@app.command()
def turns(triton: Triton = None, redis: Redis = None) -> None:
    """Take JSON lines {"text"} or {"messages"} through the whole pipeline."""
    from portico_cli.commands import turn_lines

    _batch(lambda: turn_lines(triton, redis))


@app.command()
def ground() -> None:
    """Say for JSON lines {"sentence","passages"} whether the passages support the sentence."""
    from portico_cli.commands import ground_lines

    _batch(ground_lines)


@app.command()
def evaluate(
    *,
    suite: Annotated[Optional[SuiteName], typer.Option(help="One suite; without it, all but choices.")] = None,  # noqa: UP045
    out: Annotated[Optional[Path], typer.Option(help="Folder for results.json and report.html.")] = None,  # noqa: UP045
    text: Annotated[
        Optional[list[Path]],  # noqa: UP045
        typer.Option(
            help='JSON lines to measure on as well: phi takes {"text","spans","source"?}, safety {"text","source"?} '
            'with "label", "allowed" or "must_not", choices {"question","options","answer_idx"}; may be given again.'
        ),
    ] = None,
    mrn_pattern: MrnPattern = None,
    triton: Triton = None,
    limit: Annotated[Optional[int], typer.Option(min=1, help="All but phi: rows of each set at most.")] = None,  # noqa: UP045
    gate: Annotated[bool, typer.Option("--gate", help="Exit with status 1 if a target is missed.")] = False,
    show_errors: Annotated[
        bool, typer.Option("--show-errors", help="Quote what was missed on standard error; for developers.")
    ] = False,
) -> None:
    """Run the evaluation suites: a table here, JSON and an HTML report with plots in --out."""
    from portico_cli.evaluate import EvaluateOptions
    from portico_cli.evaluate import evaluate as run

    options = EvaluateOptions(
        suite,
        out,
        tuple(text or ()),
        gate=gate,
        show_errors=show_errors,
        mrn_pattern=mrn_pattern,
        triton=triton,
        limit=limit,
    )
    raise typer.Exit(run(options))


@app.command()
def check(
    state: State = DEFAULT_STATE,
    url: Annotated[Optional[str], typer.Option(help="Address of the running gateway, to try its door.")] = None,  # noqa: UP045
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
) -> None:
    """Review the configuration and try every guard; exit 0 unless one failed.

    Of the installation that the PORTICO_… variables describe, else of the demo running in --state, else of this build
    on a private Triton and Valkey.
    """
    from portico_cli.selfcheck.command import check as run

    _batch(lambda: run(state, url=url, in_json=as_json))


@knowledge_app.command("index")
def knowledge_index(
    *,
    out: Annotated[Path, typer.Option(help="Folder of the index.")],
    source: Annotated[Optional[Path], typer.Option("--from", help="JSON lines of passages.")] = None,  # noqa: UP045
    site: SiteFolder = None,
    alone: Annotated[bool, typer.Option("--alone", help="The site's topics in place of the built-in ones.")] = False,
    triton: Triton = None,
    engine: Engine = False,
    tenant: Tenant = "demo",
) -> None:
    """Build an index of the built-in passages, with those of --site beside them or alone, or of --from.

    With --engine it is loaded there too and takes the place of the tenant's, once it is whole.
    """
    from portico_cli.knowledge import build, load, passages_of

    build(out, passages_of(source, site, alone=alone), triton=triton, for_engine=engine)
    if engine:
        load(out, tenant=tenant)


@knowledge_app.command("ingest")
def knowledge_ingest(
    *,
    files: Annotated[list[Path], typer.Argument(help="Documents, or folders of them.")],
    out: Annotated[Path, typer.Option(help="Folder of the site's topic files.")],
    source: Annotated[Optional[str], typer.Option(help="Source, for files that name none.")] = None,  # noqa: UP045
    url: Annotated[Optional[str], typer.Option(help="https address of --source.")] = None,  # noqa: UP045
    title: Annotated[Optional[str], typer.Option(help="Title, where the file's own will not do.")] = None,  # noqa: UP045
    replaces: Annotated[Optional[list[str]], typer.Option(help="Id of a topic served no more beside it.")] = None,  # noqa: UP045
    language: Annotated[str, typer.Option(help="Language of the documents.")] = "en",
) -> None:
    """Take a site's own documents in as drafts: Markdown, HTML, PDF, MedlinePlus XML, JSON lines.

    Exit status 1 if a file could not be read; the others are taken in. What identifies a person, speaks to a model or
    is there already is left out and named. No index changes: a person signs the drafts, then `knowledge index --site`.
    """
    from portico_cli.ingest import ingest, named_source
    from portico_knowledge.ingest.documents import Given

    given = Given(named_source(source, url), title, tuple(replaces or ()))
    raise typer.Exit(ingest(files, out, given, language=language))


@knowledge_app.command("search")
def knowledge_search(
    index: Index = None,
    k: Annotated[int, typer.Option("-k")] = 10,
    triton: Triton = None,
    engine: Engine = False,
    tenant: Tenant = "demo",
) -> None:
    """Find passages for JSON lines {"question"}."""
    from portico_cli.commands import search_lines

    _batch(lambda: search_lines(index, k, triton, tenant=tenant if engine else None))


@knowledge_app.command("check")
def knowledge_check(site: SiteFolder = None) -> None:
    """Check every built-in passage, or those of --site."""
    from portico_cli.knowledge import check

    raise typer.Exit(check(site))


def _batch(command: Callable[[], Awaitable[int]]) -> None:
    """Run a batch command. Its libraries log nothing: what they say on standard error may quote a line."""
    logging.getLogger().addHandler(logging.NullHandler())
    logging.raiseExceptions = False
    warnings.simplefilter("ignore")

    async def run() -> int:
        return await command()

    raise typer.Exit(asyncio.run(run()))


def main() -> None:
    """Run a command; an expected failure is one line on standard error and exit status 1."""
    try:
        app()
    except (PorticoError, ModelError) as error:
        sys.stderr.write(f"error: {error}\n")
        raise SystemExit(1) from None
    except KeyboardInterrupt:
        raise SystemExit(130) from None
    except Exception as error:  # Its text may hold what stood in a line; a traceback would print it.
        sys.stderr.write(f"error: {PorticoError.public_message} ({describe_error(error)})\n")
        raise SystemExit(1) from None


if __name__ == "__main__":
    main()
