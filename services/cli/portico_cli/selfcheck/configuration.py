"""What the settings alone say: nothing is opened, no value that could be a secret is printed."""

import json
import stat
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from cryptography.x509 import load_pem_x509_certificates

from portico_cli.selfcheck.findings import Finding, Grade
from portico_core.errors import ConfigurationError
from portico_core.verdict import thresholds_by_label
from portico_gateway.bootstrap import open_texts
from portico_gateway.settings import GatewaySettings
from portico_models.artefacts import MANIFEST, read_manifest
from portico_models.check import MODELS
from portico_models.errors import ModelCheckError
from portico_models.versions import folder_in_force
from portico_state.keyring import Keyring

GROUP = "configuration"
RENEW_DAYS = 14
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}
_Review = Callable[[GatewaySettings], Finding]


def review(settings: GatewaySettings) -> list[Finding]:
    """Return one finding for each rule about settings and files."""
    return [rule(settings) for rule in _RULES]


def _demo_mode(settings: GatewaySettings) -> Finding:
    if settings.demo:
        return Finding(GROUP, "demo mode", Grade.WARN, "on: development tokens are accepted; never in production")
    return Finding(GROUP, "demo mode", Grade.PASS, "off")


def _identity(settings: GatewaySettings) -> Finding:
    plain = [name for name in ("issuer", "jwks_url") if not _is_protected(getattr(settings, name), "https")]
    if plain:
        return Finding(GROUP, "identity provider", Grade.FAIL, f"without TLS beyond loopback: {', '.join(plain)}")
    return Finding(GROUP, "identity provider", Grade.PASS, "issuer and keys are read over TLS, or on loopback")


def _store_transport(settings: GatewaySettings) -> Finding:
    if _is_protected(settings.redis_url.get_secret_value(), "rediss"):
        return Finding(GROUP, "store transport", Grade.PASS, "TLS, or loopback")
    return Finding(GROUP, "store transport", Grade.WARN, "without TLS beyond loopback: it holds redacted text")


def _model_transport(settings: GatewaySettings) -> Finding:
    address = settings.triton_url if "://" in settings.triton_url else f"grpc://{settings.triton_url}"
    if _is_protected(address, "grpcs"):
        return Finding(GROUP, "model transport", Grade.PASS, "TLS, or loopback")
    return Finding(GROUP, "model transport", Grade.WARN, "without TLS beyond loopback: redacted text passes there")


def _certificates(settings: GatewaySettings) -> Finding:
    """Look how long each certificate that the settings name is still good; of a chain, the first to end counts."""
    files = (settings.redis_tls(), settings.triton_tls(), settings.own_tls())
    named = [path for each in files for path in (each.ca, each.certificate) if path]
    try:
        ends = [c.not_valid_after_utc for path in named for c in load_pem_x509_certificates(path.read_bytes())]
    except (OSError, ValueError):
        return Finding(GROUP, "certificates", Grade.FAIL, "a file is missing or holds no certificate")
    if not ends:
        return Finding(GROUP, "certificates", Grade.PASS, "none are named")
    days = (min(ends) - datetime.now(UTC)) // timedelta(days=1)
    grade = Grade.FAIL if days < 0 else Grade.WARN if days < RENEW_DAYS else Grade.PASS
    return Finding(GROUP, "certificates", grade, f"{len(ends)}; the first one to end has {days} days left")


def _clinic(settings: GatewaySettings) -> Finding:
    try:
        phone = open_texts(settings).clinic_phone
    except ConfigurationError:
        return Finding(GROUP, "clinic's number", Grade.FAIL, "the site file cannot be used")
    placeholder = phone == type(settings).model_fields["clinic_phone"].default
    if placeholder and not settings.demo:
        return Finding(GROUP, "clinic's number", Grade.FAIL, "still the placeholder: patients would be told to call it")
    return Finding(GROUP, "clinic's number", Grade.PASS, "the placeholder, in demo mode" if placeholder else "set")


def _keys(settings: GatewaySettings) -> Finding:
    path = settings.state / "keys.json"
    try:
        Keyring.load(path)
    except ConfigurationError:
        return Finding(GROUP, "keys", Grade.FAIL, "missing or unusable")
    if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO) & ~stat.S_IRGRP:
        return Finding(GROUP, "keys", Grade.FAIL, "others than their owner may read or change them")
    return Finding(GROUP, "keys", Grade.PASS, "readable by their owner")


def _models(settings: GatewaySettings) -> Finding:
    try:
        manifests = [_manifest(settings, name) for name in MODELS]
        built = [read_manifest(_folder(settings, str(m["model"]))) for m in manifests if "llm" not in m]
    except (ModelCheckError, OSError, ValueError, KeyError, TypeError):
        return Finding(GROUP, "model files", Grade.FAIL, "a file is missing or is not the one that was built")
    said = f"{len(built)} models, every SHA-256 as built"
    llms = len(manifests) - len(built)
    return Finding(GROUP, "model files", Grade.PASS, said + (f"; {llms} LLMs, checked with the bundle" if llms else ""))


def _manifest(settings: GatewaySettings, model: str) -> dict[str, Any]:
    manifest = json.loads((_folder(settings, model) / MANIFEST).read_text(encoding="utf-8"))
    return {**manifest, "model": model}


def _thresholds(settings: GatewaySettings) -> Finding:
    try:
        calibrated = thresholds_by_label(_manifest(settings, MODELS[0])["thresholds"])
    except (ModelCheckError, OSError, ValueError, KeyError, TypeError):
        return Finding(GROUP, "thresholds", Grade.FAIL, "the classifier's manifest names none")
    lowered = [label for label, value in settings.site_thresholds().items() if value < calibrated[label]]
    if lowered:
        return Finding(GROUP, "thresholds", Grade.WARN, f"below the calibrated value: {', '.join(lowered)}")
    return Finding(GROUP, "thresholds", Grade.PASS, "as calibrated, or stricter")


_RULES: tuple[_Review, ...] = (
    _demo_mode, _identity, _store_transport, _model_transport, _certificates,
    _clinic, _keys, _models, _thresholds,
)  # fmt: skip


def _is_protected(url: str, scheme: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme in {scheme, "unix"} or parts.hostname in _LOOPBACK


def _folder(settings: GatewaySettings, model: str) -> Path:
    return folder_in_force(settings.model_repository, model)
