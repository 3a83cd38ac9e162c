"""The people of the conversations: a patient speaks, and what came back can be asked about."""

from typing import Any

import httpx2

from stack import Stack


class Patient:
    """A patient in front of the portal, in a conversation of their own."""

    def __init__(self, stack: Stack, name: str = "test-patient", *, locale: str = "en") -> None:
        self.client = stack.client(patient=name)
        created = self.client.post("/v1/conversations", json={"locale": locale})
        assert created.status_code == 201, created.text
        self.conversation: str = created.json()["id"]
        self.path = f"/v1/conversations/{self.conversation}"

    def sends(self, text: str, *, key: str | None = None) -> httpx2.Response:
        """Send a message; a key makes it safe to send twice."""
        headers = {"Idempotency-Key": key} if key is not None else {}
        return self.client.post(f"{self.path}/turns", json={"text": text}, headers=headers)

    def says(self, text: str) -> dict[str, Any]:
        """Send a message and return the turn."""
        answer = self.sends(text)
        assert answer.status_code == 200, answer.text
        turn: dict[str, Any] = answer.json()
        return turn

    def streams(self, text: str, *, key: str | None = None) -> list[tuple[str, str, str]]:
        """Send a message and return its events as (name, id, data)."""
        headers = {"Accept": "text/event-stream"} | ({"Idempotency-Key": key} if key else {})
        answer = self.client.post(f"{self.path}/turns", json={"text": text}, headers=headers)
        assert answer.headers["content-type"].startswith("text/event-stream"), answer.text
        blocks = [block for block in answer.text.replace("\r\n", "\n").split("\n\n") if "event: " in block]
        return [_parse(block) for block in blocks]

    def transcript(self) -> dict[str, Any]:
        """Return the conversation as its owner sees it."""
        answer = self.client.get(self.path)
        assert answer.status_code == 200, answer.text
        shown: dict[str, Any] = answer.json()
        return shown

    def ends_the_conversation(self) -> None:
        """End it."""
        assert self.client.delete(self.path).status_code == 204


def assert_refused(answer: httpx2.Response, status: int, code: str) -> None:
    """The one error shape, with this status and code, and the request id in body and header."""
    assert (answer.status_code, set(answer.json())) == (status, {"error"})
    error = answer.json()["error"]
    assert set(error) == {"code", "message", "request_id"}
    assert error["code"] == code
    assert error["message"]
    assert error["request_id"] == answer.headers["x-request-id"]
    assert "Traceback" not in answer.text


def _parse(block: str) -> tuple[str, str, str]:
    fields = dict(line.split(": ", 1) for line in block.splitlines() if ": " in line and not line.startswith(":"))
    return fields["event"], fields["id"], fields["data"]
