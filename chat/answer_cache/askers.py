"""Which customers are independent of each other: what two of them were answered the same, a third may get."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256

from django.conf import settings

from knowledge.access import Viewer

HALF = 32  # hexadecimal digits, 128 bits


def asker_of(viewer: Viewer, address: str) -> str:
    """Two hashes that tell independent customers apart: who it is, and the network that he comes from.

    A visitor is nobody but his network, for a hundred windows are opened quickly. `address` is as
    `chat.addresses.client_address` has it: in IPv6 a /64, which is what one customer is given.
    """
    network = f"network {address}" if address else f"visitor {viewer.visitor}{viewer.user_id or ''}"
    who = f"user {viewer.user_id}" if viewer.user_id else network
    return _half_hash(who) + _half_hash(network)


def _half_hash(text: str) -> str:
    return sha256(f"{settings.SECRET_KEY}\x1f{text}".encode()).hexdigest()[:HALF]


def independent(askers: Iterable[str]) -> int:
    """How many customers there are at least who have neither an account nor a network in common.

    Several accounts behind one network count as one, and so does one account that comes from several.
    """
    each = list(askers)
    return min(len({asker[:HALF] for asker in each}), len({asker[HALF:] for asker in each}))
