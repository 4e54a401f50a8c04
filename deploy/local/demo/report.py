"""What the screen shows at the end: numbers from the services' own databases and metrics, and whether the sums are right."""

import re
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from deploy.local import phone
from deploy.local.demo.door import FAULTY, NO_SUCH_PAGE, Entered
from deploy.local.installation import Installation
from deploy.local.mailbox.part import Mailbox
from deploy.local.watching import Watching

METRIC = re.compile(r'^mybuddy_people_located_total\{result="([a-z_]+)"\} ([0-9.e+]+)$', re.MULTILINE)
SOLVER = re.compile(r"^mybuddy_solver_peak_bytes ([0-9.e+]+)$", re.MULTILINE)
RESULTS = {"asked", "introduced", "unmatched"}
PARTS = ("confirmed", "withdrawn", "unconfirmed", "repeated", "refused", "left")
LEVELS = ("kept", "pairs", "waiting", "below_floor", "fit")  # a repair keeps what it can, before anything else


@dataclass(frozen=True)
class Sums:
    """Each equation that must hold: the whole, and the parts that it must be."""

    equations: Mapping[str, tuple[int, tuple[int, ...]]]

    @property
    def right(self) -> bool:
        return all(whole == sum(parts) for whole, parts in self.equations.values())


def sums(forms: int, turned_back: Sequence[Entered], shown: dict[str, Any], now: dict[str, Any]) -> Sums:
    """`forms`: rows that went through the form; `turned_back`: those whose form was not accepted; `shown`: the round when
    everyone had their result, `now`: after what became of the pairs.

    Of those the refused are in registration's numbers; whoever could not fill in the form is a part of their own, and
    a failure of ours is none, so that the sum shows it.
    """
    people, matching = shown["registration"]["people"], shown["matching"]
    roster, gone = shown["registration"]["count"], matching["gone"]
    faulty = sum(one.status in {NO_SUCH_PAGE, FAULTY} for one in turned_back) - people.get("refused", 0)
    parts = {name: people.get(name, 0) for name in PARTS} | ({"turned back": faulty} if faulty else {})
    parts |= {name: count for name, count in people.items() if name not in PARTS}
    pairs = now["matching"]["pairs"]
    mails = sum(one["count"] for one in shown["messages"] if one["kind"] in RESULTS and one["state"] == "sent")
    return Sums(
        {
            f"people = {' + '.join(parts)}": (forms, tuple(parts.values())),
            "outcomes = roster at close": (sum(matching["outcomes"].values()), (roster,)),
            "result mails = roster - gone": (mails, (roster, -gone)),
            "pairs asked = introduced + fell through": (sum(pairs.values()), (pairs.get("introduced", 0), pairs.get("ended", 0))),
        }
    )


def lines(
    installation: Installation,
    forms: int,
    turned_back: Sequence[Entered],
    shown: dict[str, Any],
    now: dict[str, Any],
    stages: Mapping[str, float],
) -> list[str]:
    """The whole report; `shown` and `now` as for `sums`."""
    people, matching = shown["registration"]["people"], shown["matching"]
    found = sums(forms, turned_back, shown, now)
    return [
        "",
        f"People      {forms} forms: {_listed(people)}",
        f"Located     {_listed(_metric(installation, 'geo'))} (each answer of geo counts, a second one too)",
        f"Roster      {shown['registration']['count']} at close, {matching['gone']} gone since",
        f"Pairs       {matching['plan']['pairs']} ({_proof(matching)})",
        f"Outcomes    {_listed(matching['outcomes'])}",
        f"At last     {_listed(now['matching']['outcomes'])}",
        *_mails(now["messages"]),
        f"Seconds     {', '.join(f'{name} {seconds:.1f}' for name, seconds in stages.items())}",
        f"Peak memory {', '.join(_memory(installation))}",
        "",
        *(_equation(name, whole, parts) for name, (whole, parts) in found.equations.items()),
    ]


def _equation(name: str, whole: int, parts: Sequence[int]) -> str:
    """In words, then in numbers."""
    signs = re.findall(r" [+-] ", name.partition("=")[2])
    written = f"{parts[0]}" + "".join(f"{sign}{abs(part)}" for sign, part in zip(signs, parts[1:], strict=True))
    return f"{'right' if whole == sum(parts) else 'WRONG'}: {name}: {whole} = {written}"


def _listed(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in sorted(counts.items(), key=lambda one: -one[1]))


def _proof(matching: dict[str, Any]) -> str:
    proof = matching["run"]["proof"]
    named = sorted(proof["levels"].items(), key=lambda item: LEVELS.index(item[0]))
    levels = "; ".join(f"{name} {level['value']}, bound {level['bound']}" for name, level in named)
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
    return [*found, f"solver {float(solver.group(1)) / 2**20:.0f} MB"] if solver else found


def _metrics(installation: Installation, service: str) -> str:
    url = f"{installation.services[service].url}/metrics"
    with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310 - our own service
        return str(answer.read().decode())


def addresses(installation: Installation, mailbox: Mailbox, watch: Watching | None) -> list[str]:
    """Where to look, and where to try it: the next round is open."""
    metrics = [f"Metrics     {name} {one.url}/metrics" for name, one in installation.services.items()]
    return [*metrics, *watched(watch), *invitation(installation, mailbox)]


def watched(watch: Watching | None) -> list[str]:
    """Where to see the alerts, with WATCH=1."""
    return [f"Prometheus  {watch.prometheus.url}/alerts"] if watch else []


def invitation(installation: Installation, mailbox: Mailbox) -> list[str]:
    """The form in its sign-up time, as an address and for a phone's camera; the mails of whoever signs up."""
    form = f"http://{phone.host()}:{installation.services['registration'].port}/ludwigsburg"
    near = phone.host() != phone.HERE
    hint = "" if near else " (from a phone beside this machine: PHONE=1)"
    return [
        f"Form        {form}{hint}",
        f"Mailbox     http://{phone.host()}:{mailbox.http_port}, where its mails arrive",
        *([phone.code(form)] if near else []),
    ]
