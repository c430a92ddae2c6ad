"""The demo models: an extractive answer in the form that was asked for."""

from __future__ import annotations

import asyncio

from llm.standin import extractive
from llm.standin.exchange import Exchange
from llm.standin.reply import Reply, say

MODELS = ("demo-strong", "demo-small", "demo-judge")


async def answer(exchange: Exchange) -> Reply:
    """v0"""
    seed = exchange.asked.seed or 0
    return say(await asyncio.to_thread(extractive.answer, exchange.prompt, exchange.embedder, seed))
