"""What a coordinator can ask of the services, each call one request with their token."""

import json
from collections.abc import Callable, Mapping
from typing import Any

import httpx

URL = "MYBUDDY_{}_URL"
TOKEN = "MYBUDDY_COORDINATOR_TOKEN"  # noqa: S105 - a variable's name


class RefusedError(Exception):
    """A service said no; the message is its sentence."""


class Desk:
    """The services' coordinator addresses, from the environment."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment
        self._client = httpx.Client(headers={"Authorization": f"Bearer {environment.get(TOKEN, '')}"}, timeout=30)

    def round(self, region: str, slug: str, *, proof: bool = False) -> dict[str, Any]:
        """What registration and matching know of a round, and what notification has sent for it."""
        shown: dict[str, Any] = self._ask("GET", "registration", f"/rounds/{region}/{slug}")
        return {
            "registration": shown,
            "matching": _plan(self._ask("GET", "matching", f"/rounds/{region}/{slug}", absent=None), proof=proof),
            "messages": self._ask("GET", "notification", f"/messages/{shown['round']}", absent=[]),
        }

    def step(self, region: str, slug: str, step: str) -> dict[str, Any]:
        """Opens, closes, reopens or ends a round."""
        shown: dict[str, Any] = self._ask("POST", "registration", f"/rounds/{region}/{slug}/{step}")
        return shown

    def plan(self, region: str, slug: str, command: str, *, proof: bool = False) -> Any:
        """Publishes or repairs a plan."""
        return _plan(self._ask("POST", "matching", f"/rounds/{region}/{slug}/{command}"), proof=proof)

    def questions(self, region: str, slug: str) -> list[dict[str, Any]]:
        """People of the round who could not be placed: geo knows who, registration what they typed."""
        shown = self._ask("GET", "registration", f"/rounds/{region}/{slug}/questions")
        typed = {one["person"]: one for one in shown["questions"]}
        open_ones = [one for one in self._ask("GET", "geo", f"/questions/{region}") if one["round"] == shown["round"]]
        return [one | {"typed": typed.get(one["person"], {}).get("typed") or one["postcode"]} for one in open_ones]

    def person(self, region: str, person: str) -> dict[str, Any]:
        """Who somebody is, and how to reach them."""
        found: dict[str, Any] = self._ask("GET", "registration", f"/people/{region}/{person}")
        return found

    def place(self, region: str, person: str, postcode: str) -> str:
        """Answers such a question. Returns when it counts."""
        answer = self._ask("POST", "registration", f"/people/{region}/{person}/place", json={"postcode": postcode})
        return str(answer["counts"])

    def doubts(self, region: str, slug: str) -> list[dict[str, Any]]:
        """Entries of the round that wait for a coordinator, with what is needed to decide."""
        found: list[dict[str, Any]] = self._ask("GET", "registration", f"/doubts/{region}/{slug}")
        return found

    def decide(self, region: str, person: str, decision: str, reason: str, kind: str | None = None) -> dict[str, Any]:
        """Accepts or refuses such an entry. Returns what has become of it."""
        given = {"decision": decision, "reason": reason, "kind": kind}
        shown: dict[str, Any] = self._ask("POST", "registration", f"/doubts/{region}/{person}", json=given)
        return shown

    def undelivered(self, region: str) -> list[dict[str, Any]]:
        """Messages that no mail server took."""
        found: list[dict[str, Any]] = self._ask("GET", "notification", f"/undelivered/{region}")
        return found

    def resend(self, region: str, message: str) -> dict[str, Any]:
        """Sends such a message again."""
        queued: dict[str, Any] = self._ask("POST", "notification", f"/undelivered/{region}/{message}/resend")
        return queued

    def endings(self, region: str, round_: str) -> list[dict[str, Any]]:
        """Pairs that one of the two ended, and why."""
        found: list[dict[str, Any]] = self._ask("GET", "matching", f"/rounds/{region}/{round_}/endings")
        return found

    def silent(self, region: str, round_: str) -> list[dict[str, Any]]:
        """Introduced pairs that do not seem to have met, and what each said when they were asked."""
        found: list[dict[str, Any]] = self._ask("GET", "matching", f"/rounds/{region}/{round_}/silent")
        return found

    def asked(self, region: str, *, answered: bool) -> list[dict[str, Any]]:
        """What people asked and waits for an answer, each with the language of its words."""
        found: list[dict[str, Any]] = self._ask("GET", "registration", f"/asked/{region}{'?all' if answered else ''}")
        return found

    def answer(self, region: str, question: str, text: str) -> dict[str, Any]:
        """Answers one of them."""
        shown: dict[str, Any] = self._ask("POST", "registration", f"/asked/{region}/{question}", json={"text": text})
        return shown

    def erase(self, region: str, person: str) -> dict[str, Any]:
        """Everything of them goes, here and in all services."""
        done: dict[str, Any] = self._ask("POST", "registration", f"/people/{region}/{person}/erase")
        return done

    def receipts(self, region: str, person: str) -> list[str]:
        """Which services have forgotten this person."""
        found: list[str] = self._ask("GET", "registration", f"/people/{region}/{person}/receipts")
        return found

    def helpers(self, region: str) -> list[dict[str, Any]]:
        """Places whose staff sign people up, and how many they signed up."""
        found: list[dict[str, Any]] = self._ask("GET", "registration", f"/helpers/{region}")
        return found

    def new_helper(self, region: str, name: str, group: str, days: int) -> dict[str, Any]:
        """The link for such a place."""
        new = {"name": name, "group": group, "days": days}
        made: dict[str, Any] = self._ask("POST", "registration", f"/helpers/{region}", json=new)
        return made

    def revoke_helper(self, region: str, helper: str) -> dict[str, Any]:
        """From now on the link is worth nothing."""
        done: dict[str, Any] = self._ask("POST", "registration", f"/helpers/{region}/{helper}/revoke")
        return done

    def flyer(self, region: str, language: str, group: str | None) -> str:
        """A page to print, with the way to the form as a picture for cameras."""
        asked = {"group": group} if group else {}
        page: str = self._ask(
            "GET", "registration", f"/flyers/{region}/{language}", params=asked, read=lambda answer: answer.text
        )
        return page

    def retention(self, region: str) -> dict[str, Any]:
        """What goes by itself within the next days, in numbers."""
        goes: dict[str, Any] = self._ask("GET", "registration", f"/retention/{region}")
        return goes

    def audit(self, service: str, region: str, after: int) -> list[dict[str, Any]]:
        """The next lines of this service after this one; none where there are no more."""
        lines: list[dict[str, Any]] = self._ask("GET", service, f"/audit/{region}?after={after}", read=_json_lines)
        return lines

    def _ask(
        self,
        method: str,
        service: str,
        path: str,
        *,
        absent: object = RefusedError,
        read: Callable[[httpx.Response], Any] = httpx.Response.json,
        **request: Any,
    ) -> Any:
        url = self._environment.get(URL.format(service.upper()))
        if not url:
            raise RefusedError(f"{URL.format(service.upper())} is not set: where is {service}?")
        try:
            answer = self._client.request(method, f"{url}/coordinator{path}", **request)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise RefusedError(f"{service} at {url} does not answer ({type(error).__name__}).") from None
        if answer.status_code == 404 and absent is not RefusedError:
            return absent
        if answer.is_error:
            raise RefusedError(_sentence(service, answer))
        try:
            return read(answer)
        except ValueError:
            raise RefusedError(f"What answers at {url} is not {service}.") from None


def _plan(shown: Any, *, proof: bool) -> Any:
    """As matching shows it; of the engine's long proof only whether the plan is the best there is, unless it is asked for."""
    run = shown.get("run") if isinstance(shown, dict) else None
    if proof or not isinstance(run, dict) or not isinstance(run.get("proof"), dict):
        return shown
    rest = {name: value for name, value in run.items() if name != "proof"}
    return shown | {"run": rest | {"optimal": run["proof"].get("status") == "optimal"}}


def _json_lines(answer: httpx.Response) -> list[dict[str, Any]]:
    """Raises ValueError where it is something else."""
    lines = [json.loads(line) for line in answer.text.split("\n") if line]
    if not all(isinstance(line, dict) and {"id", "at", "hash"} <= line.keys() for line in lines):
        raise ValueError("these are no lines of an audit")
    return lines


def _sentence(service: str, answer: httpx.Response) -> str:
    try:
        detail = answer.json()["detail"]
    except (ValueError, LookupError, TypeError):
        return f"{service} answered with HTTP {answer.status_code}."
    return detail if isinstance(detail, str) else "; ".join(map(_fault, detail if isinstance(detail, list) else [detail]))


def _fault(one: object) -> str:
    return str(one.get("msg", one) if isinstance(one, dict) else one)
