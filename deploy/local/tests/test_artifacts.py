"""Fetching by checksum: from a server of our own, with everything that can go wrong with a file."""

import hashlib
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from deploy.local import artifacts, kafka
from deploy.local.artifacts import Artifact, fetch, missing
from deploy.local.errors import MissingPartError

Damage = Callable[[bytes], bytes]
CONTENT = {f"org/example/part{i}/1.0/part{i}-1.0.jar": bytes([i]) * 5000 for i in range(6)}


@dataclass
class Source:
    url: str
    content: dict[str, bytes] = field(default_factory=lambda: dict(CONTENT))
    asked: list[str] = field(default_factory=list)


@pytest.fixture
def source() -> Iterator[Source]:
    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = self.path.removeprefix("/maven/")
            made.asked.append(path)
            content = made.content.get(path)
            self.send_response(404 if content is None else 200)
            self.end_headers()
            self.wfile.write(content or b"")

        def log_message(self, *_arguments: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    made = Source(f"http://127.0.0.1:{server.server_port}/maven")
    threading.Thread(target=server.serve_forever, args=(0.01,)).start()
    yield made
    server.shutdown()
    server.server_close()


@pytest.fixture(autouse=True)
def one_attempt(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(artifacts, "ATTEMPTS", 1)


WANTED = [
    Artifact(f"org.example:part{i}:1.0", hashlib.sha256(content).hexdigest(), len(content))
    for i, content in enumerate(CONTENT.values())
]


def test_fetched_once(source: Source, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = fetch(WANTED, tmp_path / "jars", source.url)
    assert [file.read_bytes() for file in files] == list(CONTENT.values())
    assert "Downloading 6 files (0.0 MB)" in capsys.readouterr().err
    fetch(WANTED, tmp_path / "jars", "http://127.0.0.1:1/nowhere")
    assert len(source.asked) == 6
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("damage", [lambda c: c[:-1], lambda c: b"x" + c[1:], lambda _c: b""])
def test_a_damaged_file_is_fetched_again_and_no_other(source: Source, tmp_path: Path, damage: Damage) -> None:
    files = fetch(WANTED, tmp_path, source.url)
    files[2].write_bytes(damage(files[2].read_bytes()))
    assert missing(WANTED, tmp_path) == [WANTED[2]]
    source.asked.clear()
    fetch(WANTED, tmp_path, source.url)
    assert source.asked == [WANTED[2].path]
    assert not missing(WANTED, tmp_path)


@pytest.mark.parametrize("damage", [lambda c: c[:-1], lambda c: b"x" + c[1:]])
def test_a_wrong_answer_is_not_taken(source: Source, tmp_path: Path, damage: Damage) -> None:
    source.content[WANTED[0].path] = damage(source.content[WANTED[0].path])
    with pytest.raises(MissingPartError, match=r"part0-1\.0\.jar has a wrong checksum: check the network"):
        fetch(WANTED, tmp_path, source.url)
    assert missing(WANTED, tmp_path)[0] == WANTED[0]
    assert not (tmp_path / WANTED[0].file_name).exists()


def test_it_goes_on_where_it_stopped(source: Source, tmp_path: Path) -> None:
    gone = source.content.pop(WANTED[5].path)
    with pytest.raises(MissingPartError, match="part5"):
        fetch(WANTED, tmp_path, source.url)
    source.content[WANTED[5].path] = gone
    source.asked.clear()
    fetch(WANTED, tmp_path, source.url)
    assert source.asked == [WANTED[5].path]


def test_two_first_runs_at_once(source: Source, tmp_path: Path) -> None:
    runs = [threading.Thread(target=fetch, args=(WANTED, tmp_path, source.url)) for _ in range(4)]
    for run in runs:
        run.start()
    for run in runs:
        run.join()
    assert sorted(source.asked) == sorted(CONTENT)


def test_without_a_network_one_sentence_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(MissingPartError, match=r"cannot be downloaded .*: check the network, name a Maven mirror"):
        fetch(WANTED, tmp_path, "http://127.0.0.1:1/maven")


def test_the_committed_list() -> None:
    assert len(kafka.ARTIFACTS) == 46
    assert len({artifact.file_name for artifact in kafka.ARTIFACTS}) == 46
    listing = Path(kafka.__file__).with_name("kafka-jars.txt").read_text()
    assert "://" not in listing
