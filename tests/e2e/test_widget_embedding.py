"""How a portal takes the widget in: loader, hashed file, module, data-*, frames, several on a page, theme, sign-out."""

import re
import shutil
import subprocess

import pytest
from playwright.sync_api import Browser, Request, expect

from e2e.browser import assert_accessible
from e2e.portal import Portal, open_portal
from e2e.widget_stub import EXAMPLES
from reliability.first_paint import measure_load

LAUNCHER = "Ask a health question"
HASHED = re.compile(r"/portico-[0-9a-f]{16}\.js$")
RED, PALE = "rgb(168, 30, 22)", "rgb(255, 240, 200)"


def test_the_loader_asks_for_the_widget_by_hash_and_integrity(portal: Portal) -> None:
    expect(portal.widget.get_by_role("button", name=LAUNCHER)).to_be_visible()
    script = portal.page.locator("script[data-portico]")
    assert HASHED.search(str(script.get_attribute("src")))
    assert str(script.get_attribute("integrity")).startswith("sha384-")


def test_coming_up_shifts_nothing_on_the_portals_page(chromium: Browser) -> None:
    """How long its tasks are is for `make bench-paint`: a machine with other work makes any task long."""
    with open_portal(chromium) as portal:
        url = f"{portal.url}/demo"
        assert measure_load(chromium, url).shift == 0
        control = measure_load(chromium, url, control=True)
    assert control.shift > 0.05 and control.long_tasks


def test_changed_bytes_do_not_run_and_the_page_is_told(portal: Portal) -> None:
    portal.page.route(HASHED, lambda route: route.fulfill(body="window.pwned = 1", content_type="text/javascript"))
    portal.page.add_init_script(
        "addEventListener('portico:error', (e) => (window.seen ??= []).push(e.detail.code), true)"
    )
    portal.page.reload()
    # Twice: the file, and the file of the loader that was asked for again.
    portal.page.evaluate(
        "new Promise((done) => { const look = () => window.seen?.length > 1 ? done() : setTimeout(look, 20); look(); })"
    )
    assert portal.page.evaluate("[window.seen[0], window.pwned, customElements.get('portico-chat')]") == [
        "load_failed", None, None,
    ]  # fmt: skip


def test_an_old_loader_out_of_a_cache_finds_todays_widget(chromium: Browser) -> None:
    with open_portal(chromium, at="/examples/plain.html") as portal:
        old = portal.page.request.get(f"{portal.url}/widget/v1/portico.js").text()
        old = re.sub(r"portico-[0-9a-f]{16}", "portico-0000000000000000", old)
        portal.page.route(
            re.compile(r"/portico\.js$"), lambda route: route.fulfill(body=old, content_type="text/javascript")
        )
        portal.page.reload()
        expect(portal.widget.get_by_role("button", name=LAUNCHER)).to_be_visible()


def test_data_attributes_mount_the_element_without_markup(chromium: Browser) -> None:
    with open_portal(chromium, at="/examples/plain.html") as portal:
        portal.ask("What is metformin used for?")
        expect(portal.log).to_contain_text("lowers blood sugar")
        portal.widget.get_by_role("button", name="Talk to a person").click()
        expect(portal.widget.get_by_role("link", name="Call the clinic")).to_be_visible()
        assert portal.watch.errors == []


def test_in_a_frame_the_panel_fills_its_place_and_has_nothing_to_close(chromium: Browser) -> None:
    with open_portal(chromium, at="/examples/iframe.html") as portal:
        frame = portal.page.frame_locator("iframe")
        chat = frame.locator("portico-chat")
        expect(chat.get_by_role("heading", name="Hello, how can I help?")).to_be_visible()
        expect(chat.get_by_role("button", name="Close")).to_be_hidden()
        box = chat.locator(".panel").bounding_box()
        assert box is not None and (round(box["width"]), round(box["height"])) == (420, 640)
        chat.get_by_label("Your message").fill("What is metformin used for?")
        chat.get_by_label("Your message").press("Enter")
        expect(chat.get_by_role("log")).to_contain_text("lowers blood sugar")
        assert_accessible(portal.page)


@pytest.fixture(scope="module")
def built_react_example() -> None:
    """Build the example with React as a portal would; its packages are those of the lock file."""
    widget, npm = EXAMPLES.parent, shutil.which("npm") or "/usr/bin/npm"
    if not (widget / "node_modules" / "react-dom").is_dir():
        subprocess.run([npm, "ci", "--silent", "--no-audit", "--no-fund"], cwd=widget, check=True, timeout=240)
    subprocess.run([npm, "run", "--silent", "example"], cwd=widget, check=True, timeout=120)


@pytest.mark.usefixtures("built_react_example")
def test_in_react_tokens_events_and_the_sign_out_go_both_ways(chromium: Browser) -> None:
    with open_portal(chromium, at="/examples/react.html") as portal:
        portal.ask("Should I double my lisinopril tonight?")
        expect(portal.log.get_by_role("group", name="Sent to your care team")).to_be_visible()
        expect(portal.page.get_by_text("Your care team was told (routine).")).to_be_visible()
        assert portal.stub.log.tokens == 1
        assert_accessible(portal.page)
        portal.page.get_by_role("button", name="Sign out").click()
        expect(portal.log).not_to_contain_text("lisinopril")
        assert portal.page.evaluate("sessionStorage.length") == 0
        assert portal.watch.errors == []


