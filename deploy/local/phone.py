"""The form on a phone beside this machine: with PHONE=1 what people use is reachable from the network, and only that."""

import os
import socket

import segno

VARIABLE = "MYBUDDY_LOCAL_PHONE"
HERE, EVERYWHERE = "127.0.0.1", "0.0.0.0"  # noqa: S104 - where it is asked for
WHITE_ON_BLACK, PLAIN = "\033[97;40m", "\033[0m"  # cameras need the dark cells dark, whatever the terminal's colours are
SOMEWHERE = ("192.0.2.1", 9)  # an address for documents: no packet is sent


def listen() -> str:
    """Where the public form and the mailbox listen."""
    return EVERYWHERE if os.environ.get(VARIABLE) else HERE


def host() -> str:
    """By which address they are reached: this machine's own in its network, where they listen there."""
    if listen() == HERE:
        return HERE
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asked:
        try:
            asked.connect(SOMEWHERE)
        except OSError:  # no network at all
            return HERE
        return str(asked.getsockname()[0])


def code(url: str) -> str:
    """The address as a picture for a phone's camera, drawn with letters of the terminal."""
    drawn = segno.make(url, error="m")
    rows = [[bool(cell) for cell in row] for row in drawn.matrix_iter(border=2)]
    rows += [[False] * len(rows[0])] * (len(rows) % 2)
    signs = {(False, False): "█", (True, False): "▄", (False, True): "▀", (True, True): " "}
    lines = ["".join(signs[pair] for pair in zip(*two, strict=True)) for two in zip(rows[::2], rows[1::2], strict=True)]
    return "\n".join(f"{WHITE_ON_BLACK}{line}{PLAIN}" for line in lines)
