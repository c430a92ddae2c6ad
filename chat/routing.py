from typing import Any

from django.urls import path

from chat.consumers import ConversationConsumer

# Channels routes with Django's own path(), whose types know of views only.
websocket_urlpatterns: list[Any] = [
    path("ws/conversations/<uuid:conversation_id>/", ConversationConsumer.as_asgi()),  # type: ignore[arg-type]
]
