"""Staff write the answer that a reply should have been: works, not allowed, bad input, twice, hostile."""

from __future__ import annotations

from http import HTTPStatus

import pytest
from django.test import Client
from django.urls import reverse

from chat.models import Reply
from evals.models import TrainingQuestion
from tests.evals.distillation.approved import reply
from tests.people import person

pytestmark = pytest.mark.django_db
State = TrainingQuestion.State
ATTACK = "</textarea><script>alert(1)</script>"


def keep(client: Client, made: Reply, text: str) -> tuple[int, str]:
    answer = client.post(reverse("correct_reply", args=[made.pk]), {"text": text}, follow=True)
    return answer.status_code, answer.content.decode()


@pytest.mark.parametrize(("role", "state"), [("admin", State.APPROVED), ("agent", State.PROPOSED)])
def test_the_better_answer_is_kept_and_a_second_one_takes_its_place(client: Client, role: str, state: str):
    made = reply("How much is the late fee?")
    client.force_login(person(role))
    assert reverse("correct_reply", args=[made.pk]) in client.get(reverse("receipt", args=[made.pk])).content.decode()
    assert keep(client, made, "It is $35 after the 15th. [1]")[0] == HTTPStatus.OK
    first = TrainingQuestion.objects.get()
    assert (first.state, first.answer["text"], first.reply) == (state, "It is $35 after the 15th. [1]", made)
    assert "Yours takes its place" in client.get(reverse("correct_reply", args=[made.pk])).content.decode()
    keep(client, made, "You pay $35. [1]")
    latest, before = TrainingQuestion.objects.order_by("-pk")
    assert (latest.answer["text"], before.state) == ("You pay $35. [1]", State.DROPPED)


@pytest.mark.parametrize("text", ["", " ", "It is $35.", "It is $35. [7]", "A late fee of $35 is charged. [1]"])
def test_what_cannot_be_learned_is_said_and_the_words_stay(client: Client, text: str):
    made = reply("How much is the late fee?")
    client.force_login(person("admin"))
    status, page = keep(client, made, text)
    assert status == HTTPStatus.BAD_REQUEST
    assert 'role="alert"' in page
    assert not TrainingQuestion.objects.exists()


def test_hostile_words_are_text(client: Client):
    made = reply(f"How much? {ATTACK}")
    client.force_login(person("admin"))
    keep(client, made, f"It is $35. [1] {ATTACK}")
    assert ATTACK not in client.get(reverse("correct_reply", args=[made.pk])).content.decode()
