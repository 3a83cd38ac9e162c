"""A sentence in other words is kept where its passage carries it; a changed one, or a changed checker, is not."""

import json
import shutil
from pathlib import Path

import pytest

from portico_core.carrying import FEATURES, WordIndex
from portico_core.errors import ConfigurationError
from portico_core.knowledge import Subjects
from portico_core.siblings import KINDS
from portico_gateway.guards.grounding import ground
from portico_gateway.guards.paraphrase import CHECKER, FILES, open_checker
from portico_gateway.guards.validate import AnswerValidator
from unit.gateway.test_guards_validate import GIVEN, QUESTION, TODAY, USES, draft

PASSAGE = (
    "Loratadine is an antihistamine that relieves a runny nose and itchy eyes. It does not usually cause sleepiness. "
    "Adults commonly notice relief within 3 hours. Very large amounts can make the heart beat faster. "
    "Alcohol is best avoided before the test."
)
KEPT = [
    "Loratadine relieves itchy eyes.",  # a part
    "Very large amounts may make the heart beat fast.",  # another form of two words
    "Loratadine does not often cause sleepiness.",  # the name for "it", and a negation that stands there
]
CHANGED = [
    ("Loratadine does not relieve itchy eyes.", "negation put in"),
    ("Loratadine usually causes sleepiness.", "negation taken out"),
    ("Relief comes within 8 hours.", "another number"),
    ("Relief comes within 3 days.", "another unit"),
    ("Cetirizine relieves itchy eyes.", "another medicine"),
    ("Loratadine always relieves a runny nose.", "certainty added"),
    ("Very large amounts can make the heart beat slower.", "direction turned"),
    ("Loratadine treats high blood pressure.", "something that is not there"),
    ("The test costs nothing.", "nothing of it is there"),
]


@pytest.mark.parametrize("sentence", KEPT)
def test_keeps_what_the_passage_says_in_other_words(sentence: str) -> None:
    result = ground(sentence, [PASSAGE])
    assert (result.supported, result.reason) == (True, "paraphrase")
    assert result.quote in PASSAGE
    assert result.score < 0.9


@pytest.mark.parametrize(("sentence", "why"), CHANGED)
def test_catches_a_change_in_other_words(sentence: str, why: str) -> None:
    assert not ground(sentence, [PASSAGE]).supported, why


@pytest.mark.parametrize("sentence", KEPT)
def test_what_is_said_in_other_words_is_not_delivered(sentence: str) -> None:
    """Until the hostile run comes out at nothing with it, only near-verbatim sentences reach a patient."""
    assert not ground(sentence, [PASSAGE], in_other_words=False).supported


def test_the_validator_delivers_near_verbatim_sentences_only() -> None:
    validator = AnswerValidator(find_spans=lambda text: (), find_subjects=lambda text: Subjects())
    said = "Metformin is given for treating type 2 diabetes."
    assert ground(said, [USES.text]).reason == "paraphrase"
    outcome = validator.validate(QUESTION, draft((said, [USES.id])), GIVEN, TODAY)
    assert (outcome.answer, outcome.validators["grounding"]) == (None, "fail")


@pytest.mark.parametrize("name", FILES)
def test_a_changed_file_is_refused(tmp_path: Path, name: str) -> None:
    shutil.copytree(CHECKER, tmp_path / "checker")
    path = tmp_path / "checker" / name
    path.write_bytes(path.read_bytes() + b" ")
    with pytest.raises(ConfigurationError, match="not the file that was trained"):
        open_checker(tmp_path / "checker")


def test_a_missing_checker_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="no usable checker"):
        open_checker(tmp_path)


def test_the_checker_was_fitted_to_the_evidence_of_this_release() -> None:
    about = json.loads((CHECKER / "checker.json").read_text(encoding="utf-8"))
    assert about["features"] == list(FEATURES)
    assert 0.5 < about["threshold"] < 1


OTHER = (
    "The drops relieve itchy eyes, although they do not work on swelling. The tablets usually treat kidney stones. "
    "Low potassium can cause muscle cramps. A high dose raises blood pressure in some people. "
    "Swollen ankles are a symptom of heart failure."
)
RULES = [
    ("another clause denies", "The drops relieve itchy eyes.", "The drops do not relieve itchy eyes."),
    ("the order turns", "Muscle cramps can be caused by low potassium.", "Muscle cramps can be caused by low sodium."),
    ("light words", "The tablets are used for kidney stones.", "The tablets are used for liver stones."),
    ("one direction", "A high dose elevates blood pressure in some.", "A high dose cuts blood pressure in some."),
    ("one kind", "The tablets are used to treat kidney stones.", "The tablets are used to treat liver stones."),
    ("a name", "Swelling of the ankles is a symptom of heart failure.", "Metoprolol is a symptom of heart failure."),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "said", "changed"), RULES)
def test_a_rule_lets_other_words_through_and_no_other_meaning(rule: str, said: str, changed: str) -> None:
    kept, caught = ground(said, [OTHER]), ground(changed, [OTHER])
    assert (kept.supported, kept.reason) == (True, "paraphrase"), rule
    assert not caught.supported, rule


def test_a_copy_answers_for_the_clauses_that_it_copies() -> None:
    passage = "Do not use the cream on broken skin; cool water eases the itch."
    assert ground("Cool water often eases the itch.", [passage]).reason == "paraphrase"
    assert ground("Use the cream on broken skin.", [passage]).reason == "negation"
    assert ground("If it is not mild, cool water eases the itch.", [passage]).reason != "paraphrase"


def test_a_word_without_a_vector_has_that_of_its_stem() -> None:
    index = WordIndex(["kidney", "kidneys", "stone"])
    assert index.rows(["kidneys", "stones", "stone's", "metoprolol"]) == [1, 2, 2, index.unknown]


def test_no_word_names_two_things_of_one_kind() -> None:
    for kind in KINDS:
        words = [word for member in kind for word in member]
        assert len(words) == len(set(words))
