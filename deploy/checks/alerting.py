"""`python -m deploy.checks.alerting`: does Alertmanager understand its configuration, does each alert reach whom its labels name,
and are those that silence others really called so?
"""

import re
import sys
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from deploy.checks.compose import FILE, read
from deploy.checks.rules import RULES, Rule, rules_of, said_by
from deploy.local.errors import MissingPartError

CONFIG = FILE.parent / "deploy/alertmanager/alertmanager.yml"
MATCHER = re.compile(r'\s*(\w+)\s*(=~|!~|!=|=)\s*"?(.*?)"?\s*')

Config = Mapping[str, Any]


def faults(config: Config, rules: list[Rule]) -> list[str]:
    """One sentence for each."""
    alerts = {rule["alert"] for rule in rules if "alert" in rule}
    unknown = sorted({name for matcher in matchers(config) for name in alertnames(matcher)} - alerts)
    return [f"alertmanager.yml names the alert {name}, which no rule makes." for name in unknown]


def matchers(config: Config) -> Iterator[str]:
    """Of all routes and of both sides of every inhibition."""
    for route in routes(config["route"]):
        yield from route.get("matchers", [])
    for rule in config.get("inhibit_rules", []):
        yield from (*rule["source_matchers"], *rule["target_matchers"])


def routes(route: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The route itself, and all within it."""
    yield route
    for inner in route.get("routes", []):
        yield from routes(inner)


def alertnames(matcher: str) -> list[str]:
    """What cannot be read names none: amtool says what is wrong with it."""
    found = MATCHER.fullmatch(matcher)
    return found[3].split("|") if found is not None and found[1] == "alertname" else []


def receiver(labels: Mapping[str, str]) -> str:
    """Who is to be told of an alert with these labels: by how bad it is, and else by whose it is."""
    return {"info": "nobody", "page": "pager"}.get(labels["severity"], labels["audience"])


def routed(config: Path, rule: Rule) -> str:
    """What is wrong with where amtool sees this alert go; nothing where that is right."""
    wanted = receiver(rule["labels"])
    labels = [f"{name}={value}" for name, value in {"alertname": rule["alert"], **rule["labels"]}.items()]
    asked = ("config", "routes", "test", f"--config.file={config}", f"--verify.receivers={wanted}", *labels)
    said = said_by("amtool", *asked)
    return f"{rule['alert']} goes to {said.splitlines()[0]} instead of {wanted}." if said else ""


def judged(config: Path, rules: list[Rule]) -> list[str]:
    """By amtool: the configuration, and where it sends each alert."""
    if said := said_by("amtool", "check-config", config):
        return [said]
    alerts = [rule for rule in rules if "alert" in rule]
    with ThreadPoolExecutor(2) as at_once:
        return [said for said in at_once.map(lambda rule: routed(config, rule), alerts) if said]


def main() -> int:
    rules = rules_of(RULES)
    try:
        found = faults(read(CONFIG), rules) + judged(CONFIG, rules)
    except MissingPartError as error:
        found = [str(error)]
    sys.stderr.writelines(f"{fault}\n" for fault in found)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
