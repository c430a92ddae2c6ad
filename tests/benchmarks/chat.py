"""`make bench-chat`: many chats at the same time against the paced stand-in.

Three servers in one run: a bare Channels consumer that forwards the SDK's stream, the product's relay alone, and the
product's whole turn (page, question stored, search, model, reply stored). The stand-in gives each token at a known
moment after the request, so that all time beyond it is added by the server. CHATS, TOKENS and RATE choose the load.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from typing import Any

from tests import services  # noqa: F401  (starts Postgres, Redis and the stand-in)

CHATS = int(os.environ.get("CHATS", "50"))
TOKENS = int(os.environ.get("TOKENS", "150"))
RATE = float(os.environ.get("RATE", "30"))
FIRST_TOKEN = 0.2  # seconds that the stand-in waits
RAMP = 1.0  # seconds over which the chats begin
ROOT = Path(__file__).resolve().parents[2]
ENVIRONMENT = {
    "LLM_STRONG_MODEL": f"paced-{FIRST_TOKEN * 1000:.0f}-{RATE:g}-{TOKENS}",
    "CHAT_QUESTIONS_PER_SESSION": "100000/1m",
    "CHAT_QUESTIONS_PER_ADDRESS": "100000/1m",
    "DJANGO_SETTINGS_MODULE": "app.settings",
    "LOG_LEVEL": "ERROR",
    "DEBUG": "true",
}
TOKEN = re.compile(r"[Tt]oken(\d+)")


@dataclass
class Heard:
    """What one chat heard: when it asked, and at each frame how many tokens it had."""

    asked: float = 0.0
    frames: list[tuple[float, int]] = field(default_factory=list)
    tokens: list[int] = field(default_factory=list)

    def note(self, tokens: list[int]) -> None:
        if tokens:
            self.tokens = tokens
            self.frames.append((time.monotonic(), len(tokens)))

    @property
    def added_to_first(self) -> float:
        return self.frames[0][0] - self.asked - FIRST_TOKEN if self.frames else float("inf")

    @property
    def added_per_frame(self) -> list[float]:
        return [at - self.asked - FIRST_TOKEN - (count - 1) / RATE for at, count in self.frames]

    @property
    def is_whole(self) -> bool:
        return self.tokens == list(range(1, TOKENS + 1))


def numbers(text: str) -> list[int]:
    return [int(number) for number in TOKEN.findall(text)]


async def bare_chat(address: str) -> Heard:
    from websockets.asyncio.client import connect

    heard, text = Heard(), ""
    async with connect(f"{address}/bare/", compression=None) as connection:
        heard.asked = time.monotonic()
        await connection.send("go")
        async for frame in connection:
            text += str(frame)
            heard.note(numbers(text))
    return heard


class Shown:
    """The text that frames of the product leave on a page: finished blocks added, the open one replaced."""

    def __init__(self) -> None:
        self.finished = ""
        self.open = ""

    def take(self, frame: str) -> list[int]:
        if added := re.search(r'<div id="blocks-[^"]+" hx-swap-oob="beforeend">(.*?)</div>', frame, re.DOTALL):
            self.finished += added.group(1)
        if whole := re.search(r'<div id="blocks-[^"]+">(.*?)</div>', frame, re.DOTALL):
            self.finished, self.open = whole.group(1), ""
        if found := re.search(r'<div id="open-[^"]+"[^>]*>(.*?)</div>', frame, re.DOTALL):
            self.open = found.group(1)
        return numbers(unescape(re.sub(r"<[^>]+>", " ", f"{self.finished} {self.open}")))


async def relay_chat(address: str) -> Heard:
    from websockets.asyncio.client import connect

    heard, page = Heard(), Shown()
    async with connect(f"{address}/relay/", compression=None) as connection:
        heard.asked = time.monotonic()
        await connection.send("go")
        async for frame in connection:
            heard.note(page.take(str(frame)))
    return heard


async def whole_chat(address: str) -> Heard:
    from tests.chat.browserless import Visitor

    heard, page = Heard(), Shown()
    visitor = Visitor(address.replace("ws", "http", 1))
    await visitor.load()
    async with visitor.socket() as connection:
        heard.asked = time.monotonic()
        await connection.ask("How do I close my account?")
        while True:
            frame = str(await connection.connection.recv())
            heard.note(page.take(frame))
            if re.search(r'class="reply"[^>]*data-status="(?!streaming)', frame):
                return heard


@contextmanager
def server(application: str) -> Iterator[tuple[str, int]]:
    """Run an ASGI application on a free port; gives its address and its process id."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "uvicorn", application, "--port", str(port), "--log-level", "error"]
    process = subprocess.Popen([*command, "--ws-per-message-deflate", "false"], cwd=ROOT, env=os.environ | ENVIRONMENT)
    try:
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            with socket.socket() as door:
                if door.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        yield f"ws://127.0.0.1:{port}", process.pid
    finally:
        process.terminate()
        process.wait(timeout=30)


