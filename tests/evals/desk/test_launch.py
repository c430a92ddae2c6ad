"""An admin starts a run after having seen what it will take, watches it, and steers it; agents only watch."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from evals import tasks
from evals.models import Dataset, Result, Run
from tests.evals.factories import case, dataset, run_of
from tests.evals.running.starting import draft
from tests.people import person

pytestmark = pytest.mark.django_db

RULES = ["must_include", "cites_source"]


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The runs for which a worker was asked."""
    runs: list[int] = []
    monkeypatch.setattr(tasks, "enqueue", runs.append)
    return runs


@pytest.fixture
def admin(client: Client) -> Client:
    client.force_login(person("admin"))
    return client


@pytest.fixture
def support() -> Dataset:
    return dataset(case("late-fee"), case("escrow"), title="Support set")


def said(**more: Any) -> dict[str, Any]:
    usual = {"dataset": "support", "version": "1", "baseline": "latest", "repetitions": "2", "graders": RULES}
    return usual | {"note": "Shorter sentences", "do": "start"} | more


def words(content: bytes) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", content.decode()))


def seal_of(content: bytes) -> str:
    found = re.search(r'name="seal" value="(\w+)"', content.decode())
    assert found
    return found[1]


def started(admin: Client, **more: Any) -> Any:
    """What the page answers to who has seen the estimate and presses Start."""
    seen = admin.post(reverse("new_run"), said(do="estimate", **more))
    return admin.post(reverse("new_run"), said(seal=seal_of(seen.content), **more))


def test_without_a_case_the_page_says_where_to_begin(admin: Client):
    page = admin.get(reverse("new_run"))
    assert page.status_code == 200
    assert "There is nothing to ask yet" in page.content.decode()
    assert reverse("datasets") in page.content.decode()


def test_before_anything_starts_the_page_says_what_it_will_take_and_show(admin: Client, support: Dataset):
    page = words(admin.get(reverse("new_run")).content)
    assert "Support set (2 cases)" in page
    assert "nothing the demo model answers" in page
    assert "less than a minute" in page
    assert re.search(r"To see 3 points, 5 points or 10 points it would need [\d,]+, [\d,]+ or [\d,]+ cases", page)
    assert not Run.objects.exists()


def test_a_real_models_run_has_a_price_before_it_starts(admin: Client, support: Dataset, settings):
    settings.LLM_DEMO = False
    settings.LLM_STRONG_MODEL = settings.LLM_SMALL_MODEL = settings.LLM_JUDGE_MODEL = "gpt-4.1"
    judged = words(admin.post(reverse("new_run"), said(do="estimate", graders=["tone"])).content)
    ruled = words(admin.post(reverse("new_run"), said(do="estimate")).content)
    prices = [float(re.findall(r"about \$([\d.]+)", page)[0]) for page in (judged, ruled)]
    assert prices[0] > prices[1] > 0
    assert "by the length of prompts and passages" in ruled


def test_judges_are_marked_while_the_demo_model_judges_and_not_chosen(admin: Client, support: Dataset):
    page = admin.get(reverse("new_run")).content.decode()
    tone = re.search(r'<input[^>]*value="tone"[^>]*>.*?</label>', page, re.DOTALL)
    rule = re.search(r'<input[^>]*value="must_include"[^>]*>', page)
    assert tone
    assert rule
    assert "demo verdicts" in tone[0]
    assert "checked" not in tone[0]
    assert "checked" in rule[0]


def test_start_makes_a_run_of_the_set_as_it_is_now_and_asks_a_worker(
    admin: Client, support: Dataset, sent: list[int], django_capture_on_commit_callbacks
):
    dataset(case("new-one"), slug="support", frozen=False)
    with django_capture_on_commit_callbacks(execute=True):
        answer = started(admin, budget="")
    run = Run.objects.get()
    assert answer["Location"] == reverse("run", args=[run.pk])
    assert (str(run.dataset_version), run.expected, run.note) == ("support@2", 6, "Shorter sentences")
    assert set(run.graders) == set(RULES)
    assert run.created_by
    assert run.trigger == "desk"
    assert sent == [run.pk]


