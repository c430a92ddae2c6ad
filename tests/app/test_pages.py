"""What every page carries: headers, cookies, and words where something went wrong."""

from __future__ import annotations

from http import HTTPStatus

import pytest
from django.test import Client, override_settings
from django.urls import reverse

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("name", ["conversation", "feedback", "account_login", "account_signup"])
def test_every_page_has_a_strict_policy_and_is_stored_nowhere(client: Client, name: str):
    answer = client.get(reverse(name))
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert {"private", "no-store"} <= set(answer.headers["Cache-Control"].split(", "))
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert answer.headers["Referrer-Policy"] == "same-origin"


def test_a17_cookies_are_for_this_site_and_not_for_scripts(client: Client):
    cookies = client.get(reverse("conversation")).cookies
    assert {"sessionid", "csrftoken"} == set(cookies)
    for cookie in cookies.values():
        assert cookie["httponly"]
        assert cookie["samesite"] == "Lax"


def test_a17_no_other_site_may_read_an_answer(client: Client):
    answer = client.get(reverse("conversation"), headers={"Origin": "https://evil.example"})
    assert not [name for name in answer.headers if name.startswith("Access-Control")]


def test_a61_reading_a_page_does_not_save_the_session_again(client: Client):
    client.get(reverse("conversation"))
    assert "sessionid" not in client.get(reverse("conversation")).cookies


def test_f26_an_expired_form_says_what_to_do():
    answer = Client(enforce_csrf_checks=True).post(reverse("account_login"), {"login": "ann", "password": "x"})
    assert answer.status_code == HTTPStatus.FORBIDDEN
    assert "Please reload the page" in answer.content.decode()


def test_a_missing_page_is_answered_in_words(client: Client):
    answer = client.get("/nowhere/")
    assert answer.status_code == HTTPStatus.NOT_FOUND
    assert "There is nothing here" in answer.content.decode()


def test_a_failure_shows_no_trace(client: Client, monkeypatch: pytest.MonkeyPatch):
    def fail(request: object) -> None:
        raise RuntimeError("secret-in-the-trace")

    monkeypatch.setattr("chat.views.viewer_of", fail)
    client.raise_request_exception = False
    answer = client.get(reverse("conversation"))
    assert answer.status_code == HTTPStatus.INTERNAL_SERVER_ERROR
    assert "Something broke on our side" in answer.content.decode()
    assert "secret-in-the-trace" not in answer.content.decode()


@override_settings(ALLOWED_HOSTS=["frontdesk.example"])
def test_a_foreign_host_name_is_refused_in_words(client: Client):
    answer = client.get("/", headers={"Host": "evil.example"})
    assert answer.status_code == HTTPStatus.BAD_REQUEST
    assert "did not make sense" in answer.content.decode()
