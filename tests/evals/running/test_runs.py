"""What a run remembers of the moment it began, what it will take, and what cannot be run."""

from __future__ import annotations

from typing import Any

import pytest

from chat.versions.states import house, version_of
from evals.models import Run
from evals.running.changes import changed_around
from evals.running.circumstances import circumstances
from evals.running.estimating import Estimate, estimate
from evals.running.pace import Pace
from evals.running.runs import Refused, changed_since, default_baseline, default_graders, version_of_run
from knowledge.models import Document
from tests.evals.factories import case, dataset, grading, run_of
from tests.evals.running.starting import draft, live_row, newest, small_set, started
from tests.knowledge.shelves import add_version, shelve

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_run_remembers_models_documents_code_and_the_graders_versions(settings):
    shelve("The fee is $35.", title="Fees", embedded=False)
    run = started()
    assert run.circumstances["models"]["strong"] == "demo-strong"
    assert run.circumstances["documents"]
    assert run.circumstances["code"]
    assert run.graders["must_include"]["version"]
    assert run.assistant_hash == live_row().hash
    assert run.expected == 3


def test_a_document_that_changes_changes_the_hash_and_one_that_is_removed_too():
    document = shelve("The fee is $35.", title="Fees", embedded=False)
    seen = [circumstances()["documents"]]
    version = add_version(document, ["The fee is $40."], embedded=False)
    version.sha256 = "f" * 64
    version.save()
    seen.append(circumstances()["documents"])
    Document.objects.update(removed_at="2026-01-01T00:00Z")
    seen.append(circumstances()["documents"])
    assert len(set(seen)) == 3
    assert circumstances()["documents"] == seen[-1]


def test_the_parts_that_differ_from_the_baseline_are_found(settings):
    made = small_set(1)
    first = started(made)
    Run.objects.update(state="done")
    first.refresh_from_db()
    content = house().model_dump(mode="json")
    prompts = content["prompts"] | {"unknown": "Nobody knows."}
    row = draft(prompts=prompts, retrieval={"passages": 2}, tools=[], triage={"when": "never"})
    settings.LLM_STRONG_MODEL = "other-strong"
    settings.LLM_JUDGE_MODEL = "other-judge"
    run = started(made, version=row, baseline=first)
    assert run.changed == ["prompts", "retrieval", "triage", "tools", "models"]
    same = started(made, baseline=started(dataset(case("case-0"), case("more"))) and first)
    assert "prompts" not in same.changed
    assert "cases" in same.changed


def test_another_judge_is_a_change_and_so_is_another_code():
    run = run_of(small_set(1), graders={"tone": {"version": "old", "model": "m"}})
    graders = {"tone": {"version": "new", "model": "m"}}
    now = circumstances()
    found = changed_since(run, version_of_run(run).assistant, now, graders, newest(small_set(1)))
    assert found == ["judge"]
    assert changed_around({"code": "a", "models": {}}, {"code": "b", "models": {}}) == ["code"]
    assert changed_around({}, now) == []


def test_imported_answers_as_a_baseline_are_another_assistant():
    run = run_of(small_set(1), assistant_version=None, label="Other bot")
    assert started(small_set(1), baseline=run).changed == ["assistant"]


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"repetitions": 21}, "from 1 to 20 times"),
        ({"graders": []}, "at least one grader"),
        ({"graders": ["vibes"]}, "no grader vibes"),
        ({"budget_microdollars": 0}, "more than nothing"),
    ],
)
def test_what_cannot_be_run_is_refused(more: dict[str, Any], says: str):
    with pytest.raises(Refused, match=says):
        started(**more)
    assert not Run.objects.exists()


def test_a_baseline_is_a_run_of_the_same_set_and_has_ended_where_answers_are_compared():
    made = small_set(1)
    with pytest.raises(Refused, match="of another set"):
        started(made, baseline=run_of(dataset(slug="other")))
    with pytest.raises(Refused, match="still under way"):
        started(made, baseline=run_of(made, state="running"), graders=["pairwise"])
    assert started(made, baseline=run_of(made, state="running"), graders=["must_include"]).baseline


def test_the_default_baseline_is_of_the_live_version_where_there_is_one():
    made = small_set(1)
    assert default_baseline(made) is None
    live = run_of(made, assistant_hash=live_row().hash)
    other = run_of(made, assistant_hash="f" * 64)
    run_of(made, state="stopped", assistant_hash=live_row().hash)
    run_of(made, trigger="import", label="Other bot", assistant_hash=live_row().hash)
    assert default_baseline(made) == live
    live.delete()
    assert default_baseline(made) == other


def test_while_the_demo_model_judges_only_code_grades_by_default(settings):
    assert "must_include" in default_graders()
    assert "tone" not in default_graders()
    settings.LLM_DEMO = False
    assert "tone" in default_graders()


def price(run: Run | None = None, graders: tuple[str, ...] = ("must_include",)) -> Estimate:
    made = run.dataset_version.dataset if run and run.dataset_version else small_set(10)
    cases = [case(f"case-{number}") for number in range(10)]
    return estimate(made, cases, version_of(live_row()).assistant, repetitions=2, graders=graders)


def test_without_an_earlier_run_the_lengths_tell_the_price(settings):
    settings.LLM_STRONG_MODEL = settings.LLM_JUDGE_MODEL = "gpt-4.1"
    rules, judged = price(), price(graders=("must_include", "tone"))
    assert (rules.answers, rules.is_measured, rules.unpriced) == (20, False, ())
    assert rules.microdollars
    assert judged.microdollars
    assert 20 * 2_000 < rules.microdollars < 20 * 30_000
    assert judged.microdollars > rules.microdollars
    assert judged.seconds > rules.seconds


def test_earlier_answers_of_the_same_models_tell_it_better(settings):
    settings.LLM_STRONG_MODEL = settings.LLM_JUDGE_MODEL = "gpt-4.1"
    run = run_of(small_set(2), circumstances=circumstances())
    run.results.update(model="gpt-4.1", cost_microdollars=3_000, ms=8_000)
    grading(run.results.all()[0], "tone", model="gpt-4.1", cost_microdollars=500, ms=4_000)
    told = price(run, graders=("must_include", "tone"))
    assert told.is_measured
    assert told.microdollars == 20 * 3_500
    assert told.seconds == pytest.approx(20 * 12 / settings.EVALS_CONCURRENCY)
    settings.LLM_STRONG_MODEL = "gpt-4.1-mini"
    assert not price(run).is_measured


def test_no_price_is_said_and_never_a_zero(settings):
    told = price()
    assert (told.microdollars, told.unpriced) == (None, ("demo-strong",))


async def test_the_pace_is_kept_by_all_workers_together(settings):
    settings.EVALS_CALLS_PER_MINUTE = 600
    one, two = Pace(), Pace()
    waits = [await pace._turn() for pace in (one, two, one, two)]
    assert waits[1] > 0.05
    assert waits[3] - waits[0] > 0.25  # tenths of a second apart, whoever asks
    await one.close()
    await two.close()


async def test_without_redis_a_worker_keeps_the_pace_alone(settings):
    settings.EVALS_CALLS_PER_MINUTE = 600
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    pace = Pace()
    waits = [await pace._turn() for _ in range(3)]
    assert waits[0] == 0
    assert waits[2] > 0.15
    await pace.close()


async def test_without_a_limit_nothing_waits_and_redis_is_not_asked(settings):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    await Pace().wait()
