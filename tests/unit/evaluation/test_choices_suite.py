"""Multiple choice: ten authored questions, a model on a real endpoint, and sets that cannot be used."""

import asyncio
import json
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from portico_cli.evaluate import EvaluateOptions, evaluate
from portico_core.errors import ConfigurationError
from portico_evaluation.choices.suite import evaluate_choices, read_choices
from portico_evaluation.errors import UnusableSet
from portico_evaluation.suites import EVERY, SuiteName
from unit.gateway.chat_endpoint import ChatEndpoint, chat_endpoint, completion

FILE = Path(__file__).with_name("choice_set.jsonl")
RIGHT = {row.question: row.right for row in read_choices(FILE)}


def shares(choose: object) -> dict[str, tuple[int, int]]:
    result = evaluate_choices([FILE], choose, version="tiny")  # type: ignore[arg-type]
    return {figure.measure: (figure.of.hits, figure.of.n) for figure in result.figures}  # type: ignore[union-attr]


def test_who_knows_everything_is_right_and_who_likes_the_first_is_seen() -> None:
    assert shares(lambda question, options: RIGHT[question])["right"] == (10, 10)
    assert shares(lambda question, options: "A") == {
        "right": (4, 10), "replied": (10, 10), "first_right": (4, 10), "first_chosen": (10, 10),
    }  # fmt: skip


def test_no_reply_and_a_letter_that_is_none_are_wrong() -> None:
    def silent(question: str, options: Mapping[str, str]) -> str | None:
        return None if "organ" in question else "Z"

    assert shares(silent) == {"right": (0, 10), "replied": (0, 10), "first_right": (4, 10)}


@pytest.fixture
def endpoint(monkeypatch: pytest.MonkeyPatch) -> Iterator[ChatEndpoint]:
    """Serve in a thread of its own, named in the settings as a site names it."""
    ready, ends = threading.Event(), threading.Event()
    found = list[ChatEndpoint]()

    async def serve() -> None:
        async with chat_endpoint() as running:
            found.append(running)
            ready.set()
            await asyncio.to_thread(ends.wait)

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    assert ready.wait(10)
    for name, value in (("URL", found[0].url), ("HOSTS", "127.0.0.1"), ("MODEL", "tiny")):
        monkeypatch.setenv(f"PORTICO_RESPONDER_{name}", value)
    yield found[0]
    ends.set()
    thread.join()


def run(*files: Path, out: Path | None = None) -> int:
    return evaluate(EvaluateOptions(SuiteName.CHOICES, out, files, gate=False, show_errors=False))


@pytest.mark.parametrize(
    ("content", "right", "replied"),
    [('{"choice": "B"}', 3, 10), ('{"choice": "E"}', 0, 0), ("B", 0, 0), ('["B"]', 0, 0)],
)
def test_the_endpoint_of_the_settings_is_asked(
    content: str, right: int, replied: int, endpoint: ChatEndpoint, tmp_path: Path
) -> None:
    endpoint.body = json.dumps(completion(content)).encode()
    assert run(FILE, out=tmp_path) == 0
    text = (tmp_path / "results.json").read_text(encoding="utf-8")
    (suite,) = json.loads(text)["suites"]
    hits = {figure["measure"]: figure["hits"] for figure in suite["figures"]}
    assert (hits["right"], hits["replied"]) == (right, replied)
    assert suite["measured"] == {"responder": "tiny+draft-1"} and "insulin" not in text
    assert len(endpoint.asked) == 10 and "A. The liver" in endpoint.asked[0]["messages"][1]["content"]


def test_without_an_endpoint_or_a_file_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PORTICO_RESPONDER_URL", raising=False)
    with pytest.raises(ConfigurationError, match="PORTICO_RESPONDER_URL"):
        run(FILE)
    with pytest.raises(ConfigurationError, match="--text"):
        run()
    assert SuiteName.CHOICES not in EVERY


@pytest.mark.parametrize(
    "row",
    [
        {"question": "a", "answer_idx": "A"},
        {"question": "a", "options": ["x", "y"], "answer_idx": "A"},
        {"question": "a", "options": {"A": "x"}, "answer_idx": "A"},
        {"question": "a", "options": {"A": "x", "B": 2}, "answer_idx": "A"},
        {"question": "a", "options": {"A": "x", "BB": "y"}, "answer_idx": "A"},
        {"question": "a", "options": {"A": "x", "B": "y"}, "answer_idx": "C"},
        {"options": {"A": "x", "B": "y"}, "answer_idx": "A"},
    ],
)
def test_an_unusable_row_names_file_and_line(row: dict[str, object], tmp_path: Path) -> None:
    file = tmp_path / "set.jsonl"
    file.write_text(f"\n{json.dumps(row)}\n", encoding="utf-8")
    with pytest.raises(UnusableSet, match=r"set.jsonl:2"):
        read_choices(file)
    file.write_text("", encoding="utf-8")
    with pytest.raises(UnusableSet, match="nothing to measure"):
        read_choices(file)
