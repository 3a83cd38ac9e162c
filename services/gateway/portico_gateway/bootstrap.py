"""The composition root: settings in, application out. The only place where ports meet their adapters."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from prometheus_client import start_http_server
from starlette.applications import Starlette
from starlette.types import ASGIApp

from portico_core.clocks import ReplyTimes, parse_business_hours
from portico_core.draining import Drain
from portico_core.errors import ConfigurationError, PorticoError, StateUnavailable
from portico_core.labels import Label, LimitScope, Speaker, Urgency
from portico_core.model_versions import FILE_NAME as IN_FORCE
from portico_core.model_versions import InForce, parse_in_force
from portico_core.site import read_site
from portico_core.switches import Switch, parse_switches
from portico_core.verdict import RoutePolicy, thresholds_by_label
from portico_gateway.adapters.engine_search import GuardedSearch
from portico_gateway.adapters.openai_responder import Endpoint, OpenAiResponder
from portico_gateway.adapters.site_switches import SiteSwitches
from portico_gateway.adapters.triton import Deadlines, TritonModels
from portico_gateway.drift import REFERENCE, show_reference
from portico_gateway.gauges import show_audit, show_deliveries, show_queue, show_spool
from portico_gateway.guards.validate import AnswerValidator
from portico_gateway.logs import describe_error, log
from portico_gateway.metrics import Metrics
from portico_gateway.pipeline import Parts
from portico_gateway.ports import PassageSearch
from portico_gateway.settings import GatewaySettings
from portico_gateway.suggesting import Suggester
from portico_gateway.texts import SiteTexts
from portico_gateway.web.admission import TurnSlots
from portico_gateway.web.app import Site, build_app
from portico_gateway.web.concurrency import GradientLimit
from portico_gateway.web.health import Readiness
from portico_gateway.web.identity import TokenVerifier
from portico_gateway.web.launch_pages import LaunchPages
from portico_gateway.web.launch_servers import parse_servers
from portico_gateway.web.launch_sessions import LaunchSessions
from portico_gateway.web.launching import LaunchClient, Launching
from portico_gateway.web.origins import parse_origins
from portico_gateway.web.patient_api import PatientApi
from portico_gateway.web.rehearsal import Rehearsal
from portico_gateway.web.token_exchange import TokenExchange
from portico_gateway.web.widget_tokens import WidgetTokens
from portico_identity.client_assertions import ClientAssertions, load_clients
from portico_identity.client_key import load_client_key
from portico_identity.demo_mode import refuse_demo_beyond_loopback
from portico_identity.issuer_keys import IssuerKeys
from portico_identity.tokens import Expected, IssuerTokens
from portico_redaction.engine import Redactor
from portico_redaction.opening import open_redactor
from portico_state.checkpoints import CheckpointLog
from portico_state.client import Store, open_store
from portico_state.conversations import Conversations
from portico_state.escalations import Escalations
from portico_state.idempotency import Idempotency
from portico_state.keyring import Keyring
from portico_state.limits import Bucket, Limits
from portico_state.redis_audit import AuditLimits, RedisAudit
from portico_state.spool import RefusalSpool
from portico_state.suggestions import Suggestions
from portico_state.switches import Switches
from portico_state.vault import Vault

VERSION = "0.1.0"
HOUSEKEEPING_S = 2.0
UNFINISHED_S = 120.0
MODELS = ("safety_classifier", "passage_encoder", "responder")


@dataclass(frozen=True, slots=True)
class SearchSetting:
    """The passage search, the least score at which a passage is good enough to answer from, and its topics.

    With `renew` the passages stand on a server: it opens the active index there, and `close` drops the connections.
    """

    search: PassageSearch
    good_enough: float
    topics: tuple[str, ...] = ()
    renew: Callable[[], None] | None = None
    close: Callable[[], None] | None = None


@dataclass(frozen=True, slots=True)
class Gateway:
    """Everything one gateway process holds; `parts` alone serve the batch command."""

    settings: GatewaySettings
    parts: Parts
    store: Store
    audit: RedisAudit
    conversations: Conversations
    vault: Vault
    keyring: Keyring
    refusals: RefusalSpool
    models: TritonModels
    redactor: Redactor
    endpoint: OpenAiResponder | None = None
    engine: GuardedSearch | None = None

    async def close(self) -> None:
        """End the chain with a checkpoint and close every connection."""
        await self.audit.close()
        await self.models.__aexit__(None, None, None)
        if self.endpoint is not None:
            await self.endpoint.__aexit__(None, None, None)
        if self.engine is not None:
            self.engine.close()
        await self.store.close()
        self.redactor.close()


async def open_gateway(settings: GatewaySettings, search: SearchSetting) -> Gateway:
    """Connect the adapters; raise ConfigurationError when something is missing or unfit."""
    if settings.demo:
        refuse_demo_beyond_loopback((settings.host, settings.issuer, settings.jwks_url, settings.demo_token_url))
    in_force = _in_force(settings.model_repository)
    endpoint = endpoint_of(settings)
    served = MODELS if endpoint is None else MODELS[:-1]
    manifests = {name: _manifest(settings.model_repository, name, in_force) for name in served}
    keyring = Keyring.load(settings.state / "keys.json")
    store = open_store(settings.redis_url.get_secret_value(), tenant=settings.tenant, tls=settings.redis_tls())
    with contextlib.suppress(StateUnavailable):  # Redis may come later; one that forgets is refused now.
        await store.verify_durability(trust_durability=settings.trust_durability)
    checkpoints = CheckpointLog(settings.state / "checkpoints", keyring=keyring, tenant=settings.tenant)
    limits = AuditLimits(deadline_s=settings.audit_deadline_s)
    metrics = Metrics()
    audit = await RedisAudit.start(
        store, keyring=keyring, checkpoints=checkpoints, limits=limits, observe=metrics.count_record
    )
    vault, conversations = Vault(store, keyring), Conversations(store)
    refusals = RefusalSpool(settings.state / "spool", keyring=keyring, tenant=settings.tenant)
    redactor = open_redactor(
        settings.tagger, mrn_pattern=settings.mrn_pattern or None, deadline_s=settings.redact_deadline_s
    )
    models = _triton(settings, manifests, in_force)
    responder = OpenAiResponder(endpoint) if endpoint else None
    engine = GuardedSearch(search.search, search.renew, search.close) if search.renew and search.close else None
    parts = Parts(
        tenant=settings.tenant,
        policy=_policy(settings, manifests["safety_classifier"]),
        models={name: str(manifest["version"]) for name, manifest in manifests.items()}
        | ({"responder": endpoint.version} if endpoint else {}),
        good_enough=search.good_enough,
        redactor=redactor,
        classifier=models,
        encoder=models,
        search=engine or search.search,
        responder=responder or models,
        validator=AnswerValidator(find_spans=redactor.find_spans_in_time, find_subjects=search.search.subjects),
        audit=audit,
        refusals=refusals,
        vault=vault,
        window=conversations,
        switches=SiteSwitches(parse_switches(settings.switched_off), Switches(store)),
        texts=open_texts(settings),
        reply_times=_reply_times(settings),
        metrics=metrics,
        answer_within_s=settings.answer_within_s,
    )
    _show_versions(parts, settings)
    metrics.fill_topics(search.topics)
    return Gateway(
        settings, parts, store, audit, conversations, vault, keyring, refusals, models, redactor, responder, engine
    )


def build_gateway_app(gateway: Gateway, *, widget: Path, drain: Drain) -> ASGIApp:
    """Return the ASGI application of an opened gateway; its lifespan runs the housekeeping and closes it.

    Once `drain` has begun it is not ready and takes no new turn.
    """
    settings, parts = gateway.settings, gateway.parts
    api = PatientApi(
        parts=parts,
        tokens=open_tokens(settings, widget=_widget_tokens(gateway)),
        slots=_slots(settings, parts.metrics, drain),
        limits=_limits(settings, gateway.store),
        store=gateway.store,
        audit=gateway.audit,
        conversations=gateway.conversations,
        idempotency=Idempotency(gateway.store),
        vault=gateway.vault,
        keyring=gateway.keyring,
        suggester=Suggester(parts, Suggestions(gateway.store)),
        receive_deadline_s=settings.receive_deadline_s,
        drain=drain,
        answered=_answered(settings),
    )
    readiness = Readiness(
        store=gateway.store,
        redactor=parts.redactor,
        classifier=parts.classifier,
        encoder=parts.encoder,
        metrics=parts.metrics,
        switches=parts.switches,
        trust_durability=settings.trust_durability,
        drain=drain,
        rehearsal=Rehearsal.of(parts),
        renew_search=gateway.engine.renew if gateway.engine else None,
    )

    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        keeper = asyncio.create_task(_keep_house(gateway, readiness))
        if settings.metrics_port is not None:
            start_http_server(settings.metrics_port, addr=settings.metrics_host, registry=parts.metrics.registry)
        try:
            yield
        finally:
            keeper.cancel()
            await api.slots.drain()
            await api.suggester.finish()
            await gateway.close()

    return build_app(
        api,
        site=_pages(settings, widget, parts.texts),
        readiness=readiness,
        metrics=parts.metrics,
        lifespan=lifespan,
        exchange=_token_exchange(gateway),
        launching=_launching(gateway),
    )


def open_texts(settings: GatewaySettings) -> SiteTexts:
    """Return the site's fixed texts; raise ConfigurationError where they lack a number."""
    site = read_site(settings.site)
    name = site.clinic.name if site.clinic else settings.clinic_name
    phone = site.clinic.phone if site.clinic else settings.clinic_phone
    return SiteTexts(name, phone, settings.education_url, site)