def test_a_double_click_is_one_run_and_another_note_another(
    admin: Client, support: Dataset, sent: list[int], django_capture_on_commit_callbacks: Any
):
    with django_capture_on_commit_callbacks(execute=True):
        first, second = started(admin), started(admin)
        third = started(admin, note="Another change")
    assert first["Location"] == second["Location"] != third["Location"]
    assert len(sent) == Run.objects.count() == 2


def test_only_what_was_seen_with_its_estimate_is_started(admin: Client, support: Dataset, sent: list[int]):
    seen = admin.post(reverse("new_run"), said(do="estimate"))
    answer = admin.post(reverse("new_run"), said(seal=seal_of(seen.content), repetitions="5"))
    assert "You have changed a choice since this was reckoned" in answer.content.decode()
    assert not Run.objects.exists()
    assert admin.post(reverse("new_run"), said(seal=seal_of(answer.content), repetitions="5")).status_code == 302


def test_a_choice_that_changes_brings_the_estimate_alone(admin: Client, support: Dataset):
    answer = admin.post(reverse("new_run"), said(do="", note=""), headers={"HX-Request": "true"})
    assert answer.content.decode().strip().startswith('<section class="panel plan" id="plan"')
    wrong = admin.post(reverse("new_run"), said(do="", repetitions="99"), headers={"HX-Request": "true"})
    assert "less than or equal to 20" in wrong.content.decode()


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"note": " "}, "Say in a few words what changed"),
        ({"graders": []}, "This field is required"),
        ({"graders": ["vibes"]}, "vibes is not one of the available choices"),
        ({"repetitions": "0"}, "greater than or equal to 1"),
        ({"version": "99"}, "99 is not one of the available choices"),
        ({"dataset": "none"}, "none is not one of the available choices"),
        ({"baseline": "77"}, "77 is not one of the available choices"),
        ({"budget": "5"}, "No price is known of demo-strong"),
        ({"budget": "NaN"}, "Enter a number"),
    ],
)
def test_what_cannot_be_run_is_said_in_a_sentence(admin: Client, support: Dataset, more: dict[str, Any], says: str):
    seen = admin.post(reverse("new_run"), said(do="estimate"))
    answer = admin.post(reverse("new_run"), said(seal=seal_of(seen.content), **more))
    assert answer.status_code == 400
    assert says in words(answer.content).replace("&#x27;", "'")
    assert not Run.objects.exists()


def test_a_baseline_is_found_and_the_parts_that_changed_are_kept(admin: Client, support: Dataset, sent: list[int]):
    first = run_of(support)
    row = draft(retrieval={"passages": 1})
    started(admin, version=str(row.number))
    run = Run.objects.latest("pk")
    assert run.baseline == first
    assert "retrieval" in run.changed


def test_a_link_can_choose_set_version_and_baseline(admin: Client, support: Dataset):
    dataset(slug="safety", title="Safety set")
    first, row = run_of(support), draft(retrieval={"passages": 1})
    asked = {"set": "support", "version": str(row.number), "baseline": str(first.pk)}
    page = admin.get(reverse("new_run"), asked).content
    chosen = re.findall(r'<option value="([^"]*)" selected>', page.decode())
    assert chosen == ["support", str(row.number), str(first.pk)]


def a_run(support: Dataset, **more: Any) -> Run:
    run = run_of(support, {"escrow": False}, **more)
    Run.objects.filter(pk=run.pk).update(expected=4)
    run.refresh_from_db()
    return run


