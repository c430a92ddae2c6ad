"""The real SDK against the stand-in over HTTP, and passages as the product writes them into a prompt."""

from __future__ import annotations

import html
import os
from collections.abc import Callable

import pytest
from openai import OpenAI
from openai.types.chat import ChatCompletionMessageParam

from llm.standin import extractive
from llm.standin.embedder import Embedder
from llm.standin.prompt import Passage, Prompt


@pytest.fixture(scope="session")
def client() -> OpenAI:
    return OpenAI(base_url=os.environ["OPENAI_BASE_URL"], api_key="any", max_retries=0, timeout=10)


@pytest.fixture(scope="session")
def embedder() -> Embedder:
    return Embedder()


@pytest.fixture
def quote(embedder: Embedder) -> Callable[..., str]:
    """The extractive answer to a question, from the texts of passages."""

    def answer(question: str, *texts: str, title: str = "Help", seed: int = 0) -> str:
        passages = tuple(Passage(n, title, "Help", text) for n, text in enumerate(texts, start=1))
        return extractive.answer(Prompt(question, passages, (), None, ""), embedder, seed)

    return answer


def ask(question: str, *texts: str) -> list[ChatCompletionMessageParam]:
    """The messages that the product would send."""
    passages = "".join(
        f'<passage number="{n}" title="Help" place="Help">{html.escape(text)}</passage>'
        for n, text in enumerate(texts, start=1)
    )
    content = f"<passages>{passages}</passages>\n<question>{html.escape(question)}</question>"
    return [{"role": "user", "content": content}]
