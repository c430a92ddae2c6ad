"""The judges: how far people agree with each, where it errs, and what it may therefore be used for."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from evals import charts
from evals.datasets.tables import MARK, line_of
from evals.desk.doors import for_assistant_managers, for_staff
from evals.graders import GRADERS
from evals.grading import Grader
from evals.judging import probes
from evals.judging.comparisons import figures_of_comparisons
from evals.judging.exporting import COLUMNS, pairs_of
from evals.judging.figures import Figures, figures_of, versions_of
from evals.judging.labels import labels_for
from evals.judging.licences import licence_from, licence_of
from evals.judging.spread import spread_of
from evals.models import Grading, JudgeProbe, Result
from evals.reviewing.words import is_serious, prose_of, rubrics, words_of
from evals.statistics.intervals import Estimate
from evals.tasks import enqueue_probe
from knowledge.access import Viewer

WORST = 25  # disagreements on the page
PROBES = 10
OFFERS = {
    JudgeProbe.Kind.CALIBRATION: "Grade what people have graded",
    JudgeProbe.Kind.REPEATS: "Ask the same again",
    JudgeProbe.Kind.PADDING: "Pad the answers",
}
FORMATS = {"csv": "text/csv; charset=utf-8", "jsonl": "application/jsonl"}


@dataclass(frozen=True)
class Differing:
    """An answer on which people and the judge differ, with the judge's reasons."""

    result: Result
    people: str
    judge: str
    reason: str
    is_dangerous: bool


@never_cache
@require_safe
@for_staff
def judges(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """All judges, with what each may be used for and why."""
    probed = set(JudgeProbe.objects.visible_to(viewer).open().values_list("grader", flat=True))
    rows = [
        {"judge": judge, "licence": licence_of(judge.name), "is_probed": judge.name in probed}
        for judge in _judges().values()
    ]
    return render(request, "evals/judges.html", {"rows": rows, "here": "judges"})


@never_cache
@require_safe
@for_staff
def judge(request: HttpRequest, viewer: Viewer, name: str) -> HttpResponse | StreamingHttpResponse:
    """One judge; with `?format=csv` or `jsonl` its words and people's as a file."""
    grader = _judge(name)
    if form := request.GET.get("format"):
        return _file(grader, form)
    labels = labels_for(grader)
    figures = figures_of_comparisons(grader) if grader.compares else figures_of(grader, labels=labels)
    spread = spread_of(grader)
    context = {
        "judge": grader,
        "licence": licence_from(grader, figures),
        "figures": figures,
        "confusion": _confusion(grader, figures),
        "worst": _differing(viewer, grader, figures),
        "others": [
            (model, figures_of(grader, version, labels))
            for version, model in versions_of(grader, labels).items()
            if version != figures.version
        ],
        "spread": spread,
        "bars": charts.bars(spread.words),
        "prose": prose_of(grader),
        "words": words_of(grader),
        "probes": JudgeProbe.objects.visible_to(viewer).filter(grader=grader.name)[:PROBES],
        "offers": _offers(grader) if viewer.can_manage_assistant else [],
        "may_manage": viewer.can_manage_assistant,
        "padding_words": _change(figures.steady.padding),
        "takes_labels": grader.name in rubrics(),
        "here": "judges",
    }
    return render(request, "evals/judge.html", context)


@require_POST
@for_assistant_managers
def probe_judge(request: HttpRequest, viewer: Viewer, name: str) -> HttpResponse:
    """Begin a probe of the `kind`: it runs in the background and costs money."""
    grader, kind = _judge(name), request.POST.get("kind", "")
    if kind not in JudgeProbe.Kind.values:
        raise BadRequest(f"no such probe: {kind[:20]}")
    try:
        probe = probes.begin(grader, kind, by=viewer.user_id)
    except probes.NotProbed as why:
        messages.warning(request, str(why))
    else:
        transaction.on_commit(lambda: enqueue_probe(probe.pk))
        messages.success(request, "It has begun. Its figures stand here when it is over; reload to see how far it is.")
    return redirect("judge", grader.name)


def _judges() -> dict[str, Grader]:
    return {name: one for name, one in GRADERS.items() if one.kind == "judge"}


def _judge(name: str) -> Grader:
    found = _judges().get(name)
    if found is None:
        raise Http404
    return found


def _confusion(grader: Grader, figures: Figures) -> charts.Confusion | None:
    if figures.raw is None:
        return None
    good = {word.key for word in words_of(grader) if word.passed}
    dangerous = {(bad, word) for bad in figures.raw.labels if is_serious(grader, bad) for word in good}
    return charts.confusion_table(figures.raw.confusion, figures.raw.labels, dangerous=dangerous)


def _differing(viewer: Viewer, grader: Grader, figures: Figures) -> list[Differing]:
    """Of a judge that compares they stand under Model choice."""
    pairs = [] if grader.compares else figures.worst_first[:WORST]
    ids = [pair.result for pair in pairs]
    results = Result.objects.visible_to(viewer).without_answers().in_bulk(ids)
    said = Grading.objects.visible_to(viewer).filter(result__in=ids, grader=grader.name, version=figures.version)
    reasons = dict(said.filter(is_human=False, against=None).order_by("id").values_list("result_id", "reason"))
    return [
        Differing(results[pair.result], pair.people, pair.judge, reasons.get(pair.result, ""), pair.is_dangerous)
        for pair in pairs
        if pair.result in results
    ]


def _offers(grader: Grader) -> list[dict[str, Any]]:
    """The probes that can be begun, with how many words each asks for and what that is expected to cost."""
    able = [kind for kind in OFFERS if kind is JudgeProbe.Kind.CALIBRATION or not grader.compares]
    return [
        {"kind": kind.value, "title": OFFERS[kind], "calls": plan.calls, "dollars": plan.dollars}
        for kind in able
        if (plan := probes.plan_of(grader, kind)).calls
    ]


def _change(padding: Estimate | None) -> str:
    if padding is None:
        return ""
    return f"{padding.value:+.2f} of the score, between {padding.low:+.2f} and {padding.high:+.2f}"


def _file(grader: Grader, form: str) -> StreamingHttpResponse:
    if form not in FORMATS:
        raise BadRequest(f"no such format: {form[:20]}")
    lines = _table(grader) if form == "csv" else _lines(grader)
    name = f'attachment; filename="{grader.name}.{form}"'
    return StreamingHttpResponse(lines, content_type=FORMATS[form], headers={"Content-Disposition": name})


def _lines(grader: Grader) -> Iterator[bytes]:
    for pair in pairs_of(grader):
        yield f"{json.dumps(pair, ensure_ascii=False)}\n".encode()


def _table(grader: Grader) -> Iterator[bytes]:
    """Begins with the mark by which Excel knows UTF-8. A cell that a spreadsheet would run gets an apostrophe."""
    yield f"{MARK}{line_of(COLUMNS)}".encode()
    for pair in pairs_of(grader):
        yield line_of(pair.values()).encode()
