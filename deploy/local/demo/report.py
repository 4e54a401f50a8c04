"""What the screen shows at the end: numbers from the services' own databases and metrics, and whether the sums are right."""

import re
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from deploy.local.installation import Installation

METRIC = re.compile(r'^people_located_total\{result="([a-z_]+)"\} ([0-9.]+)$', re.MULTILINE)
SOLVER = re.compile(r"^solver_peak_megabytes ([0-9.]+)$", re.MULTILINE)
RESULTS = {"introduced", "unmatched"}


@dataclass(frozen=True)
class Sums:
    """Each equation that must hold, with both sides."""

    equations: Mapping[str, tuple[int, int]]

    @property
    def right(self) -> bool:
        return all(left == right for left, right in self.equations.values())


def sums(forms: int, turned_back: int, shown: dict[str, Any]) -> Sums:
    """`forms`: rows that went through the form; `turned_back`: those whose form was not accepted at all."""
    people, matching = shown["registration"]["people"], shown["matching"]
    roster, gone = shown["registration"]["count"], matching["gone"]
    confirmed = people.get("confirmed", 0) + people.get("withdrawn", 0) + people.get("erased after close", 0)
    other = turned_back - people.get("refused", 0)
    parts = confirmed + sum(people.get(name, 0) for name in ("unconfirmed", "repeated", "refused", "left", "erased")) + other
    mails = sum(one["count"] for one in shown["messages"] if one["kind"] in RESULTS and one["state"] == "sent")
    return Sums(
        {
            "people = confirmed + unconfirmed + repeated + refused + left": (forms, parts),
            "outcomes = roster at close": (sum(matching["outcomes"].values()), roster),
            "result mails = roster - gone": (mails, roster - gone),
        }
    )


def lines(
    installation: Installation, forms: int, turned_back: int, shown: dict[str, Any], stages: Mapping[str, float]
) -> list[str]:
    """The whole report."""
    people, matching = shown["registration"]["people"], shown["matching"]
    found = sums(forms, turned_back, shown)
    return [
        "",
        f"People      {forms} forms: {_listed(people)}",
        f"Located     {_listed(_metric(installation, 'geo'))}",
        f"Roster      {shown['registration']['count']} at close, {matching['gone']} gone since",
        f"Pairs       {matching['plan']['pairs']} ({_proof(matching)})",
        f"Outcomes    {_listed(matching['outcomes'])}",
        *_mails(shown["messages"]),
        f"Seconds     {', '.join(f'{name} {seconds:.1f}' for name, seconds in stages.items())}",
        f"Peak memory {', '.join(_memory(installation))}",
        "",
        *(
            f"{'right' if left == right else 'WRONG'}: {name}: {left} = {right}"
            for name, (left, right) in found.equations.items()
        ),
    ]


def _listed(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in sorted(counts.items(), key=lambda one: -one[1]))


def _proof(matching: dict[str, Any]) -> str:
    proof = matching["run"]["proof"]
    levels = "; ".join(f"{name} {level['value']}, bound {level['bound']}" for name, level in proof["levels"].items())
    return f"{proof['status']}: {levels}"


def _mails(messages: list[dict[str, Any]]) -> list[str]:
    """A line for each kind: how many in which language, and how many were not sent because they must not be."""
    found = []
    for kind in dict.fromkeys(one["kind"] for one in messages):
        sent = {one["language"]: one["count"] for one in messages if one["kind"] == kind and one["state"] == "sent"}
        other = [f"{one['count']} {one['state']}" for one in messages if one["kind"] == kind and one["state"] != "sent"]
        by_language = " ".join(f"{language} {count}" for language, count in sorted(sent.items()))
        found.append(f"Mails       {kind}: {', '.join([f'{sum(sent.values())} sent ({by_language})', *other])}")
    return found


def _metric(installation: Installation, service: str) -> dict[str, int]:
    return {name: int(float(value)) for name, value in METRIC.findall(_metrics(installation, service))}


def _memory(installation: Installation) -> list[str]:
    found = [f"{name} {one.peak_mb:.0f} MB" for name, one in installation.services.items()]
    solver = SOLVER.search(_metrics(installation, "matching"))
    return [*found, f"solver {float(solver.group(1)):.0f} MB"] if solver else found


def _metrics(installation: Installation, service: str) -> str:
    url = f"{installation.services[service].url}/metrics"
    with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310 - our own service
        return str(answer.read().decode())


def addresses(installation: Installation, mailbox_url: str) -> list[str]:
    form = f"{installation.services['registration'].url}/de/ludwigsburg"
    metrics = [f"{name} {one.url}/metrics" for name, one in installation.services.items()]
    return [f"Form        {form}", f"Mailbox     {mailbox_url}", *(f"Metrics     {line}" for line in metrics)]
