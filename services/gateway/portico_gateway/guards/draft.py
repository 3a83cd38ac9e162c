"""Read what a responder proposes. Nothing in it is trusted, so the schema is exact: no extra key, no other type.

Limits are far above what the CPU responder gives (four sentences) and far below what costs time to check.
"""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from portico_core.knowledge import Draft, DraftSentence

MAX_DRAFT_BYTES = 32_768

_Text = Annotated[str, StringConstraints(min_length=1, max_length=600, strict=True)]
_PassageId = Annotated[str, StringConstraints(min_length=1, max_length=200, strict=True)]


class DraftRefused(Exception):
    """The draft is not of the exact schema. Carries no word of the draft."""


class _Exact(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, hide_input_in_errors=True)


class DraftSentenceModel(_Exact):
    """One proposed sentence and the passages it cites."""

    text: _Text
    passage_ids: Annotated[list[_PassageId], Field(min_length=1, max_length=8)]


class DraftModel(_Exact):
    """The responder's whole reply (contracts.md, Triton)."""

    sentences: Annotated[list[DraftSentenceModel], Field(max_length=12)]


def parse_draft(draft_json: bytes | str) -> Draft:
    """Read a draft.

    Raises:
        DraftRefused: too long, not UTF-8, no JSON, or not of the schema.
    """
    try:
        content = draft_json.encode() if isinstance(draft_json, str) else bytes(draft_json)
        if len(content) > MAX_DRAFT_BYTES:
            raise DraftRefused("the draft is too long")
        model = DraftModel.model_validate_json(content)
    except (ValidationError, UnicodeError, ValueError, TypeError, RecursionError):
        raise DraftRefused("the draft is not of the schema") from None
    return Draft(tuple(DraftSentence(s.text, tuple(s.passage_ids)) for s in model.sentences))
