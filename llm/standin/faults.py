"""v0"""
from starlette.requests import Request
from starlette.responses import Response

from llm.standin.errors import unknown_model

PREFIX = "fault-"


async def embeddings(model: str, request: Request) -> Response:
    raise unknown_model(model)
