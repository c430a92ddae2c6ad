"""Signing in: what django-allauth and django-axes ask us about a request, an account and a locked door."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from app.models import User
from chat import visitors
from chat.addresses import client_address


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """What differs from allauth's own ways."""

    def login(self, request: HttpRequest, user: User) -> None:
        """Sign in under a new session key, and leave the visitor behind: whose questions those were nobody knows."""
        super().login(request, user)
        request.session.pop(visitors.KEY, None)

    def get_client_ip(self, request: HttpRequest) -> str:
        return address(request)


def attempted_account(request: HttpRequest, credentials: dict[str, Any] | None = None) -> str:
    """One name for an account, however it was typed, so that `Ann`, `ann` and her e-mail address count together."""
    typed = (credentials or {}).get("username") or request.POST.get("login", "")
    name = str(typed).strip().lower()
    by_email = User.objects.filter(email__iexact=name).order_by("pk") if "@" in name else User.objects.none()
    return by_email.values_list("username", flat=True).first() or name


def address(request: HttpRequest) -> str:
    return client_address(request.META)


def locked_out(request: HttpRequest, *_: Any) -> HttpResponse:
    """The page after too many wrong passwords for one account from one address."""
    return render(request, "account/locked_out.html", status=429)
