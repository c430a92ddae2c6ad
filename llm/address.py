"""Which addresses a model's server may have: never those where a cloud hands out its machines' secrets (A74).

The address comes from the environment alone; no page can set it. Servers on this machine and in a private network are
allowed, since that is where teams run their own models.
"""

from __future__ import annotations

import socket
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import urlsplit

FORBIDDEN_NETWORKS = [
    ip_network(network)
    for network in ("169.254.0.0/16", "fe80::/10", "fd00:ec2::/32", "100.100.100.200/32", "224.0.0.0/4")
]
FORBIDDEN_NAMES = {"metadata", "metadata.google.internal", "metadata.goog", "instance-data"}


def problem_with(base_url: str | None) -> str:
    """Why this address is not allowed, in words; empty when it is."""
    if not base_url:
        return ""
    try:
        parts = urlsplit(base_url)
        host = (parts.hostname or "").rstrip(".").lower()
    except ValueError:
        return "OPENAI_BASE_URL is no address."
    if parts.scheme not in {"http", "https"} or not host:
        return "OPENAI_BASE_URL must begin with http:// or https:// and name a host."
    if host in FORBIDDEN_NAMES or any(_is_forbidden(address) for address in _as_addresses(host)):
        return "OPENAI_BASE_URL leads to an address that hands out a machine's secrets. It is never asked."
    return ""


def _as_addresses(host: str) -> list[IPv4Address | IPv6Address]:
    """The host as an IP address, however it is spelled (0xa9fea9fe, 2852039166, ::ffff:a9fe:a9fe); none for a name."""
    try:
        address = ip_address(host.split("%", maxsplit=1)[0])
    except ValueError:
        try:
            return [IPv4Address(socket.inet_aton(host))]
        except OSError:
            return []
    return [address, *_embedded_in(address)]


def _embedded_in(address: IPv4Address | IPv6Address) -> list[IPv4Address]:
    """The IPv4 address inside a mapped, 6to4, NAT64 or Teredo one."""
    if isinstance(address, IPv4Address):
        return []
    found = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
    if address in ip_network("64:ff9b::/96") or int(address) >> 32 == 0:
        found.append(IPv4Address(int(address) & 0xFFFFFFFF))
    return [inner for inner in found if inner is not None]


def _is_forbidden(address: IPv4Address | IPv6Address) -> bool:
    return str(address) != "::1" and any(
        address.version == network.version and address in network for network in FORBIDDEN_NETWORKS
    )
