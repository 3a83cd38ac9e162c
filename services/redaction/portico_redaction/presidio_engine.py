"""Presidio's AnalyzerEngine with our recognisers only, a blank spaCy pipeline, and nothing that downloads.

Context is in our own patterns, so no token, no lemma and no model is needed: the pipeline is asked about no text,
because its vocabulary would keep each word of each patient for the life of the process.
"""

import threading
from collections.abc import Sequence
from typing import Any

import spacy
from presidio_analyzer import AnalyzerEngine, EntityRecognizer, RecognizerRegistry, RecognizerResult
from presidio_analyzer.nlp_engine import NlpArtifacts, SlimSpacyNlpEngine

from portico_core.errors import ConfigurationError

LANGUAGE = "en"
"""Presidio files recognisers under one language; ours read English and Spanish alike."""


class BlankNlpEngine(SlimSpacyNlpEngine):  # type: ignore[misc]  # Presidio is untyped for us (pyproject, follow_imports)
    """The slim engine with `spacy.blank`, which is never on a disk and never fetched."""

    def __init__(self) -> None:
        super().__init__(models=[{"lang_code": LANGUAGE, "model_name": "blank"}], auto_download=False)

    def load(self) -> None:
        """Make the pipeline that Presidio asks for."""
        self.nlp = {LANGUAGE: spacy.blank(LANGUAGE)}
        self._nothing = NlpArtifacts([], self.nlp[LANGUAGE](""), [], [], None, LANGUAGE)

    def process_text(self, text: str, language: str) -> NlpArtifacts:
        """Return no tokens and no keywords, because nothing here reads them."""
        return self._nothing


class KeepScores:
    """Presidio's context enhancer that changes nothing: our patterns hold their own context."""

    def enhance_using_context(self, text: str, raw_results: list[RecognizerResult], *_: Any, **__: Any) -> Any:
        """Give the results back."""
        return raw_results


class Analyzer:
    """Run every recogniser over folded text, or raise. One analysis at a time: two would only take turns."""

    def __init__(self, recognisers: Sequence[EntityRecognizer]) -> None:
        if not recognisers:
            raise ConfigurationError("the redactor has no recognisers")
        registry = RecognizerRegistry(recognizers=list(recognisers), supported_languages=[LANGUAGE])
        self._engine = AnalyzerEngine(
            registry=registry,
            nlp_engine=BlankNlpEngine(),
            supported_languages=[LANGUAGE],
            context_aware_enhancer=KeepScores(),
        )
        self._lock = threading.Lock()
        self._refuse_skipped(recognisers)

    def analyze(self, text: str) -> list[RecognizerResult]:
        """Return Presidio's results; whatever a recogniser raises comes out."""
        with self._lock:
            return list(self._engine.analyze(text=text, language=LANGUAGE))

    def _refuse_skipped(self, recognisers: Sequence[EntityRecognizer]) -> None:
        """Presidio drops recognisers by language or entity in silence; a dropped one is a leak."""
        used = {recogniser.id for recogniser in self._engine.get_recognizers(LANGUAGE)}
        if used != {recogniser.id for recogniser in recognisers}:
            raise ConfigurationError("Presidio does not run every recogniser")
