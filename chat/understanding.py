"""Reads a question before it is searched: a follow-up ("and for 15 years?") is made to stand alone."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from chat.context import Turn


class Understood(BaseModel):
    """What the small model makes of a question. `standalone` needs no earlier message to be understood."""

    model_config = ConfigDict(extra="forbid")

    standalone: str = Field(min_length=1, max_length=1_000)
    language: str = Field(max_length=20)
    topic: str = Field(max_length=80)
    difficulty: Literal["easy", "hard"]
    needs_tools: bool


async def understand(turn: Turn) -> Understood | None:
    """Read the turn's question where its version wants that; None where it does not, or the model is away."""
    return None
