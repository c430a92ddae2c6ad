"""All that the page of one answer shows: how it reads, what is said of it, and what it rests on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.utils.safestring import SafeString

from chat import blocks, markdown
from chat.differences import Piece, differences
from chat.receipts.waterfall import Waterfall, messages_in, messages_of, waterfall, waterfall_of
from evals.annotations import CANNOT_SAY, latest_revision, open_to_people
from evals.graders import GRADERS
from evals.models import CaseRevision, Grading, Result
from evals.reporting.claims import Claim, Marked, claims_in, marked_answer, marked_passage
from evals.reporting.estimates import title_of
from evals.reviewing.words import Word, key_of, words_of
from evals.running.runs import Refused, version_of_run
from knowledge.access import Viewer
from llm import Message

UNSURE = Word(CANNOT_SAY, "Cannot say", 0, 0, passed=False)


@dataclass(frozen=True)
class Said:
    """All words of one grader on an answer: the machine's now and before, people's, and the words to choose from."""

    grader: str
    title: str
    summary: str
    kind: str
    now: Grading | None
    before: tuple[Grading, ...]
    people: tuple[Grading, ...]
    words: tuple[Word, ...]

    @property
    def is_trouble(self) -> bool:
        """It did not pass, or the grader broke. What the demo model says is no trouble."""
        if self.now is None or self.now.is_demo:
            return False
        return self.now.passed is False or self.now.outcome == Grading.Outcome.FAILED

    @property
    def is_disputed(self) -> bool:
        """A person has said something else than the machine does."""
        return self.now is not None and any(_differ(self.now, one) for one in self.people)


@dataclass(frozen=True)
class Passage:
    """A passage that the model was given, with what claims rest on in it. Unnumbered ones are not cited."""

    number: int
    title: str
    place: str
    version: int
    marked: Marked


@dataclass(frozen=True)
class ShownAnswer:
    """The answer as the chat renders it, its claims, and its difference to the expert's."""

    blocks: tuple[SafeString, ...]
    claims: tuple[Claim, ...]
    marked: Marked
    passages: tuple[Passage, ...]
    difference: tuple[Piece, ...]


def shown_answer(result: Result, said: Iterable[Said], *, name: str = "") -> ShownAnswer:
    """Model output is hostile text: the chat's own renderer makes it safe. `name` is where its citations lead."""
    claims = claims_in([one.now for one in said if one.now], result.reading)
    passages = [
        Passage(
            source.number,
            source.title or source.name,
            source.place,
            source.version,
            marked_passage(place, source.text, claims),
        )
        for place, source in enumerate(result.reading.passages)
    ]
    expert = result.case.case.expert_answer if result.case else ""
    return ShownAnswer(
        rendered(result.text, name or str(result.pk)),
        claims,
        marked_answer(result.text, claims),
        tuple(passages),
        differences(expert, result.text) if expert and result.text else (),
    )


def rendered(text: str, name: str) -> tuple[SafeString, ...]:
    """The blocks of an answer as the chat shows them, with citations that lead to `#source-<name>-<number>`."""
    return tuple(markdown.render(block, name) for block in blocks.of(text).finished)


def said_of(result: Result, viewer: Viewer) -> list[Said]:
    """By each grader that graded it and each rubric that people used: troubles first, then in the shelf's order."""
    gradings: dict[str, list[Grading]] = defaultdict(list)
    rows = Grading.objects.visible_to(viewer).filter(result=result).select_related("person", "against")
    for row in rows.order_by("-is_current", "-id"):
        gradings[row.grader].append(row)
    order = list(GRADERS)
    names = sorted(gradings, key=lambda name: (order.index(name) if name in order else len(order), name))
    return sorted((_said(name, gradings[name]) for name in names), key=lambda one: not one.is_trouble)


def rubrics_left(said: Sequence[Said]) -> list[Said]:
    """What a person may grade by beside: rubrics by which nothing was said yet."""
    there = {one.grader for one in said}
    return [_said(name, []) for name in open_to_people() if name not in there]


def receipt_of(result: Result) -> Waterfall:
    """The steps of the turn that made the answer."""
    if result.reply:
        return waterfall_of(result.reply)
    began = result.created_at - timedelta(milliseconds=result.ms)
    return waterfall(result.receipt, turn=result.turn, began=began)


def prompts_of(result: Result, viewer: Viewer) -> list[Message]:
    """What the model was sent, for those who may read prompts; empty where the version is not known as it was then."""
    if not viewer.can_manage_assistant:
        return []
    if result.reply:
        return messages_of(result.reply)
    try:
        return messages_in(result.receipt, version_of_run(result.run))
    except Refused:
        return []


def case_now(result: Result) -> CaseRevision | None:
    """The newest revision of the case that was asked."""
    return latest_revision(result.case) if result.case else None


def _said(name: str, gradings: Sequence[Grading]) -> Said:
    machine = [one for one in gradings if not one.is_human]
    grader = GRADERS.get(name)
    return Said(
        name,
        title_of(name),
        grader.summary if grader else "",
        grader.kind if grader else "",
        next((one for one in machine if one.is_current), None),
        tuple(one for one in machine if not one.is_current),
        tuple(one for one in gradings if one.is_human and one.is_current),
        (*words_of(grader), UNSURE) if grader and name in open_to_people() else (),
    )


def _differ(machine: Grading, person: Grading) -> bool:
    """Whether both chose a word, and not the same one."""
    grader = GRADERS.get(machine.grader)
    if grader is None or Grading.Outcome.SCORED not in {machine.outcome} & {person.outcome}:
        return False
    words = {key_of(grader, one.label, one.points, one.passed) for one in (machine, person)}
    return len(words) > 1
