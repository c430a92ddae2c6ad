"""The page of a version's gate, and the button that runs what it lacks."""

from __future__ import annotations

from functools import partial

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from chat.desk.doors import version_row
from evals import tasks
from evals.desk.doors import for_assistant_managers
from evals.gates import gate_of
from evals.gates.lacking import begin, lacking, price_of
from evals.running.runs import Refused
from knowledge.access import Viewer


@never_cache
@require_safe
@for_assistant_managers
def gate(request: HttpRequest, viewer: Viewer, number: int) -> HttpResponse:
    """What every set that gates says of this version."""
    row = version_row(viewer, number)
    gates = gate_of(row)
    lacks = lacking(gates, row)
    context = {
        "version": row,
        "gates": gates,
        "is_open": all(one.is_passed for one in gates),
        "lacking": lacks,
        "price": price_of(lacks),
        "under_way": [run for one in gates for run in one.under_way],
    }
    return render(request, "evals/gate.html", context)


@require_POST
@for_assistant_managers
def run_gate(request: HttpRequest, viewer: Viewer, number: int) -> HttpResponse:
    """Run what the gate lacks: this version, and the live one where there is nothing to compare with."""
    row = version_row(viewer, number)
    try:
        runs = begin(lacking(gate_of(row), row), by=viewer.user_id)
    except Refused as problem:
        messages.error(request, str(problem))
        return redirect("gate", number)
    for run in runs:
        transaction.on_commit(partial(tasks.enqueue, run.pk))
    messages.success(request, _begun(len(runs)))
    return redirect("gate", number)


def _begun(count: int) -> str:
    if not count:
        return "Nothing is lacking: what the gate says rests on runs of today’s version, set and documents."
    runs = "1 run has" if count == 1 else f"{count} runs have"
    return f"{runs} begun, in the background. This page says how far they are."
