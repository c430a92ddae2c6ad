"""Style sheets, scripts and icons, from the same processes as the pages."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any, cast

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from whitenoise.middleware import WhiteNoiseMiddleware


class StaticFiles(WhiteNoiseMiddleware):  # type: ignore[misc]  # WhiteNoise has no types
    """WhiteNoise for an asynchronous server.

    WhiteNoise itself streams by a synchronous iterator, which Django warns of under ASGI, and would put every
    asynchronous view into a thread. Our files are small: each is sent whole.
    """

    sync_capable = async_capable = True

    def __init__(self, get_response: Any) -> None:
        super().__init__(get_response)
        if iscoroutinefunction(get_response):
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> Any:
        found = self._find(request.path_info)
        if not iscoroutinefunction(self):
            return self.serve(found, request) if found else self.get_response(request)
        return self._answer(found, request)

    async def _answer(self, found: Any, request: HttpRequest) -> HttpResponseBase:
        if found:
            return self.serve(found, request)
        return await cast("Awaitable[HttpResponseBase]", self.get_response(request))

    def _find(self, path: str) -> Any:
        return self.find_file(path) if self.autorefresh else self.files.get(path)

    @staticmethod
    def serve(static_file: Any, request: HttpRequest) -> HttpResponse:
        streamed = WhiteNoiseMiddleware.serve(static_file, request)
        try:
            return HttpResponse(streamed.getvalue(), status=streamed.status_code, headers=dict(streamed.items()))
        finally:
            streamed.close()
