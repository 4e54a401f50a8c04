"""`python -m deploy.checks.locks`: is every file in locks/ what pyproject.toml gives? With --write, makes them so.

Versions that still fit stay as they are: uv reads them from the file it writes. The same input gives the same bytes, on
any Python.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

from deploy.checks.__main__ import BIN, ROOT

SERVICES = ("registration", "geo", "matching", "notification")
SAME = ("--universal", "--python-version", "3.11", "--generate-hashes", "--no-annotate", "--quiet")
HEADER = ("--custom-compile-command", "make lock")
LIMITED = ("-c", "locks/all.txt")  # a service's image holds the versions that were tested

# In this order: those that are limited by the first come after it.
LOCKS: dict[str, tuple[str, ...]] = {
    "all": ("pyproject.toml", "--all-extras", "--group", "dev"),
    **{service: ("pyproject.toml", "--extra", service, *LIMITED) for service in SERVICES},
    "bootstrap": ("-", *LIMITED),
    "load": ("--group", "load"),
}
BOOTSTRAP = "uv\n"  # what `locks/install` needs before it can install the rest


class UnresolvedError(RuntimeError):
    """uv could not make a lock; the message is what it said."""


def write(folder: Path, *options: str) -> None:
    """Makes all locks of the checkout in `folder`, beginning with what they are."""
    for name, source in LOCKS.items():
        command = [str(BIN / "uv"), "pip", "compile", *source, *SAME, *HEADER, "-o", f"locks/{name}.txt", *options]
        done = subprocess.run(command, cwd=folder, input=BOOTSTRAP, capture_output=True, text=True, check=False)
        if done.returncode:
            raise UnresolvedError(f"locks/{name}.txt could not be made from pyproject.toml:\n{done.stderr}")


def outdated(root: Path) -> list[str]:
    """The locks that `make lock` would change. Asks the index only where what was downloaded before does not confirm them."""
    with suppress(UnresolvedError):
        if not _changed(root, "--offline"):
            return []
    return _changed(root)


def _changed(root: Path, *options: str) -> list[str]:
    with tempfile.TemporaryDirectory() as made:
        copy = Path(made)
        shutil.copy(root / "pyproject.toml", copy)
        shutil.copytree(root / "locks", copy / "locks")
        write(copy, *options)
        names = [f"locks/{name}.txt" for name in LOCKS]
        return [name for name in names if not _same(root / name, copy / name)]


def _same(one: Path, other: Path) -> bool:
    return one.is_file() and one.read_bytes() == other.read_bytes()


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--write", action="store_true")
    arguments.add_argument("--upgrade", action="store_true", help="with --write: the newest versions that fit")
    given = arguments.parse_args()
    try:
        if given.write:
            write(ROOT, *(["--upgrade"] if given.upgrade else []))
            return 0
        changed = outdated(ROOT)
    except UnresolvedError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    if changed:
        sys.stderr.write(f"{', '.join(changed)}: not what pyproject.toml gives. Run `make lock` and commit the result.\n")
    return 1 if changed else 0


if __name__ == "__main__":
    sys.exit(main())
