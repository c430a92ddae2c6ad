"""What people do with an answer: grade it, correct what an expert would say, make an example of it."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_POST

from evals.annotations import Refused, annotate, draft_with_example, open_to_people, take_back
from evals.annotations import correct_expert as keep_correction
from evals.desk.doors import for_assistant_managers, for_staff
from evals.desk.results import result_row
from evals.reporting.failures import Wanted
from knowledge.access import Viewer


@require_POST
@for_staff
def annotate_result(request: HttpRequest, viewer: Viewer, result_id: int) -> HttpResponse:
    """Keep this person's word on an answer (`grader`, `word`, `reason`), or take it back (`undo`: a grading's key)."""
    row = result_row(viewer, result_id)
    grader, undo = request.POST.get("grader", "")[:60], request.POST.get("undo", "")
    if undo:
        done = undo.isdecimal() and len(undo) < 19 and take_back(viewer, row, int(undo))
        say = messages.success if done else messages.error
        say(request, "Your word is taken back." if done else "There is nothing to take back.")
    else:
        try:
            word, reason = request.POST.get("word", ""), request.POST.get("reason", "")
            said = annotate(viewer, row, grader, word, reason=reason)
            messages.success(request, "Your word is kept.")
            grader = said.grader
        except Refused as refusal:
            messages.error(request, str(refusal))
    return _back(request, row.pk, f"said-{grader}" if grader in open_to_people() else "said")


@require_POST
@for_assistant_managers
def correct_expert(request: HttpRequest, viewer: Viewer, result_id: int) -> HttpResponse:
    """Give the case another expert answer (`text`), as read under the revision `seen`."""
    row = result_row(viewer, result_id)
    if row.case is None:
        raise Http404
    seen = request.POST.get("seen", "")
    try:
        kept = keep_correction(
            row.case,
            request.POST.get("text", ""),
            by=viewer.user_id,
            seen=int(seen) if seen.isdecimal() and len(seen) < 19 else 0,
            note=f"Corrected after result {row.pk} of run {row.run_id}",
        )
        messages.success(
            request,
            f"The expert answer is corrected: revision {kept.revision}. It counts from the next frozen version of the"
            " set on; this run keeps the one that it was graded by.",
        )
    except Refused as refusal:
        messages.error(request, str(refusal))
    return _back(request, row.pk, "expert")


@require_POST
@for_assistant_managers
def result_as_example(request: HttpRequest, viewer: Viewer, result_id: int) -> HttpResponse:
    """Make a draft of the assistant that shows the question with this `answer` to the model."""
    row = result_row(viewer, result_id)
    try:
        draft = draft_with_example(row.question, request.POST.get("answer", ""), by=viewer.user_id)
    except Refused as refusal:
        messages.error(request, str(refusal))
        return _back(request, row.pk, "example")
    messages.success(request, f"Draft {draft.number} has the example. Nothing is live yet.")
    return redirect("diff_version", draft.number)


def _back(request: HttpRequest, result_id: int, place: str) -> HttpResponse:
    """To the answer again, with the list that it was opened from."""
    query = urlencode(Wanted.from_query(request.GET).query)
    return redirect(f"{reverse('result', args=[result_id])}{'?' if query else ''}{query}#{place}")
