"""Which answers come into the queue: of a run, of real turns, and where judges say different things."""

from __future__ import annotations

import uuid
from collections.abc import Iterable

import pytest

from chat.models import Conversation, Feedback, Question, Reply
from evals.graders import GRADERS
from evals.models import Result, Run
from evals.reviewing.choosing import disliked, judged_differently, of_run
from tests.evals.factories import case, dataset, grading, result, run_of

pytestmark = pytest.mark.django_db
TONE = GRADERS["tone"]


def run_with(**passed: bool | None) -> Run:
    return run_of(dataset(*(case(name) for name in passed)), passed)


def key(row: Result) -> str:
    assert row.case
    return row.case.key


def keys(results: Iterable[Result]) -> list[str]:
    return sorted(key(one) for one in results)


def test_all_those_that_failed_or_some_by_chance():
    run = run_with(a=True, b=False, c=None, d=True)
    assert keys(of_run(run, "all", "tone")) == ["a", "b", "c", "d"]
    assert keys(of_run(run, "failed", "tone")) == ["b"]
    some = [tuple(keys(of_run(run, "random", "tone", count=2))) for _ in range(40)]
    assert {len(chosen) for chosen in some} == {2}
    assert len(set(some)) > 1


def test_where_rules_and_the_judge_differ():
    run = run_with(both_like=True, judge_alone=False, rules_alone=True, neither=False, unjudged=True)
    for row in run.results.exclude(case__key="unjudged"):
        likes = key(row) in {"both_like", "judge_alone"}
        grading(row, "tone", label="fitting" if likes else "rude", score=float(likes))
    assert keys(of_run(run, "disputed", "tone")) == ["judge_alone", "rules_alone"]


def test_where_the_judge_now_says_another_word_than_before():
    run = run_with(same=True, changed=True, new=True, demo=True)
    words: dict[str, list[str | None]] = {
        "same": ["stiff", "stiff"],
        "changed": ["fitting", "rude"],
        "new": [None, "rude"],
        "demo": ["rude", "stiff"],
    }
    for row in run.results.all():
        before, now = words[key(row)]
        if before:
            grading(row, "tone", label=before, is_demo=key(row) == "demo")
        grading(row, "tone", label=now, version=TONE.version)
    assert judged_differently(TONE) == [run.results.get(case__key="changed").pk]


def test_real_turns_with_thumbs_down():
    run = Run.objects.create(trigger=Run.Trigger.ONLINE)
    kept = {verdict: result(run, reply=reply_with(verdict)) for verdict in ("up", "down")}
    result(run)
    assert list(disliked()) == [kept["down"]]
    assert isinstance(kept["up"], Result)


def reply_with(verdict: str) -> Reply:
    conversation = Conversation.objects.create(visitor="v")
    question = Question.objects.create(conversation=conversation, client_id=uuid.uuid4(), text="How?", number=1)
    reply = Reply.objects.create(conversation=conversation, question=question, status="done", text="So.")
    Feedback.objects.create(reply=reply, verdict=verdict)
    return reply
