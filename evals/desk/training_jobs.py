"""The pages of a job that teaches a model at its server: begin one, watch it, call it off."""

from __future__ import annotations

from decimal import Decimal
from functools import partial
from http import HTTPStatus
from typing import Any

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.dateparse import parse_datetime
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from evals.desk.doors import for_assistant_managers
from evals.desk.training import set_of
from evals.desk.training_card import base_for
from evals.distillation import jobs
from evals.distillation.options import Refused
from evals.models import TrainingExample, TrainingJob, TrainingSet
from evals.tasks import enqueue_training_job
from knowledge.access import Viewer

EVENTS_SHOWN = 200


class JobForm(forms.Form):
    """Which model is taught, and how. What is left empty the server chooses."""

    base = forms.CharField(max_length=200, label="Model that is taught", help_text="As its server calls it")
    suffix = forms.RegexField(
        r"^[a-z0-9-]*$",
        required=False,
        max_length=40,
        help_text="Part of the new model's name",
        error_messages={"invalid": "Small letters, digits and hyphens."},
    )
    n_epochs = forms.IntegerField(
        required=False, min_value=1, max_value=50, label="Rounds", help_text="How often it reads every line; 1 to 50"
    )
    learning_rate_multiplier = forms.FloatField(
        required=False, min_value=0.0001, max_value=100, label="Learning rate, as a multiple of the usual one"
    )
    beta = forms.FloatField(
        required=False, min_value=0.0001, max_value=10, help_text="How closely it stays to what it was, for preferences"
    )
    most = forms.DecimalField(
        required=False,
        min_value=Decimal("0.01"),
        max_value=100_000,
        decimal_places=2,
        label="Money at most, in US dollars",
        help_text="It does not begin where the estimate is more, or where no price is known. Empty: no limit",
    )
    is_meant = forms.BooleanField(required=False, label="Yes, send the lines to the provider and pay for the job")

    def __init__(self, training_set: TrainingSet, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if training_set.kind != TrainingSet.Kind.PREFERENCES:
            del self.fields["beta"]
        self.epochs = int(training_set.options.get("epochs", 3))
        self.fields["base"].initial = base_for(training_set)
        self.fields["n_epochs"].initial = self.epochs

    @property
    def chosen(self) -> tuple[str, int]:
        """The model and how many rounds, as far as they are said."""
        said = getattr(self, "cleaned_data", {})
        return said.get("base") or self.fields["base"].initial, said.get("n_epochs") or self.epochs

    @property
    def hyperparameters(self) -> dict[str, Any]:
        """Those that were chosen."""
        said = {name: self.cleaned_data.get(name) for name in ("n_epochs", "learning_rate_multiplier", "beta")}
        return {name: value for name, value in said.items() if value is not None}


@never_cache
@require_http_methods(["GET", "POST"])
@for_assistant_managers
def new_training_job(request: HttpRequest, viewer: Viewer, set_id: int) -> HttpResponse:
    """What a job would do and cost, reckoned anew by `do=reckon`; `do=start` begins it."""
    found = set_of(viewer, set_id)
    form = JobForm(found, request.POST if request.method == "POST" else None)
    is_start = request.POST.get("do") == "start"
    if form.is_valid() and is_start and (job := _start(form, found, viewer)):
        return redirect("training_job", job.pk)
    base, rounds = form.chosen
    context = {
        "set": found,
        "form": form,
        "base": base,
        "rounds": rounds,
        "dollars": _price(found, base, rounds),
        "tokens": found.card.get("tokens", {}).get("train"),
        "why_no_job": jobs.problem_of(found, base),
        "can_be_taught": found.state == TrainingSet.State.READY,
        "has_validation": found.examples.filter(part=TrainingExample.Part.VALIDATION).exists(),
        "here": "training",
    }
    is_wrong = request.method == "POST" and (is_start or not form.is_valid())
    status = HTTPStatus.BAD_REQUEST if is_wrong else HTTPStatus.OK
    return render(request, "evals/new_training_job.html", context, status=status)


@never_cache
@require_safe
@for_assistant_managers
def training_job(request: HttpRequest, viewer: Viewer, job_id: int) -> HttpResponse:
    """How a job stands, in the provider's words."""
    found = _job(viewer, job_id)
    context = {
        "job": found,
        "is_open": found.state in jobs.OPEN,
        "events": [event | {"at": parse_datetime(event["at"])} for event in reversed(found.events[-EVENTS_SHOWN:])],
        "here": "training",
    }
    return render(request, "evals/training_job.html", context)


@require_POST
@for_assistant_managers
def cancel_training_job(request: HttpRequest, viewer: Viewer, job_id: int) -> HttpResponse:
    """Call it off. What the provider has done until then it charges."""
    found = _job(viewer, job_id)
    if jobs.cancel(found):
        transaction.on_commit(partial(enqueue_training_job, found.pk))
        messages.success(request, "It is called off as soon as the provider has heard of it.")
    else:
        messages.warning(request, "It is over already.")
    return redirect("training_job", found.pk)


def _start(form: JobForm, found: TrainingSet, viewer: Viewer) -> TrainingJob | None:
    """The job, given to a worker; None, and the reason on the form, where it cannot be."""
    said = form.cleaned_data
    if not said["is_meant"]:
        form.add_error("is_meant", "Say that this is meant: the lines leave the house, and it costs money.")
        return None
    try:
        job = jobs.start_job(
            found,
            base=said["base"],
            suffix=said["suffix"],
            hyperparameters=form.hyperparameters,
            most_dollars=None if said["most"] is None else float(said["most"]),
            by=viewer.user_id,
        )
    except Refused as why:
        form.add_error(None, str(why))
        return None
    transaction.on_commit(partial(enqueue_training_job, job.pk))
    return job


def _price(found: TrainingSet, base: str, rounds: int) -> float | None:
    """US dollars; None where no price is known, or the setting that says it cannot be read."""
    try:
        return jobs.price_of_job(found, base, epochs=rounds)
    except Refused:
        return None


def _job(viewer: Viewer, job_id: int) -> TrainingJob:
    rows = TrainingJob.objects.visible_to(viewer).select_related("training_set", "tuned", "created_by")
    return get_object_or_404(rows, pk=job_id)
