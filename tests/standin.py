"""What tests ask of the stand-in model beside the API: strict scripts, and its log of calls.

with standin.script({"expect": {"contains": "delete"}, "reply": {"text": "Press Delete."}}) as played:
    settings.LLM_STRONG_MODEL = played.model
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx2


def address(path: str = "") -> str:
    """The stand-in's own address, without the /v1 of the API."""
    return os.environ["OPENAI_BASE_URL"].removesuffix("/v1") + path


@dataclass(frozen=True)
class Played:
    """A script that is being played under the name of a model."""

    model: str

    def report(self) -> dict[str, Any]:
        report: dict[str, Any] = read(f"/standin/scripts/{self.model}")
        return report

    @property
    def calls(self) -> list[dict[str, Any]]:
        """The requests that came so far."""
        return list(self.report()["calls"])


@contextmanager
def script(*lines: dict[str, Any]) -> Iterator[Played]:
    """Hand in the lines; at the end each must have been played, and nothing else must have been asked."""
    answer = httpx2.post(address("/standin/scripts"), json={"lines": list(lines)})
    assert answer.status_code == 201, answer.text
    played = Played(answer.json()["model"])
    yield played
    report = played.report()
    assert not report["unexpected"], [call["reason"] for call in report["unexpected"]]
    assert report["left"] == 0, f"{report['left']} lines of the script were not played"


def calls(model: str) -> list[dict[str, Any]]:
    """The latest calls of one model, oldest first."""
    return [call for call in read("/standin/calls")["calls"] if call["model"] == model]


def read(path: str) -> Any:
    return httpx2.get(address(path)).raise_for_status().json()
