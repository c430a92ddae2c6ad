"""The review queue: choose a rubric and grade one answer after the other, knowing nothing of who wrote or judged it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from evals.cases import Behaviour
from evals.desk.answers import rendered
from evals.desk.doors import for_staff
from evals.grading import Grader
from evals.judging.labels import among_people, labels_for
from evals.models import Result, Review, Run
from evals.reviewing import choosing, queue, saying
from evals.reviewing.words import Word, key_of, prose_of, rubrics, words_of
from evals.running.grades import case_of
from knowledge.access import Viewer

SHOULD: dict[Behaviour, str] = {
    "answer": "answer",
    "unknown": "say that it does not know",
    "clarify": "ask back",
    "refuse": "refuse",
    "hand_over": "give the chat to a person",
}
PASSED_ON, LAST_WORD = "evals_passed_on", "evals_last_word"  # in the session
MOST_PASSED_ON = 500
RUNS = 20  # to choose from
DIGITS = 18


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@for_staff
def review(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """What there is to grade, rubric by rubric. POST begins with the `rubric`."""
    if request.method == "POST":
        grader = _rubric(request.POST.get("rubric", ""))
        request.session[PASSED_ON] = []
        return _next(request, viewer, grader)
    shelf = rubrics()
    rows = [
        {"waiting": one, "rubric": shelf[one.grader], "people": _people(shelf[one.grader])}
        for one in queue.waiting(viewer, shelf)
    ]
    context = {
        "rows": rows,
        "is_empty": not any(row["waiting"].is_known for row in rows),
        "disliked": choosing.disliked().count(),
        "runs": Run.objects.visible_to(viewer).select_related("dataset_version__dataset")[:RUNS],
        "of_a_run": choosing.OF_A_RUN,
        "here": "review",
    }
    return render(request, "evals/review.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@for_staff
def review_item(request: HttpRequest, viewer: Viewer, review_id: int) -> HttpResponse:
    """One answer. POST says a `word`, passes it on, takes back one's last word, or holds the lock (`do`)."""
    row = get_object_or_404(Review.objects.visible_to(viewer), pk=review_id)
    grader = rubrics().get(row.grader)
    if grader is None:
        raise Http404
    if request.method == "POST":
        return _done(request, viewer, row, grader)
    if queue.claim(viewer, review_id) is None:
        messages.warning(request, "This answer is not for you to grade now: it is settled, or you or others have it.")
        return redirect("review")
    return render(request, "evals/review_item.html", _item(request, viewer, row, grader))


