"""What `helm install` prints. `helm template` leaves NOTES.txt out: a copy of the chart renders it as a ConfigMap."""

import re
import shutil
from pathlib import Path

import pytest

from chart.rendering import CHART, PROFILES, objects, of_kind, rendered, template

WRAPPED = """apiVersion: v1
kind: ConfigMap
metadata: {name: notes}
data:
  notes: |
{{ tpl (.Files.Get "notes.txt") . | indent 4 }}
"""


@pytest.fixture(scope="module")
def chart(tmp_path_factory: pytest.TempPathFactory) -> Path:
    copied = tmp_path_factory.mktemp("chart") / "portico"
    shutil.copytree(CHART, copied)
    shutil.move(copied / "templates" / "NOTES.txt", copied / "notes.txt")
    (copied / "templates" / "notes.yaml").write_text(WRAPPED, encoding="utf-8")
    return copied


def notes(chart: Path, profile: str, values: str | None = None) -> str:
    """Return the notes of a profile."""
    done = template(profile, values, chart=chart)
    assert done.returncode == 0, done.stderr
    return str(next(o for o in of_kind(done.stdout, "ConfigMap") if o["metadata"]["name"] == "notes")["data"]["notes"])


@pytest.mark.parametrize("profile", PROFILES)
def test_what_the_notes_name_is_there(chart: Path, profile: str) -> None:
    text = notes(chart, profile)
    there = {(o["kind"].lower(), o["metadata"]["name"]) for o in objects(rendered(profile))}
    named = set(re.findall(r"--from=(cronjob)/(\S+)", text)) | set(re.findall(r"port-forward (service)/(\S+)", text))
    assert ("cronjob", "portico-audit-verify") in named
    assert named <= there
    assert ("statefulset", "portico-gateway") in there and "logs portico-gateway-0 --container verify-bundle" in text
    assert "name: verify-bundle" in rendered(profile)
    assert "helm test portico --namespace portico --logs" in text
    assert re.search(r"https://console\.example\.org/sign-in/callback", text)


@pytest.mark.parametrize(
    ("profile", "values", "said"),
    [
        ("vpc-gpu", None, "https://assistant.example.org/widget/v1/portico.js"),
        ("ha", None, "https://assistant.example.org/widget/v1/portico.js"),
        ("ha", None, "https://assistant.example.org/smart/callback"),
        ("minimal", None, "Nothing is published"),
        ("minimal", None, "Nobody is told of escalations"),
        ("minimal", None, "Nothing scrapes the metrics"),
        ("cpu-trial", None, "for trials: one server"),
        ("minimal", "networkPolicy: {enabled: false}", "Network policies are off"),
    ],
)  # fmt: skip
def test_the_notes_say_what_is_open(chart: Path, profile: str, values: str | None, said: str) -> None:
    assert said in notes(chart, profile, values)


@pytest.mark.parametrize(
    "said", ["Nobody is told", "Nothing is published", "for trials", "policies are off", "Nothing scrapes"]
)
def test_they_do_not_say_it_where_it_is_done(chart: Path, said: str) -> None:
    assert said not in notes(chart, "vpc-gpu")
