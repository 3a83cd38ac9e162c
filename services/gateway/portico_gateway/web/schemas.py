"""Request and small response bodies of the patient API."""

from pydantic import BaseModel, ConfigDict, Field

_TAG = r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})?$"


class _Body(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True, strict=True)


class NewConversation(_Body):
    """`locale` chooses the language of the fixed texts."""

    locale: str = Field("en", pattern=_TAG)


class ConversationId(_Body):
    """The id of a conversation: 128 random bits or more."""

    id: str


class NewTurn(_Body):
    """A patient's message; `locale` is the page's language now, where it is no longer the conversation's."""

    text: str = Field(repr=False)
    locale: str | None = Field(None, pattern=_TAG)


class Feedback(_Body):
    """Whether a turn helped; `reason` is one of a closed set, never free text."""

    helpful: bool
    reason: str | None = Field(None, pattern=r"^(wrong|unclear|incomplete|unsafe|other)$")