async def at_once(chat: Any, address: str, count: int) -> list[Heard]:
    async def later(index: int) -> Heard:
        await asyncio.sleep(RAMP * index / count)
        return await chat(address)  # type: ignore[no-any-return]

    return list(await asyncio.gather(*(later(index) for index in range(count))))


def measure(name: str, application: str, chat: Any) -> dict[str, Any]:
    """One server under the whole load, after a warm-up of three chats."""
    import psutil

    with server(application) as (address, pid):
        process = psutil.Process(pid)
        asyncio.run(at_once(chat, address, 3))
        before = process.cpu_times()
        heard = asyncio.run(at_once(chat, address, CHATS))
        after = process.cpu_times()
        seconds = after.user + after.system - before.user - before.system
        memory = process.memory_info().rss / 2**20
    first = sorted(each.added_to_first * 1000 for each in heard)
    frames = sorted(value * 1000 for each in heard for value in each.added_per_frame)
    return {
        "name": name,
        "first_token_added_ms_p50": round(quantile(first, 0.5), 1),
        "first_token_added_ms_p95": round(quantile(first, 0.95), 1),
        "frame_added_ms_p50": round(quantile(frames, 0.5), 1),
        "frame_added_ms_p95": round(quantile(frames, 0.95), 1),
        "frames_per_chat": round(len(frames) / CHATS, 1),
        "lost_or_repeated": sum(not each.is_whole for each in heard),
        "cpu_s_per_1000_tokens": round(seconds / (CHATS * TOKENS) * 1000, 4),
        "memory_mb": round(memory),
    }


def quantile(values: list[float], share: float) -> float:
    return values[min(len(values) - 1, int(share * len(values)))]


def steps() -> dict[str, dict[str, float]]:
    """The steps of the whole turns, from their receipts, in milliseconds."""
    from chat.models import Reply

    times: dict[str, list[float]] = {}
    for receipt in Reply.objects.values_list("receipt", flat=True):
        for step in receipt["steps"]:
            times.setdefault(step["step"], []).append(step["ms"])
    return {
        name: {"p50_ms": quantile(sorted(values), 0.5), "p95_ms": quantile(sorted(values), 0.95)}
        for name, values in times.items()
    }


def print_table(rows: list[dict[str, Any]]) -> None:
    names = [name for name in rows[0] if name != "name"]
    width = max(len(name) for name in names)
    print(" " * width, *(f"{row['name']:>12}" for row in rows))
    for name in names:
        print(f"{name:<{width}}", *(f"{row[name]:>12}" for row in rows))


def main() -> None:
    os.environ |= ENVIRONMENT
    import django

    django.setup()
    from tests.factories import help_centre

    help_centre()
    print(f"{CHATS} chats at once, {TOKENS} tokens each at {RATE:g}/s, first token after {FIRST_TOKEN * 1000:.0f} ms\n")
    rows = [
        measure("bare", "tests.benchmarks.relay:application", bare_chat),
        measure("relay", "tests.benchmarks.relay:application", relay_chat),
        measure("whole turn", "app.asgi:application", whole_chat),
    ]
    print_table(rows)
    found = steps()
    print("\nThe whole turn, step by step:")
    for name, step in found.items():
        print(f"  {name:<10} p50 {step['p50_ms']:>6.0f} ms   p95 {step['p95_ms']:>6.0f} ms")
    ratio = rows[1]["cpu_s_per_1000_tokens"] / rows[0]["cpu_s_per_1000_tokens"]
    print(f"\nCPU of the relay / CPU of the bare consumer: {ratio:.2f}")
    figures = {
        "chats": CHATS,
        "tokens": TOKENS,
        "rate": RATE,
        "servers": rows,
        "steps": found,
        "cpu_ratio": round(ratio, 3),
    }
    out = ROOT / "var" / "bench" / "chat.json"
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(figures, indent=2) + "\n")


if __name__ == "__main__":
    main()
