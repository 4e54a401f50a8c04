"""Where a request comes from: the network of its client, and a name for it that nobody can turn back into the address."""

import hmac
from collections.abc import Sequence
from datetime import date
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
UNKNOWN = "unknown"


def proxies(typed: str) -> tuple[Network, ...]:
    """The networks of a comma-separated list. Raises ValueError naming what is none, or is everybody."""
    found = tuple(ip_network(part.strip()) for part in typed.split(",") if part.strip())
    for one in found:
        if one.prefixlen == 0:  # then all may say where they come from, and no limit holds anybody
            raise ValueError(f"the network {one} is everybody: name the networks of the proxies alone")
    return found


def client_network(peer: str | None, forwarded: Sequence[str], trusted: Sequence[Network]) -> str:
    """The network of whoever sent the request; `forwarded` are its X-Forwarded-For headers.

    Anybody may write that header: an entry counts only where the one who added it is a trusted proxy.
    """
    address = _read(peer or "")
    entries = [entry for header in forwarded for entry in header.split(",")]
    while address is not None and entries and _is_in(address, trusted):
        before = _read(entries.pop())
        if before is None:
            break
        address = before
    return UNKNOWN if address is None else str(_network(address))


def hashed(network: str, day: date, key: str) -> bytes:
    """What stands for the network on this day, the same in every replica; tomorrow it is another, and nothing connects them."""
    said = f"network\x1f{day.isoformat()}\x1f{network}"
    return hmac.digest(key.encode(), said.encode(), "sha256")[:16]


def _network(address: Address) -> Network:
    """One IPv4 address may be a whole shelter, one IPv6 customer has at least 2^64 addresses."""
    return ip_network((address.packed, 32 if address.version == 4 else 64), strict=False)


def _read(typed: str) -> Address | None:
    """With or without brackets and port, as different proxies write it. None for what is no address."""
    typed = typed.strip()
    if typed.startswith("["):
        typed = typed[1:].partition("]")[0]
    elif typed.count(":") == 1:
        typed = typed.partition(":")[0]
    try:
        address = ip_address(typed)
    except ValueError:
        return None
    return (address.ipv4_mapped or address) if isinstance(address, IPv6Address) else address


def _is_in(address: Address, networks: Sequence[Network]) -> bool:
    return any(address in network for network in networks)
