"""What a platform engineer copies out of the install pages: files, images and objects that there are."""

import re

import yaml

from chart.rendering import CHART, ROOT, containers, pods, rendered

INSTALL = (ROOT / "docs" / "how-to" / "install.md").read_text(encoding="utf-8")
AIR_GAPPED = (ROOT / "docs" / "how-to" / "air-gapped.md").read_text(encoding="utf-8")


def carried(page: str) -> set[str]:
    """Return the images that are carried in, without registry and version."""
    (line,) = re.findall(r"docker save .+", page)
    return set(re.findall(r"REGISTRY/([a-z/-]+):", line))


def wanted(text: str) -> set[str]:
    """Return the images that the air-gapped profile starts or mounts, without registry and digest."""
    specs = [spec for _, _, spec in pods(text)]
    named = {each["image"] for spec in specs for each in containers(spec)}
    named |= {volume["image"]["reference"] for spec in specs for volume in spec["volumes"] if "image" in volume}
    return {name.partition("@")[0].removeprefix("registry.example.org:5000/") for name in named}


def test_every_image_of_the_air_gapped_profile_is_carried_in() -> None:
    text = rendered("air-gapped")
    assert "portico/bundle" in wanted(text)
    assert carried(AIR_GAPPED) == wanted(text)
    assert carried(AIR_GAPPED.replace("REGISTRY/portico/audit:0.1.0 ", "")) != wanted(text)


def test_what_is_packed_is_checked_and_installed_under_its_name() -> None:
    chart = yaml.safe_load((CHART / "Chart.yaml").read_text(encoding="utf-8"))
    archive = f"{chart['name']}-{chart['version']}.tgz"
    (line,) = re.findall(r"sha256sum (.+) > SHA256SUMS", AIR_GAPPED)
    packed = set(re.findall(r"--(?:output|file) (\S+\.tar)", AIR_GAPPED)) | {archive, "my-values.yaml"}
    assert set(line.split()) == packed
    assert f"helm install portico {archive} " in AIR_GAPPED
    assert "cp helm/portico/ci/air-gapped-values.yaml my-values.yaml" in AIR_GAPPED


def missing(page: str) -> list[str]:
    """Return the files of this repository that a page names and that are not there."""
    named = set(re.findall(r"(?:deploy|helm|docs|tests)/[\w./-]+\.(?:md|yaml|conf|py|sh|Dockerfile)", page))
    assert len(named) >= 2
    return sorted(name for name in named if not (ROOT / name).is_file())


def test_every_file_of_the_pages_is_there() -> None:
    assert missing(INSTALL) == missing(AIR_GAPPED) == []
    assert missing(INSTALL.replace("gateway.Dockerfile", "gatewya.Dockerfile")) == ["deploy/images/gatewya.Dockerfile"]


def test_the_namespace_is_there_before_something_is_put_into_it() -> None:
    first = INSTALL.index("kubectl create namespace portico")
    assert first < INSTALL.index("kubectl --namespace portico create secret") < INSTALL.index("helm install portico")
