"""Signing in, the roles, and what keeps guessers out."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.models import Group
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from app.models import User
from chat import visitors
from knowledge.access import Audience, Viewer

pytestmark = pytest.mark.django_db
PASSWORD = "a quiet river at noon"


@pytest.fixture(autouse=True)
def _no_counts_from_before() -> None:
    cache.clear()


@pytest.fixture
def ann() -> User:
    user = User.objects.create_user("ann", "ann@example.com", PASSWORD)
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


def sign_in(client: Client, name: str = "ann", password: str = PASSWORD, **headers: Any) -> Any:
    return client.post(reverse("account_login"), {"login": name, "password": password}, **headers)


@pytest.mark.parametrize("name", ["ann", "ANN", "ann@example.com"])
def test_a_customer_signs_in_with_name_or_address(client: Client, ann: User, name: str):
    answer = sign_in(client, name)
    assert answer.status_code == HTTPStatus.FOUND
    assert client.session["_auth_user_id"] == str(ann.pk)


def test_a_wrong_password_is_answered_in_words(client: Client, ann: User):
    answer = sign_in(client, password="wrong")
    assert answer.status_code == HTTPStatus.OK
    assert "not correct" in answer.content.decode()
    assert 'role="alert"' in answer.content.decode()


def test_a_new_customer_makes_an_account_and_has_no_role(client: Client):
    fields = {"email": "ben@example.com", "username": "ben", "password1": PASSWORD, "is_staff": "on", "groups": "1"}
    answer = client.post(reverse("account_signup"), fields)
    assert answer.status_code == HTTPStatus.FOUND
    ben = User.objects.get(username="ben")
    assert not ben.is_staff
    assert not ben.groups.exists()
    assert Viewer.of(ben).audiences == {Audience.PUBLIC, Audience.CUSTOMERS}


def test_the_migration_makes_the_roles_with_their_permissions():
    agent, admin = (User.objects.create_user(name) for name in ("an-agent", "an-admin"))
    agent.groups.add(Group.objects.get(name="agent"))
    admin.groups.add(Group.objects.get(name="admin"))
    assert Viewer.of(agent).is_staff
    assert not Viewer.of(agent).can_manage_knowledge
    assert Viewer.of(admin).is_staff
    assert Viewer.of(admin).can_manage_knowledge
    assert admin.has_perms(["chat.view_reply", "chat.change_starter", "knowledge.add_collection", "llm.view_call"])
    assert not admin.has_perm("chat.change_reply")


def test_a77_signing_in_leaves_the_visitor_behind_under_a_new_session_key(client: Client, ann: User):
    client.get(reverse("conversation"))
    before = client.session.session_key
    assert visitors.KEY in client.session
    sign_in(client)
    assert client.session.session_key != before
    assert visitors.KEY not in client.session


def test_a77_signing_out_leaves_nothing_of_the_customer(client: Client, ann: User):
    sign_in(client)
    before = client.session.session_key
    client.post(reverse("account_logout"))
    assert "_auth_user_id" not in client.session
    assert client.session.session_key != before


def test_a_guesser_is_locked_out_in_words_however_the_name_is_written(client: Client, ann: User):
    for name in ["ann", "Ann", "aNN", "ann@example.com", "ANN@example.com"] * 2:
        answer = sign_in(client, name, "guess")
    assert answer.status_code == HTTPStatus.TOO_MANY_REQUESTS
    assert "quarter of an hour" in answer.content.decode()
    assert sign_in(client).status_code == HTTPStatus.TOO_MANY_REQUESTS  # even with the right password


def test_a_lock_out_is_for_one_address_only(client: Client, ann: User):
    for _ in range(10):
        sign_in(client, password="guess")
    assert sign_in(client, REMOTE_ADDR="192.0.2.7").status_code == HTTPStatus.FOUND


def test_a51_a_guesser_cannot_change_the_address_by_a_header(client: Client, ann: User):
    for number in range(10):
        answer = sign_in(client, password="guess", HTTP_X_FORWARDED_FOR=f"198.51.100.{number}")
    assert answer.status_code == HTTPStatus.TOO_MANY_REQUESTS


def test_one_password_tried_on_many_accounts_is_slowed_down(client: Client):
    answers = [sign_in(client, f"person-{number}", "Spring2026!") for number in range(21)]
    assert "Too many failed" not in answers[19].content.decode()
    assert "Too many failed" in answers[20].content.decode()


def test_a23_a_reset_link_works_once(client: Client, ann: User):
    client.post(reverse("account_reset_password"), {"email": ann.email})
    link = re.search(r"http://testserver(/\S+)", str(mail.outbox[0].body))
    assert link
    form = client.get(link[1], follow=True)
    address = form.redirect_chain[-1][0]
    client.post(address, {"password1": "another quiet river", "password2": "another quiet river"})
    ann.refresh_from_db()
    assert ann.check_password("another quiet river")
    again = Client().get(link[1], follow=True)
    assert "no longer works" in again.content.decode()


@pytest.mark.parametrize("token", ["-", "None", "null", "undefined", "0-0"])
def test_a23_an_empty_token_resets_nothing(client: Client, ann: User, token: str):
    uid = "1" if ann.pk == 1 else str(ann.pk)
    answer = client.post(f"/account/password/reset/key/{uid}-{token}/", {"password1": "x" * 12, "password2": "x" * 12})
    assert "no longer works" in answer.content.decode()
    ann.refresh_from_db()
    assert ann.check_password(PASSWORD)


def test_a_reset_does_not_tell_who_has_an_account(client: Client, ann: User):
    pages = [
        client.post(reverse("account_reset_password"), {"email": email}, follow=True).content.decode()
        for email in (ann.email, "nobody@example.com")
    ]
    known, unknown = (re.sub(r'"X-CSRFToken": "\w+"', "", page) for page in pages)
    assert "Look into your mail" in known
    assert known == unknown


def test_the_records_are_for_admins_only(client: Client, ann: User):
    records = reverse("admin:index")
    assert reverse("account_login") in client.get(records, follow=True).redirect_chain[-1][0]
    client.force_login(ann)
    assert client.get(records, follow=True).status_code == HTTPStatus.FORBIDDEN


def test_an_admin_cannot_make_a_superuser_nor_become_one(client: Client):
    admin = User.objects.create_user("an-admin", is_staff=True)
    admin.groups.add(Group.objects.get(name="admin"))
    chief = User.objects.create_superuser("chief", password=PASSWORD)
    client.force_login(admin)
    fields = {"username": "an-admin", "is_superuser": "on", "is_staff": "on", "is_active": "on"}
    fields |= {"date_joined_0": "2026-01-01", "date_joined_1": "00:00:00"}
    client.post(reverse("admin:app_user_change", args=[admin.pk]), fields)
    admin.refresh_from_db()
    assert not admin.is_superuser
    taken = client.post(f"/admin/app/user/{chief.pk}/password/", {"password1": "mine now 1", "password2": "mine now 1"})
    assert taken.status_code == HTTPStatus.FORBIDDEN
