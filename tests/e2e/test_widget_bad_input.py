"""What goes wrong around the widget: the draft is kept, the state is explained, nothing is sent twice."""

import json
import random
import time

import pytest
from playwright.sync_api import Browser, Route, expect

from e2e.browser import wait_until
from e2e.payloads import PAYLOADS, SEED
from e2e.portal import Portal, open_portal, take_tokens_from

QUESTION = "What is metformin used for?"


def after_an_answer(portal: Portal) -> None:
    """Bring a conversation into its middle."""
    portal.ask(QUESTION)
    expect(portal.log).to_contain_text("lowers blood sugar")


def test_a_token_that_expires_in_the_middle_keeps_the_draft_and_the_conversation(portal: Portal) -> None:
    after_an_answer(portal)
    portal.stub.refuse_tokens = 2
    portal.ask("Find me a pizza place")
    expect(portal.log).to_contain_text("Your session has ended")
    assert portal.box.input_value() == "Find me a pizza place"
    expect(portal.log).to_contain_text("lowers blood sugar")
    portal.log.get_by_role("button", name="Try again").click()
    expect(portal.log).to_contain_text("I can only help with general questions")
    assert portal.stub.log.texts == [QUESTION, "Find me a pizza place"]


def test_a_token_of_somebody_else_in_the_middle_starts_a_conversation_of_their_own(portal: Portal) -> None:
    after_an_answer(portal)
    # The gateway answers 404 for a conversation of somebody else, as for one that is not there.
    taken: list[Route] = []

    def foreign(route: Route) -> None:
        taken.append(route)
        body = {"error": {"code": "not_found", "message": "There is nothing at this address.", "request_id": "r-1"}}
        route.fulfill(status=404, json=body) if len(taken) == 1 else route.fallback()

    portal.page.route("**/turns", foreign)
    portal.ask("Find me a pizza place")
    expect(portal.log).to_contain_text("I can only help with general questions")
    keys = [json.loads(json.dumps(route.request.headers))["idempotency-key"] for route in taken]
    assert len(keys) == 2 and len(set(keys)) == 1
    assert portal.stub.log.texts == [QUESTION, "Find me a pizza place"]


def test_a_server_that_hangs_says_so_can_be_stopped_and_gets_the_same_key_again(portal: Portal) -> None:
    portal.ask("hang on")
    expect(portal.log).to_contain_text("Looking in approved material")
    portal.widget.get_by_role("button", name="Stop").click()
    expect(portal.box).to_have_value("hang on")
    portal.box.press("Enter")
    expect(portal.log).to_contain_text("Looking in approved material")
    assert len(portal.stub.log.keys) == 2 and len(set(portal.stub.log.keys)) == 1


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"event: turn\ndata: {\"turn_id\":\"t-1\",\"route\":\"ans",
        b"event: turn\ndata: not json\n\n",
        b'event: turn\ndata: {"turn_id":"t-1","route":"answer","answer":null}\n\n',
        b'event: turn\ndata: {"turn_id":"t-1","route":"teleport","message":"x"}\n\n',
        b'event: turn\ndata: [[[[]]]]\n\n',
        b"\xff\xfe\x00event: turn\n\n",
        b"data: " + b"x" * 1_100_000,
    ],
)  # fmt: skip
def test_half_events_and_nonsense_are_an_interruption_and_never_an_answer(portal: Portal, body: bytes) -> None:
    portal.page.route("**/turns", lambda route: route.fulfill(body=body, headers={"content-type": "text/event-stream"}))
    portal.ask(QUESTION)
    expect(portal.log).to_contain_text("The connection broke before the answer was complete.")
    assert portal.box.input_value() == QUESTION
    expect(portal.log.locator(".answer")).to_have_count(0)
    assert portal.watch.errors == []


@pytest.mark.parametrize("length", [4_001, 100_000])
def test_a_paste_that_is_too_long_stays_whole_and_is_not_sent(portal: Portal, length: int) -> None:
    portal.open()
    portal.box.evaluate(
        """(box, text) => {
          box.focus();
          document.execCommand("insertText", false, text);
        }""",
        "x" * length,
    )
    expect(portal.widget.locator("#counter")).to_contain_text("characters too long")
    portal.box.press("Enter")
    portal.widget.get_by_role("button", name="Send").click()
    assert len(portal.box.input_value()) == length
    assert portal.stub.log.texts == []