def test_two_on_one_page_keep_two_conversations(portal: Portal) -> None:
    portal.page.evaluate(
        """() => {
          const second = document.querySelector("portico-chat").cloneNode();
          second.id = "second";
          second.setAttribute("label", "Pharmacy assistant");
          second.style.setProperty("--portico-inset", "auto auto 1.5em 1.5em");
          document.body.append(second);
        }"""
    )
    first, second = portal.page.locator("portico-chat").first, portal.page.locator("#second")
    for chat, words in ((first, "What is metformin used for?"), (second, "Find me a pizza place")):
        chat.get_by_role("button", name=LAUNCHER).click()
        chat.get_by_label("Your message").fill(words)
        chat.get_by_label("Your message").press("Enter")
    expect(first.get_by_role("log")).to_contain_text("lowers blood sugar")
    expect(second.get_by_role("log")).to_contain_text("I can only help with general questions")
    expect(first.get_by_role("log")).not_to_contain_text("pizza")
    assert portal.page.evaluate("Object.keys(sessionStorage).length") == 2
    assert_accessible(portal.page)


def test_a_module_gives_the_class_and_asks_for_a_token(chromium: Browser) -> None:
    with open_portal(chromium, at="/examples/embedded.css") as bare:
        bare.page.route("**/portico.js", lambda route: route.abort())
        bare.page.goto(f"{bare.url}/examples/plain.html")
        told = bare.page.evaluate(
            """async () => {
              document.querySelector("portico-chat")?.remove();
              const { PorticoChat } = await import("/widget/v1/portico.mjs");
              const chat = new PorticoChat();
              let asked = 0;
              chat.getToken = async () => `token-${++asked}`;
              document.body.append(chat);
              chat.prefill("What is metformin used for?");
              chat.shadowRoot.querySelector("form").requestSubmit();
              await new Promise((done) => chat.addEventListener("portico:message", done, { once: true }));
              return [chat instanceof HTMLElement, asked];
            }"""
        )
        assert told == [True, 1]


def test_an_accent_that_cannot_be_read_gives_way_to_our_own(portal: Portal) -> None:
    def accent_of(colour: str) -> str:
        portal.page.evaluate(
            """([colour]) => {
              const chat = document.querySelector("portico-chat");
              chat.style.setProperty("--portico-accent", colour);
              chat.setLocale("es");
              chat.setLocale("en");
            }""",
            [colour],
        )
        return str(
            portal.widget.get_by_role("button", name=LAUNCHER).evaluate("e => getComputedStyle(e).backgroundColor")
        )

    expect(portal.widget.get_by_role("button", name=LAUNCHER)).to_be_visible()
    assert accent_of(RED) == RED
    assert accent_of(PALE) not in {PALE, RED}
    assert_accessible(portal.page)


def test_signing_out_clears_every_tab(portal: Portal) -> None:
    portal.ask("What is metformin used for?")
    expect(portal.log).to_contain_text("lowers blood sugar")
    other = portal.page.context.new_page()
    other.goto(f"{portal.url}/demo")
    expect(other.locator("portico-chat").get_by_role("button", name=LAUNCHER)).to_be_visible()
    other.evaluate("document.querySelector('portico-chat').reset()")
    expect(portal.log).not_to_contain_text("lowers blood sugar")
    assert portal.page.evaluate("sessionStorage.length") == 0


def test_a_copy_is_saved_on_the_device_and_printed_from_a_frame(portal: Portal) -> None:
    portal.ask("What is metformin used for?")
    expect(portal.log).to_contain_text("lowers blood sugar")
    sent: list[Request] = []
    portal.page.on("request", lambda request: sent.append(request) if not request.url.startswith("blob:") else None)
    portal.widget.get_by_role("button", name="Keep a copy").click()
    with portal.page.expect_download() as saving:
        portal.widget.get_by_role("button", name="Save as text").click()
    text = saving.value.path().read_text(encoding="utf-8")
    assert saving.value.suggested_filename == "conversation.txt"
    for words in (
        "Not for emergencies: call 911",
        "What is metformin used for?",
        "release less sugar. [1][2]",
        "[1] Metformin · Why it is prescribed · Reviewed Sep 14, 2026",
        "[2] Metformin · How to take it · Awaiting clinician review",
    ):
        assert words in text
    portal.widget.get_by_role("button", name="Print").click()
    page = portal.page.frames[-1]
    assert page != portal.page.main_frame
    assert "lowers blood sugar" in page.locator("body").inner_text()
    assert sent == []
    assert portal.watch.errors == []


@pytest.mark.parametrize(("source", "words"), [(1, "Reviewed Sep 14, 2026"), (2, "Awaiting clinician review")])
def test_only_a_signed_passage_is_called_reviewed(portal: Portal, source: int, words: str) -> None:
    portal.ask("What is metformin used for?")
    portal.widget.get_by_role("button", name=f"Source {source}", exact=True).first.click()
    card = portal.log.get_by_role("listitem", name=f"Source {source}: Metformin")
    expect(card).to_contain_text(words)
    assert ("Reviewed" in card.inner_text()) is (source == 1)


def test_a_thumb_down_asks_why_and_is_sent_once(portal: Portal) -> None:
    portal.ask("What is metformin used for?")
    portal.log.get_by_role("button", name="Not helpful").click()
    portal.log.get_by_role("button", name="Hard to understand").click()
    expect(portal.log.get_by_text("Thank you for telling us.")).to_be_focused()
    portal.page.wait_for_timeout(100)
    assert portal.stub.log.feedback == [(False, "unclear")]
