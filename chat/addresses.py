"""Whose address a request or a socket comes from, behind as many proxies as `TRUSTED_PROXIES` says (A51)."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any

from django.conf import settings

Address = IPv4Address | IPv6Address


def client_address(source: Mapping[str, Any]) -> str:
    """The client's address, from a request's `META` or a socket's scope; "" if it has none (a Unix socket).

    Every proxy appends whom it talked to, so that only the last `TRUSTED_PROXIES` entries are true; what stands
    before them is the client's own claim. IPv6 is cut to its /64, which is what one household or machine is given.
    """
    peer, forwarded_for = _of_scope(source) if "headers" in source else _of_meta(source)
    steps = [step.strip() for step in forwarded_for.split(",") if step.strip()]
    proxies = settings.TRUSTED_PROXIES
    claimed = steps[-proxies] if 0 < proxies <= len(steps) else peer
    address = _parse(claimed) or _parse(peer)
    if isinstance(address, IPv6Address):
        return str(ip_network((address, 64), strict=False).network_address)
    return str(address or "")


def _of_meta(meta: Mapping[str, Any]) -> tuple[str, str]:
    return meta.get("REMOTE_ADDR", ""), meta.get("HTTP_X_FORWARDED_FOR", "")


def _of_scope(scope: Mapping[str, Any]) -> tuple[str, str]:
    forwarded = [value.decode("latin-1") for name, value in scope["headers"] if name == b"x-forwarded-for"]
    peer = scope.get("client") or ("", 0)
    return peer[0], ",".join(forwarded)


def _parse(text: str) -> Address | None:
    """`192.0.2.1`, `192.0.2.1:443`, `2001:db8::1` and `[2001:db8::1]:443`; an IPv4 address in IPv6 is IPv4."""
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ip_address(text)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
