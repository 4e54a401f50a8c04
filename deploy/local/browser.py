"""Which browser the browser tests and the demo's pictures use: one named, one installed, or Playwright's own."""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from deploy.local.errors import MissingPartError

INSTALLED = ("chromium", "chromium-headless-shell", "google-chrome")
HOW = "install one with `apt-get install chromium-headless-shell`, or name one in MYBUDDY_BROWSER"


@dataclass(frozen=True)
class Browser:
    """A Chromium to give to Playwright as `executable_path`, and why this one."""

    path: Path
    why: str


def find_browser() -> Browser:
    """Raises MissingPartError saying how to get one."""
    named = os.environ.get("MYBUDDY_BROWSER")
    if named:
        if not os.access(named, os.X_OK):
            raise MissingPartError(f"MYBUDDY_BROWSER names {named}, which cannot be run: {HOW}.")
        return Browser(Path(named), "MYBUDDY_BROWSER names it")
    for name in INSTALLED:
        if (found := shutil.which(name)) is not None:
            return Browser(Path(found), "it is installed")
    own = _playwrights_own()
    if own is None:
        raise MissingPartError(f"There is no browser here: {HOW}.")
    return Browser(own, "none is installed, and Playwright has downloaded this one")


def _playwrights_own() -> Path | None:
    """Where `playwright install` puts it; looked for on the disk, since asking Playwright starts Node."""
    default = Path.home() / ".cache" / "ms-playwright"
    folder = Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH", default))
    patterns = ("chromium-*/chrome-linux*/chrome", "chromium_headless_shell-*/chrome-*linux*/*headless*shell")
    found = sorted(path for pattern in patterns for path in folder.glob(pattern) if os.access(path, os.X_OK))
    return found[-1] if found else None
