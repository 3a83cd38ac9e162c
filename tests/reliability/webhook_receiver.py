"""A real HTTP receiver of notifications, that can be told to fail, to dawdle, and that checks every signature."""

import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from portico_console.notifier.signing import verify_signature
from portico_state.keyring import KeySet


@dataclass(frozen=True, slots=True)
class Manner:
    """What the receiver does with a request: how long it waits, then which status it gives."""

    status: int = 204
    wait_s: float = 0
    retry_after: str = ""


@dataclass(slots=True)
class Receiver:
    """What came in. `manner` decides for each request; a request counts as seen before it is answered."""

    keys: KeySet
    manner: Callable[[dict[str, Any]], Manner] = lambda body: Manner()
    url: str = ""
    seen: list[dict[str, Any]] = field(default_factory=list)
    taken: Counter[str] = field(default_factory=Counter)
    forged: int = 0
    texts: list[bytes] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def of(self, ticket: str) -> list[dict[str, Any]]:
        """Return what was seen of one ticket."""
        return [body for body in self.seen if body["escalation"] == ticket]


@contextmanager
def receiving(keys: KeySet) -> Iterator[Receiver]:
    """Listen on a free loopback port."""
    receiver = Receiver(keys)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers["Content-Length"]))
            honest = verify_signature(raw, dict(self.headers), keys=receiver.keys, now_s=time.time())
            body = json.loads(raw) | {"header_id": self.headers["Portico-Delivery"]}
            with receiver.lock:
                receiver.seen.append(body)
                receiver.texts.append(raw + str(self.headers).encode())
                receiver.forged += not honest
            manner = receiver.manner(body)
            time.sleep(manner.wait_s)
            if manner.status < 300:
                with receiver.lock:
                    receiver.taken[body["id"]] += 1
            self.send_response(manner.status)
            if manner.retry_after:
                self.send_header("Retry-After", manner.retry_after)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *arguments: object) -> None:
            """Say nothing."""

        def handle(self) -> None:
            try:
                super().handle()
            except ConnectionError:  # A worker that was killed hangs up.
                return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    receiver.url = f"http://127.0.0.1:{server.server_address[1]}/hook"
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