def test_a_thousand_quick_clicks_on_everything_send_and_rate_once(portal: Portal) -> None:
    portal.open()
    portal.box.fill(QUESTION)
    portal.widget.get_by_role("button", name="Send").evaluate("b => { for (let i = 0; i < 1000; i++) b.click() }")
    expect(portal.log).to_contain_text("lowers blood sugar")
    portal.log.get_by_role("button", name="Source 1", exact=True).first.evaluate(
        "b => { for (let i = 0; i < 1000; i++) b.click() }"
    )
    portal.log.get_by_role("button", name="Not helpful").evaluate("b => { for (let i = 0; i < 1000; i++) b.click() }")
    portal.log.get_by_role("button", name="Seems wrong").evaluate("b => { for (let i = 0; i < 1000; i++) b.click() }")
    expect(portal.log.get_by_text("Thank you for telling us.")).to_be_visible()
    portal.page.wait_for_timeout(100)
    assert portal.stub.log.texts == [QUESTION]
    assert portal.stub.log.feedback == [(False, "wrong")]


def test_two_tabs_of_one_browser_send_each_their_own_and_nothing_twice(portal: Portal) -> None:
    other = portal.page.context.new_page()
    other.goto(f"{portal.url}/demo")
    tabs = (portal, Portal(other, portal.stub, portal.watch, portal.url))
    for number, tab in enumerate(tabs):
        tab.ask(f"{QUESTION} {number}")
    for tab in tabs:
        expect(tab.log).to_contain_text("lowers blood sugar")
    assert sorted(portal.stub.log.texts) == [f"{QUESTION} 0", f"{QUESTION} 1"]
    assert len(set(portal.stub.log.keys)) == 2


@pytest.mark.parametrize("days", [-400, 400])
def test_a_clock_that_is_wrong_changes_no_promise_and_breaks_nothing(portal: Portal, days: int) -> None:
    portal.page.clock.install(time=time.time() + days * 86_400)
    portal.page.reload()
    portal.ask("Should I double my lisinopril tonight? My pressure was 160")
    # The server's time stands, in the patient's zone: 22:00 UTC is 4 PM in Chicago.
    expect(portal.log).to_contain_text("You get a reply here by Tuesday, November 24 at 4:00 PM.")
    portal.stub.replies.append({"event": "escalation", "escalation_id": "e-1", "state": "in-progress"})
    expect(portal.log).to_contain_text("Being read")
    assert portal.watch.errors == []


HOST_ERRORS: dict[str, str] = {
    "throws": "setInterval(() => { throw new Error('of the host') }, 5)",
    "listener throws": "document.addEventListener('portico:message', () => { throw new Error('of the host') })",
    "no storage": "Object.defineProperty(window, 'sessionStorage', { get() { throw new Error('off') } })",
    "old browser": "delete window.BroadcastChannel; delete window.requestIdleCallback; delete crypto.randomUUID",
    "patched": "Array.prototype.extra = function () {}; Object.prototype.odd = 1",
    "rejects": "setInterval(() => Promise.reject(new Error('of the host')), 5)",
}


@pytest.mark.parametrize("kind", HOST_ERRORS)
def test_errors_of_the_host_page_are_its_own(chromium: Browser, kind: str) -> None:
    with open_portal(chromium) as portal:
        portal.page.add_init_script(HOST_ERRORS[kind])
        portal.page.reload()
        after_an_answer(portal)
        portal.ask("half an answer")
        expect(portal.log).to_contain_text("The connection broke")
        assert portal.box.input_value() == "half an answer"
        assert portal.stub.log.texts == [QUESTION, "half an answer"]
        assert all("of the host" in error for error in portal.watch.errors)


