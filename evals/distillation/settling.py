"""A person's word on a question that the strong model wrote: approve, drop, correct its answer, or take it back."""

from __future__ import annotations

from dataclasses import replace

from django.db import transaction

from chat.citations import MARK
from evals.distillation.correcting import SOURCE as CORRECTED
from evals.distillation.options import Refused
from evals.models import TrainingQuestion
from llm.cleaning import clean

LONGEST = 16_000  # characters of an answer
REASON = 120
State = TrainingQuestion.State
SETTLED = (State.APPROVED, State.DROPPED)


@transaction.atomic
def approve(pk: int, *, by: int | None) -> TrainingQuestion:
    """It may be learned from now. Raises `Refused` where it has no answer, or somebody was quicker."""
    row = _locked(pk)
    if row.state != State.PROPOSED:
        raise Refused(_not_open(row))
    row.state, row.why, row.approved_by_id = State.APPROVED, "a person approved it", by
    row.save(update_fields=["state", "why", "approved_by"])
    return row


@transaction.atomic
def drop(pk: int, *, reason: str = "") -> TrainingQuestion:
    """Nothing is learned from it. One that was approved can be dropped too: sets that are built keep it."""
    row = _locked(pk)
    if row.state not in {State.PROPOSED, State.APPROVED}:
        raise Refused(_not_open(row))
    said = clean(reason).strip()[:REASON]
    row.state, row.why, row.approved_by_id = State.DROPPED, f"a person dropped it{f': {said}' if said else ''}", None
    row.save(update_fields=["state", "why", "approved_by"])
    return row


@transaction.atomic
def correct(pk: int, text: str, *, by: int | None) -> TrainingQuestion:
    """Another answer in its place, and approved with it. What the strong model had written is kept beside it.

    Raises `Refused` where it is empty, too long, or cites what the model was not given.
    """
    row = _locked(pk)
    if row.state not in {State.PROPOSED, State.APPROVED}:
        raise Refused(_not_open(row))
    answer, said = row.reading, clean(text).replace("\r\n", "\n").strip()
    if not said or len(said) > LONGEST:
        raise Refused(f"An answer has from 1 to {LONGEST:,} characters.")
    known = {source.number for source in answer.passages if source.number}
    cited = {int(one) for match in MARK.finditer(said) for one in match[1].replace(";", ",").split(",")}
    if not cited or cited - known:
        raise Refused(f"An answer cites its passages: {', '.join(f'[{number}]' for number in sorted(known))}.")
    if said != answer.text:
        row.draft = row.draft or answer.text
    row.answer = replace(answer, text=said).as_json()
    row.state, row.why, row.approved_by_id = State.APPROVED, "a person corrected it", by
    row.save(update_fields=["answer", "draft", "state", "why", "approved_by"])
    return row


@transaction.atomic
def reopen(pk: int) -> TrainingQuestion:
    """Proposed once more, with the answer that the strong model wrote. One that was never answered stays dropped."""
    row = _locked(pk)
    is_of_a_person = row.source == CORRECTED  # its draft is the reply that the person corrected
    if row.state not in SETTLED or not (row.grades or is_of_a_person):
        raise Refused("It cannot be proposed again: it was dropped before it had an answer that was graded.")
    if row.draft and not is_of_a_person:
        row.answer, row.draft = replace(row.reading, text=row.draft).as_json(), ""
    row.state, row.why, row.approved_by_id = State.PROPOSED, "proposed again", None
    row.save(update_fields=["answer", "draft", "state", "why", "approved_by"])
    return row


def _locked(pk: int) -> TrainingQuestion:
    return TrainingQuestion.objects.select_for_update().get(pk=pk)


def _not_open(row: TrainingQuestion) -> str:
    words = {State.WAITING: "has no answer yet", State.APPROVED: "is approved already", State.DROPPED: "is dropped"}
    return f"“{row.question[:60]}” {words.get(State(row.state), 'cannot be settled')}."
