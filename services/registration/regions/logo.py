"""A region's logo: a small SVG or PNG beside the region file, put into the pages as it is, so it must be harmless."""

import base64
import re
import struct
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

from pydantic import ValidationInfo

MOST_BYTES = 8 * 1024
MOST_PIXELS = 1024
_PNG = b"\x89PNG\r\n\x1a\n"
_SVG = "{http://www.w3.org/2000/svg}svg"
_DECLARATION = re.compile(r"\A\s*<\?xml\s[^>]*\?>")
_ACTIVE = frozenset({"script", "foreignobject", "iframe", "object", "embed", "handler", "listener", "audio", "video", "set"})
_LINKS = frozenset({"href", "src", "base"})
# What a style or attribute fetches from elsewhere; a backslash could spell it so that nobody sees it.
_FETCHED = re.compile(r"url\s*\(\s*['\"]?\s*(?!#)[^\s'\"]|@import|image-set|javascript:|\\", re.IGNORECASE)


def embedded(name: str, info: ValidationInfo) -> str:
    """The named file as a data: URI. Raises ValueError saying what is wrong with it."""
    if Path(name).name != name or not name.endswith((".svg", ".png")):
        raise ValueError(f'"{name}" is no file name that ends with .svg or .png')
    file = Path((info.context or {}).get("folder", ".")) / name
    try:
        with file.open("rb") as opened:
            content = opened.read(MOST_BYTES + 1)
    except OSError:
        raise ValueError(f'"{name}" is not there; put it beside the region file, readable to all') from None
    if len(content) > MOST_BYTES:
        raise ValueError(f'"{name}" is larger than {MOST_BYTES // 1024} KB')
    kind = _checked_svg(name, content) if name.endswith(".svg") else _checked_png(name, content)
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"


def _checked_png(name: str, content: bytes) -> str:
    if not content.startswith(_PNG) or content[12:16] != b"IHDR" or b"IEND" not in content[-12:]:
        raise ValueError(f'"{name}" is no PNG picture')
    if max(struct.unpack(">II", content[16:24])) > MOST_PIXELS:
        raise ValueError(f'"{name}" is wider or higher than {MOST_PIXELS} pixels')
    return "image/png"


def _checked_svg(name: str, content: bytes) -> str:
    try:
        text = content.decode("utf-8-sig")
    except ValueError:
        raise ValueError(f'"{name}" is not written in UTF-8') from None
    # Without a document type there are no entities, so that parsing takes no more than the file's own size.
    if re.search(r"<!(DOCTYPE|ENTITY)|<\?", _DECLARATION.sub("", text), re.IGNORECASE):
        raise ValueError(f'"{name}" holds a document type or an instruction to programs; save it as plain SVG')
    try:
        root = ElementTree.fromstring(text)  # noqa: S314
    except (ElementTree.ParseError, ValueError):
        raise ValueError(f'"{name}" is no SVG picture') from None
    if root.tag != _SVG:
        raise ValueError(f'"{name}" is no SVG picture')
    if found := next(_harmful(root), None):
        raise ValueError(f'"{name}" holds {found}, which a logo may not; save it as plain SVG')
    return "image/svg+xml;charset=utf-8"


def _harmful(root: ElementTree.Element) -> Iterator[str]:
    for element in root.iter():
        tag = _local(element.tag)
        if tag in _ACTIVE or tag.startswith("animate"):
            yield f"<{tag}>"
        if _FETCHED.search(element.text or ""):
            yield "a link to something outside"
        for attribute, value in element.attrib.items():
            yield from _harm_of(_local(attribute), value)


def _harm_of(attribute: str, value: str) -> Iterator[str]:
    if attribute.startswith("on"):
        yield f'an attribute "{attribute}"'
    if _FETCHED.search(value) or (attribute in _LINKS and not value.strip().startswith("#")):
        yield "a link to something outside"


def _local(name: str) -> str:
    """Without its namespace."""
    return name.rpartition("}")[2].lower()
