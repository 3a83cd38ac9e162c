"""Names and places that the trained tagger finds, as one of Presidio's recognisers.

Classes A and B of 45 CFR 164.514(b)(2)(i). The patterns beside it know cues and lists; the tagger knows sentences. Its
model card is services/redaction/TAGGER_CARD.md. It fails as every recogniser does: what it raises refuses the turn.
"""

from typing import Any

from presidio_analyzer import EntityRecognizer, RecognizerResult

from portico_core.labels import PhiType
from portico_core.tagging import Tag
from portico_redaction.tagger import Tagger

_TYPES = {Tag.NAME: PhiType.NAME, Tag.PLACE: PhiType.GEOGRAPHIC}


class TaggedRecogniser(EntityRecognizer):  # type: ignore[misc]  # Presidio is untyped for us (pyproject, follow_imports)
    """Find names and places by the tagger."""

    def __init__(self, tagger: Tagger) -> None:
        super().__init__(supported_entities=[kind.value for kind in _TYPES.values()], name=type(self).__name__)
        self._tagger = tagger

    def load(self) -> None:
        """Presidio calls it once; the tagger is open already."""

    def analyze(self, text: str, entities: list[str], nlp_artifacts: Any = None) -> list[RecognizerResult]:
        """Presidio's entry."""
        metadata = {
            RecognizerResult.RECOGNIZER_NAME_KEY: self.name,
            RecognizerResult.RECOGNIZER_IDENTIFIER_KEY: self.id,
        }
        return [
            RecognizerResult(
                _TYPES[found.tag].value, found.start, found.end, found.score, recognition_metadata=metadata
            )
            for found in self._tagger.tag(text)
        ]
