"""The blank pipeline costs little whatever the text, and a recogniser that Presidio would drop stops the start-up."""

import pytest

from clock import assert_within
from portico_core.errors import ConfigurationError
from portico_redaction.presidio_engine import Analyzer, BlankNlpEngine
from portico_redaction.recognisers.ssn import SsnRecogniser


@pytest.mark.parametrize("unit", ["::", "((", "a:", "...", "'", "x/"])
def test_punctuation_costs_little(unit: str) -> None:
    """spaCy's English tokenizer takes 1.3 s over 4,000 colons, so it is given no text."""
    analyzer = Analyzer([SsnRecogniser()])
    assert_within(0.1, lambda: analyzer.analyze((unit * 4000)[:4000]))


def test_no_vocabulary_keeps_a_word() -> None:
    engine = BlankNlpEngine()
    engine.load()
    vocabulary = engine.nlp["en"].vocab.strings
    assert engine.process_text("Quixwortina Falk", "en").tokens.text == ""
    assert "Quixwortina" not in vocabulary
    engine.nlp["en"]("Quixwortina Falk")  # Negative control: a text that it is asked about is kept.
    assert "Quixwortina" in vocabulary


def test_a_recogniser_that_presidio_would_drop_is_refused() -> None:
    """A recogniser filed under a language that is not run would be skipped in silence."""
    dropped = SsnRecogniser()
    dropped.supported_language = "de"
    with pytest.raises(ConfigurationError):
        Analyzer([SsnRecogniser(), dropped])
