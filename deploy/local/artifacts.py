"""Fetches a committed list of Maven artifacts by checksum; what is there and right is not fetched again."""

import fcntl
import hashlib
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from deploy.local.errors import MissingPartError

ATTEMPTS = 3
THREADS = 8


@dataclass(frozen=True)
class Artifact:
    """One jar: `group:name:version`, its SHA-256 and its size in bytes."""

    coordinate: str
    sha256: str
    size: int

    @property
    def file_name(self) -> str:
        _, name, version = self.coordinate.split(":")
        return f"{name}-{version}.jar"

    @property
    def path(self) -> str:
        group, name, version = self.coordinate.split(":")
        return f"{group.replace('.', '/')}/{name}/{version}/{self.file_name}"


def read_list(listing: Path) -> list[Artifact]:
    rows = (line.split() for line in listing.read_text().splitlines() if line and not line.startswith("#"))
    return [Artifact(coordinate, sha256, int(size)) for coordinate, sha256, size in rows]


def fetch(artifacts: Sequence[Artifact], folder: Path, source: str) -> list[Path]:
    """The files, checked, in the order of the list. Raises MissingPartError."""
    if missing(artifacts, folder):
        with alone(folder):
            _fetch_missing(missing(artifacts, folder), folder, source)
    return [folder / artifact.file_name for artifact in artifacts]


def missing(artifacts: Sequence[Artifact], folder: Path) -> list[Artifact]:
    """What is not there, cut off or altered."""
    with ThreadPoolExecutor(THREADS) as pool:
        right = pool.map(lambda artifact: _is_right(artifact, folder / artifact.file_name), artifacts)
        return [artifact for artifact, fine in zip(artifacts, right, strict=True) if not fine]


def _is_right(artifact: Artifact, file: Path) -> bool:
    if not file.is_file() or file.stat().st_size != artifact.size:
        return False
    return hashlib.sha256(file.read_bytes()).hexdigest() == artifact.sha256


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """One process at a time; the lock goes with the process that holds it."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _fetch_missing(wanted: Sequence[Artifact], folder: Path, source: str) -> None:
    if not wanted:
        return
    megabytes = sum(artifact.size for artifact in wanted) / 1e6
    print(f"Downloading {len(wanted)} files ({megabytes:.1f} MB) from Maven into {folder} …", file=sys.stderr, flush=True)
    started = time.monotonic()
    with ThreadPoolExecutor(THREADS) as pool:
        for _ in pool.map(lambda artifact: _fetch_one(artifact, folder, source), wanted):
            pass
    print(f"Downloaded in {time.monotonic() - started:.1f} s.", file=sys.stderr, flush=True)


def _fetch_one(artifact: Artifact, folder: Path, source: str) -> None:
    for attempt in range(1, ATTEMPTS + 1):
        try:
            content = _download(f"{source.rstrip('/')}/{artifact.path}")
        except (OSError, urllib.error.URLError) as error:
            reason = f"{artifact.path} cannot be downloaded ({error})"
        else:
            if hashlib.sha256(content).hexdigest() == artifact.sha256:
                put(content, folder / artifact.file_name)
                return
            reason = f"what was downloaded as {artifact.path} has a wrong checksum"
        if attempt < ATTEMPTS:
            time.sleep(0.5 * attempt)
    raise MissingPartError(f"{reason}: check the network, name a Maven mirror in STACK_MAVEN, or fill {folder} by hand.")


def _download(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=30) as answer:  # noqa: S310 - our own source, checked by checksum
        content: bytes = answer.read()
        return content


def put(content: bytes, file: Path) -> None:
    """Whole or not at all, also when killed half-way."""
    part = file.with_name(f".{file.name}.part")
    part.write_bytes(content)
    part.replace(file)
