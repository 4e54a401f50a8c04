"""`python -m deploy.checks.browser`: is there a browser for tests and pictures? As root on Debian, installs one."""

import os
import shutil
import subprocess
import sys

from deploy.local.browser import find_browser
from deploy.local.errors import MissingPartError

# Letters of all our languages, and the small pictures of hobbies: a small Debian draws boxes for both.
PACKAGES = ("chromium-headless-shell", "fonts-noto-core", "fonts-noto-color-emoji")
WITHOUT_ROOT = "`.venv/bin/playwright install chromium-headless-shell` needs no root where its libraries are there already"


def install() -> None:
    """Raises MissingPartError with what apt said."""
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        raise MissingPartError(WITHOUT_ROOT)
    sys.stderr.write(f"Installing {', '.join(PACKAGES)} (about 150 MB, once) …\n")
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for command in (("apt-get", "update"), ("apt-get", "install", "--yes", "--no-install-recommends", *PACKAGES)):
        done = subprocess.run([*command, "-qq"], env=environment, capture_output=True, text=True, check=False)
        if done.returncode:
            raise MissingPartError(f"`{' '.join(command)}` failed: {done.stderr.strip()}")


def main() -> int:
    """0 when there is one at the end."""
    try:
        find_browser()
    except MissingPartError as missing:
        if os.environ.get("MYBUDDY_BROWSER"):
            sys.stderr.write(f"{missing}\n")
            return 1
        try:
            install()
            find_browser()
        except MissingPartError as error:
            sys.stderr.write(f"{missing} {error}.\n")
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
