"""The list of runs and the page of one run: works, not allowed, bad input, hostile text, many."""

from __future__ import annotations

import csv
import io
import json
from http import HTTPStatus

import pytest
from django.test import AsyncClient, Client
from django.urls import reverse
from django.utils import timezone

from app.models import User
from evals.models import Grading, Run
from llm.database import in_database
from tests.evals.factories import answer, case, dataset, grading, result, run_of
from tests.people import person

pytestmark = pytest.mark.django_db

HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)> \u202egnp.exe"
LONG = "W" * 3_000


def ten(**more: object) -> tuple[Run, Run]:
    """Two runs over the same ten cases; the second one fails at three of those that the first one passed."""
    cases = [case(f"q{number}", language="es" if number < 3 else "en", tags=("fees",)) for number in range(10)]
    support = dataset(*cases)
    before = run_of(support)
    failed = {f"q{number}": False for number in range(3)}
    return before, run_of(support, failed, baseline=before, changed=["prompts"], note="shorter", **more)


def page(client: Client, name: str, *args: object, **query: str) -> str:
    response = client.get(reverse(name, args=args), query)
    assert response.status_code == HTTPStatus.OK
    return response.content.decode()


def test_without_any_run_the_page_says_what_to_do_first(client: Client, agent: User):
    html = page(client, "evals")
    assert "No run yet" in html
    assert reverse("datasets") in html
    assert reverse("new_run") not in html  # it spends money: for those who manage the assistant


def test_who_manages_the_assistant_is_offered_a_new_run(client: Client):
    client.force_login(person("admin"))
    assert reverse("new_run") in page(client, "evals")


def test_a_line_says_what_changed_the_figure_the_difference_and_its_verdict(client: Client, agent: User):
    before, _ = ten()
    html = page(client, "evals")
    for words in ("prompts", "shorter", "support@1", "70 %", "−30", f"#{before.pk}", "Passed by the rules", "$0.01"):
        assert words in html, words
    assert "30 points worse" in html  # the drawing, for who cannot see it


def test_hard_failures_and_grader_errors_are_never_hidden(client: Client, agent: User):
    _, after = ten()
    row = after.results.all()[5]
    after.results.filter(pk=row.pk).update(is_hard_failure=True)
    grading(row, "tone", outcome="failed", reason="ReadTimeout")
    html = page(client, "evals")
    assert '<strong class="worse">1</strong>' in html
    assert f'href="{reverse("run", args=[after.pk])}?outcome=broken"><strong>1</strong>' in html


def test_figures_of_an_ended_run_are_kept_but_not_when_it_is_graded_again(client: Client, agent: User):
    run = run_of(dataset(case("a"), case("b")), {"a": False})
    assert "50 %" in page(client, "evals")
    run.results.update(passed=True)
    assert "50 %" in page(client, "evals")  # nobody has graded it again: what was reckoned is kept
    Run.objects.filter(pk=run.pk).update(heartbeat_at=timezone.now())  # as a worker leaves it
    assert "100 %" in page(client, "evals")


def test_a_run_against_a_baseline_that_was_graded_again_is_reckoned_anew(client: Client, agent: User):
    before, _ = ten()
    assert "−30" in page(client, "evals")
    before.results.update(passed=False)
    Run.objects.filter(pk=before.pk).update(ended_at=timezone.now())
    assert "+70" in page(client, "evals")


def test_an_open_run_shows_how_far_it_is(client: Client, agent: User):
    run = run_of(dataset(case("a"), case("b")), state=Run.State.RUNNING, expected=8, ended_at=None)
    html = page(client, "evals")
    assert '<progress value="2" max="8"' in html
    assert "2 of 8 answers" in html
    assert "Running" in page(client, "run", run.pk)


def test_the_list_is_narrowed_by_set_trigger_and_state(client: Client, agent: User):
    safety = run_of(dataset(slug="safety"), note="about safety")
    support = run_of(dataset(), trigger=Run.Trigger.COMMAND, note="about support")
    online = Run.objects.create(trigger=Run.Trigger.ONLINE, state=Run.State.DONE, note="real turns")
    for query, shown in (
        ({"set": "safety"}, {safety}),
        ({"trigger": "command"}, {support}),
        ({"state": "done"}, {safety, support}),
        ({"trigger": "online"}, {online}),
        ({"trigger": "what?", "state": "what?"}, {safety, support}),
        ({"set": "safety", "trigger": "command"}, set()),
    ):
        html = page(client, "evals", **query)
        assert {run for run in (safety, support, online) if run.note in html} == shown, query


