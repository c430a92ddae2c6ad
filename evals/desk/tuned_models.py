"""The pages of models that were taught: register one, try it beside its teacher and its base, put it to use or not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from typing import Any, cast

from django import forms
from django.contrib import messages
from django.core.exceptions import BadRequest
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from evals import tasks
from evals.charts import Interval, interval, shared_reach
from evals.desk.doors import for_assistant_managers
from evals.distillation import promoting, replacing, trying, tuned
from evals.distillation.options import Refused
from evals.headlines import Headline, answered_by, headlines
from evals.models import Dataset, JudgeProbe, Run, TrainingSet, TunedModel
from evals.reviewing.words import rubrics
from knowledge.access import Viewer

DIGITS = 18
PROBES = 6
WHO = {trying.TEACHER: "The strong model, as it is live", trying.BASE: "Its base", trying.TUNED: "The taught model"}


class TunedModelForm(forms.Form):
    """A model that was taught elsewhere, and is served under an address that the product knows."""

    name = forms.CharField(
        max_length=200,
        help_text="As its server calls it: the server of the other models, or a gateway in front of both",
    )
    role = forms.ChoiceField(choices=TunedModel.Role.choices, label="What it does")
    grader = forms.ChoiceField(required=False, label="Judge", help_text="Only for one that judges: in whose place")
    base = forms.CharField(required=False, max_length=200, label="Made from", help_text="The model that it was before")
    training_set = forms.ModelChoiceField(
        queryset=TrainingSet.objects.none(), required=False, label="Taught on", empty_label="not a set from here"
    )
    note = forms.CharField(required=False, max_length=400, help_text="For colleagues: how it was taught, where it runs")

    def __init__(self, viewer: Viewer, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        judges = [(name, one.title) for name, one in rubrics().items()]
        cast("forms.ChoiceField", self.fields["grader"]).choices = [("", "none"), *judges]
        ready = TrainingSet.objects.visible_to(viewer).filter(state=TrainingSet.State.READY)
        cast("forms.ModelChoiceField[TrainingSet]", self.fields["training_set"]).queryset = ready


@dataclass(frozen=True)
class Line:
    """One run of a trial: how far it is, or what it came to beside the teacher's. `each` is dollars an answer."""

    who: str
    run: Run | None
    headline: Headline | None
    answered: int | None
    chart: Interval | None

    @property
    def each(self) -> float | None:
        """US dollars an answer with its grades; None where no price is known."""
        figures = self.headline
        if figures is None or figures.dollars is None or figures.unpriced or not figures.answers:
            return None
        return figures.dollars / figures.answers


