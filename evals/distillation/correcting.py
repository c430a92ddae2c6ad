"""A better answer than a reply's, written by a person: learned from once it is approved, and preferred over the reply's
own.
"""

from __future__ import annotations

import re
from dataclasses import replace

from django.db import transaction

from chat.citations import MARK
from chat.models import Reply
from chat.privacy.masks import redact
from evals.distillation.options import Refused
from evals.models import TrainingQuestion
from evals.online.turns import answer_of
from knowledge.access import Viewer
from knowledge.languages import language_of
from llm.cleaning import clean, clean_json

SOURCE = "corrected"
LONGEST = 16_000  # characters
State = TrainingQuestion.State


@transaction.atomic
def correct(viewer: Viewer, reply: Reply, text: str) -> TrainingQuestion:
    """Keep a person's answer in place of the reply's, with the numbers of its sources as the reply shows them.

    Who manages the assistant approves it by writing it; another's waits for that. A second one replaces the first.
    Raises `Refused`.
    """
    answer = answer_of(reply)
    said = redact(clean(text)).strip()
    if not said or len(said) > LONGEST:
        raise Refused(f"Write the answer as it should have been, in at most {LONGEST:,} characters.")
    if said == answer.text.strip():
        raise Refused("This is the answer that was given.")
    known = {source.number for source in answer.passages if source.number}
    cited = {int(one) for match in MARK.finditer(said) for one in re.findall(r"\d+", match[1])}
    if not cited or cited - known:
        raise Refused(f"Cite what it rests on, as the reply does: {', '.join(f'[{one}]' for one in sorted(known))}.")
    question = (reply.receipt.get("inputs") or {}).get("asked") or redact(reply.question.text)
    approves = viewer.can_manage_assistant
    TrainingQuestion.objects.filter(reply=reply, source=SOURCE).update(state=State.DROPPED, why="corrected anew")
    return TrainingQuestion.objects.create(
        question=question,
        answer=clean_json(replace(answer, text=said).as_json()),
        draft=answer.text,
        reply=reply,
        source=SOURCE,
        language=language_of(question) or "",
        state=State.APPROVED if approves else State.PROPOSED,
        why="a person corrected the reply",
        approved_by_id=viewer.user_id if approves else None,
    )
