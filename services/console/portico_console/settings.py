"""Everything a site may set for the console, read once from the environment. The only reader of it here."""

from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from portico_core.transport import OwnTls, StoreTls


class ConsoleSettings(StoreTls, OwnTls, BaseSettings):
    """Configuration of one console process; names shared with the gateway mean the same."""

    model_config = SettingsConfigDict(env_prefix="PORTICO_", frozen=True, extra="forbid", hide_input_in_errors=True)

    tenant: str = Field(
        default="demo", pattern=r"^[a-z0-9-]{1,32}$", description="Site id; part of every key and record."
    )
    console_host: str = Field(default="127.0.0.1", description="Address to listen on.")
    console_port: int = Field(default=8081, ge=0, le=65535, description="Port of the console.")
    console_metrics_port: int | None = Field(
        default=None, ge=0, le=65535, description="Port of the console's /metrics; without it there is none."
    )
    metrics_host: str = Field(default="127.0.0.1", description="Address of the metrics port.")
    console_https: bool | None = Field(
        default=None, description="Browsers reach the console over TLS; default: everywhere but in demo mode."
    )
    demo: bool = Field(default=False, description="Offer the sign-in as a made-up clinician. Never in production.")
    state: Path = Field(default=Path(".portico"), description="Folder for keys and checkpoints.")
    redis_url: SecretStr = Field(
        default=SecretStr("redis://127.0.0.1:6379/0"), description="Redis or Valkey, with AOF always."
    )
    issuer: str = Field(default="http://127.0.0.1:8082", description="Issuer (`iss`) that signs access tokens.")
    audience: str = Field(default="portico", description="Audience (`aud`) that tokens must name.")
    jwks_url: str = Field(
        default="http://127.0.0.1:8082/.well-known/jwks.json", description="Where the issuer publishes its keys."
    )
    console_url: str = Field(default="", description="The console's address in browsers; sign-in comes back to it.")
    staff_client_id: str = Field(
        default="", description="This console's client id at the issuer; needed everywhere but in demo mode."
    )
    staff_client_key: Path | None = Field(
        default=None,
        description="Private JWK (P-384, RSA) for `private_key_jwt`; without it PKCE alone binds a code.",
    )
    staff_role_claim: str = Field(default="role", description="Claim of the identity token that holds the role.")
    staff_roles: str = Field(
        default="clinician=clinician,supervisor=supervisor,compliance=compliance",
        description="Which values of that claim mean which role; the first match counts, nobody else is let in.",
    )
    staff_acr: str = Field(
        default="",
        description="Sign-in classes (`acr`) that count as strong, with blanks between; without them `amr` must name a "
        "second factor (RFC 8176).",
    )
    session_idle_minutes: int = Field(default=15, ge=1, le=60, description="Idle minutes that end a session.")
    session_hours: int = Field(default=10, ge=1, le=24, description="Hours after which a session ends in any case.")
    break_glass_minutes: int = Field(
        default=15,
        ge=1,
        le=60,
        description="Minutes for which somebody who broke the glass may see the identifiers of a ticket.",
    )
    demo_token_url: str = Field(default="", description="Token endpoint of the development issuer; demo mode only.")
    tagger: Path = Field(
        default=Path("services/redaction/tagger"), description="Folder of the built tagger of names and places."
    )
    mrn_pattern: str = Field(
        default="",
        description="The site's own form of a medical record number, a regular expression; it is found without a cue.",
    )
    clinic_name: str = Field(default="Riverbend Clinic", description="Name shown to staff.")
    site: Path | None = Field(
        default=None,
        description="JSON file of the numbers that patients of this site call and of its own wording "
        "(docs/how-to/site.md); without it those of the United States.",
    )
    time_zone: str = Field(default="UTC", description="Time zone that tickets are shown in, such as `America/Chicago`.")
    pools: str = Field(
        default="nurses,physicians,pharmacists",
        pattern=r"^[a-z][a-z0-9_-]{0,30}(,[a-z][a-z0-9_-]{0,30})*$",
        description="Groups of staff that a ticket can be handed to, with commas between them.",
    )
    canned_replies: Path | None = Field(
        default=None,
        description='JSON list of {"title", "text"} offered when a reply is written; else the built-in ones.',
    )

    @property
    def https(self) -> bool:
        """Say whether cookies are bound to TLS."""
        return not self.demo if self.console_https is None else self.console_https
