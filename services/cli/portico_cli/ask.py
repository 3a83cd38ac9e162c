"""One turn against a running gateway, from the terminal."""

from pathlib import Path
from typing import Any

import httpx2

from portico_cli.issuer import demo_issuer
from portico_core.errors import DependencyUnavailable, PorticoError
from portico_core.labels import Role

DEADLINE_S = 15.0


class TurnRefused(PorticoError):
    """The gateway answered with an error; its public message is ours."""

    code = "refused"


def ask_gateway(text: str, *, url: str, state: Path) -> dict[str, Any]:
    """Start a conversation as the demo patient and return its first turn."""
    token = demo_issuer(state).sign(Role.PATIENT, patient="demo-patient")
    headers = {"Authorization": f"Bearer {token}"}
    try:
        with httpx2.Client(base_url=url, headers=headers, timeout=DEADLINE_S, trust_env=False) as client:
            conversation = _json(client.post("/v1/conversations", json={}))["id"]
            return _json(client.post(f"/v1/conversations/{conversation}/turns", json={"text": text}))
    except httpx2.HTTPError:
        raise DependencyUnavailable("no gateway answers at this address: is `portico demo` running?") from None


def as_plain_text(turn: dict[str, Any]) -> str:
    """Return a turn as a person reads it on a terminal."""
    answer = turn["answer"]
    if answer is None:
        return str(turn["message"])
    said = " ".join(f"{s['text']} {''.join(f'[{n}]' for n in s['citations'])}" for s in answer["sentences"])
    sources = [
        f"[{c['n']}] {c['title']}, {c['section']} (reviewed {c['reviewed_on']}) {c['url']}" for c in answer["citations"]
    ]
    return "\n".join([said, "", *sources, "", turn["disclosure"]["text"]])


def _json(answer: httpx2.Response) -> dict[str, Any]:
    body: dict[str, Any] = answer.json()
    if answer.is_error:
        raise TurnRefused(str(body["error"]["message"]))
    return body
