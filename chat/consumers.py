"""The socket of one conversation on one page: frames in, HTML out. It never waits for a turn."""

from __future__ import annotations

import asyncio
import uuid
from contextlib import suppress
from typing import Any
from urllib.parse import parse_qs

import structlog
from channels.generic.websocket import AsyncWebsocketConsumer
from django import db
from django.conf import settings

from chat import conversations, fragments, frames, turn, visitors
from chat.addresses import client_address
from chat.announcing import group_of
from chat.errors import Unwelcome
from chat.following import watch
from chat.live import RUNNING
from chat.models import Conversation, Reply
from knowledge.access import Viewer
from llm.database import in_database

log = structlog.get_logger()
NOT_FOUND = 4404  # a close code after which htmx does not reconnect


class ConversationConsumer(AsyncWebsocketConsumer):
    """Open only to whom the page gave a ticket for this conversation; checked again with every frame (A08)."""

    viewer: Viewer
    conversation_id: uuid.UUID

    async def connect(self) -> None:
        self.following: dict[uuid.UUID, asyncio.Task[None]] = {}
        self.shown: set[uuid.UUID] = set()
        self.conversation_id = self.scope["url_route"]["kwargs"]["conversation_id"]
        ticket = parse_qs(self.scope["query_string"].decode(errors="replace")).get("ticket", [""])[0]
        self.viewer = await self._viewer()
        if not visitors.has_ticket(self.viewer, self.conversation_id, ticket):
            await self.close(NOT_FOUND)
            return
        await self.channel_layer.group_add(group_of(self.conversation_id), self.channel_name)
        await self.accept()

    async def disconnect(self, code: int) -> None:  # noqa: ARG002 (Channels passes it)
        self._stop_following()
        with suppress(Exception):  # Redis may be away; this channel hears nothing any more in any case
            await self.channel_layer.group_discard(group_of(self.conversation_id), self.channel_name)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:  # noqa: ARG002
        try:
            frame = frames.parse(text_data)
            if await self._viewer() != self.viewer:
                await self.close(NOT_FOUND)
                return
            await self._act(frame)
        except Unwelcome as problem:
            await self._show(fragments.error(problem))
        except Exception:
            log.exception("frame failed")
            await self._show(fragments.error(Unwelcome("internal")))

    async def reply_opened(self, event: dict[str, Any]) -> None:
        """Another socket of this conversation, here or in another process, has begun a reply."""
        await self._show_opened(uuid.UUID(event["reply"]))

    async def follow_ups_ready(self, event: dict[str, Any]) -> None:
        """Questions to ask next have come, behind a reply that may still be on its way to this page."""
        reply_id = uuid.UUID(event["reply"])
        before = self.following.get(reply_id)
        self.following[reply_id] = asyncio.create_task(self._show_follow_ups(reply_id, before))

    async def _act(self, frame: frames.Ask | frames.Again | frames.Stop | frames.Resume) -> None:
        address = client_address(self.scope)
        match frame:
            case frames.Ask(client_id=client_id, text=text):
                opened = await turn.ask(
                    self.viewer,
                    text,
                    conversation_id=self.conversation_id,
                    client_id=client_id,
                    address=address,
                )
                await self._show(fragments.accepted(client_id, opened.conversation_id))
                await self._show_opened(opened.reply_id)
                await self._show(await in_database(fragments.history, self.viewer, self.conversation_id))
            case frames.Again(type=kind, reply=reply):
                opened = await turn.ask_again(self.viewer, reply_id=reply, go_on=kind == "continue", address=address)
                await self._show_opened(opened.reply_id)
            case frames.Stop():
                await turn.stop(self.viewer, self.conversation_id)
            case frames.Resume(changes=changes):
                await self._resume(changes)

    async def _resume(self, changes: int) -> None:
        """Bring a page up to date that was loaded or connected before: with no gap and no repeat (F20)."""
        await in_database(conversations.interrupt_stale)
        conversation = await in_database(self._conversation)
        if conversation is None:
            return
        states = await in_database(_states, conversation)
        if conversation.changes == changes and Reply.Status.STREAMING not in states.values():
            self.shown |= states.keys()
        else:
            await self._show_all(conversation)

    async def _show_opened(self, reply_id: uuid.UUID) -> None:
        """Put a new exchange at the end of the page, or a new variant in its place, and follow it."""
        if reply_id in self.shown:  # told by its own frame and by the group, or sent again after a reload
            return
        self.shown.add(reply_id)
        reply = await in_database(_reply, self.viewer, reply_id)
        if reply is None:
            return
        if reply.variant == 1:
            await self._show(await in_database(fragments.opened, reply))
            self._follow(reply_id)
        else:
            await self._show_all(reply.conversation)

    async def _show_all(self, conversation: Conversation) -> None:
        """Show the whole conversation, and follow the reply in it that is being written."""
        exchanges = await in_database(fragments.exchanges, conversation)
        await self._show(await in_database(fragments.transcript, conversation, exchanges))
        for reply in (exchange["reply"] for exchange in exchanges if exchange["reply"]):
            self.shown |= {variant.pk for variant in reply.variants}
            if reply.is_streaming:
                self._follow(reply.id)

    def _follow(self, reply_id: uuid.UUID) -> None:
        """From the beginning: what was shown of it before may just have been replaced."""
        if earlier := self.following.pop(reply_id, None):
            earlier.cancel()
        self.following[reply_id] = asyncio.create_task(self._show_until_ended(reply_id))

    async def _show_until_ended(self, reply_id: uuid.UUID) -> None:
        """Show a reply from memory while this process writes it; then by its row, as one of another process."""
        if live := RUNNING.get(reply_id):
            await watch(live, self._show)
        while not await self._show_stored(reply_id):  # noqa: ASYNC110 (the row may be another process's)
            await asyncio.sleep(settings.CHAT_FLUSH_SECONDS)
        self.following.pop(reply_id, None)

    async def _show_follow_ups(self, reply_id: uuid.UUID, before: asyncio.Task[None] | None) -> None:
        if before:
            await asyncio.wait({before})
        if reply := await in_database(_reply, self.viewer, reply_id):
            await self._show(fragments.follow_ups(reply))
        self.following.pop(reply_id, None)

    async def _show_stored(self, reply_id: uuid.UUID) -> bool:
        """Show a reply as it was stored last. Returns whether it has ended; without a database it may not have."""
        try:
            await in_database(conversations.interrupt_stale)
            reply = await in_database(_reply, self.viewer, reply_id)
            if reply:
                await self._show(await in_database(fragments.stored, reply))
        except db.Error as error:
            log.warning("reply could not be read", reply=str(reply_id), error=type(error).__name__)
            return False
        return reply is None or reply.status != Reply.Status.STREAMING

    def _stop_following(self) -> None:
        for task in self.following.values():
            task.cancel()

    async def _viewer(self) -> Viewer:
        return await in_database(visitors.viewer_of_socket, self.scope["session"])

    def _conversation(self) -> Conversation | None:
        return Conversation.objects.visible_to(self.viewer).filter(pk=self.conversation_id).first()

    async def _show(self, html: str) -> None:
        """Send HTML to the page; one that has gone is not an error."""
        try:
            await self.send(html)
        except (RuntimeError, OSError):  # the socket was closed under us, by the server or by the page
            self._stop_following()


def _reply(viewer: Viewer, reply_id: uuid.UUID) -> Reply | None:
    rows = Reply.objects.visible_to(viewer).select_related("question", "conversation", "feedback")
    return rows.filter(pk=reply_id).first()


def _states(conversation: Conversation) -> dict[uuid.UUID, str]:
    return dict(conversation.replies.values_list("pk", "status"))