@never_cache
@require_http_methods(["GET", "POST"])
@for_assistant_managers
def new_tuned_model(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Register a model: it has to answer a greeting first."""
    posted = request.method == "POST"
    first = {"training_set": request.GET.get("set", ""), "role": request.GET.get("role", "")}
    form = TunedModelForm(viewer, request.POST if posted else None, initial=first)
    if posted and form.is_valid():
        try:
            made = tuned.register(**form.cleaned_data, by=viewer.user_id)
        except Refused as why:
            form.add_error("name", str(why))
        else:
            messages.success(request, f"{made.name} is registered. Try it before it is used.")
            return redirect("tuned_model", made.pk)
    status = HTTPStatus.BAD_REQUEST if posted else HTTPStatus.OK
    return render(request, "evals/new_tuned_model.html", {"form": form, "here": "training"}, status=status)


@never_cache
@require_safe
@for_assistant_managers
def tuned_model(request: HttpRequest, viewer: Viewer, model_id: int) -> HttpResponse:
    """The way of one model: tried, compared, held against the gate or against people, and used or not.

    Who has watched a trial (`?was=open`) is told to load the page again once it is over.
    """
    found = _model(viewer, model_id)
    is_judge = found.role == TunedModel.Role.JUDGE
    context = {
        "model": found,
        "is_judge": is_judge,
        "is_live": promoting.is_live(found),
        **(_of_a_judge(viewer, found) if is_judge else _of_an_answerer(viewer, found)),
        "here": "training",
    }
    answer = render(request, "evals/tuned_model.html", context)
    if request.GET.get("was") == "open" and not context["is_open"]:
        answer["HX-Refresh"] = "true"
    return answer


@require_POST
@for_assistant_managers
def settle_tuned_model(request: HttpRequest, viewer: Viewer, model_id: int) -> HttpResponse:
    """`do`: try, which costs money; draft, appoint, retire, take_back."""
    found = _model(viewer, model_id)
    deed = DEEDS.get(request.POST.get("do", ""))
    if deed is None:
        raise BadRequest("a model is tried, put into a draft, appointed, retired or taken back")
    try:
        messages.success(request, deed(found, request, viewer))
    except Refused as why:
        messages.warning(request, str(why))
    return redirect("tuned_model", found.pk)


def _of_an_answerer(viewer: Viewer, found: TunedModel) -> dict[str, Any]:
    """Its trials beside the teacher's and the base's runs, and what another would take."""
    trials = trying.trials_of(found)
    shown = [(one, _lines(one)) for one in trials]
    return {
        "trials": shown,
        "is_open": any(not one.is_over for one in trials),
        "is_tried": any(one.tuned and not one.tuned.is_open for one in trials),
        "price": _price(found),
        "sets": Dataset.objects.visible_to(viewer).in_use(),
    }


def _of_a_judge(viewer: Viewer, found: TunedModel) -> dict[str, Any]:
    """Its agreement with people beside the strong judge's, and what it was put to."""
    probes = JudgeProbe.objects.visible_to(viewer).filter(grader=found.grader, model=found.name)[:PROBES]
    try:
        replacement, problem = replacing.replacement_of(found), ""
    except Refused as why:
        replacement, problem = None, str(why)
    return {
        "replacement": replacement,
        "problem": problem,
        "most_lost": replacing.MOST_LOST,
        "probes": probes,
        "is_open": any(one.state in {JudgeProbe.State.WAITING, JudgeProbe.State.RUNNING} for one in probes),
    }


def _lines(trial: trying.Trial) -> list[Line]:
    named = {trying.TEACHER: trial.teacher, trying.BASE: trial.base, trying.TUNED: trial.tuned}
    runs = [run for run in named.values() if run]
    figures, answered = headlines(runs), answered_by(runs)
    reach = shared_reach([one.difference for one in figures.values() if one.difference])
    found = []
    for role, run in named.items():
        headline = figures.get(run.pk) if run else None
        difference = headline.difference if headline else None
        chart = interval(difference, low=-reach, high=reach) if difference else None
        found.append(Line(WHO[role], run, headline, answered.get(run.pk) if run else None, chart))
    return found


def _price(found: TunedModel) -> trying.Price | str:
    """What a trial takes, or why there can be none."""
    try:
        return trying.price_of_trial(found)
    except Refused as why:
        return str(why)


def _try(found: TunedModel, request: HttpRequest, viewer: Viewer) -> str:
    if found.role == TunedModel.Role.JUDGE:
        kind = request.POST.get("kind", JudgeProbe.Kind.CALIBRATION)
        if kind not in JudgeProbe.Kind.values:
            raise Refused("There is no such probe.")
        probe = replacing.calibrate(found, kind=kind, by=viewer.user_id)
        transaction.on_commit(partial(tasks.enqueue_probe, probe.pk))
        return "It grades what people have graded. Its figures stand here when it is over."
    ids = [int(one) for one in request.POST.getlist("set") if one.isdecimal() and len(one) < DIGITS]
    chosen = list(Dataset.objects.visible_to(viewer).in_use().filter(pk__in=ids)) if ids else None
    runs = trying.try_it(found, sets=chosen, by=viewer.user_id)
    for run in runs:
        transaction.on_commit(partial(tasks.enqueue, run.pk))
    words = "1 run has" if len(runs) == 1 else f"{len(runs)} runs have"
    return f"{words} begun." if runs else "Nothing is to be run: the runs that are there are as things are now."


def _draft(found: TunedModel, _: HttpRequest, viewer: Viewer) -> str:
    draft = promoting.draft_of(found, by=viewer.user_id)
    return (
        f"Version {draft.number} is a draft in which it answers easy questions. The gate says whether it may go live."
    )


def _appoint(found: TunedModel, _: HttpRequest, __: Viewer) -> str:
    if found.role != TunedModel.Role.JUDGE:
        raise Refused("A model that answers goes live by a version: make a draft.")
    replacing.appoint(found)
    return f"{found.name} judges from now on. Its licence follows from its own figures."


def _retire(found: TunedModel, _: HttpRequest, __: Viewer) -> str:
    was_judging = found.role == TunedModel.Role.JUDGE and promoting.is_live(found)
    promoting.retire(found)
    return "The strong judge judges again." if was_judging else "It is retired. It can be taken back."


def _take_back(found: TunedModel, _: HttpRequest, __: Viewer) -> str:
    promoting.take_back(found)
    return "It is back. It is not used before you say so."


DEEDS: dict[str, Callable[[TunedModel, HttpRequest, Viewer], str]] = {
    "try": _try,
    "draft": _draft,
    "appoint": _appoint,
    "retire": _retire,
    "take_back": _take_back,
}


def _model(viewer: Viewer, model_id: int) -> TunedModel:
    rows = TunedModel.objects.visible_to(viewer).select_related("training_set", "draft", "created_by")
    return get_object_or_404(rows.defer("draft__content"), pk=model_id)
