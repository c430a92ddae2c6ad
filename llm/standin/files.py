"""The files endpoint: what is uploaded to teach a model is kept in memory until it is deleted, or too much is there."""

from __future__ import annotations

import secrets
import time
from collections import OrderedDict
from dataclasses import dataclass, field
from email.message import Message
from email.parser import BytesParser
from email.policy import HTTP
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from llm.standin import body
from llm.standin.errors import ApiError

MAX_BYTES = 64 * 1024 * 1024  # of one upload
KEPT_BYTES, KEPT = 256 * 1024 * 1024, 500  # of all of them
PURPOSES = ("assistants", "batch", "fine-tune", "vision", "user_data", "evals")
MOST_LISTED = 10_000


@dataclass(frozen=True)
class File:
    """An uploaded file."""

    name: str
    purpose: str
    content: bytes
    id: str = field(default_factory=lambda: f"file-{secrets.token_hex(12)}")
    created_at: float = field(default_factory=time.time)

    def describe(self) -> dict[str, Any]:
        """As the API shows it."""
        return {
            "id": self.id,
            "object": "file",
            "bytes": len(self.content),
            "created_at": int(self.created_at),
            "filename": self.name,
            "purpose": self.purpose,
            "status": "processed",
            "status_details": None,
            "expires_at": None,
        }


class Files:
    """All files, the oldest forgotten when they become too many or too large."""

    def __init__(self) -> None:
        self._files: OrderedDict[str, File] = OrderedDict()

    def add(self, file: File) -> File:
        """The file, kept."""
        self._files[file.id] = file
        while len(self._files) > KEPT or sum(len(one.content) for one in self._files.values()) > KEPT_BYTES:
            self._files.popitem(last=False)
        return file

    def get(self, id: str) -> File:
        """The file of that id, or the API's 404."""
        if id not in self._files:
            raise ApiError(f"No such File object: {id[:100]}", status=404, param="id")
        return self._files[id]

    def find(self, id: str) -> File | None:
        return self._files.get(id)

    def delete(self, id: str) -> None:
        del self._files[self.get(id).id]

    def newest_first(self) -> list[File]:
        return list(reversed(self._files.values()))


async def create_file(request: Request) -> Response:
    """POST /v1/files, a form with `purpose` and `file`."""
    body.require_key(request)
    form = await _form(request)
    purpose, part = form.get("purpose"), form.get("file")
    if purpose is None or part is None:
        missing = "purpose" if purpose is None else "file"
        raise ApiError(f"'{missing}' is a required property", param=missing)
    purpose_name = _content(purpose).decode("utf-8", "replace").strip()
    if purpose_name not in PURPOSES:
        raise ApiError(f"'{purpose_name[:60]}' is not one of {list(PURPOSES)} - 'purpose'", param="purpose")
    name, content = (part.get_filename() or "")[:200], _content(part)
    if purpose_name == "fine-tune" and not name.endswith(".jsonl"):
        raise ApiError("Invalid file format for Fine-Tuning API. Must be .jsonl", param="file")
    if not content:
        raise ApiError("File is empty.", param="file")
    return JSONResponse(request.app.state.files.add(File(name, purpose_name, content)).describe())


async def list_files(request: Request) -> Response:
    """GET /v1/files, newest first, of one `purpose` where that is named."""
    body.require_key(request)
    purpose = request.query_params.get("purpose")
    found = [one for one in request.app.state.files.newest_first() if purpose in (None, one.purpose)]
    return JSONResponse(page([one.describe() for one in found], request, most=MOST_LISTED))


async def show_file(request: Request) -> Response:
    """GET /v1/files/{id}."""
    body.require_key(request)
    return JSONResponse(request.app.state.files.get(request.path_params["id"]).describe())


async def show_content(request: Request) -> Response:
    """GET /v1/files/{id}/content."""
    body.require_key(request)
    file = request.app.state.files.get(request.path_params["id"])
    return Response(file.content, media_type="application/octet-stream")


async def delete_file(request: Request) -> Response:
    """DELETE /v1/files/{id}."""
    body.require_key(request)
    id = request.path_params["id"]
    request.app.state.files.delete(id)
    return JSONResponse({"id": id, "object": "file", "deleted": True})


def page(items: list[dict[str, Any]], request: Request, *, most: int) -> dict[str, Any]:
    """The part of a list that follows `after`, `limit` long at most, in the API's form."""
    if after := request.query_params.get("after"):
        place = next((n for n, item in enumerate(items) if item["id"] == after), None)
        if place is None:
            raise ApiError(f"No object with id '{after[:100]}' was found.", status=404, param="after")
        items = items[place + 1 :]
    wish = request.query_params.get("limit", str(most if most > 100 else 20))
    if not wish.isdecimal() or not 1 <= int(wish) <= most:
        raise ApiError(f"Invalid 'limit': expected an integer from 1 to {most}.", param="limit")
    shown = items[: int(wish)]
    ends = {"first_id": shown[0]["id"], "last_id": shown[-1]["id"]} if shown else {"first_id": None, "last_id": None}
    return {"object": "list", "data": shown, **ends, "has_more": len(items) > len(shown)}


async def _form(request: Request) -> dict[str, Message]:
    """The parts of a multipart form by their names."""
    kind = request.headers.get("content-type", "")
    if not kind.lower().startswith("multipart/form-data"):
        raise ApiError("Expected a request of type multipart/form-data.", status=415)
    raw = bytearray(f"Content-Type: {kind}\r\n\r\n".encode("latin-1"))
    async for piece in request.stream():
        raw += piece
        if len(raw) > MAX_BYTES:
            raise ApiError("The file is larger than 64 MB.", status=413, code="request_too_large")
    parts = BytesParser(policy=HTTP).parsebytes(bytes(raw)).get_payload()
    named = [part for part in parts if isinstance(part, Message)] if isinstance(parts, list) else []
    return {str(part.get_param("name", "", header="content-disposition")): part for part in named}


def _content(part: Message) -> bytes:
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""