def _pages(settings: GatewaySettings, widget: Path, texts: SiteTexts) -> Site:
    return Site(
        version=VERSION,
        widget=widget,
        model_card=settings.model_repository / "safety_classifier" / "MODEL_CARD.md",
        demo=settings.demo,
        console_url=settings.console_url,
        demo_token_url=settings.demo_token_url,
        texts=texts,
        metrics_here=settings.metrics_port is None,
        allowed_origins=parse_origins(settings.allowed_origins),
        frame_ancestors=parse_origins(settings.frame_ancestors),
    )


def _widget_tokens(gateway: Gateway) -> WidgetTokens:
    return WidgetTokens(gateway.keyring.vault, gateway.settings.tenant)


def _answered(settings: GatewaySettings) -> frozenset[Speaker]:
    return frozenset(Speaker(name) for name in settings.answered_speakers.split(","))


def _token_exchange(gateway: Gateway) -> TokenExchange | None:
    """Return the way to widget tokens, where portals are registered."""
    settings = gateway.settings
    if settings.portal_clients is None:
        return None
    return TokenExchange(
        assertions=ClientAssertions(load_clients(settings.portal_clients), settings.audience),
        tokens=_widget_tokens(gateway),
        store=gateway.store,
        audit=gateway.audit,
        keyring=gateway.keyring,
        per_minute=settings.tokens_per_minute,
        receive_deadline_s=settings.receive_deadline_s,
    )


