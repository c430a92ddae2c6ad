"""The work of an order: questions are written, answered and graded. Each is kept as soon as it is there, so that any
worker can go on where another one has died."""

from __future__ import annotations

import asyncio
import uuid
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence

import structlog
from django.db import OperationalError, transaction
from django.db.models import F
from django.utils import timezone

import llm
from chat.assistant import Version
from chat.versions.states import live_version
from evals.answers import Answer
from evals.distillation import writing
from evals.distillation.answering import Judged, answered
from evals.distillation.nearing import Measured
from evals.distillation.ordering import SILENT_FOR, State
from evals.distillation.steps import Step, known_now, step_of
from evals.models import QuestionOrder, TrainingQuestion
from evals.running.asking import spent_on
from evals.running.pace import Pace
from evals.running.spending import Purse, Spent
from llm.cleaning import clean_json
from llm.database import in_database
from llm.errors import LLMError, ProviderAuth

log = structlog.get_logger()
GUESS = 20_000  # microdollars of an answer with its grades, before anything was measured
AT_ONCE = 4
Waiting = TrainingQuestion.State.WAITING


class _Over(Exception):
    """There is nothing more to do now: it was stopped, or its money is spent. `state` is what the order is in then."""

    def __init__(self, state: str = "") -> None:
        super().__init__(state)
        self.state = state


async def work(order_id: int) -> None:
    """Do what is missing of an order. Does nothing where it has ended or another worker is at it."""
    order = await in_database(_take, order_id)
    if order is None:
        return
    try:
        await _write_rest(order)
        await _answer_rest(order)
    except _Over as over:
        await in_database(_end, order, over.state, "")
    except LLMError as error:
        await in_database(_end, order, State.FAILED, f"The model gave no answer that can be used ({error.code}).")
    except OperationalError:  # the database is away: another worker goes on
        raise
    except Exception:
        log.exception("writing questions broke", order=order.pk)
        await in_database(_end, order, State.FAILED, "Something went wrong here. The log says what.")
    else:
        await in_database(_end, order, State.DONE, "")


# ── writing ──


async def _write_rest(order: QuestionOrder) -> None:
    if order.written >= len(order.plan):
        return
    known, measured = await in_database(known_now), await Measured.now()
    for place in range(order.written, len(order.plan)):
        await in_database(_go_on, order)
        step = await step_of(order.plan[place])
        if isinstance(step, str):
            await in_database(_keep_written, order, place, None, (), {step: 1}, 0)
            continue
        turn = uuid.uuid4()
        with llm.on_behalf_of(f"questions {order.pk}", turn=turn):
            written = await writing.write(step.given, languages=_languages(order))
        found = await measured.marked(writing.checked(written, step.given, step.document, known))
        cost = (await in_database(spent_on, [turn]))["dollars"]
        none = {"nothing": 1} if not found and step.reply else {}
        await in_database(_keep_written, order, place, step, found, none, _microdollars(cost))


@transaction.atomic
def _keep_written(
    order: QuestionOrder,
    place: int,
    step: Step | None,
    found: Sequence[writing.Checked],
    dropped: dict[str, int],
    cost: int | None,
) -> None:
    """The questions of one step; those that are dropped at once are kept with the reason."""
    row = QuestionOrder.objects.select_for_update().get(pk=order.pk)
    if row.written > place:  # another worker was quicker
        return
    counts = Counter(dropped) + Counter(one.why_dropped for one in found if one.why_dropped)
    row.dropped = dict(Counter(row.dropped) + counts)
    row.written = place + 1
    row.spent_microdollars += cost or 0
    row.is_unpriced |= cost is None
    row.heartbeat_at = timezone.now()
    row.save(update_fields=["dropped", "written", "spent_microdollars", "is_unpriced", "heartbeat_at"])
    if step:
        TrainingQuestion.objects.bulk_create([_question(order, step, one) for one in found if one.question])


def _question(order: QuestionOrder, step: Step, one: writing.Checked) -> TrainingQuestion:
    return TrainingQuestion(
        order=order,
        question=one.question,
        expert=one.expert,
        document=step.document,
        reply=step.reply,
        source=order.source,
        language=one.language,
        audience=step.audience,
        difficulty=one.difficulty,
        cluster=one.cluster,
        state=TrainingQuestion.State.DROPPED if one.why_dropped else Waiting,
        why=writing.DROPPED.get(one.why_dropped, "")[:200],
    )


# ── answering ──


