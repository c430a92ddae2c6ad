"""What keeps one person's page out of another's sight."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponseBase
from django.utils.deprecation import MiddlewareMixin


class NeverStored(MiddlewareMixin):
    """Every page is made for one person: no proxy and no browser keeps a copy, unless its view says otherwise (A61)."""

    def process_response(self, _request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        response.headers.setdefault("Cache-Control", "private, no-store")
        return response
