"""The page of two runs: what got worse stands first, with both answers, and only as text."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from app.models import User
from evals.models import CaseRevision, Grading, Result, Run
from tests.chat.versioning import draft, with_prompt
from tests.evals.factories import answer, case, dataset, grading, result, run_of
from tests.people import person

pytestmark = pytest.mark.django_db

ATTACK = "<script>alert(1)</script>"


def page(client: Client, before: Run, after: Run, **query: Any) -> str:
    answer = client.get(reverse("compare_runs"), {"a": before.pk, "b": after.pk, **query})
    assert answer.status_code == 200
    return answer.content.decode()


def two_runs() -> tuple[Run, Run]:
    cases = dataset(case("fee"), case("escrow"), case("wire"))
    return run_of(cases, {"escrow": False}), run_of(cases, {"fee": False}, note="Shorter words")


def test_without_runs_it_says_what_to_do(client: Client, agent: User):
    assert "There is no run yet" in client.get(reverse("compare_runs")).content.decode()


def test_two_runs_are_chosen_from_those_that_there_are(client: Client, agent: User):
    before, after = two_runs()
    form = client.get(reverse("compare_runs")).content.decode()
    assert f'<option value="{before.pk}">' in form
    assert f'<option value="{after.pk}">' in form


def test_what_got_worse_stands_before_what_got_better(client: Client, agent: User):
    both = page(client, *two_runs())
    assert both.index(">fee<") < both.index(">escrow<")
    assert ">wire<" not in both
    assert "Shorter words" in both
    assert "Passed by the rules" in both


@pytest.mark.parametrize(
    ("which", "shown"),
    [("worse", {"fee"}), ("better", {"escrow"}), ("all", {"fee", "escrow", "wire"}), ("x", {"fee", "escrow"})],
)
def test_filters(client: Client, agent: User, which: str, shown: set[str]):
    before, after = two_runs()
    both = page(client, before, after, show=which)
    assert {name for name in ("fee", "escrow", "wire") if f">{name}<" in both} == shown


def test_both_answers_their_difference_and_the_passage_that_is_missing(client: Client, agent: User):
    before, after = two_runs()
    row = CaseRevision.objects.get(key="fee")
    Result.objects.filter(run=after, case=row).delete()
    result(
        after, row, answer=answer("A late fee of $53 is charged after the 15th.", passages=(), cited=()), passed=False
    )
    both = page(client, before, after)
    assert "<mark>$53 </mark>" in both or "<mark>53 </mark>" in both
    assert "only before" in both
    assert "No passage was found." in both
    assert "lacks “$35”" in both


def test_swapping_sides_turns_it_round(client: Client, agent: User):
    before, after = two_runs()
    turned = page(client, after, before)
    assert turned.index(">escrow<") < turned.index(">fee<")


def test_pages_of_ten(client: Client, agent: User):
    names = [f"c{number:02}" for number in range(12)]
    cases = dataset(*(case(name) for name in names))
    before, after = run_of(cases), run_of(cases, dict.fromkeys(names, False))
    assert "Page 1 of 2" in page(client, before, after)
    second = page(client, before, after, page=2)
    assert [name for name in names if f">{name}<" in second] == ["c10", "c11"]


def test_runs_that_share_no_case_say_why_and_what_to_do(client: Client, agent: User):
    both = page(client, run_of(dataset(case("a"))), run_of(dataset(case("a"), slug="other")))
    assert "The two runs share no case" in both


def test_prompts_are_compared_for_those_who_may_read_them(client: Client, agent: User):
    cases = dataset(case("a"))
    row = draft(with_prompt("A most secret prompt."))
    live = run_of(cases)
    Run.objects.filter(pk=live.pk).update(assistant_hash=live.assistant_version.hash)  # type: ignore[union-attr]
    after = run_of(cases, assistant_version=row, assistant_hash=row.hash)
    assert "A most secret prompt." not in page(client, live, after)
    client.force_login(person("admin"))
    assert "A most secret prompt." in page(client, live, after)


def test_other_versions_of_a_grader_offer_to_grade_again(client: Client, agent: User):
    before, after = two_runs()
    Grading.objects.filter(result__run=after).update(version="ffffffffffff")
    client.force_login(person("admin"))
    both = page(client, before, after)
    assert "Graded by different versions" in both
    assert reverse("steer_run", args=[before.pk]) in both


def test_hostile_words_are_only_text_on_the_page_and_no_formula_in_the_file(client: Client, agent: User):
    cases = dataset(case("fee", question=f"=cmd|'/c calc' {ATTACK}"))
    before, after = run_of(cases), run_of(cases, {"fee": False}, note=ATTACK)
    Result.objects.update(text=ATTACK)
    grading(after.results.get(), "must_include", score=0.0, reason=ATTACK)
    both = page(client, before, after)
    assert ATTACK not in both
    assert "&lt;script&gt;" in both
    (row,) = csv.DictReader(io.StringIO(exported(client, before, after)))
    assert row["question"].startswith("'=cmd")


def test_the_export_has_a_row_for_each_case(client: Client, agent: User):
    before, after = two_runs()
    rows = list(csv.DictReader(io.StringIO(exported(client, before, after))))
    assert [(row["case"], row["became"]) for row in rows] == [
        ("fee", "worse"),
        ("escrow", "better"),
        ("wire", "the same"),
    ]
    lines = [json.loads(line) for line in exported(client, before, after, format="jsonl").splitlines()]
    assert (lines[0]["passed before"], lines[0]["passed after"]) == (1.0, 0.0)


def exported(client: Client, before: Run, after: Run, **query: Any) -> str:
    answer = client.get(reverse("export_comparison"), {"a": before.pk, "b": after.pk, **query})
    assert answer.status_code == 200
    return b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "query", [{"a": "x", "b": "1"}, {"a": "1", "b": "99999999"}, {"a": "²", "b": "1"}, {"a": "9" * 40, "b": "1"}]
)
def test_runs_that_are_not_there(client: Client, agent: User, query: dict[str, str]):
    two_runs()
    assert client.get(reverse("compare_runs"), query).status_code == 404
    assert client.get(reverse("export_comparison"), query).status_code == 404


def test_the_judge_is_asked_by_those_who_may_spend(
    client: Client, agent: User, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
):
    asked: list[tuple[int, int]] = []
    monkeypatch.setattr("evals.tasks.judge_pairs.delay", lambda *pair: asked.append(pair))
    before, after = two_runs()
    given = {"a": before.pk, "b": after.pk}
    assert client.post(reverse("judge_pairs"), given).status_code == 404
    assert "Let the judge compare" not in page(client, before, after)
    client.force_login(person("admin"))
    assert "Let the judge compare 3 pairs" in page(client, before, after)
    with django_capture_on_commit_callbacks(execute=True):
        client.post(reverse("judge_pairs"), given)
    assert asked == [(before.pk, after.pk)]
