"""What people typed, shown literally and apart: it can neither turn the sentence around it nor become a link."""

import re
import unicodedata

from markupsafe import Markup, escape

FSI, PDI = "\u2068", "\u2069"
WORD_JOINER = "\u2060"
BIDI_CONTROLS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c")
# Mail programs make links of anything like a host, an address or a number; a joiner at its signs is invisible and prevents it.
_LINK_SIGNS = re.compile(r"(?<=\S)[.:/@](?=\S)|(?<=\d)(?=\d)")


def visible(value: object) -> str:
    """The value on one line, with a visible sign for every control and direction sign in it."""
    text = str(value)
    if text.isprintable():  # no such sign is, and asking for each costs a twentieth of a mail
        return text
    return "".join("\ufffd" if _is_control(sign) else sign for sign in text)


def _is_control(sign: str) -> bool:
    return sign in BIDI_CONTROLS or unicodedata.category(sign) in {"Cc", "Cs", "Zl", "Zp"}


def isolated(value: object) -> str:
    """For plain text: the value between FSI and PDI."""
    return f"{FSI}{visible(value)}{PDI}"


def isolated_html(value: object) -> Markup:
    return Markup(f"<bdi>{escape(visible(value))}</bdi>")  # noqa: S704 - the value went through escape


def without_links(value: object) -> str:
    """The value with joiners at the signs that would make it a link."""
    return _LINK_SIGNS.sub(lambda match: f"{WORD_JOINER}{match[0]}{WORD_JOINER}" if match[0] else WORD_JOINER, visible(value))


def mailto(address: str) -> str | None:
    """The link to an address; None for anything that would carry more than an address."""
    return f"mailto:{address}" if re.fullmatch(r"[A-Za-z0-9._+'-]+@[A-Za-z0-9.-]+", address) else None


def tel(number: str) -> str | None:
    """The link to a number; the German "(0)" is not dialled after a country's code."""
    dialled = number.replace("(0)", "") if number.startswith("+") else number
    digits = re.sub(r"[ ()/.-]", "", dialled)
    return f"tel:{digits}" if re.fullmatch(r"\+?[0-9]{3,20}", digits) else None
