"""Services of an installation, with a stand-in program: what they are told, how they are broken and come back."""

import json
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest

from deploy.local import environment, proc
from deploy.local.databases import SERVICES
from deploy.local.errors import ProcessError
from deploy.local.installation import Installation
from deploy.local.service import Service
from deploy.local.stack import Stack
from deploy.local.tests.conftest import STAND_IN
from deploy.local.tests.until import answers, until


@pytest.fixture(scope="module")
def installation(stack: Stack) -> Iterator[Installation]:
    with stack.installation("t1", env={"EXTRA": "1"}, command=lambda _name: STAND_IN) as made:
        made.start_all()
        yield made


def told(one: Service) -> dict[str, Any]:
    with urllib.request.urlopen(one.url, timeout=5) as answer:
        seen: dict[str, Any] = json.load(answer)
        return seen


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_is_told_what_it_needs_and_no_more(installation: Installation, name: str) -> None:
    env = told(installation.services[name])["env"]
    ours = {variable.removeprefix("MYBUDDY_") for variable in env if variable.startswith("MYBUDDY_")}
    assert ours == {*environment.EVERY_SERVICE, *environment.ALSO[name]}
    assert env["MYBUDDY_DATABASE_URL"] == installation.database_url(name, "app")
    assert env["MYBUDDY_TOPIC_PREFIX"] == "t1."
    assert env["EXTRA"] == "1"


def test_a_callers_secret_is_known_to_the_two_who_talk_and_nobody_else(installation: Installation) -> None:
    seen = {name: told(one)["env"] for name, one in installation.services.items()}
    for variable, ends in {
        "MYBUDDY_INTERNAL_SECRET_NOTIFICATION": {"notification", "registration"},
        "MYBUDDY_INTERNAL_SECRET_REGISTRATION": {"registration", "geo"},
    }.items():
        assert {name for name, env in seen.items() if variable in env} == ends
        assert len({env[variable] for env in seen.values() if variable in env}) == 1
    assert seen["notification"]["MYBUDDY_REGISTRATION_URL"] == installation.services["registration"].url
    assert seen["registration"]["MYBUDDY_GEO_URL"] == installation.services["geo"].url


def test_killed_it_comes_back_on_its_port(installation: Installation) -> None:
    geo = installation.services["geo"]
    before, child = geo.url, told(geo)["child"]
    geo.kill()
    assert not answers(geo.port)
    until(lambda: not proc.alive(child), "its child is gone too")
    assert geo.wait_exit() == -9
    geo.restart({"ONLY_NOW": "1"})
    assert geo.url == before
    assert told(geo)["env"]["ONLY_NOW"] == "1"
    geo.restart()
    assert "ONLY_NOW" not in told(geo)["env"]


def test_terminated_it_ends(installation: Installation) -> None:
    matching = installation.services["matching"]
    matching.terminate()
    assert matching.wait_exit() == -15
    assert not matching.running
    matching.start()
    assert matching.peak_mb > 5


def test_frozen_it_does_not_answer(installation: Installation) -> None:
    geo = installation.services["geo"]
    geo.freeze()
    with pytest.raises(TimeoutError):
        urllib.request.urlopen(geo.url, timeout=0.2)
    geo.thaw()
    assert told(geo)


def test_one_that_does_not_start_says_why(installation: Installation) -> None:
    geo = installation.services["geo"]
    with pytest.raises(ProcessError, match=r"(?s)t1-geo ended with 1.*t1-geo\.log.*the moon is in the wrong house"):
        geo.restart({"STAND_IN": "broken"})
    geo.start({"STAND_IN": "slow"}, wait=False)
    with pytest.raises(ProcessError, match=r"t1-geo is not ready after 1 s \(/readyz says 503\)"):
        geo.wait_ready(1)
    geo.restart()


def test_the_coordinators_key(installation: Installation) -> None:
    env = installation.coordinator_environment()
    assert installation.keys.coordinator_private_file.stat().st_mode & 0o777 == 0o600
    assert env["MYBUDDY_COORDINATOR_PRIVATE_KEY_FILE"] == str(installation.keys.coordinator_private_file)
    assert {f"MYBUDDY_{name.upper()}_URL" for name in SERVICES} < env.keys()
    public = told(installation.services["matching"])["env"]["MYBUDDY_COORDINATOR_PUBLIC_KEY"]
    assert public.startswith("-----BEGIN PUBLIC KEY-----")


def test_only_some_services(stack: Stack) -> None:
    with stack.installation("few", services=["geo"], command=lambda _name: STAND_IN) as made:
        made.start("geo")
        assert list(made.services) == ["geo"]
        assert made.databases.services == ["geo"]
        port = made.services["geo"].port
    assert not answers(port)