def test_a_token_source_that_throws_keeps_the_draft(portal: Portal) -> None:
    take_tokens_from(portal, '() => { throw new Error("of the host"); }')
    portal.ask(QUESTION)
    expect(portal.log).to_contain_text("Your session has ended")
    assert portal.box.input_value() == QUESTION
    assert portal.stub.log.texts == []


def test_a_token_source_that_never_settles_is_given_up_and_asked_again(portal: Portal) -> None:
    portal.page.clock.install()
    portal.page.reload()
    take_tokens_from(portal, "() => new Promise((give) => given.push(give))")
    portal.open()
    portal.box.fill(QUESTION)
    portal.box.press("Enter")
    expect(portal.log).to_contain_text("Sending your question")
    portal.page.clock.run_for(9_900)
    expect(portal.log).to_contain_text("Sending your question")
    portal.page.clock.run_for(200)
    expect(portal.log).to_contain_text("The portal takes too long to confirm that you are signed in.")
    assert portal.box.input_value() == QUESTION
    portal.log.get_by_role("button", name="Try again").click()
    wait_until(portal.page, lambda: portal.page.evaluate("given.length") == 2)
    # The first answer comes at last, and is nobody's any more; the second one counts.
    portal.page.evaluate("given[0]('late'); given[1]('token-9')")
    expect(portal.log).to_contain_text("lowers blood sugar")
    assert portal.stub.log.texts == [QUESTION]
    assert portal.watch.errors == []


def test_waiting_for_a_token_can_be_stopped(portal: Portal) -> None:
    take_tokens_from(portal, "() => new Promise(() => {})")
    portal.ask(QUESTION)
    portal.widget.get_by_role("button", name="Stop").click()
    expect(portal.box).to_have_value(QUESTION)
    assert portal.stub.log.texts == []


# Hostile bytes: two hundred payloads in every field that is shown, on one page.


def test_two_hundred_hostile_payloads_run_nothing_and_call_nobody(portal: Portal) -> None:
    print(f"seed {SEED}, {len(PAYLOADS)} payloads")  # noqa: T201
    assert len(set(PAYLOADS)) == len(PAYLOADS) == 200
    portal.stub.hostile_list = list(PAYLOADS)
    portal.open()
    shown = portal.widget.evaluate(
        """async (chat, count) => {
          const root = chat.shadowRoot;
          const settled = () => new Promise((done) => chat.addEventListener("portico:message", done, { once: true }));
          for (let n = 0; n < count; n++) {
            const done = settled();
            chat.prefill(`hostile ${n}`);
            root.querySelector("form").requestSubmit();
            await done;
            await new Promise((next) => setTimeout(next));
            root.querySelector(".onalarm")?.click();
          }
          for (const tray of root.querySelectorAll("[aria-controls^=sources]")) tray.click();
          return root.querySelectorAll(".answer > span").length;
        }""",
        len(PAYLOADS) // 10,
    )
    portal.page.wait_for_timeout(300)
    assert shown == len(PAYLOADS)
    assert portal.page.evaluate("window.pwned") is None
    assert (portal.watch.foreign, portal.watch.errors) == ([], [])
    links = portal.log.get_by_role("link").evaluate_all("links => links.map((link) => link.protocol)")
    assert set(links) <= {"https:", "tel:", "sms:"}
    made = portal.widget.evaluate(
        "chat => [...chat.shadowRoot.querySelectorAll('script, iframe, img, object, embed, link, style, base')].length"
    )
    assert made == 0


def test_the_hostile_check_can_fail(chromium: Browser) -> None:
    """The same payloads set as markup, on a page without a policy, run and call out."""
    with open_portal(chromium, at="/examples/embedded.css") as portal:
        portal.page.goto("about:blank")
        chosen = random.Random(SEED).sample(PAYLOADS, 40)
        portal.page.route("**/*", lambda route: route.abort())
        portal.page.set_content("<main></main>")
        portal.page.evaluate(
            "(all) => { for (const one of all) document.querySelector('main').innerHTML += one }", chosen
        )
        portal.page.wait_for_timeout(300)
        assert portal.page.evaluate("window.pwned") == 1
        assert [url for url in portal.watch.foreign if "evil.example" in url]
