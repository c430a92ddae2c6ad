"""The pages on which a run is started, watched and steered."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal, InvalidOperation
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from chat.models import AssistantVersion
from evals import tasks
from evals.datasets.sets import Refused as SetRefused
from evals.datasets.sets import freeze
from evals.desk.doors import for_assistant_managers, for_staff
from evals.desk.run_forms import Plan, RunForm, defaults
from evals.desk.runs import run_row
from evals.models import DatasetVersion, Run
from evals.running import runs, steering
from evals.running.progress import progress_of
from evals.running.runs import Refused
from knowledge.access import Viewer

DOUBLE_CLICK = timedelta(seconds=5)


@never_cache
@require_http_methods(["GET", "POST"])
@for_assistant_managers
def new_run(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Choose what is run, see what it will take, and start it.

    A choice that changes asks for the estimate anew; only what was seen with its estimate is started.
    """
    form = RunForm(viewer, request.POST or _filled_in(viewer, request))
    plan = form.plan() if form.is_valid() else None
    wants_start = request.POST.get("do") == "start"
    is_news = wants_start and plan is not None and request.POST.get("seal") != plan.seal
    if wants_start and plan and not is_news and (run := _start(form, plan, viewer)):
        return redirect("run", run.pk)
    context = {"form": form, "plan": plan, "is_news": is_news}
    template = "evals/_plan.html" if request.headers.get("HX-Request") else "evals/new_run.html"
    is_wrong = wants_start and bool(form.errors)
    return render(request, template, context, status=HTTPStatus.BAD_REQUEST if is_wrong else HTTPStatus.OK)


@never_cache
@require_safe
@for_staff
def run_progress(request: HttpRequest, viewer: Viewer, run_id: int) -> HttpResponse:
    """How far it is: a part of the run's page, which asks every 2 seconds, and a page for who has no JavaScript.

    At the end the run's page is told to load itself again.
    """
    run = run_row(viewer, run_id)
    context = {"run": run, "progress": progress_of(run), "may_manage": viewer.can_manage_assistant}
    if not request.headers.get("HX-Request"):
        return render(request, "evals/run_progress.html", context)
    answer = render(request, "evals/_progress.html", context)
    if request.GET.get("was") == "open" and not run.is_open:
        answer["HX-Refresh"] = "true"
    return answer


@require_POST
@for_assistant_managers
def steer_run(request: HttpRequest, viewer: Viewer, run_id: int) -> HttpResponse:
    """`do`: pause, resume (perhaps with another `budget`), stop, retry, regrade."""
    run = run_row(viewer, run_id)
    do = WISHES.get(request.POST.get("do", ""))
    if do is None:
        messages.error(request, "A run is paused, resumed, stopped, retried or graded again.")
        return redirect("run", run_id)
    try:
        messages.success(request, do(run, request))
    except Refused as problem:
        messages.warning(request, str(problem))
    return redirect("run", run_id)


def _filled_in(viewer: Viewer, request: HttpRequest) -> dict[str, object]:
    """The form's first state: the live version and the first set, where the address names no others."""
    said = defaults(request.GET)
    empty = RunForm(viewer, said)
    if empty.sets:
        golden = [one for one in empty.sets if one.purpose == one.Purpose.GOLDEN]
        said.setdefault("dataset", (golden or empty.sets)[0].slug)
    live = next((row.number for row in empty.versions if row.state == row.State.LIVE), "")
    return {"version": str(live)} | said


def _start(form: RunForm, plan: Plan, viewer: Viewer) -> Run | None:
    """The run, given to a worker; None, and the reason on the form, when it cannot be."""
    said = form.cleaned_data
    if not said["note"].strip():
        form.add_error("note", "Say in a few words what changed: it is how people find this run again.")
        return None
    try:
        with transaction.atomic():
            asked = freeze(plan.dataset, by=viewer.user_id)
            if run := _just_started(asked, plan, said, viewer):
                return run
            run = runs.start(
                asked,
                plan.version,
                repetitions=said["repetitions"],
                graders=said["graders"],
                baseline=plan.baseline,
                note=said["note"],
                budget_microdollars=_microdollars(said["budget"]),
                by=viewer.user_id,
            )
            transaction.on_commit(lambda: tasks.enqueue(run.pk))
    except (Refused, SetRefused) as problem:
        form.add_error(None, str(problem))
        return None
    return run


def _just_started(asked: DatasetVersion, plan: Plan, said: dict[str, Any], viewer: Viewer) -> Run | None:
    """The run that a first click of the same person has just started: a double click is one run."""
    AssistantVersion.objects.select_for_update(no_key=True).get(pk=plan.version.pk)  # the second click waits here
    same = Run.objects.visible_to(viewer).filter(
        dataset_version=asked,
        assistant_version=plan.version,
        repetitions=said["repetitions"],
        note=said["note"].strip(),
        created_by_id=viewer.user_id,
        created_at__gte=timezone.now() - DOUBLE_CLICK,
    )
    return same.first()


def _pause(run: Run, _: HttpRequest) -> str:
    _if_so(steering.pause(run), "It is not under way.")
    return "It pauses: what is in flight ends and is kept, nothing more begins."


def _resume(run: Run, request: HttpRequest) -> str:
    _if_so(steering.resume(run, budget_microdollars=_budget(request)), "It does not wait to be resumed.")
    tasks.enqueue(run.pk)
    return "It goes on with what is missing. No answer that is there is asked again."


def _stop(run: Run, _: HttpRequest) -> str:
    _if_so(steering.stop(run), "It has ended already.")
    return "It is stopped, with the answers that it has."


def _retry(run: Run, _: HttpRequest) -> str:
    count = steering.retry(run)
    _if_so(bool(count), "There is no case without an answer that could be asked again.")
    tasks.enqueue(run.pk)
    return "1 case is asked again." if count == 1 else f"{count} cases are asked again."


def _regrade(run: Run, _: HttpRequest) -> str:
    _if_so(steering.grade_again(run), "There is no answer yet that could be graded.")
    tasks.enqueue(run.pk)
    return "Its answers are graded again by the graders of today. No question is asked."


WISHES: dict[str, Callable[[Run, HttpRequest], str]] = {
    "pause": _pause,
    "resume": _resume,
    "stop": _stop,
    "retry": _retry,
    "regrade": _regrade,
}


def _if_so(is_done: bool, otherwise: str) -> None:
    if not is_done:
        raise Refused(otherwise)


def _budget(request: HttpRequest) -> int | None:
    text = request.POST.get("budget", "").strip()
    try:
        return _microdollars(Decimal(text[:20])) if text else None
    except InvalidOperation:
        raise Refused(f"“{text[:20]}” is not an amount in dollars, such as 2.50.") from None


def _microdollars(dollars: Decimal | None) -> int | None:
    if dollars is None:
        return None
    if not dollars.is_finite() or dollars > 100_000:
        raise Refused("A budget is an amount in dollars, at most 100,000.")
    return round(dollars * 1_000_000)