def test_the_progress_asks_again_while_the_run_is_open_and_then_reloads_the_page(admin: Client, support: Dataset):
    run = a_run(support, state="running")
    path = f"{reverse('run_progress', args=[run.pk])}?was=open"
    answer = admin.get(path, headers={"HX-Request": "true"})
    assert 'hx-trigger="every 2s"' in answer.content.decode()
    assert "2 of 4 answers · 1 of 2 passed by the rules" in words(answer.content)
    assert "$0.0024" in answer.content.decode()
    assert "HX-Refresh" not in answer.headers
    Run.objects.update(state="done")
    answer = admin.get(path, headers={"HX-Request": "true"})
    assert answer["HX-Refresh"] == "true"
    assert "hx-get" not in answer.content.decode()


def test_without_javascript_the_progress_is_a_page(admin: Client, support: Dataset):
    run = a_run(support, state="running")
    page = admin.get(reverse("run_progress", args=[run.pk])).content.decode()
    assert '<noscript><meta http-equiv="refresh"' in page
    assert f'value="2" max="{run.expected}"' in page


def test_the_runs_own_page_shows_it(admin: Client, support: Dataset):
    run = a_run(support, state="paused", problem="The model's server <b>refuses</b> our key.")
    page = admin.get(reverse("run", args=[run.pk])).content.decode()
    assert "&lt;b&gt;refuses&lt;/b&gt;" in page
    assert 'value="resume"' in page


@pytest.mark.parametrize(
    ("state", "do", "then", "is_sent"),
    [
        ("running", "pause", "paused", False),
        ("waiting", "pause", "paused", False),
        ("paused", "resume", "waiting", True),
        ("failed", "resume", "waiting", True),
        ("running", "stop", "stopped", False),
        ("paused", "stop", "stopped", False),
        ("done", "regrade", "waiting", True),
        ("done", "resume", "done", False),
        ("stopped", "resume", "stopped", False),
        ("done", "retry", "done", False),
        ("done", "explode", "done", False),
    ],
)
def test_a_run_is_steered(
    admin: Client, support: Dataset, sent: list[int], state: str, do: str, then: str, is_sent: bool
):
    run = a_run(support, state=state)
    answer = admin.post(reverse("steer_run", args=[run.pk]), {"do": do})
    assert answer["Location"] == reverse("run", args=[run.pk])
    run.refresh_from_db()
    assert (run.state, sent) == (then, [run.pk] if is_sent else [])


def test_what_got_no_answer_is_asked_again(admin: Client, support: Dataset, sent: list[int]):
    run = a_run(support)
    Result.objects.filter(case__key="escrow").update(error="timeout")
    page = admin.post(reverse("steer_run", args=[run.pk]), {"do": "retry"}, follow=True)
    assert "1 case is asked again." in page.content.decode()
    assert [one.case.key for one in Result.objects.all() if one.case] == ["late-fee"]
    assert sent == [run.pk]


@pytest.mark.parametrize(
    ("budget", "then", "says"),
    [
        ("1.50", "waiting", "It goes on"),
        ("", "waiting", "It goes on"),
        ("0.001", "over_budget", "has spent $0.00 already"),
        ("a lot", "over_budget", "is not an amount in dollars"),
        ("Infinity", "over_budget", "at most 100,000"),
    ],
)
def test_a_budget_is_raised(admin: Client, support: Dataset, sent: list[int], budget: str, then: str, says: str):
    run = a_run(support, state="over_budget", budget_microdollars=2_000)
    page = admin.post(reverse("steer_run", args=[run.pk]), {"do": "resume", "budget": budget}, follow=True)
    run.refresh_from_db()
    assert run.state == then
    assert says in page.content.decode()
    assert run.budget_microdollars == (1_500_000 if budget == "1.50" else 2_000)


def test_an_agent_watches_and_does_not_steer(client: Client, support: Dataset):
    client.force_login(person("agent"))
    run = a_run(support, state="running")
    page = client.get(reverse("run_progress", args=[run.pk]))
    assert page.status_code == 200
    assert 'name="do"' not in page.content.decode()
    assert client.post(reverse("steer_run", args=[run.pk]), {"do": "stop"}).status_code == 404
    assert client.get(reverse("new_run")).status_code == 404
    run.refresh_from_db()
    assert run.state == "running"