def test_two_that_are_ticked_are_compared_the_earlier_one_first(client: Client, agent: User):
    before, after = ten()
    response = client.get(reverse("evals"), {"compare": [str(after.pk), str(before.pk)]})
    assert response["Location"] == f"{reverse('compare_runs')}?a={before.pk}&b={after.pk}"
    one = client.get(reverse("evals"), {"compare": [str(after.pk), "x"]}, follow=True)
    assert "Tick two runs" in one.content.decode()


def test_the_page_says_how_many_cases_a_difference_needs(client: Client, agent: User):
    ten()
    html = page(client, "evals")
    assert "Support has 10 cases" in html
    assert "3, 5 or 10 points" in html.replace("3 points, 5 points or 10 points", "3, 5 or 10 points")


def test_the_list_comes_in_pages_with_the_same_queries_however_many_runs(
    client: Client, agent: User, django_assert_max_num_queries: object
):
    support = dataset()
    for number in range(30):
        run_of(support, note=f"number {number}.")
    page(client, "evals")
    with django_assert_max_num_queries(16):  # type: ignore[operator]
        html = page(client, "evals")
    assert "number 29." in html
    assert "number 4." not in html
    assert "number 4." in page(client, "evals", page="2")


def test_a_run_shows_where_it_came_from(client: Client):
    client.force_login(person("admin"))
    models = {"models": {"strong": "big-1"}, "documents": "d0c5d0c5", "code": "c0dec0de"}
    run = run_of(
        dataset(),
        circumstances=models,
        created_by=User.objects.get(),
        budget_microdollars=2_000_000,
        assistant_hash="another",
    )
    html = page(client, "run", run.pk)
    for words in ("strong: big-1", "d0c5d0c5", "c0dec0de", "by admin", "$2.00", "the draft has changed since"):
        assert words in html, words
    assert reverse("version", args=[run.assistant_version.number]) in html  # type: ignore[union-attr]


def test_an_agent_is_not_led_to_prompts(client: Client, agent: User):
    run = run_of(dataset())
    assert reverse("version", args=[run.assistant_version.number]) not in page(client, "run", run.pk)  # type: ignore[union-attr]


def test_failures_come_first_and_lists_can_be_narrowed(client: Client, agent: User):
    _, run = ten()
    row = run.results.get(case__key="q7")
    grading(row, "tone", points=1, passed=False, reason="rude")
    grading(run.results.get(case__key="q8"), "tone", outcome="abstained", reason="says nothing")
    failures = page(client, "run", run.pk)
    assert "lacks “$35”" in failures
    assert "What about q1?" in failures
    assert "What about q9?" not in failures
    by_tone = page(client, "run", run.pk, grader="tone")
    assert "rude" in by_tone
    assert "What about q1?" not in by_tone
    assert "says nothing" in page(client, "run", run.pk, grader="tone", outcome="abstained")
    assert "What about q9?" in page(client, "run", run.pk, outcome="passed")
    spanish = page(client, "run", run.pk, slice="language:es", outcome="all")
    assert "What about q2?" in spanish
    assert "What about q5?" not in spanish
    assert "What about q1?" in page(client, "run", run.pk, q="ABOUT q1")
    assert "What about q1?" not in page(client, "run", run.pk, q="nowhere")


@pytest.mark.parametrize(
    "query", [{"outcome": "\x00"}, {"slice": "x"}, {"slice": ":"}, {"grader": "' or 1"}, {"q": "\x00%"}, {"page": "-3"}]
)
def test_a_query_that_makes_no_sense_breaks_nothing(client: Client, agent: User, query: dict[str, str]):
    _, run = ten()
    page(client, "run", run.pk, **query)


def test_slices_say_when_they_are_too_small(client: Client, agent: User):
    _, run = ten()
    html = page(client, "run", run.pk)
    assert "Language" in html
    assert "too few to say" in html
    assert "Severity" not in html  # all alike: it says nothing


def test_flaky_cases_are_named(client: Client, agent: User):
    run = run_of(dataset(case("steady"), case("wobbly")), {"steady": [True, True], "wobbly": [True, False]})
    html = page(client, "run", run.pk)
    assert "1 of 2 cases that were asked more than once came out differently (50 %)" in html
    assert ">wobbly</a>" in html


