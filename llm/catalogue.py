"""Which model stands behind an alias, and what its server cannot take: all from the environment, unless a version of
the assistant names a model of its own.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from django.conf import settings

from llm.behalf import current
from llm.events import Alias


@dataclass(frozen=True)
class Model:
    """A model's name at its server, and the request's parts that this server cannot take."""

    alias: Alias
    name: str
    lacks: frozenset[str]

    def takes(self, part: str) -> bool:
        return part not in self.lacks


def model_for(alias: Alias) -> Model:
    """The model set for an alias, or the one that the version at work names for it.

    `LLM_LACKS` names a part for all (`seed`) or one alias (`small:seed`).
    """
    names: dict[Alias, str] = {
        "strong": settings.LLM_STRONG_MODEL,
        "small": settings.LLM_SMALL_MODEL,
        "judge": settings.LLM_JUDGE_MODEL,
        "embedding": settings.LLM_EMBEDDING_MODEL,
        "moderation": settings.LLM_MODERATION_MODEL,
    }
    lacks = (entry.rpartition(":") for entry in settings.LLM_LACKS)
    name = current().models.get(alias) or names[alias]
    return Model(alias, name, frozenset(part for owner, _, part in lacks if owner in ("", alias)))


def candidates_for(alias: Alias) -> list[Model]:
    """The model set for an alias, and the fallback if one is set."""
    model = model_for(alias)
    fallback = settings.LLM_FALLBACK_MODEL
    return [model, replace(model, name=fallback)] if fallback not in ("", model.name) else [model]


def embedding_model() -> str:
    """The name of the embedding model set now: vectors are kept by it and never mixed."""
    return model_for("embedding").name