async def _answer_rest(order: QuestionOrder) -> None:
    """Ask what has no answer yet, a few at once, as far as the money goes."""
    questions, count, version = await in_database(_unanswered, order)
    order = await in_database(QuestionOrder.objects.get, pk=order.pk)
    purse = Purse(order.budget_microdollars, Spent(count, order.spent_microdollars, 0, 0), guess=GUESS)
    pace = Pace()

    async def hand() -> None:
        while questions:
            question = questions.pop(0)
            await in_database(_go_on, order)
            if not await purse.reserve():
                raise _Over(State.OVER_BUDGET)
            await pace.wait()
            judged = None
            try:
                judged = await _answered(question, version)
                await in_database(_keep_answered, order, question, judged)
            finally:
                await purse.settle(judged.microdollars if judged else 0, is_answer=judged is not None)

    try:
        await _all_of(hand)
    finally:
        await pace.close()


async def _answered(question: TrainingQuestion, version: Version) -> Judged:
    """The answer with its grades; one that the model will never give is dropped. Raises an `LLMError` otherwise."""
    try:
        return await answered(question, version)
    except LLMError as error:
        if error.retryable or isinstance(error, ProviderAuth):
            raise
        why = f"the model gives no answer to it ({error.code})"
        return Judged(Answer(""), {}, 0, TrainingQuestion.State.DROPPED, why)


async def _all_of(hand: Callable[[], Awaitable[None]]) -> None:
    """Several hands at once. What is in flight ends before the first trouble of one is raised."""
    found = await asyncio.gather(*(hand() for _ in range(AT_ONCE)), return_exceptions=True)
    for trouble in found:
        if isinstance(trouble, BaseException):
            raise trouble


def _unanswered(order: QuestionOrder) -> tuple[list[TrainingQuestion], int, Version]:
    mine = TrainingQuestion.objects.filter(order=order).select_related("document")
    return list(mine.filter(state=Waiting).order_by("pk")), mine.exclude(answer={}).count(), live_version()


@transaction.atomic
def _keep_answered(order: QuestionOrder, question: TrainingQuestion, judged: Judged) -> None:
    """The answer with its grades. A person who was quicker has the last word."""
    kept = TrainingQuestion.objects.filter(pk=question.pk, state=Waiting).update(
        answer=clean_json(judged.answer.as_json()),
        grades=judged.grades,
        state=judged.state,
        why=judged.why[:200],
        cost_microdollars=judged.microdollars,
    )
    unpriced = {"is_unpriced": True} if judged.microdollars is None else {}
    spent = F("spent_microdollars") + (judged.microdollars or 0)
    QuestionOrder.objects.filter(pk=order.pk).update(spent_microdollars=spent, heartbeat_at=timezone.now(), **unpriced)
    if kept and judged.state == TrainingQuestion.State.DROPPED:
        row = QuestionOrder.objects.select_for_update().get(pk=order.pk)
        row.dropped = dict(Counter(row.dropped) + Counter({"unfit": 1}))
        row.save(update_fields=["dropped"])


# ── whose it is ──


@transaction.atomic
def _take(order_id: int) -> QuestionOrder | None:
    order = QuestionOrder.objects.open().filter(pk=order_id).select_for_update(skip_locked=True).first()
    if order is None:
        return None
    is_alive = order.heartbeat_at is not None and order.heartbeat_at > timezone.now() - SILENT_FOR
    if order.state == State.RUNNING and is_alive:
        return None
    order.state, order.heartbeat_at = State.RUNNING, timezone.now()
    order.save(update_fields=["state", "heartbeat_at"])
    return order


def _go_on(order: QuestionOrder) -> None:
    """Say that we live. Raises `_Over` where people have stopped it, or its money is spent."""
    running = QuestionOrder.objects.filter(pk=order.pk, state=State.RUNNING)
    if not running.update(heartbeat_at=timezone.now()):
        raise _Over
    row = QuestionOrder.objects.get(pk=order.pk)
    if row.budget_microdollars is not None and row.spent_microdollars >= row.budget_microdollars:
        raise _Over(State.OVER_BUDGET)


def _end(order: QuestionOrder, state: str, problem: str) -> None:
    """Its state, unless people have given it another one meanwhile."""
    running = QuestionOrder.objects.filter(pk=order.pk, state=State.RUNNING)
    if state:
        running.update(state=state, problem=problem, ended_at=timezone.now())


def _languages(order: QuestionOrder) -> list[str]:
    return [one.strip() for one in order.languages.split(",") if one.strip()]


def _microdollars(dollars: float | None) -> int | None:
    return None if dollars is None else round(dollars * 1_000_000)