def test_demo_verdicts_are_marked(client: Client, agent: User):
    support = dataset(primary_metric="fact_vs_expert")
    run = run_of(support)
    grading(run.results.get(), "fact_vs_expert", label="same", is_demo=True)
    assert "demo verdicts, they decide nothing" in page(client, "run", run.pk)
    assert "· demo" in page(client, "evals")


def test_a_run_without_answers_says_so(client: Client, agent: User):
    support = dataset()
    run = Run.objects.create(dataset_version=support.versions.get(), state=Run.State.WAITING, expected=1)
    html = page(client, "run", run.pk)
    assert "No answer yet" in html
    assert "No grader has said anything yet" in html


def test_the_note_is_changed_by_staff(client: Client, agent: User):
    run = run_of(dataset())
    response = client.post(reverse("run", args=[run.pk]), {"note": f" why: {HOSTILE}\x00 " + "x" * 500})
    assert response.status_code == HTTPStatus.FOUND
    run.refresh_from_db()
    assert run.note.startswith("why: <script>")
    assert len(run.note) == 400
    assert "<script>alert(1)" not in page(client, "run", run.pk)


def test_hostile_text_stays_text(client: Client, agent: User):
    support = dataset(case("evil", question=HOSTILE, tags=("<b>tag</b>",)))
    run = run_of(support, {"evil": False}, label=HOSTILE, note=HOSTILE, changed=[HOSTILE])
    row = run.results.get()
    run.results.update(text=HOSTILE + LONG, error="", served_by="<i>x</i>", model="<u>m</u>")
    grading(row, "tone", passed=False, score=0.0, label="<b>label</b>", reason=HOSTILE)
    for html in (page(client, "evals"), page(client, "run", run.pk)):
        for markup in ("<script>alert", "<img src=x", "<b>tag", "<i>x", "<u>m", "<b>label"):
            assert markup not in html, markup


async def streamed(client: AsyncClient, run: Run, form: str) -> str:
    response = await client.get(reverse("export_run", args=[run.pk]), {"format": form})
    assert response.status_code == HTTPStatus.OK
    assert f'filename="run-{run.pk}.{form}"' in response["Content-Disposition"]
    return b"".join([part async for part in response]).decode()  # type: ignore[attr-defined]


@pytest.mark.django_db(transaction=True)
async def test_a_run_leaves_as_a_table_that_no_spreadsheet_runs(async_client: AsyncClient):
    run = await in_database(exported)
    await in_database(async_client.force_login, await in_database(person, "agent"))
    rows = list(csv.DictReader(io.StringIO((await streamed(async_client, run, "csv")).removeprefix("\ufeff"))))
    assert len(rows) == 1
    assert rows[0]["answer"] == "'=cmd|' /C calc'!A0"
    assert rows[0]["question"] == "'@SUM(1)"
    assert rows[0]["must_include reason"] == "lacks “$35”"
    assert rows[0]["tone word"] == "2"
    assert rows[0]["people"] == "bob: tone = 4 friendly enough"


@pytest.mark.django_db(transaction=True)
async def test_a_run_leaves_as_json_lines_with_every_word_said(async_client: AsyncClient):
    run = await in_database(exported)
    await in_database(async_client.force_login, await in_database(person, "agent"))
    (line,) = (await streamed(async_client, run, "jsonl")).splitlines()
    answered = json.loads(line)
    assert answered["answer"] == "=cmd|' /C calc'!A0"
    assert answered["passages"][0]["name"] == "late-fees.md"
    said = {(one["grader"], one["person"], one["word"]) for one in answered["grades"]}
    assert said == {("must_include", None, ""), ("tone", None, "2"), ("tone", "bob", "4")}
    assert (await async_client.get(reverse("export_run", args=[run.pk]), {"format": "xls"})).status_code == 400


def exported() -> Run:
    run = run_of(dataset(case("evil", question="@SUM(1)")), {"evil": False})
    Grading.objects.all().delete()
    run.results.all().delete()
    row = result(run, run.dataset_version.cases.get(), passed=False, answer=answer("=cmd|' /C calc'!A0"))  # type: ignore[union-attr]
    grading(row, "tone", points=2)
    grading(row, "tone", points=4, by=person("customer", username="bob"), reason="friendly enough")
    return run


def test_an_export_has_all_rows_of_a_long_run(client: Client, agent: User):
    from evals.reporting.export import A_BATCH, batches

    cases = [case(f"c{number}") for number in range(A_BATCH + 3)]
    run = run_of(dataset(*cases))
    sizes = [len(found) for found in batches(run)]
    assert sizes == [A_BATCH, 3]
