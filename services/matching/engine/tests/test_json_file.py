"""Files of JSON: what is no such file is refused in one line, at once and without holding it."""

import gzip
import json
import os
import resource
import tracemalloc
from pathlib import Path

import pytest

from services.matching.engine import json_file
from services.matching.engine.instance_file import read
from services.matching.engine.parse import BadInputError
from services.matching.engine.tests.test_instance_file import GOOD, plain, refused, written


def test_a_gzipped_file_is_the_same(tmp_path: Path) -> None:
    packed = gzip.compress(json.dumps(GOOD).encode())
    assert plain(read(written(tmp_path, packed))) == plain(read(written(tmp_path, GOOD)))


def start(edge: str = "", name: str = "n") -> bytes:
    return f'{{"newcomers": [{{"id": "{name}"}}], "locals": [{{"id": "l"}}], "edges": [{edge}]}}'.encode()


NO_JSON: list[tuple[bytes, str]] = [
    (b"", "not valid JSON in UTF-8: must be an object"),
    (b"[]", "not valid JSON in UTF-8: must be an object"),
    (b"\xff\xfe{\0}\0", "not valid JSON in UTF-8: it begins with a byte order mark; save it as UTF-8 without one"),
    (start()[:-1] + b', "pins": [], "pins": []}', "field 'pins' stands twice in one object"),
    (start()[:-1] + b', "edges" : []}', "field 'edges' stands twice in one object"),
    (
        b'{"newcomers": [{"id": "n", "waiting": 1, "waiting": 2}], "locals": [], "edges": []}',
        "field 'waiting' stands twice in one object",
    ),
    (b"[" * 100_000, "not valid JSON in UTF-8: must be an object"),
    (b'{"edges":' + b"[" * 100_000, "not valid JSON: nested too deep"),
    (b'{"edges":' * 100_000, "not valid JSON: nested too deep"),
    (b"{", "not valid JSON: input data was truncated"),
    (start()[:-3], "not valid JSON: input data was truncated"),
    (start() + b"x", "not valid JSON: trailing characters"),
    (start('["n", "l", 1],'), "not valid JSON: trailing comma in array"),
    (start('["n", "l", 1e400]'), "edges[0].fit: number out of range"),
    (start('["n", "l", 1e999999999]'), "edges[0].fit: number out of range"),
    (start('["n", "l", NaN]'), "not valid JSON: invalid character"),
    (start('["n", "l", 01]'), "not valid JSON: invalid number"),
    (start('["n", "\xfc", 1]').decode().encode("latin-1"), "edges, from number 0 on: not valid UTF-8: invalid start byte"),
    (start(name="\xfc").decode().encode("latin-1"), "not valid UTF-8: invalid start byte"),
    (start(name="\\ud800"), "not valid JSON: unexpected end of escaped utf-16 surrogate pair"),
]


@pytest.mark.parametrize(("content", "said"), NO_JSON)
def test_what_is_no_json_is_refused(tmp_path: Path, content: bytes, said: str) -> None:
    assert refused(tmp_path, content) == said


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path, said in (
        (tmp_path / "none", "No such file or directory"),
        (tmp_path, "not a file"),
        (tmp_path / "pipe", "not a file"),
        (Path("/proc/self/mem"), "Input/output error"),
    ):
        with pytest.raises(BadInputError) as caught:
            read(path)
        assert str(caught.value) == f"{path}: {said}"


def test_a_damaged_gzip_file_is_refused(tmp_path: Path) -> None:
    packed = gzip.compress(json.dumps(GOOD).encode())
    assert refused(tmp_path, packed[:-9]).startswith("not a whole gzip file: ")
    assert refused(tmp_path, packed[:-8] + b"12345678").startswith("not a whole gzip file: ")
    assert refused(tmp_path, packed[:2] + b"\xff" * 40).startswith("not a whole gzip file: ")
    assert refused(tmp_path, gzip.compress(b"")) == "not valid JSON in UTF-8: must be an object"


def test_garbage_is_refused_unread(tmp_path: Path) -> None:
    path = written(tmp_path, b"")
    os.truncate(path, 1 << 30)
    tracemalloc.start()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(BadInputError, match="must be an object"):
        read(path)
    assert tracemalloc.get_traced_memory()[1] < 5_000_000
    tracemalloc.stop()
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 20_000


def test_what_unpacks_beyond_bounds_is_never_held(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_file, "MOST_BYTES", 10 << 20)
    path = written(tmp_path, gzip.compress(b"{" + b" " * (20 << 20), 1))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(BadInputError, match="when unpacked"):
        read(path)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 5_000
