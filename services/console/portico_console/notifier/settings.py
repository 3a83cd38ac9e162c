"""Everything a site may set for the notifier, read once from the environment. The only reader of it here."""

from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from portico_core.transport import StoreTls


class NotifierSettings(StoreTls, BaseSettings):
    """Configuration of one notifier process; names shared with the gateway mean the same."""

    model_config = SettingsConfigDict(env_prefix="PORTICO_", frozen=True, extra="forbid", hide_input_in_errors=True)

    tenant: str = Field(
        default="demo", pattern=r"^[a-z0-9-]{1,32}$", description="Site id; part of every key and record."
    )
    redis_url: SecretStr = Field(
        default=SecretStr("redis://127.0.0.1:6379/0"), description="Redis or Valkey, with AOF always."
    )
    webhook_url: str = Field(
        default="", description="Where escalations are announced: https, or http on loopback. Required."
    )
    webhook_keys: SecretStr = Field(
        default=SecretStr(""),
        description='Keys that sign the bodies: `{"active": "w1", "keys": {"w1": "<base64 of 32 bytes>"}}`. Required.',
    )
    webhook_deadline_s: float = Field(default=5.0, gt=0, le=60, description="Deadline of one attempt.")
    webhook_attempts: int = Field(
        default=12, ge=1, le=100, description="Attempts before a notification is given up and listed as dead."
    )
    webhook_first_retry_s: float = Field(
        default=1.0, gt=0, le=60, description="Seconds before the second attempt; they double up to fifteen minutes."
    )
    webhook_at_once: int = Field(default=8, ge=1, le=64, description="Notifications sent at the same time.")
    notifier_metrics_port: int | None = Field(
        default=None, ge=0, le=65535, description="Port of the notifier's /metrics; without it there is none."
    )
    metrics_host: str = Field(default="127.0.0.1", description="Address of the metrics port.")
    heartbeat: Path | None = Field(
        default=None, description="File that is touched while the worker turns; a probe looks how old it is."
    )
