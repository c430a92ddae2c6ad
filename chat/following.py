"""How a socket follows a reply of this process: the whole so far, then what is new, as fast as it reads."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from django.conf import settings

from chat import fragments
from chat.live import LiveReply


async def watch(live: LiveReply, show: Callable[[str], Awaitable[None]]) -> None:
    """Give `show` the HTML of each change until the reply is over.

    The first change goes out at once; later ones are gathered for CHAT_FRAME_MILLISECONDS.
    """
    shown, version, replaced, said = len(live.rendered), live.version, live.replaced, live.notice
    await show(fragments.reply(fragments.of_live(live)) + fragments.notice(said))
    while await live.changed_since(version):
        version, before, shown = live.version, shown, len(live.rendered)
        news = fragments.notice(live.notice) if live.notice != said else ""  # said once
        said = live.notice
        if live.replaced > replaced:
            replaced = live.replaced
            await show(fragments.reply(fragments.of_live(live)) + news)
        else:
            await show(fragments.progress(live, before) + news)
        await asyncio.sleep(settings.CHAT_FRAME_MILLISECONDS / 1000)
