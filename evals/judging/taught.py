"""Which cases a judge was taught by: agreement with people says nothing on those."""

from __future__ import annotations

from evals.models import TrainingExample, TrainingSet, TunedModel


def taught_with(model: str) -> frozenset[str]:
    """The cases, as `Labels.units` names them, of the set that a model was tuned on, its part for validation too; and
    of those of the models that it was made from.

    Empty for a model that was not tuned here. Two queries, and one more for each model that it was made from.
    """
    lines = TrainingExample.objects.filter(
        training_set__kind=TrainingSet.Kind.JUDGE,
        training_set__tuned__name__in=_with_its_bases(model),
        origin__has_key="unit",
    )
    return frozenset(lines.values_list("origin__unit", flat=True).distinct())


def _with_its_bases(model: str) -> list[str]:
    found: list[str] = []
    while model and model not in found:
        found.append(model)
        model = TunedModel.objects.filter(name=model).values_list("base", flat=True).first() or ""
    return found
