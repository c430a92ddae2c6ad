"""What the page may send over the socket. Anything else is refused with a code, and the process stays up (A54)."""

from __future__ import annotations

import uuid
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from chat.errors import Unwelcome

SENT_ALONG = {"HEADERS", "csrfmiddlewaretoken", "ticket", "conversation"}  # by htmx and the form: not for us


class Frame(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Ask(Frame):
    """A new question. Only its text: history, roles and ids are the server's (A47)."""

    type: Literal["ask"]
    client_id: uuid.UUID
    text: str = Field(max_length=60_000)


class Again(Frame):
    """Another variant of a reply, or its continuation."""

    type: Literal["again", "continue"]
    reply: uuid.UUID


class Stop(Frame):
    type: Literal["stop"]


class Resume(Frame):
    """Sent when the socket opens: which state of the conversation the page shows."""

    type: Literal["resume"]
    changes: int = Field(ge=0, le=2**31)


AnyFrame = Annotated[Ask | Again | Stop | Resume, Field(discriminator="type")]
_adapter: TypeAdapter[Ask | Again | Stop | Resume] = TypeAdapter(AnyFrame)


def parse(content: str | bytes | None) -> Ask | Again | Stop | Resume:
    """One frame. Raises `Unwelcome("bad_frame")` for whatever is not one."""
    try:
        fields = _without_sent_along(_json.validate_json(content or b""))
        return _adapter.validate_python(fields)
    except (ValidationError, UnicodeError):
        raise Unwelcome("bad_frame") from None


_json: TypeAdapter[dict[str, Any]] = TypeAdapter(dict[str, Any])


def _without_sent_along(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if name not in SENT_ALONG}
