"""What is asked for when a training set is made."""

from __future__ import annotations

from datetime import date

from django.conf import settings
from pydantic import BaseModel, ConfigDict, Field


class Refused(Exception):
    """A set cannot be made so; the message says why, and what to do."""


class Options(BaseModel):
    """All that decides which lines a set has, beside what is stored. The same options give the same bytes.

    `likeness` and `overlap` are how near a question may be to one that measures: the cosine of their vectors, and the
    share of telling words that they have in common; from either on a line is left out. `twins` is the cosine from
    which two lines say the same. `measured` is the share of what people graded that a judge is never taught, so that
    its agreement can be measured on it. `base` is the model that is to be taught; empty: the one behind `small`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    since: date | None = None
    share: float = Field(default=0.1, ge=0, le=0.5, description="Of the lines, for validation")
    seed: int = Field(default=7, ge=0, lt=2**31)
    allow_demo: bool = False
    likeness: float = Field(default=0.7, gt=0, le=1)
    overlap: float = Field(default=0.6, gt=0, le=1)
    twins: float = Field(default=0.95, gt=0, le=1)
    of_one_customer: int = Field(default=20, ge=1, le=10_000, description="Lines at most from one customer")
    measured: float = Field(default=0.5, ge=0, le=0.95)
    context: int = Field(default=16_384, ge=512, le=2_000_000, description="Tokens of a line at most")
    epochs: int = Field(default=3, ge=1, le=50)
    base: str = Field(default="", max_length=200)

    @property
    def pupil(self) -> str:
        """The model that is to be taught."""
        return self.base or str(settings.LLM_SMALL_MODEL)
