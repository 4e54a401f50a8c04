"""Which Prometheus, promtool, Alertmanager and amtool are used here: those installed, or those of Debian's packages, taken out
without installing them.

`python -m deploy.local.prometheus` makes sure that all are here. What was taken out lies in `.cache`, in a folder of
the package's name.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from deploy.local.artifacts import alone
from deploy.local.errors import MissingPartError
from deploy.local.kafka import cache_folder

Tool = Literal["prometheus", "promtool", "alertmanager", "amtool"]
SECONDS = 300
TEMPLATES = b"/usr/share/prometheus/alertmanager"
"""Where Debian's Alertmanager looks for the templates it was built with, though it has not been installed."""
BESIDE = b"./" * (len(TEMPLATES) // 2)


@dataclass(frozen=True)
class Package:
    """Debian's `name`; its folder in the cache is called so too."""

    name: str
    title: str
    megabytes: int
    programs: Mapping[Tool, str]
    """What Debian calls each."""

    @property
    def folder(self) -> Path:
        return cache_folder() / self.name

    @property
    def how(self) -> str:
        """What to do where it cannot be fetched."""
        both = " and ".join(self.programs)
        return f"Install the package {self.name}, or put {both} of the image prom/{self.title.lower()} into a folder of your PATH"


PROMETHEUS = Package("prometheus", "Prometheus", 20, {"prometheus": "prometheus", "promtool": "promtool"})
ALERTMANAGER = Package(
    "prometheus-alertmanager", "Alertmanager", 11, {"alertmanager": "prometheus-alertmanager", "amtool": "amtool"}
)


def tool(name: Tool) -> Path:
    """Fetched where it is not here yet. Raises MissingPartError saying how to get one."""
    found = find(name)
    if found is None:
        package = package_of(name)
        with alone(package.folder):
            if find(name) is None:
                _fetch(package)
        found = package.folder / name
    return found


def find(name: Tool) -> Path | None:
    """What is on this machine already."""
    package = package_of(name)
    installed = shutil.which(name) or shutil.which(package.programs[name])
    if installed is not None:
        return Path(installed)
    kept = package.folder / name
    return kept if os.access(kept, os.X_OK) else None


def package_of(name: Tool) -> Package:
    return PROMETHEUS if name in PROMETHEUS.programs else ALERTMANAGER


def ask_apt(package: Package) -> None:
    """Raises MissingPartError where there is none to fetch a package with."""
    if shutil.which("apt-get") is None or shutil.which("dpkg") is None:
        raise MissingPartError(f"There is no {package.title} here, and no apt-get to fetch it with. {package.how}.")


def _fetch(package: Package) -> None:
    """Both programs at once, each whole or not at all; what an interrupted one left is removed by the next."""
    ask_apt(package)
    sys.stderr.write(f"Downloading {package.title} ({package.megabytes} MB, once) into {package.folder} …\n")
    folder = package.folder / "unpacking"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    try:
        _download(package, folder)
        _run(["dpkg", "-x", *(str(file) for file in folder.glob("*.deb")), str(folder)], package, folder)
        _keep(package, folder)
    finally:
        shutil.rmtree(folder)


def _keep(package: Package, unpacked: Path) -> None:
    for template in unpacked.glob(f"{TEMPLATES.decode()[1:]}/*.tmpl"):
        template.replace(package.folder / template.name)
    for name, debians in package.programs.items():
        program = unpacked / "usr" / "bin" / debians
        _look_beside(program)
        program.replace(package.folder / name)


def _look_beside(program: Path) -> None:
    """Templates are then read from the folder it is started in. A name of the same length, so that nothing else moves."""
    content = program.read_bytes()
    if TEMPLATES in content:
        program.write_bytes(content.replace(TEMPLATES, BESIDE))


def _download(package: Package, folder: Path) -> None:
    """A new Debian has no lists of packages, an old one lists of packages that are gone: root can get new ones."""
    download = ["apt-get", "-qq", "download", package.name]
    try:
        _run(download, package, folder)
    except MissingPartError as error:
        if os.geteuid() != 0:
            raise MissingPartError(f"{error} `apt-get update`, by root, may help.") from error
        _run(["apt-get", "-qq", "update"], package, folder)
        _run(download, package, folder)


def _run(command: list[str], package: Package, folder: Path) -> None:
    environment = {**os.environ, "LC_ALL": "C"}
    try:
        subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=True, timeout=SECONDS)
    except subprocess.TimeoutExpired as late:
        raise MissingPartError(f"`{' '.join(command)}` did not end within {SECONDS} s. {package.how}.") from late
    except subprocess.CalledProcessError as failed:
        said = " ".join(failed.stderr.split()) or f"exit code {failed.returncode}"
        gone = f"There is no {package.title} here, and `{' '.join(command)}` failed ({said})"
        raise MissingPartError(f"{gone}. {package.how}.") from failed


def main() -> int:
    """0 when all are here at the end."""
    try:
        for name in get_args(Tool):
            tool(name)
    except (MissingPartError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
