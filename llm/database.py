"""The one way from async code to the ORM: a sized pool of threads, each call giving its connection back."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from functools import cache, partial
from typing import ParamSpec, TypeVar

from django.conf import settings
from django.db import connection

P = ParamSpec("P")
R = TypeVar("R")


@cache
def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(settings.DATABASE_THREADS, thread_name_prefix="database")


def _give_back(function: Callable[[], R]) -> R:
    try:
        return function()
    finally:
        connection.close()  # back into psycopg's pool: no request_finished signal comes here


async def in_database(function: Callable[P, R], /, *args: P.args, **kwargs: P.kwargs) -> R:
    """Run a sync function that uses the ORM in a thread of its own and return what it returns.

    Django's default (`sync_to_async`, thread-sensitive) would put all sockets' queries on one thread.
    """
    work = partial(copy_context().run, _give_back, partial(function, *args, **kwargs))
    return await asyncio.get_running_loop().run_in_executor(_threads(), work)
