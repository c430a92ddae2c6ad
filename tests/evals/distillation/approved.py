"""Replies as the chat keeps them, with what people said of them: rows, so that no model has to be asked for each."""

from __future__ import annotations

import uuid
from typing import Any

from chat.models import AssistantVersion, Conversation, Feedback, Question, Reply, Source
from chat.versions.states import live_version
from evals.models import Grading, Result, Run
from knowledge.models import Chunk, Document
from tests.evals.judging.simulating import rater
from tests.factories import LATE_FEE, article

TEACHER = "teacher-1"
DIFFERENT = (
    "How do I set up autopay for my loan?",
    "Which papers prove my income?",
    "What does an appraisal cost?",
    "When is mortgage insurance removed?",
    "Can a friend be named to speak for me?",
    "How do I lock an interest rate?",
    "Where do I download my tax form?",
    "Who pays the property taxes from escrow?",
    "Is there help when somebody loses a job?",
    "How long is a wire transfer on its way?",
    "What is the difference between fixed and adjustable?",
    "Why did the bank return a check?",
    "How do I reset a forgotten password?",
    "What happens at the closing of a house?",
)


def document(title: str = "Late fees", **more: Any) -> Document:
    """A document of one chunk; no vector is made."""
    found = Document.objects.filter(title=title).first()
    return found or article(title, LATE_FEE, is_embedded=False, **more)


def reply(question: str, text: str = "A late fee of $35 is charged. [1]", **more: Any) -> Reply:
    """An answer that cites the second passage that it was given. `inputs` are further parts of its receipt, `liked` is
    a thumb, `points` what two people give it for keeping to its sources; the rest are columns.
    """
    liked, points, inputs = more.pop("liked", None), more.pop("points", None), more.pop("inputs", {})
    papers: list[Document] = more.pop("documents", None) or [document("Other things"), document()]
    row = more.pop("version", None) or AssistantVersion.objects.get(number=live_version().number)
    same: Question | None = more.pop("again", None)
    conversation = (
        same.conversation if same else Conversation.objects.create(visitor=more.pop("visitor", uuid.uuid4().hex))
    )
    asked = same or Question.objects.create(conversation=conversation, client_id=uuid.uuid4(), text=question, number=1)
    passages = [_passage(paper) for paper in papers]
    kept = {
        "version": f"v{row.number} {row.hash[:8]}", "alias": "strong", "variant": 1, "question": question,
        "asked": question, "understood": None, "history": [], "summary": "", "passages": passages, "draft": None,
        "masked": [], "rounds": [],
    }  # fmt: skip
    columns = {"status": "done", "finish_reason": "stop", "text": text, "model": TEACHER, "version": row}
    columns["receipt"] = {"steps": [], "inputs": kept | inputs}
    made = Reply.objects.create(conversation=conversation, question=asked, **(columns | more))
    cited = passages[-1]
    Source.objects.create(
        reply=made, number=1, chunk_id=cited["chunk_id"], document=papers[-1], title=cited["title"], version_number=1
    )
    if liked is not None:
        Feedback.objects.create(reply=made, verdict="up" if liked else "down")
    if points is not None:
        graded(made, points)
    return made


def graded(made: Reply, points: int, grader: str = "faithfulness", **more: Any) -> Result:
    """The reply among the real turns, with a person's points by a rubric; with `is_human=False` a judge's."""
    run, _ = Run.objects.get_or_create(trigger=Run.Trigger.ONLINE, label="real turns", defaults={"state": "done"})
    result = Result.objects.filter(reply=made).first() or Result.objects.create(
        run=run, reply=made, question="?", text=made.text
    )
    columns = {"is_human": True, "person": rater("rater-1")} if more.get("is_human", True) else {}
    score = (points - 1) / 4
    said = {"points": points, "score": score, "passed": points >= 4, "outcome": "scored"}
    Grading.objects.create(result=result, grader=grader, **(said | columns | more))
    return result


def _passage(paper: Document) -> dict[str, Any]:
    chunk = Chunk.objects.get(version=paper.live_version)
    return {
        "chunk_id": chunk.pk, "document_id": str(paper.pk), "version_number": 1, "title": paper.title, "heading": "",
        "page": None, "text": chunk.text, "score": 0.5,
    }  # fmt: skip
