"""The page on the choice of a model, and the page of one question that both models answered."""

from __future__ import annotations

import csv
import io
import re
import uuid

import pytest
from django.contrib.messages import get_messages
from django.test import AsyncClient, Client
from django.urls import reverse

from app.models import User
from chat.models import AssistantVersion, Route
from chat.versions.states import live_version, make_draft, version_of
from evals.models import RouteVerdict
from evals.routing import saying
from llm.database import in_database
from tests.evals.routing import made
from tests.people import person

pytestmark = pytest.mark.django_db
ATTACK = "<img src=x onerror=alert(1)>"


@pytest.fixture
def admin(client: Client) -> User:
    user = person("admin")
    client.force_login(user)
    return user


def page(client: Client, query: str = "") -> str:
    response = client.get(f"{reverse('model_choice')}{query}")
    assert response.status_code == 200
    return response.content.decode()


def words(text: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", text).split())


def go_live(**policy: object) -> None:
    """The live version with another choice of models."""
    row, live = made.live(), live_version().assistant
    wanted = live.model_copy(update={"model_choice": live.model_choice.model_copy(update=policy)})
    draft = make_draft(wanted, based_on=row)
    AssistantVersion.objects.filter(pk=row.pk).update(state="retired")
    AssistantVersion.objects.filter(pk=draft.pk).update(state="live")


def many(n: int, *, by: User | None = None, worse: int = 0, first: str = "strong") -> None:
    """Questions that both models answered, half of them easy; of the hard ones so many were worse."""
    for number in range(n):
        is_easy = number % 2 == 0
        signals = dict.fromkeys(("triage", "best", "lead", "agreement", "short"), 0.9 if is_easy else 0.2)
        one = made.compared(signals=signals, ease=0.9 if is_easy else 0.1, first=first)
        made.said(one, "worse" if not is_easy and number < 2 * worse else "tie", person=by)


def test_at_first_it_says_how_to_begin(client, admin):
    shown = words(page(client))
    assert "measures nothing" in shown
    assert "set “compared” to a share such as 0.05" in shown
    assert "No question was answered by both models yet" in shown
    assert reverse("draft_version", args=[live_version().number]) in page(client)


def test_who_only_measures_is_told_so(client, admin):
    go_live(compared=0.05)
    shown = words(page(client))
    assert "only measures" in shown
    assert "5 % of the questions are answered by both models" in shown
    assert "measures nothing" not in shown


def test_figures_frontier_and_questions_are_on_the_page(client, admin, settings):
    settings.LLM_STRONG_MODEL, settings.LLM_PRICES = "the-strong-one", ["the-strong-one=2/8"]
    go_live(compared=1.0, easy="small", threshold=0.5)
    many(24, worse=6, first="small")
    shown = page(client)
    assert "25.0" in words(shown)  # points lost: 6 of 24
    assert 'class="frontier"' in shown
    assert 'class="live"' in shown
    assert shown.count("</svg>") >= 1
    assert "The small model first, always" in shown
    assert "How late may I pay" in shown
    worse = page(client, "?show=worse")
    assert worse.count('class="verdict worse"') == 6
    assert client.get(f"{reverse('model_choice')}?show=all'--").status_code == 400


def test_a_judge_that_may_not_decide_leads_to_no_proposal_and_too_few_pairs_to_no_number(client, admin):
    go_live(compared=1.0, margin=0.2)
    many(10)
    shown = words(page(client))
    assert "No threshold is proposed" in shown
    assert "from 20 on their words decide alone" in shown
    assert "How many are needed can be told from 20 on." in shown
    assert reverse("draft_model_choice") not in page(client)


def test_what_people_compared_leads_to_a_proposal_and_the_draft_of_it(client, admin):
    go_live(compared=1.0, margin=0.25)
    many(30, by=admin, worse=10)
    shown = page(client)
    assert "Proposed: the small model answers from an ease of" in words(shown)
    assert "that people compared" in words(shown)
    threshold = re.search(r'name="threshold" value="([\d.]+)"', shown)
    assert threshold
    answer = client.post(reverse("draft_model_choice"), {"threshold": threshold[1]})
    draft = AssistantVersion.objects.get(state="draft")
    assert answer["Location"] == reverse("edit_version", args=[draft.number])
    choice = version_of(draft).assistant.model_choice
    assert (choice.easy, choice.threshold, choice.compared) == ("small", float(threshold[1]), 1.0)
    assert 0.5 < choice.threshold <= 1  # the easy ones only
    assert live_version().assistant.model_choice.easy == "strong"


@pytest.mark.parametrize("threshold", ["", "2", "nan", "-1", "abc"])
def test_only_a_threshold_makes_a_draft(client, admin, threshold):
    live_version()
    assert client.post(reverse("draft_model_choice"), {"threshold": threshold}).status_code == 400
    assert not AssistantVersion.objects.filter(state="draft").exists()


def test_with_too_wide_a_doubt_it_says_how_many_more_pairs_are_needed(client, admin):
    go_live(compared=1.0, margin=0.01)
    many(24, by=admin, worse=6)
    shown = words(page(client))
    assert "No threshold surely keeps the margin of 1 points yet." in shown
    needed = re.search(r"About ([\d,]+) more pairs", shown)
    assert needed
    assert int(needed[1].replace(",", "")) > 1_000


def test_both_answers_are_read_blind_and_named_after_the_word(client, admin):
    one = made.compared(small="By the 15th.", strong="By the 15th of the month.")
    made.said(one, "worse", reason="It leaves out the month.")
    address = reverse("route", args=[one.pk])
    blind = client.get(address).content.decode()
    assert "By the 15th of the month." in blind
    for told in ("the-small-one", "the-strong-one", "The small model", "It leaves out the month", "800 ms"):
        assert told not in blind
    is_first = saying.small_is_first(one)
    assert (blind.index("By the 15th.") < blind.index("By the 15th of the month.")) is is_first
    said = client.post(reverse("settle_route", args=[one.pk]), {"word": "first", "reason": "shorter"}, follow=True)
    told = said.content.decode()
    assert "the-small-one" in told
    assert "It leaves out the month" in told
    label = RouteVerdict.objects.by_people().get().label
    assert f"The small model's answer is {label}." in told
    client.post(reverse("settle_route", args=[one.pk]), {"do": "undo"})
    assert not RouteVerdict.objects.current().by_people().exists()
    again = client.get(address).content.decode()
    assert "You have seen which model wrote which" in again
    assert "earlier" in again


def test_a_word_that_there_is_not_is_refused_in_words(client, admin):
    one = made.compared()
    answer = client.post(reverse("settle_route", args=[one.pk]), {"word": "both"})
    assert [str(message) for message in get_messages(answer.wsgi_request)] == ["Choose one of the words first."]
    answer = client.post(reverse("settle_route", args=[one.pk]), {"do": "undo"})
    assert "nothing to take back" in str(list(get_messages(answer.wsgi_request))[-1])
    assert not RouteVerdict.objects.exists()


def test_a_question_that_one_model_answered_is_shown_as_it_is(client, admin):
    one = made.route(rule="complaint", small={}, strong=made.answer("Call us.", "strong", uuid.uuid4()))
    shown = client.get(reverse("route", args=[one.pk])).content.decode()
    assert "Call us." in shown
    assert "complaint" in shown
    assert "Your word" not in shown


def test_hostile_texts_stay_words_on_every_page(client, admin):
    one = made.compared(question=ATTACK, small=ATTACK, strong=f"[a](javascript:alert(1)) {ATTACK}", rule=ATTACK[:60])
    made.said(one, "worse", reason=ATTACK, evidence=[{"where": "answer", "quote": ATTACK, "at": None}])
    Route.objects.filter(pk=one.pk).update(small=one.small | {"held_back": ATTACK, "model": ATTACK})
    assert "<img" not in page(client)
    address = reverse("route", args=[one.pk])
    assert "<img" not in client.get(address).content.decode()
    client.post(reverse("settle_route", args=[one.pk]), {"word": "tie", "reason": ATTACK})
    told = client.get(address).content.decode()
    assert "<img" not in told
    assert 'href="javascript:' not in told
    assert "onerror" in told  # it is there, as words


def two_pairs(by: User) -> None:
    made.said(made.compared(question="=HYPERLINK(1)", small="@SUM(1)", strong="Two\nlines"), "better", person=by)
    made.compared()


@pytest.mark.django_db(transaction=True)
async def test_the_export_has_a_row_for_each_pair_runs_no_formula_and_is_for_managers(async_client: AsyncClient):
    managers, agent = await in_database(person, "admin"), await in_database(person, "agent")
    await in_database(two_pairs, managers)
    address = f"{reverse('export_routes')}?show=better"
    await in_database(async_client.force_login, agent)
    assert (await async_client.get(address)).status_code == 404
    await in_database(async_client.force_login, managers)
    answer = await async_client.get(address)
    text = b"".join([part async for part in answer.streaming_content]).decode("utf-8-sig")  # type: ignore[attr-defined]
    (row,) = csv.DictReader(io.StringIO(text))
    assert (row["question"], row["small answer"], row["strong answer"]) == ("'=HYPERLINK(1)", "'@SUM(1)", "Two\nlines")
    assert (row["word"], row["said by"], row["strong model"]) == ("better", "person", "the-strong-one")


def test_an_agent_and_a_customer_find_nothing(client):
    one = made.compared()
    for role in ("agent", "customer"):
        client.force_login(person(role))
        for address in (reverse("model_choice"), reverse("route", args=[one.pk])):
            assert client.get(address).status_code == 404
        assert client.post(reverse("settle_route", args=[one.pk]), {"word": "tie"}).status_code == 404
    assert not RouteVerdict.objects.exists()
