"""What a deployment promises, on two web processes, a worker and a scheduler: kills included."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import httpx2
import psycopg
import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from websockets.exceptions import ConnectionClosedError

from app.embedded import home_for
from app.parts import HOST
from tests.app.topology import Topology
from tests.chat.browserless import Socket, Visitor, status_of, text_of

pytestmark = pytest.mark.timeout(300)  # seven processes start, on cores that others use too

ARTICLE = """# Closing your online account

To close your online account, open Settings and choose Close account. An open application is withdrawn first, and
you are told so by letter. Close account asks for your password once more, so that nobody else can close your account
in your name. A closed account cannot be opened again, and its documents stay with us for seven years, as the law wants.
"""
STATE = "SELECT state FROM knowledge_documentversion WHERE id = %s"
QUESTION = "How do I close my online account?"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Topology]:
    folder = tmp_path_factory.mktemp("topology")
    for closed in (folder, *folder.parents[:2]):  # pytest closes its folders to all others
        closed.chmod(0o711)
    topology = Topology(home_for(folder / "var"))
    try:
        topology.start()
        version = ingest(topology, folder / "closing.md", ARTICLE)
        topology.eventually(STATE, version, is_so="ready".__eq__)
        yield topology
    finally:
        topology.stop()
        shutil.rmtree(topology.home.run)


@pytest.fixture
def topology(running: Topology) -> Topology:
    running.make_whole()
    return running


@pytest.fixture
async def first(topology: Topology) -> Visitor:
    """A visitor whose page came from web 1."""
    visitor = Visitor(topology.address(1))
    assert await visitor.load() == 200
    return visitor


async def on_another(topology: Topology, number: int, visitor: Visitor) -> Visitor:
    """The same browser, whose page now comes from another web process."""
    other = Visitor(topology.address(number), cookies=visitor.cookies)
    assert await other.load(f"/c/{visitor.field('conversation')}/") == 200
    return other


def ingest(topology: Topology, file: Path, text: str) -> str:
    """Hand a document to the worker; the id of its version."""
    file.write_text(text)
    topology.manage("ingest", str(file))
    query = "SELECT v.id::text FROM knowledge_documentversion v JOIN knowledge_document d ON d.id = v.document_id"
    return str(topology.rows(f"{query} WHERE d.name = %s", file.name)[0][0])


async def half_an_answer(topology: Topology, socket: Socket) -> str:
    """Ask, and wait until a part of the answer is stored; that part."""
    await socket.ask(QUESTION)
    await socket.frame_with("open-block")
    query = "SELECT text FROM chat_reply WHERE status = 'streaming' ORDER BY length(text) LIMIT 1"
    return str(await asyncio.to_thread(topology.eventually, query, is_so=lambda text: len(text) > 30))


async def closing_code(socket: Socket) -> int:
    """Read until the connection is closed; its code, 1006 when nobody has said good-bye."""
    with suppress(ConnectionClosedError):
        async with asyncio.timeout(10):
            async for _ in socket.connection:
                pass
    return socket.connection.close_code or 0


def words(text: str) -> str:
    return " ".join(text.split())


def test_without_the_password_nobody_comes_in(topology: Topology):
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(f"postgres://frontdesk@{HOST}:{topology.ports['postgres']}/frontdesk")
    client = redis.Redis(host=HOST, port=topology.ports["redis"], retry=Retry(NoBackoff(), 0))
    with client, pytest.raises(redis.AuthenticationError):
        client.ping()


def test_both_web_processes_are_well(topology: Topology):
    answers = [httpx2.get(f"{topology.address(number)}/health/").json() for number in (1, 2)]
    assert answers == [{"status": "ok", "database": "ok", "redis": "ok"}] * 2


async def test_an_answer_from_the_workers_document_is_the_same_on_both(topology: Topology, first: Visitor):
    async with first.socket() as socket:
        await socket.ask(QUESTION)
        reply = await socket.reply()
    assert status_of(reply) == "done"
    assert "Source 1: Closing your online account" in (reply.html or "")
    other = await on_another(topology, 2, first)
    assert text_of(other.page) == text_of(reply)
    assert "choose Close account" in text_of(reply)


async def test_f20_a_socket_of_another_process_follows_a_running_reply(topology: Topology, first: Visitor):
    second = Visitor(topology.address(2), cookies=first.cookies, page=first.page)
    async with first.socket() as asking, second.socket() as following:
        await following.send(type="resume", changes=0)
        await asking.ask(QUESTION)
        await following.frame_with('data-status="streaming".*[Cc]los')
        mine, other = await asyncio.gather(asking.reply(), following.reply())
    assert status_of(mine) == status_of(other) == "done"
    assert text_of(mine) == text_of(other)


async def test_f27_after_a_kill_the_text_is_kept_and_another_process_goes_on(topology: Topology, first: Visitor):
    async with first.socket() as socket:
        half = await half_an_answer(topology, socket)
        topology.web[0].kill()
        assert await closing_code(socket) == 1006
    other = await on_another(topology, 2, first)
    async with other.socket() as socket:
        await socket.send(type="resume", changes=0)
        broken = await socket.reply()
        assert status_of(broken) == "interrupted"
        assert words(text_of(broken)).startswith(words(half))
        await socket.ask(QUESTION)
        assert status_of(await socket.reply()) == "done"


async def test_f28_a_process_that_is_asked_to_stop_lets_its_answers_end_or_interrupts_them(
    topology: Topology, first: Visitor
):
    hurried = Visitor(topology.address(2))  # web 2 gives its answers a fifth of a second
    await hurried.load()
    async with first.socket() as long, hurried.socket() as short:
        await asyncio.gather(half_an_answer(topology, long), half_an_answer(topology, short))
        for web in topology.web:
            web.ask_to_stop()
        assert [await closing_code(long), await closing_code(short)] == [1012, 1012]
    for web in topology.web:
        await asyncio.to_thread(web.stop)
    ended = "SELECT status, text FROM chat_reply WHERE conversation_id = %s"
    (status, text) = topology.rows(ended, first.field("conversation"))[0]
    assert (status, text[-3:]) == ("done", "[1]")
    (status, part) = topology.rows(ended, hurried.field("conversation"))[0]
    assert status == "interrupted"
    assert 30 < len(part) < len(text)
    assert text.startswith(part)


def test_f30_a_worker_killed_in_the_middle_of_a_document_loses_nothing(running: Topology, tmp_path: Path):
    with running.standin_frozen():  # the chunks are stored, and their vectors do not come
        version = ingest(running, tmp_path / "manual.md", manual())
        running.eventually(STATE, version, is_so="embedding".__eq__)
        running.worker.kill()
    running.worker.start()
    assert running.rows(STATE, version) == [("embedding",)]
    running.send_task("knowledge.tasks.reap")
    running.eventually(STATE, version, is_so="ready".__eq__)
    chunks = """SELECT count(*), count(DISTINCT c.ordinal), max(c.ordinal) + 1, count(e), max(v.chunks_total)
        FROM knowledge_documentversion v JOIN knowledge_chunk c ON c.version_id = v.id
        LEFT JOIN knowledge_embedding e ON e.chunk_id = c.id WHERE v.id = %s"""
    (counts,) = running.rows(chunks, version)
    assert len(set(counts)) == 1, counts
    assert counts[0] > 1


def test_a_dump_brings_back_documents_chats_and_indexes(running: Topology, tmp_path: Path):
    dump = tmp_path / "frontdesk.dump"
    running.run_client("pg_dump", "--format=custom", f"--file={dump}", "frontdesk")
    running.run_client("createdb", "restored")
    running.run_client("pg_restore", "--clean", "--if-exists", "--exit-on-error", "--dbname=restored", dump)
    counted = """SELECT (SELECT count(*) FROM chat_reply), (SELECT count(*) FROM knowledge_chunk),
        (SELECT count(*) FROM knowledge_embedding), (SELECT count(*) FROM pg_indexes WHERE schemaname = 'public')"""
    before, after = (running.rows(counted, database=name) for name in ("frontdesk", "restored"))
    assert after == before
    assert 0 not in after[0]


def test_the_scheduler_asks_for_its_rounds(running: Topology):
    running.scheduler_has_said("Sending due task knowledge.tasks.reap")


def manual() -> str:
    """A document of several chunks, each of them different."""
    lines = (f"Loan {number} is due on day {number}, and not before.\n\n" for number in range(60))
    return "# The manual of all loans\n\n" + "".join(lines)