def _launching(gateway: Gateway) -> Launching | None:
    """Return the way in by SMART App Launch, where servers may launch us; raise ConfigurationError for half of it."""
    settings = gateway.settings
    servers = parse_servers(settings.launch_servers)
    if not servers:
        return None
    if not settings.launch_client_id or not settings.public_url:
        raise ConfigurationError("PORTICO_LAUNCH_SERVERS needs PORTICO_LAUNCH_CLIENT_ID and PORTICO_PUBLIC_URL")
    key = load_client_key(settings.launch_client_key) if settings.launch_client_key else None
    return Launching(
        servers,
        LaunchClient(settings.launch_client_id, settings.public_url, key),
        LaunchSessions(gateway.store, gateway.keyring.vault, settings.launch_session_minutes * 60),
        tokens=_widget_tokens(gateway),
        audit=gateway.audit,
        keyring=gateway.keyring,
        limits=_limits(settings, gateway.store),
        pages=LaunchPages(gateway.parts.texts),
    )


def open_tokens(settings: GatewaySettings, *, widget: WidgetTokens | None = None) -> TokenVerifier:
    """Return the verifier of the tokens that this gateway accepts; the issuer's keys are read when one comes."""
    scopes = frozenset(settings.required_scopes.split())
    expected = Expected(settings.issuer, settings.audience, scopes=scopes, tenant=settings.tenant)
    tokens = IssuerTokens(expected, IssuerKeys(settings.jwks_url))
    return TokenVerifier(tokens, widget=widget, adult_age=settings.adult_age)


async def _keep_house(gateway: Gateway, readiness: Readiness) -> None:
    """Replay spooled refusals, and keep the gauges of queue and dependencies true."""
    escalations, metrics = Escalations(gateway.store, gateway.audit), gateway.parts.metrics
    while True:
        try:
            waiting = await show_spool(gateway.refusals, metrics)
            await readiness.states()
            off = await gateway.parts.switches.off()
            for switch in Switch:
                metrics.switched_off.labels(switch.value).set(switch in off)
            await gateway.audit.abandon_unfinished(older_than_s=UNFINISHED_S)
            if waiting:
                report = await gateway.refusals.replay(gateway.audit)
                log("refusals_replayed", replayed=report.replayed, duplicates=report.duplicates)
                metrics.count_replay(report)
                await show_spool(gateway.refusals, metrics)
            await show_queue(escalations, metrics)
            await show_audit(gateway.store, metrics, keyring=gateway.keyring)
            await show_deliveries(gateway.store, metrics)
        except PorticoError as error:
            log("housekeeping_waits", level=30, error=type(error).__name__)
        except Exception as error:  # Without it nothing would be replayed and no gauge be true for the process's life.
            log("housekeeping_failed", level=50, error=describe_error(error))
        await asyncio.sleep(HOUSEKEEPING_S)


