"""Free ports, outside the range from which the kernel serves outgoing connections, so that they stay free over restarts."""

import random
import socket
from pathlib import Path

CANDIDATES = range(20_000, 32_768)


_given: set[int] = set()


def free_port() -> int:
    """Never the same twice from one process: what is given out is often bound only later."""
    ephemeral = _ephemeral()
    for port in random.SystemRandom().sample(CANDIDATES, 200):
        if port not in ephemeral and port not in _given and _is_free(port):
            _given.add(port)
            return port
    return _any_port()


def _ephemeral() -> range:
    try:
        low, high = Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()
    except OSError:
        return range(32_768, 61_000)
    return range(int(low), int(high) + 1)


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _any_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
