"""One client for each event loop, and none left behind."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import httpx2
import pytest
from asgiref.sync import async_to_sync

import llm
from llm import gateway
from tests.llm.conftest import answer


async def test_calls_on_one_loop_share_a_client_until_the_key_changes(settings):
    first = await gateway._client()
    assert await gateway._client() is first
    settings.LLM_API_KEY = "another"
    assert await gateway._client() is not first


def test_sync_code_may_ask_again_and_again():
    async def client_after_an_answer():
        await answer()
        return await gateway._client()

    clients = [async_to_sync(client_after_an_answer)() for _ in range(3)]
    assert len(set(map(id, clients))) == 3
    assert all(client.is_closed() for client in clients)


def test_threads_with_loops_of_their_own_do_not_meet():
    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(lambda _: asyncio.run(llm.embed(["hi"], purpose="question")), range(8)))
    assert {vectors.rows.shape for vectors in found} == {(1, 384)}


def test_the_clients_of_ended_loops_are_forgotten():
    async_to_sync(llm.embed)(["hi"], purpose="question")
    assert not [loop for loop in gateway._clients if loop.is_closed()]


@pytest.mark.parametrize(
    ("address", "is_here"),
    [
        ("http://127.0.0.1:8000/v1", True),
        ("http://localhost/v1", True),
        ("http://[::1]:1/v1", True),
        ("https://api.openai.com/v1", False),
        ("http://10.0.0.1/v1", False),
        (None, False),
    ],
)
def test_no_proxy_stands_before_a_server_on_this_machine(address, is_here):
    assert gateway._is_on_this_machine(address) is is_here


def test_a34_the_client_follows_no_redirects_retries_nothing_and_waits_as_it_is_told(settings):
    settings.LLM_CONNECT_SECONDS = 5.0
    client = gateway._new_client(gateway._Address("http://127.0.0.1:1/v1", "key"))
    assert client.max_retries == 0
    assert client._client.follow_redirects is False
    assert isinstance(client.timeout, httpx2.Timeout)
    assert client.timeout == client._client.timeout
    assert client.timeout.as_dict() == {"connect": 5.0, "read": 20.0, "write": 5.0, "pool": 5.0}


def test_a_server_can_prepare_for_its_first_question():
    llm.prepare()
    assert "openai" in sys.modules


def test_importing_the_front_door_imports_neither_models_nor_the_sdk():
    program = "import sys, llm; print({'openai', 'llm.models'} & set(sys.modules))"
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "set()"
