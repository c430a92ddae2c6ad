"""Web and socket, in one ASGI application; on the way out, running answers may end."""

import os
from typing import Any

from channels.routing import ProtocolTypeRouter, URLRouter
from channels.security.websocket import AllowedHostsOriginValidator
from channels.sessions import SessionMiddlewareStack
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "app.settings")
http = get_asgi_application()

from django.conf import settings  # noqa: E402  (what follows needs the apps loaded)

import llm  # noqa: E402
from app.request_size import limited  # noqa: E402
from chat import guarding, live  # noqa: E402
from chat.routing import websocket_urlpatterns  # noqa: E402


async def lifespan(_scope: Any, receive: Any, send: Any) -> None:
    """Channels has no lifespan of its own: at shutdown, let running turns end, then store those that are left."""
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            llm.prepare()
            guarding.load()
        if message["type"] == "lifespan.shutdown":
            await live.drain(settings.CHAT_DRAIN_SECONDS)
        await send({"type": message["type"] + ".complete"})
        if message["type"] == "lifespan.shutdown":
            return


application = ProtocolTypeRouter(
    {
        "http": limited(http),
        "websocket": AllowedHostsOriginValidator(SessionMiddlewareStack(URLRouter(websocket_urlpatterns))),
        "lifespan": lifespan,
    }
)
