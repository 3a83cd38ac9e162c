"""Everything a site may set, read once from the environment (`PORTICO_…`). The only reader of the environment here."""

from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from portico_core.labels import Label
from portico_core.transport import OwnTls, StoreTls, TlsFiles


class GatewaySettings(StoreTls, OwnTls, BaseSettings):
    """Configuration of one gateway process; unknown keys in a settings file stop the start-up."""

    model_config = SettingsConfigDict(env_prefix="PORTICO_", frozen=True, extra="forbid", hide_input_in_errors=True)

    tenant: str = Field(
        default="demo", pattern=r"^[a-z0-9-]{1,32}$", description="Site id; part of every key and record."
    )
    host: str = Field(default="127.0.0.1", description="Address to listen on.")
    port: int = Field(default=8080, ge=0, le=65535, description="Port of the patient API.")
    metrics_port: int | None = Field(
        default=None,
        ge=0,
        le=65535,
        description="Port of /metrics alone; without it the patient API serves it too. Set it in production.",
    )
    metrics_host: str = Field(default="127.0.0.1", description="Address of the metrics port.")
    demo: bool = Field(
        default=False, description="Serve the demo portal and the development token endpoint. Never in production."
    )
    state: Path = Field(default=Path(".portico"), description="Folder for keys, checkpoints and the refusal spool.")
    redis_url: SecretStr = Field(
        default=SecretStr("redis://127.0.0.1:6379/0"), description="Redis or Valkey, with AOF always."
    )
    trust_durability: bool = Field(
        default=False, description="Skip the check that appendfsync is `always`, where CONFIG is not permitted."
    )
    triton_url: str = Field(
        default="127.0.0.1:8001", description="Triton's gRPC address, `host:port`, or `grpcs://host:port` over TLS."
    )
    triton_ca_file: Path | None = Field(
        default=None, description="PEM of the only authorities that Triton's certificate may come from (`grpcs://`)."
    )
    triton_cert_file: Path | None = Field(default=None, description="PEM of our client certificate for Triton.")
    triton_key_file: Path | None = Field(default=None, description="PEM of its private key, without a passphrase.")
    responder_url: str = Field(
        default="",
        description="Base address of an OpenAI-compatible endpoint that drafts instead of Triton's `responder`, "
        "such as `https://nim.internal/v1`; empty: Triton. Raise the two deadlines with it (docs/how-to/endpoint.md).",
    )
    responder_hosts: str = Field(
        default="", description="Hosts that may be asked for drafts, with commas; that of the address must be one."
    )
    responder_model: str = Field(
        default="", pattern=r"^[\w./:@-]{0,128}$", description="Name of the model at that endpoint."
    )
    responder_key_file: Path | None = Field(
        default=None, description="File with the endpoint's bearer key; read for every call, so it can be exchanged."
    )
    responder_ca_file: Path | None = Field(
        default=None, description="File with the certificates (PEM) to trust there instead of the system's."
    )
    knowledge_index: Path = Field(default=Path("services/knowledge/index"), description="Folder of the passage index.")
    search_url: str = Field(
        default="",
        description="PostgreSQL with pgvector that holds the passages instead of this process, "
        "`postgresql://user@host:5432/database` (docs/how-to/search-engine.md); TLS, unless it ends in "
        "`?sslmode=disable`. Empty: the folder above.",
    )
    search_password_file: Path | None = Field(
        default=None, description="File with its password; read for every new connection, so it can be exchanged."
    )
    search_ca_file: Path | None = Field(
        default=None, description="PEM of the only authorities that its certificate may come from."
    )
    search_cert_file: Path | None = Field(default=None, description="PEM of our client certificate for it.")
    search_key_file: Path | None = Field(default=None, description="PEM of its private key, without a passphrase.")
    search_deadline_s: float = Field(
        default=1.0, gt=0, le=10, description="Deadline of one question to it, of which a search has three."
    )
    search_connections: int = Field(default=8, ge=1, le=256, description="Most connections of one process to it.")
    model_repository: Path = Field(
        default=Path("model_repository"), description="Folder whose manifests name versions and thresholds."
    )
    issuer: str = Field(default="http://127.0.0.1:8082", description="Issuer (`iss`) that signs access tokens.")
    audience: str = Field(default="portico", description="Audience (`aud`) that tokens must name.")
    jwks_url: str = Field(
        default="http://127.0.0.1:8082/.well-known/jwks.json", description="Where the issuer publishes its keys."
    )
    portal_clients: Path | None = Field(
        default=None,
        description='JSON file `{"client id": {"keys": [public JWK]}}` of portals that may ask for widget tokens '
        "(POST /v1/tokens); without it there is no such route.",
    )
    tokens_per_minute: int = Field(default=600, ge=1, le=100_000, description="Widget tokens one portal gets a minute.")
    launch_servers: str = Field(
        default="",
        description="FHIR base addresses that may launch the assistant (SMART App Launch), with commas; a second one "
        "needs a name for its patients: `https://ehr.example.org/fhir,west=https://…`. None: no such routes.",
    )
    launch_client_id: str = Field(default="", description="Our client id at the launch servers.")
    launch_client_key: Path | None = Field(
        default=None,
        description="File with our private JWK (P-384 or RSA) for `private_key_jwt`; without it a public client.",
    )
    public_url: str = Field(
        default="",
        pattern=r"^(https://[a-z0-9.-]+(:[0-9]{1,5})?|http://(localhost|127\.0\.0\.1)(:[0-9]{1,5})?)?$",
        description="Origin of this gateway as browsers see it; `<public url>/smart/callback` is the redirect address.",
    )
    launch_session_minutes: int = Field(
        default=30, ge=5, le=120, description="Life of a session that a launch began; then it is launched again."
    )
    answered_speakers: str = Field(
        default="self",
        pattern=r"^(self|proxy|minor)(,(self|proxy|minor))*$",
        description="Whose questions may be answered: `self`, `proxy`, `minor`. Everybody else's go to a person.",
    )
    adult_age: int = Field(default=18, ge=0, le=21, description="Age from which a token's `birthdate` is an adult's.")
    required_scopes: str = Field(
        default="portico.chat",
        pattern=r"^[!#-\[\]-~]*( [!#-\[\]-~]+)*$",
        description="Scopes (RFC 6749, 3.3) that an access token must carry, all of them, with blanks between.",
    )
    console_url: str = Field(default="", description="Link to the clinician console, shown on the demo page.")
    demo_token_url: str = Field(default="", description="Token endpoint of the development issuer; demo mode only.")
    allowed_origins: str = Field(
        default="", description="Origins of the portal whose pages may use the API, with commas; none: our own only."
    )
    frame_ancestors: str = Field(
        default="", description="Origins whose pages may show ours in a frame, with commas; none: nobody."
    )
    clinic_name: str = Field(default="Riverbend Clinic", description="Name shown to patients.")
    clinic_phone: str = Field(
        default="+1-555-0100", pattern=r"^\+?[0-9-]{7,20}$", description="Number of the care team."
    )
    site: Path | None = Field(
        default=None,
        description="JSON file of the numbers that patients of this site call and of its own wording "
        "(docs/how-to/site.md); without it those of the United States.",
    )
    policy_version: str = Field(default="2026-11-23", description="Route policy's version, recorded with every turn.")
    answer_threshold: float | None = Field(
        default=None, ge=0, le=1, description="Least confidence to answer; default from the model's manifest."
    )
    attack_threshold: float | None = Field(
        default=None, ge=0, le=1, description="Least confidence to decline an attack; default from the manifest."
    )
    out_of_scope_threshold: float | None = Field(
        default=None, ge=0, le=1, description="Least confidence to decline what is out of scope; default likewise."
    )
    classify_deadline_s: float = Field(
        default=1.2,
        gt=0,
        le=10,
        description="Deadline of one classifier call; 4,000 characters take .65 s of a core.",
    )
    encode_deadline_s: float = Field(default=0.8, gt=0, le=10, description="Deadline of one encoder call.")
    respond_deadline_s: float = Field(default=2.0, gt=0, le=60, description="Deadline of one responder call.")
    answer_within_s: float = Field(
        default=3.0,
        gt=0,
        le=120,
        description="Deadline of verdict and answer together: each call gets what is left of it.",
    )
    audit_deadline_s: float = Field(
        default=1.2,
        gt=0,
        le=10,
        description="Deadline of one audit append, its one repeat included; with a store that hangs it is most of the "
        "wait for the fixed text, which is to come within two seconds.",
    )
    redact_deadline_s: float = Field(
        default=1.0, gt=0, le=10, description="Deadline of redaction; beyond it the turn is refused."
    )
    tagger: Path = Field(
        default=Path("services/redaction/tagger"), description="Folder of the built tagger of names and places."
    )
    mrn_pattern: str = Field(
        default="",
        description="The site's own form of a medical record number, a regular expression; it is found without a cue.",
    )
    receive_deadline_s: float = Field(
        default=7.0, gt=0, le=60, description="Deadline for a client to send its whole request body."
    )
    min_concurrent_turns: int = Field(
        default=4, ge=1, le=1024, description="Turns in flight that are always allowed; the adaptive limit's floor."
    )
    max_concurrent_turns: int = Field(
        default=32, ge=1, le=1024, description="Turns in flight before new ones are shed with 503; its ceiling."
    )
    reserved_turns: int = Field(
        default=8, ge=1, le=256, description="Further places for emergencies and crises that a rule can see."
    )
    turns_of_one_patient: int = Field(
        default=3, ge=1, le=1024, description="Turns of one patient in flight before 429; emergencies do not count."
    )
    patient_per_minute: float = Field(
        default=60, gt=0, le=1e6, description="Requests of one patient a minute before 429; half can be saved up."
    )
    tenant_per_second: float = Field(
        default=200,
        gt=0,
        le=1e6,
        description="Requests of the whole site a second before 429; ten seconds' worth can be saved up.",
    )
    address_per_second: float = Field(
        default=0,
        ge=0,
        le=1e6,
        description="Requests of one address a second before 429, ten seconds' worth saved "
        "up; 0: no limit. Set it only where clients' own addresses arrive (`PORTICO_TRUSTED_PROXIES`).",
    )
    trusted_proxies: str = Field(
        default="",
        pattern=r"^[0-9a-fA-F.:/, ]*$",
        description="Addresses or networks, with commas, whose `X-Forwarded-For` is believed.",
    )
    education_url: str = Field(
        default="https://medlineplus.gov/",
        pattern=r"^https://",
        description="Where patients can read while answers are switched off.",
    )
    switched_off: str = Field(
        default="",
        description="Kill switches that are off from the start, with commas: `route=answer,model=responder`.",
    )
    reply_hours_routine: float = Field(default=24, gt=0, description="Hours until a routine escalation is answered.")
    reply_hours_urgent: float = Field(default=1, gt=0, description="Hours until an urgent escalation is answered.")
    reply_hours_immediate: float = Field(default=0.25, gt=0, description="Hours until an immediate one is answered.")
    resolve_hours_routine: float = Field(default=72, gt=0, description="Hours until a routine escalation is settled.")
    resolve_hours_urgent: float = Field(default=24, gt=0, description="Hours until an urgent escalation is settled.")
    resolve_hours_immediate: float = Field(default=8, gt=0, description="Hours until an immediate one is settled.")
    business_hours: str = Field(
        default="",
        description="When routine clocks run, such as `mon-fri 08:00-17:00`; without it they always run. Urgent and "
        "immediate clocks never stop.",
    )
    time_zone: str = Field(default="UTC", description="Time zone of the business hours, such as `America/Chicago`.")
    holidays: str = Field(default="", description="Days without business hours, with commas: `2026-12-25,2027-01-01`.")

    def triton_tls(self) -> TlsFiles:
        """Return the files for the connections to Triton."""
        return TlsFiles("PORTICO_TRITON", self.triton_ca_file, self.triton_cert_file, self.triton_key_file)

    def search_tls(self) -> TlsFiles:
        """Return the files for the connections to the search engine."""
        return TlsFiles("PORTICO_SEARCH", self.search_ca_file, self.search_cert_file, self.search_key_file)

    def site_thresholds(self) -> dict[Label, float]:
        """Return the thresholds that the site sets itself; the others are those of the model's manifest."""
        given = {
            Label.INFORMATIONAL: self.answer_threshold,
            Label.ATTACK: self.attack_threshold,
            Label.OUT_OF_SCOPE: self.out_of_scope_threshold,
        }
        return {label: value for label, value in given.items() if value is not None}
