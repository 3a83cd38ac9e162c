"""How long a clinician's reply takes to the patient's screen: the real demo, a real Chromium, a real console.

    make bench-reply        (PYTHONPATH=tests .venv/bin/python -m reliability.reply_latency --replies 120)

Begun when the console's form is posted (session, form, redaction, store and audit record are in it), seen when the
patient's browser has drawn a frame with the reply in it. Both clocks are this machine's.
"""

import argparse
import json
import statistics
import sys
import time

import httpx2
from playwright.sync_api import Page, expect

from e2e.browser import open_chromium, open_context
from portico_core.labels import Role
from reliability.console_visits import claim_ticket, newest_ticket, signed_in_staff
from stack import Stack, running_stack

LIMIT_S = 1.0
QUESTION = "Should I double my lisinopril tonight? My pressure was 160"
# Two frames later, what was put into the log has been drawn.
_WATCH = """() => {
  window.shown = new Map();
  const log = document.querySelector("portico-chat").shadowRoot.querySelector(".log");
  const note = (text) => requestAnimationFrame(() => requestAnimationFrame(() => window.shown.set(text, Date.now())));
  const seen = new Set();
  new MutationObserver(() => {
    for (const { textContent } of log.querySelectorAll(".entry.person > p")) {
      if (!seen.has(textContent)) seen.add(textContent), note(textContent);
    }
  }).observe(log, { childList: true, subtree: true });
}"""
_SHOWN = """async (text) => {
  while (!window.shown.has(text)) await new Promise((next) => setTimeout(next, 5));
  return window.shown.get(text);
}"""


def escalate(page: Page, stack: Stack) -> None:
    """Ask what needs a person, as a patient does."""
    page.goto(stack.url)
    page.get_by_role("button", name="Ask a health question").click()
    page.get_by_role("textbox").fill(QUESTION)
    page.get_by_role("textbox").press("Enter")
    expect(page.get_by_text("Sent to your care team").first).to_be_visible(timeout=20_000)
    page.evaluate(_WATCH)


def reply_and_time(nurse: httpx2.Client, page: Page, ticket: str, form: dict[str, str], number: int) -> float:
    """Send a reply; return the seconds until the patient sees it."""
    text = f"Reply {number} of this afternoon. Please keep your usual dose."
    begun = time.time()
    sent = nurse.post(f"{ticket}/reply", data={**form, "text": text})
    assert sent.status_code == 200, sent.status_code
    return float(page.evaluate(_SHOWN, text)) / 1_000 - begun


def measure(replies: int) -> dict[str, float | int]:
    """Send so many replies, one after the other."""
    with running_stack() as stack, open_chromium() as browser, open_context(browser) as context:
        page = context.new_page()
        escalate(page, stack)
        with signed_in_staff(stack.console, stack.state, Role.CLINICIAN) as nurse:
            ticket = newest_ticket(nurse)
            form = claim_ticket(nurse, ticket)
            seconds = [reply_and_time(nurse, page, ticket, form, number) for number in range(replies)]
    cuts = statistics.quantiles(seconds, n=20)
    points = {"p50": statistics.median(seconds), "p95": cuts[18], "max": max(seconds)}
    return {"replies": replies, **{f"{name}_ms": round(value * 1_000, 1) for name, value in points.items()}}


def main() -> int:
    """Measure, print, and fail over the limit."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--replies", type=int, default=120)
    figures = measure(parser.parse_args().replies)
    sys.stdout.write(json.dumps(figures) + "\n")
    return 0 if figures["p95_ms"] <= LIMIT_S * 1_000 else 1


if __name__ == "__main__":
    raise SystemExit(main())
