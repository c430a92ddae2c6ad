"""What people say to one answer while they look at it: their own grade, a better expert answer, an example to follow.

Words said here are kept beside those of the review queue, which is blind; both are people's.
"""

from __future__ import annotations

from django.db import transaction
from pydantic import ValidationError

from chat.assistant import Assistant, Example
from chat.models import AssistantVersion
from chat.versions.states import live_version, make_draft
from evals.cases import Case
from evals.datasets import sets
from evals.graders import GRADERS
from evals.grading import Grader
from evals.models import CaseRevision, Grading, Result
from evals.models.access import StaffQuerySet
from evals.reviewing.words import words_of
from knowledge.access import Viewer
from llm.cleaning import clean

LONGEST_REASON = 2_000  # characters
CANNOT_SAY = "abstain"
MOST_EXAMPLES = next(
    rule.max_length for rule in Assistant.model_fields["examples"].metadata if hasattr(rule, "max_length")
)


class Refused(Exception):
    """What cannot be said or changed so; the message says why, and what to do."""


def open_to_people() -> dict[str, Grader]:
    """The graders whose word a person may put his own beside: all but numbers, and those that need two answers."""
    return {name: one for name, one in GRADERS.items() if one.kind != "measure" and not one.compares}


@transaction.atomic
def annotate(viewer: Viewer, result: Result, grader: str, key: str, *, reason: str = "") -> Grading:
    """Keep this person's word on an answer, by the grader's rubric; an earlier one of his is taken back.

    `key` is one of the rubric's words, or CANNOT_SAY. Raises `Refused`.
    """
    rubric = open_to_people().get(grader)
    if rubric is None:
        raise Refused("Nobody grades by this rubric.")
    worth = _worth(rubric, key)
    Result.objects.select_for_update(no_key=True).get(pk=result.pk)  # two clicks at once are one after the other
    before = _own_words(viewer).filter(result=result, grader=grader, is_current=True)
    if before.filter(review__isnull=False).exists():
        raise Refused("You have graded this answer in the review queue: take that back first, there.")
    before.update(is_current=False)
    return Grading.objects.create(
        result=result,
        grader=grader,
        person_id=viewer.user_id,
        is_human=True,
        reason=clean(reason).strip()[:LONGEST_REASON],
        **worth,
    )


def take_back(viewer: Viewer, result: Result, grading_id: int) -> bool:
    """Let one's own word not count any more; it stays as an earlier one. False when there is nothing to take back."""
    mine = _own_words(viewer).filter(result=result, pk=grading_id, is_current=True, review=None)
    return bool(mine.update(is_current=False))


def latest_revision(case: CaseRevision) -> CaseRevision:
    """The newest revision of the same case."""
    return CaseRevision.objects.select_related("dataset").get(dataset=case.dataset_id, key=case.key, is_latest=True)


@transaction.atomic
def correct_expert(case: CaseRevision, text: str, *, by: int | None, seen: int, note: str = "") -> CaseRevision:
    """Give a case another expert answer, as a new revision; frozen versions of its set keep the one that they have.

    `seen` is the revision that the person has read. Raises `Refused`.
    """
    latest = latest_revision(case)
    if latest.pk != seen:
        raise Refused("Somebody has changed this case meanwhile: look at it again before you correct it.")
    if latest.state == CaseRevision.State.REMOVED:
        raise Refused("This case was taken out of its set: put it back first.")
    try:
        corrected = Case.model_validate({**latest.case.model_dump(), "expert_answer": text})
    except ValidationError as error:
        raise Refused(f"The expert answer cannot be kept: {error.errors()[0]['msg']}.") from error
    if corrected.hash == latest.hash:
        raise Refused("The expert answer is the same as before.")
    return sets.keep(
        latest.dataset, corrected, origin=CaseRevision.Origin.CORRECTED, state=latest.state, by=by, note=note
    )


def draft_with_example(question: str, answer: str, *, by: int | None) -> AssistantVersion:
    """A draft of the live version that also shows this example to the model. Raises `Refused`."""
    live = live_version()
    examples = live.assistant.examples
    if len(examples) >= MOST_EXAMPLES:
        raise Refused(f"The live version has {len(examples)} examples, and more are not taken: remove one first.")
    try:
        example = Example(question=question, answer=answer)
    except ValidationError as error:
        problem = error.errors()[0]
        raise Refused(f"This cannot be an example: {problem['loc'][0]}: {problem['msg']}.") from error
    if example in examples:
        raise Refused("The live version has this example already.")
    return make_draft(
        live.assistant.model_copy(update={"examples": (*examples, example)}),
        based_on=AssistantVersion.objects.get(number=live.number),
        by=by,
        note=f"Example: {example.question}"[:200],
    )


def _own_words(viewer: Viewer) -> StaffQuerySet[Grading]:
    return Grading.objects.visible_to(viewer).filter(is_human=True, person=viewer.user_id)


def _worth(grader: Grader, key: str) -> dict[str, object]:
    """What the word says, as columns."""
    if key == CANNOT_SAY:
        return {"outcome": Grading.Outcome.ABSTAINED}
    word = next((word for word in words_of(grader) if word.key == key), None)
    if word is None:
        raise Refused("Choose one of the words first.")
    return {
        "outcome": Grading.Outcome.SCORED,
        "label": word.label,
        "points": word.points,
        "score": word.score,
        "passed": word.passed,
    }
