"""Which Prometheus and promtool are used here: those installed, or those of Debian's package, taken out without installing it.

`python -m deploy.local.prometheus` makes sure that both are here. What was taken out lies in `.cache/prometheus`.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Literal, get_args

from deploy.local.artifacts import alone
from deploy.local.errors import MissingPartError
from deploy.local.kafka import cache_folder

Tool = Literal["prometheus", "promtool"]
PACKAGE = "prometheus"
SECONDS = 300
HOW = "Install the package prometheus, or put prometheus and promtool of the image prom/prometheus into a folder of your PATH"


def tool(name: Tool) -> Path:
    """Fetched where it is not here yet. Raises MissingPartError saying how to get one."""
    found = find(name)
    if found is None:
        with alone(tools_folder()):
            if find(name) is None:
                _fetch()
        found = tools_folder() / name
    return found


def find(name: Tool) -> Path | None:
    """What is on this machine already."""
    if (installed := shutil.which(name)) is not None:
        return Path(installed)
    kept = tools_folder() / name
    return kept if os.access(kept, os.X_OK) else None


def tools_folder() -> Path:
    return cache_folder() / "prometheus"


def ask_apt() -> None:
    """Raises MissingPartError where there is none to fetch a package with."""
    if shutil.which("apt-get") is None or shutil.which("dpkg") is None:
        raise MissingPartError(f"There is no Prometheus here, and no apt-get to fetch it with. {HOW}.")


def _fetch() -> None:
    """Both at once, each whole or not at all; what an interrupted one left is removed by the next."""
    ask_apt()
    sys.stderr.write(f"Downloading Prometheus (20 MB, once) into {tools_folder()} …\n")
    folder = tools_folder() / "unpacking"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    try:
        _download(folder)
        _run(["dpkg", "-x", *(str(file) for file in folder.glob("*.deb")), str(folder)], folder)
        for name in get_args(Tool):
            (folder / "usr" / "bin" / name).replace(tools_folder() / name)
    finally:
        shutil.rmtree(folder)


def _download(folder: Path) -> None:
    """A new Debian has no lists of packages, an old one lists of packages that are gone: root can get new ones."""
    download = ["apt-get", "-qq", "download", PACKAGE]
    try:
        _run(download, folder)
    except MissingPartError as error:
        if os.geteuid() != 0:
            raise MissingPartError(f"{error} `apt-get update`, by root, may help.") from error
        _run(["apt-get", "-qq", "update"], folder)
        _run(download, folder)


def _run(command: list[str], folder: Path) -> None:
    environment = {**os.environ, "LC_ALL": "C"}
    try:
        subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=True, timeout=SECONDS)
    except subprocess.TimeoutExpired as late:
        raise MissingPartError(f"`{' '.join(command)}` did not end within {SECONDS} s. {HOW}.") from late
    except subprocess.CalledProcessError as failed:
        said = " ".join(failed.stderr.split()) or f"exit code {failed.returncode}"
        raise MissingPartError(f"There is no Prometheus here, and `{' '.join(command)}` failed ({said}). {HOW}.") from failed


def main() -> int:
    """0 when both are here at the end."""
    try:
        for name in get_args(Tool):
            tool(name)
    except (MissingPartError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
