"""Presidio's AnalyzerEngine with our recognisers only, a blank spaCy pipeline, and nothing that downloads.

The blank pipeline only cuts tokens: context is in our own patterns, so no lemma and no model is needed. Every analysis
runs in a spaCy memory zone: without it the vocabulary keeps each word of each patient for the life of the process.
"""

import threading
from collections.abc import Sequence
from typing import Any

import spacy
from presidio_analyzer import AnalyzerEngine, EntityRecognizer, RecognizerRegistry, RecognizerResult
from presidio_analyzer.nlp_engine import NlpArtifacts, SlimSpacyNlpEngine
from spacy.tokenizer import Tokenizer

from portico_core.errors import ConfigurationError

LANGUAGE = "en"
"""Presidio files recognisers under one language; ours read English and Spanish alike."""


class BlankNlpEngine(SlimSpacyNlpEngine):  # type: ignore[misc]  # Presidio is untyped for us (pyproject, follow_imports)
    """The slim engine with `spacy.blank`, which is never on a disk and never fetched."""

    def __init__(self) -> None:
        super().__init__(models=[{"lang_code": LANGUAGE, "model_name": "blank"}], auto_download=False)

    def load(self) -> None:
        """Make the pipeline, cut at white space only: the English rules take 1.3 s over 4,000 colons."""
        pipeline = spacy.blank(LANGUAGE)
        pipeline.tokenizer = Tokenizer(pipeline.vocab)
        self.nlp = {LANGUAGE: pipeline}

    def process_text(self, text: str, language: str) -> NlpArtifacts:
        """Cut tokens; no keywords, because nothing here enhances by context."""
        document = self.nlp[language](text)
        return NlpArtifacts([], document, [token.idx for token in document], [], None, language)


class KeepScores:
    """Presidio's context enhancer that changes nothing: our patterns hold their own context."""

    def enhance_using_context(self, text: str, raw_results: list[RecognizerResult], *_: Any, **__: Any) -> Any:
        """Give the results back."""
        return raw_results


class Analyzer:
    """Run every recogniser over folded text, or raise. One analysis at a time: a memory zone has one owner."""

    def __init__(self, recognisers: Sequence[EntityRecognizer]) -> None:
        if not recognisers:
            raise ConfigurationError("the redactor has no recognisers")
        self._nlp = BlankNlpEngine()
        registry = RecognizerRegistry(recognizers=list(recognisers), supported_languages=[LANGUAGE])
        self._engine = AnalyzerEngine(
            registry=registry,
            nlp_engine=self._nlp,
            supported_languages=[LANGUAGE],
            context_aware_enhancer=KeepScores(),
        )
        self._lock = threading.Lock()
        self._refuse_skipped(recognisers)

    def analyze(self, text: str) -> list[RecognizerResult]:
        """Return Presidio's results; whatever a recogniser raises comes out."""
        with self._lock, self._nlp.nlp[LANGUAGE].memory_zone():
            return list(self._engine.analyze(text=text, language=LANGUAGE))

    def _refuse_skipped(self, recognisers: Sequence[EntityRecognizer]) -> None:
        """Presidio drops recognisers by language or entity in silence; a dropped one is a leak."""
        used = {recogniser.id for recogniser in self._engine.get_recognizers(LANGUAGE)}
        if used != {recogniser.id for recogniser in recognisers}:
            raise ConfigurationError("Presidio does not run every recogniser")