def _show_versions(parts: Parts, settings: GatewaySettings) -> None:
    """Say in the metrics what is in force: release, models, policy, and what drift is measured against."""
    metrics = parts.metrics
    metrics.build_info.labels("gateway", VERSION).set(1)
    metrics.policy_info.labels(parts.policy.version).set(1)
    for model, version in parts.models.items():
        metrics.model_info.labels(model, version).set(1)
    if not show_reference(settings.model_repository / "safety_classifier" / REFERENCE, metrics):
        log("drift_reference_missing", level=30)


def _slots(settings: GatewaySettings, metrics: Metrics, drain: Drain) -> TurnSlots:
    limit = GradientLimit(least=settings.min_concurrent_turns, most=settings.max_concurrent_turns)
    reserved, of_one = settings.reserved_turns, settings.turns_of_one_patient
    return TurnSlots(limit, reserved=reserved, of_one_patient=of_one, metrics=metrics, drain=drain)


def _limits(settings: GatewaySettings, store: Store) -> Limits:
    patient_s, tenant_s = settings.patient_per_minute / 60, settings.tenant_per_second
    address_s = settings.address_per_second
    buckets = {
        LimitScope.PATIENT: Bucket(patient_s, max(1, 30 * patient_s)),
        LimitScope.TENANT: Bucket(tenant_s, max(1, 10 * tenant_s)),
    }
    if address_s:
        buckets[LimitScope.ADDRESS] = Bucket(address_s, max(1, 10 * address_s))
    return Limits(store, buckets)


def _triton(settings: GatewaySettings, manifests: Mapping[str, Mapping[str, Any]], in_force: InForce) -> TritonModels:
    deadlines = Deadlines(settings.classify_deadline_s, settings.encode_deadline_s, settings.respond_deadline_s)
    version = f"safety_classifier/{manifests['safety_classifier']['version']}"
    return TritonModels(
        settings.triton_url, deadlines=deadlines, classifier_version=version, in_force=in_force,
        tls=settings.triton_tls(),
    )  # fmt: skip


def endpoint_of(settings: GatewaySettings) -> Endpoint | None:
    """Return the endpoint that drafts instead of Triton, where the site names one."""
    if not settings.responder_url:
        return None
    return Endpoint(
        url=settings.responder_url,
        model=settings.responder_model,
        hosts=frozenset(host.strip().lower() for host in settings.responder_hosts.split(",") if host.strip()),
        deadline_s=settings.respond_deadline_s,
        key_file=settings.responder_key_file,
        ca_file=settings.responder_ca_file,
        connections=settings.max_concurrent_turns + settings.reserved_turns,
    )


def _policy(settings: GatewaySettings, manifest: Mapping[str, Any]) -> RoutePolicy:
    try:
        calibrated = thresholds_by_label(manifest.get("thresholds", {}))
        return RoutePolicy(settings.policy_version, calibrated | settings.site_thresholds())
    except (KeyError, TypeError, ValueError):
        raise ConfigurationError(
            "the safety classifier's manifest names no sound thresholds: run `portico models build`"
        ) from None


def _reply_times(settings: GatewaySettings) -> ReplyTimes:
    return ReplyTimes(
        {
            Urgency.ROUTINE: settings.reply_hours_routine,
            Urgency.URGENT: settings.reply_hours_urgent,
            Urgency.IMMEDIATE: settings.reply_hours_immediate,
        },
        {
            Urgency.ROUTINE: settings.resolve_hours_routine,
            Urgency.URGENT: settings.resolve_hours_urgent,
            Urgency.IMMEDIATE: settings.resolve_hours_immediate,
        },
        parse_business_hours(settings.business_hours, zone=settings.time_zone, holidays=settings.holidays),
    )


def _in_force(repository: Path) -> InForce:
    """Read which versions of the models are in force; the first ones, where nothing was promoted."""
    try:
        return parse_in_force((repository / IN_FORCE).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return InForce()
    except (OSError, ValueError):
        raise ConfigurationError(f"{IN_FORCE} of the model repository is unreadable") from None


def _manifest(repository: Path, model: str, in_force: InForce) -> Mapping[str, Any]:
    path = repository / model / str(in_force.number_of(model)) / "manifest.json"
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise ConfigurationError(f"no usable manifest of {model}: run `portico models build`") from None
    if model == "safety_classifier" and manifest.get("labels") != [label.value for label in Label]:
        raise ConfigurationError("the safety classifier's label order is not the one of this release")
    return dict(manifest)
