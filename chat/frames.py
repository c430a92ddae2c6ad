"""What the page may send over the socket. Anything else is refused with a code, and the process stays up (A54)."""

from __future__ import annotations

import json
import uuid
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

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
        fields = json.loads(content or "")
        return _adapter.validate_python(
            {name: _paired(value) for name, value in fields.items() if name not in SENT_ALONG}
        )
    except (ValueError, AttributeError, RecursionError):
        raise Unwelcome("bad_frame") from None


def _paired(value: Any) -> Any:
    """A text without lone surrogates, which JSON can carry and nothing after it (F48)."""
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "ignore")
    return value