@require_POST
@for_staff
def send_to_review(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Answers into the queue of a `rubric`: each `result`, or of a `run` those that `which` names, at most `count`.

    Without either it is real turns that customers disliked (`which=disliked`), or answers on which the judge now says
    another word than before (`which=changed`).
    """
    grader = _rubric(request.POST.get("rubric") or request.POST.get("grader", ""))
    results, reason = _wanted(request, viewer, grader)
    new, could = queue.send(results, grader.name, by=viewer.user_id, reason=reason)
    if new:
        messages.success(request, f"{_answers(new)} in the review queue now, for “{grader.title}”.")
    elif could:
        messages.warning(request, f"What you chose is in the review queue for “{grader.title}” already.")
    else:
        messages.warning(request, "There is no such answer to send.")
    return redirect(_back(request))


def _done(request: HttpRequest, viewer: Viewer, row: Review, grader: Grader) -> HttpResponse:
    match request.POST.get("do", "say"):
        case "say":
            return _say(request, viewer, row, grader)
        case "pass":
            queue.give_back(viewer, row.pk)
            request.session[PASSED_ON] = [*request.session.get(PASSED_ON, ()), row.pk][-MOST_PASSED_ON:]
            return _next(request, viewer, grader)
        case "undo":
            return _undo(request, viewer, row)
        case "hold":
            return HttpResponse(status=204 if queue.hold(viewer, row.pk) else 409)
    raise BadRequest("nothing that can be done with an answer in the queue")


def _say(request: HttpRequest, viewer: Viewer, row: Review, grader: Grader) -> HttpResponse:
    try:
        reason = request.POST.get("reason", "")
        said = saying.say(viewer, row.pk, grader, request.POST.get("word", ""), reason=reason)
    except saying.NotNow as why:
        messages.warning(request, str(why))
        return redirect("review_item", row.pk) if why.may_try_again else _next(request, viewer, grader)
    request.session[LAST_WORD] = said.pk
    return _next(request, viewer, grader)


def _undo(request: HttpRequest, viewer: Viewer, row: Review) -> HttpResponse:
    """Back to the answer that one graded last in this session."""
    queue.give_back(viewer, row.pk)
    try:
        before = saying.undo(viewer, request.session.pop(LAST_WORD, 0))
    except saying.NotNow as why:
        messages.warning(request, str(why))
        return redirect("review_item", row.pk)
    messages.success(request, "Your last word is taken back: say another one.")
    return redirect("review_item", before.pk)


def _next(request: HttpRequest, viewer: Viewer, grader: Grader) -> HttpResponse:
    passed_on = request.session.get(PASSED_ON, ())
    if found := queue.claim_next(viewer, grader.name, passed_on=passed_on):
        return redirect("review_item", found.pk)
    words = "You have passed on the rest; begin again to see it once more." if passed_on else "Thank you."
    messages.success(request, f"Nothing is left for you to grade by “{grader.title}” now. {words}")
    return redirect("review")


def _item(request: HttpRequest, viewer: Viewer, row: Review, grader: Grader) -> dict[str, Any]:
    """All that a reviewer may see: nothing of model, version, judge, or of who said what."""
    result = Result.objects.visible_to(viewer).select_related("case").get(pk=row.result_id)
    disputed = saying.words_so_far(row) if row.state == Review.State.DISPUTED else []
    case = case_of(result)
    return {
        "review": row,
        "rubric": grader,
        "prose": prose_of(grader),
        "words": words_of(grader),
        "case": case,
        "should": SHOULD[case.expects],
        "is_real": result.case_id is None,
        "blocks": rendered(result.text, str(result.pk)),
        "result": result,
        "passages": result.reading.passages,
        "lookups": result.reading.lookups,
        "disputed": [(_in_words(grader, said), said.reason) for said in disputed],
        "waiting": queue.waiting(viewer, [grader.name])[0],
        "can_undo": LAST_WORD in request.session,
        "here": "review",
    }


def _in_words(grader: Grader, said: Any) -> Word:
    key = key_of(grader, said.label, said.points, said.passed)
    return next(word for word in words_of(grader) if word.key == key)


def _wanted(request: HttpRequest, viewer: Viewer, grader: Grader) -> tuple[Iterable[Result], str]:
    which = request.POST.get("which", "all")
    answers = Result.objects.visible_to(viewer)
    if ids := request.POST.getlist("result"):
        return answers.filter(pk__in=[_number(one) for one in ids[: queue.A_SENDING]]), "chosen"
    if run := request.POST.get("run", ""):
        row = get_object_or_404(Run.objects.visible_to(viewer), pk=_number(run))
        if which not in choosing.OF_A_RUN:
            raise BadRequest(f"no such answers: {which[:20]}")
        most = _number(request.POST.get("count", ""))
        return choosing.of_run(row, which, grader.name, count=most), f"run {row.pk}: {which}"
    if which == "disliked":
        return choosing.disliked(), "thumbs down"
    if which == "changed":
        return answers.filter(pk__in=choosing.judged_differently(grader)), "versions of the judge differ"
    raise BadRequest("say which answers are to be sent")


def _number(text: str) -> int:
    """0 for what is none, or none that a row could have."""
    return int(text) if text.isdecimal() and len(text) < DIGITS else 0


def _rubric(name: str) -> Grader:
    grader = rubrics().get(name)
    if grader is None:
        raise BadRequest(f"nobody grades by this rubric: {name[:60]}")
    return grader


def _people(grader: Grader) -> Any:
    return among_people(grader, labels_for(grader))


def _back(request: HttpRequest) -> str:
    path = request.POST.get("back", "")
    return path if url_has_allowed_host_and_scheme(path, None) and path.startswith("/") else "review"


def _answers(n: int) -> str:
    return "1 answer is" if n == 1 else f"{n} answers are"
