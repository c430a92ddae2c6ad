"""The judges on their pages: the figures that the licence rests on, and where people and judge differ."""

from __future__ import annotations

import csv
import io
import json

import pytest
from django.test import Client
from django.urls import reverse

from evals.graders import GRADERS
from evals.models import Grading, JudgeProbe, Result
from evals.reviewing.words import keys_of
from tests.evals.factories import dataset, grading, run_of
from tests.evals.judging.simulating import by_chance, simulate, steady
from tests.people import person

pytestmark = pytest.mark.django_db
GROUNDED = GRADERS["groundedness"]
KEYS = keys_of(GROUNDED)
ATTACK = "=HYPERLINK(1)<img src=x onerror=alert(1)>"


@pytest.fixture(autouse=True)
def a_real_judge(settings) -> None:
    settings.LLM_DEMO = False


@pytest.fixture
def admin() -> Client:
    return signed_in("admin")


def signed_in(role: str) -> Client:
    client = Client()
    client.force_login(person(role))
    return client


def page(client: Client, name: str = "groundedness") -> str:
    return client.get(reverse("judge", args=[name])).content.decode()


def test_all_judges_are_there_with_what_they_may_be_used_for(admin):
    simulate(GROUNDED, answers=100, judge=by_chance(KEYS, 0.97), people=by_chance(KEYS, 0.97))
    steady(GROUNDED)
    shown = admin.get(reverse("judges")).content.decode()
    for name, grader in GRADERS.items():
        assert (reverse("judge", args=[name]) in shown) == (grader.kind == "judge"), name
    assert shown.count("May hold back a publication</span>") == 1
    assert "People and the judge have both graded no cases" in shown


def test_a_judge_shows_the_figures_that_the_licence_rests_on(admin):
    expected = simulate(GROUNDED, answers=200, judge=by_chance(KEYS, 0.9), people=by_chance(KEYS, 0.95))
    shown = page(admin)
    found = float(shown.split("κ ")[1].split(" ")[0])
    assert found == pytest.approx(expected.judge, abs=0.1)
    assert "200 answers settled by people, 200 of them with a word of this version" in shown
    assert "Word by word" in shown
    assert "It has not been asked the same again" in shown


def test_the_worst_disagreements_come_first_with_their_answers(admin):
    harmful = {"pass": {"pass": 0.9, "fail": 0.1}, "fail": {"pass": 0.5, "fail": 0.5}}
    simulate(GROUNDED, answers=40, judge=harmful, people=by_chance(KEYS, 1.0))
    shown = page(admin)
    table = shown[shown.index('id="worst"') :]
    assert table.index("<strong>dangerous</strong>") < table.index("</tr>", table.index("<tbody>"))
    assert f'href="{reverse("result", args=[0])[:-2]}' in table


def test_nothing_known_is_told_and_leads_to_the_queue(admin):
    shown = page(admin)
    assert "not known yet" in shown
    assert f'action="{reverse("review")}"' in shown
    assert "Nothing in this version yet" in shown


def test_hostile_words_of_a_judge_stay_words_on_the_page_and_in_files(admin):
    simulate(GROUNDED, answers=3, judge=by_chance(KEYS, 0.0), people=by_chance(KEYS, 1.0))
    Grading.objects.filter(is_human=False).update(reason=ATTACK)
    Result.objects.update(question=ATTACK, text=ATTACK)
    assert "<img" not in page(admin)
    path = reverse("judge", args=["groundedness"])
    text = b"".join(admin.get(path, {"format": "csv"}).streaming_content).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert {row["judge_reason"] for row in rows} == {f"'{ATTACK}"}
    assert {row["answer"] for row in rows} == {f"'{ATTACK}"}
    lines = b"".join(admin.get(path, {"format": "jsonl"}).streaming_content).decode().splitlines()
    kept = [json.loads(line) for line in lines]
    assert len(kept) == 3
    assert {one["judge_reason"] for one in kept} == {ATTACK}
    assert {(one["people"] in {"pass, pass", "fail, fail"}, one["blind"]) for one in kept} == {(True, True)}


def test_another_format_is_refused_and_another_name_is_not_there(admin):
    assert admin.get(reverse("judge", args=["groundedness"]), {"format": "xlsx"}).status_code == 400
    assert admin.get(reverse("judge", args=["must_include"])).status_code == 404
    assert admin.get(reverse("judge", args=["nobody"])).status_code == 404


def test_words_that_were_not_blind_are_in_the_file_and_say_so(admin):
    run = run_of(dataset())
    grading(run.results.get(), "groundedness", by=person("agent"), score=0.0, passed=False)
    response = admin.get(reverse("judge", args=["groundedness"]), {"format": "jsonl"})
    (one,) = [json.loads(line) for line in b"".join(response.streaming_content).splitlines()]
    assert (one["people"], one["settled"], one["blind"], one["judge"]) == ("fail", "", False, "")


def test_who_manages_the_assistant_begins_a_probe_and_sees_its_price(admin):
    run = run_of(dataset())
    grading(run.results.get(), "groundedness", cost_microdollars=20_000)
    shown = page(admin)
    assert "3 words of the judge, about" in shown
    assert "$0.0600" in shown
    assert reverse("probe_judge", args=["groundedness"]) not in page(signed_in("agent"))
    done = admin.post(reverse("probe_judge", args=["groundedness"]), {"kind": "repeats"}, follow=True)
    assert "It has begun" in done.content.decode()
    assert (JudgeProbe.objects.get().state, JudgeProbe.objects.get().results) == ("waiting", [run.results.get().pk])
    assert "under way already" in admin.post(
        reverse("probe_judge", args=["groundedness"]), {"kind": "repeats"}, follow=True
    ).content.decode()  # fmt: skip
    assert admin.post(reverse("probe_judge", args=["groundedness"]), {"kind": "torture"}).status_code == 400


def test_the_demo_model_is_named_as_such(admin, settings):
    settings.LLM_DEMO = True
    assert "The demo model judges now" in admin.get(reverse("judges")).content.decode()
