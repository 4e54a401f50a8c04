"""A JSON file, gzipped or not, as data of a given shape; what is wrong with it is one line."""

import gzip
import mmap
import re
import stat
import zlib
from pathlib import Path
from typing import TypeVar

import msgspec
import numpy as np

from services.matching.engine.parse import BadInputError, check_fields

MOST_BYTES = 1 << 32
PIECE_BYTES = 1 << 18
GZIP = b"\x1f\x8b"
SHOWN = 120

_PLACE = re.compile(r"(.*) - at `\$\.?(.*)`", re.DOTALL)
_TYPES = {"`str`": "a text", "`int`": "a whole number", "`array`": "a list", "`object`": "an object"}

T = TypeVar("T")
Content = bytes | mmap.mmap | msgspec.Raw


def decoded(path: Path, decoder: "msgspec.json.Decoder[T]", bulk: str = "") -> T:
    """The file's data; `bulk` is a list so long that it is left raw. Raises BadInputError."""
    content = _content(path)
    try:
        found = decoder.decode(content)
    except msgspec.ValidationError as error:
        raise BadInputError(sentence(error)) from None
    except (ValueError, RecursionError) as error:
        raise BadInputError(f"{path}: {sentence(error)}") from None
    _check_fields(content, bulk, getattr(found, bulk, b""))
    return found


def content(path: Path) -> bytes:
    """The text of a file that begins like a JSON object, unpacked. Raises BadInputError."""
    return bytes(_content(path))


def _check_fields(content: Content, bulk: str, raw: Content) -> None:
    """Raises BadInputError where a field stands twice; the decoder would take the last one and say nothing."""
    rest = _without(content, raw) if bulk else bytes(content)
    if bulk and len(re.findall(rb'"%s"\s*:' % bulk.encode(), rest)) > 1:  # not to be read as objects, it may be gigabytes
        raise BadInputError(f"field {bulk!r} stands twice in one object")
    check_fields(rest)


def _without(content: Content, piece: Content) -> bytes:
    text, part = (np.frombuffer(one, dtype=np.uint8) for one in (content, piece))
    begin = part.ctypes.data - text.ctypes.data
    return b"".join((content[:begin], b"[]", content[begin + len(part) :]))


def sentence(error: Exception) -> str:
    """What the decoder says, the place first, and safe to print."""
    if isinstance(error, RecursionError):
        return "not valid JSON: nested too deep"
    if isinstance(error, UnicodeDecodeError):
        return f"not valid UTF-8: {error.reason}"
    found = _PLACE.fullmatch(str(error))
    said, place = found.groups() if found else (str(error), "")
    said = said.removeprefix("JSON is malformed: ")[:SHOWN]
    for name, plain in _TYPES.items():
        said = said.replace(name, plain)
    said = said[:1].lower() + (said[1:] if said.isprintable() else ascii(said[1:])[1:-1])
    if not isinstance(error, msgspec.ValidationError):
        return f"not valid JSON: {said}"
    return f"{place}: {said}" if place else said


def _content(path: Path) -> mmap.mmap:
    """Mapped and not read where it is plain: of a file of garbage only the first page comes into memory."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise BadInputError(f"{path}: not a file")
        with path.open("rb") as file:
            if file.read(len(GZIP)) == GZIP:
                return _unpacked(path)
            file.seek(0)
            _check_begin(path, file.read(PIECE_BYTES))
            if path.stat().st_size > MOST_BYTES:
                raise BadInputError(f"{path}: larger than {MOST_BYTES >> 30} GB")
            return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except OSError as error:
        raise BadInputError(f"{path}: {error.strerror or error}") from None


def _unpacked(path: Path) -> mmap.mmap:
    """Measured first: what grows beyond all bounds is never held."""
    try:
        content = mmap.mmap(-1, _unpacked_size(path))
        with gzip.open(path) as file:
            while piece := file.read(PIECE_BYTES):
                content.write(piece)
        return content
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise BadInputError(f"{path}: not a whole gzip file: {error}") from None


def _unpacked_size(path: Path) -> int:
    size = 0
    with gzip.open(path) as file:
        while (piece := file.read(PIECE_BYTES)) or not size:
            if not size:
                _check_begin(path, piece)
            size += len(piece)
            if size > MOST_BYTES:
                raise BadInputError(f"{path}: larger than {MOST_BYTES >> 30} GB when unpacked")
    return size


def _check_begin(path: Path, piece: bytes) -> None:
    if piece.startswith((b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf")):
        raise BadInputError(f"{path}: not valid JSON in UTF-8: it begins with a byte order mark; save it as UTF-8 without one")
    if not piece.lstrip().startswith(b"{"):
        raise BadInputError(f"{path}: not valid JSON in UTF-8: must be an object")
