"""A model that was taught goes live as any change does: a draft, the gate, a click; and back by one click.

What puts it live is a version of the assistant that names it. No setting changes and no process starts anew; going back
to the version before asks the model before, since the version is what names it.
"""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from chat.assistant import Assistant
from chat.models import AssistantVersion
from chat.versions.states import find, live_version, make_draft, version_of
from evals.distillation.options import Refused
from evals.distillation.replacing import step_down
from evals.distillation.trying import changed
from evals.models import TunedModel


def draft_of(tuned: TunedModel, *, by: int | None) -> AssistantVersion:
    """A draft of the live version in which the model answers easy questions. Raises `Refused`.

    A draft that says the same is taken again. Whether it may go live the gate says, as of any other.
    """
    if tuned.role != TunedModel.Role.SMALL:
        raise Refused(f"{tuned.name} is taught to judge: appoint it instead.")
    if tuned.retired_at:
        raise Refused(f"{tuned.name} is retired. Take it back first.")
    live = find("live")
    record = with_small(version_of(live).assistant, tuned.name)
    if record == version_of(live).assistant:
        raise Refused(f"{tuned.name} is live already.")
    with transaction.atomic():
        held = TunedModel.objects.select_for_update(no_key=True).select_related(None).get(pk=tuned.pk)
        same = AssistantVersion.objects.filter(state=AssistantVersion.State.DRAFT, hash=record.hash)
        draft = same.first() or make_draft(record, based_on=live, by=by, note=f"Easy questions: {tuned.name}")
        TunedModel.objects.filter(pk=held.pk).update(draft=draft)
    tuned.draft = draft
    return draft


def with_small(assistant: Assistant, name: str) -> Assistant:
    """The record in which this model stands behind `small`, and answers what is easy."""
    return changed(assistant, {"models": {"small": name}, "model_choice": {"easy": "small"}})


def is_live(tuned: TunedModel) -> bool:
    """Whether customers get its answers, or their judges its words."""
    if tuned.role == TunedModel.Role.JUDGE:
        return TunedModel.objects.judging().filter(pk=tuned.pk).exists()
    return tuned.name in live_version().models.values()


def retire(tuned: TunedModel) -> None:
    """It is not offered any more; a judge steps down with it. Raises `Refused` for one whose answers customers get."""
    if tuned.role == TunedModel.Role.SMALL and is_live(tuned):
        raise Refused(f"{tuned.name} answers customers: go back to another version of the assistant first.")
    if not step_down(tuned):
        TunedModel.objects.filter(pk=tuned.pk).update(retired_at=timezone.now())


def take_back(tuned: TunedModel) -> None:
    """It is offered again; a judge is not appointed by that."""
    TunedModel.objects.filter(pk=tuned.pk).update(retired_at=None, appointed_at=None)
