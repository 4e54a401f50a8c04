"""What a typed line does to the parts of demo and dev, and how long they stay up."""

import os
import pty

import pytest

from deploy.local.errors import ProcessError
from deploy.local.one_process import OneProcess
from deploy.local.process import Processes, Spec
from deploy.local.staying import Staying, Typed

LIST = "Type `stop` or `start` and one of: geo, kafka."


class Sleeper(OneProcess):
    def start(self) -> None:
        self.process.start()


class Broken(Sleeper):
    def start(self) -> None:
        raise ProcessError("kafka did not start")


@pytest.fixture
def parts(processes: Processes) -> dict[str, Sleeper]:
    made: dict[str, Sleeper] = {}
    for name, kind in (("geo", Sleeper), ("kafka", Broken)):
        process = processes.start(Spec(name, ["sleep", "1000"], env=dict(os.environ)))
        made[name] = kind(process)
    return made


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def staying(parts: dict[str, Sleeper], said: list[str]) -> Staying:
    return Staying(parts, said.append)


def test_a_part_is_stopped_and_started_by_its_name(staying: Staying, parts: dict[str, Sleeper], said: list[str]) -> None:
    staying.obey(" stop  geo ")
    assert not parts["geo"].running
    staying.look()
    staying.obey("start geo")
    assert parts["geo"].running
    assert parts["kafka"].running
    staying.obey("start geo")
    assert said == ["geo is stopped.", "geo runs again.", "geo runs already."]


def test_what_ends_by_itself_is_named_once_each_time(staying: Staying, parts: dict[str, Sleeper], said: list[str]) -> None:
    for _ in range(2):
        staying.look()
        parts["geo"].kill()
        staying.look()
        staying.look()
        staying.obey("start geo")
    assert said == [f"geo has ended: see {parts['geo'].log}", "geo runs again."] * 2


@pytest.mark.parametrize("line", ["stop", "stop everything", "halt geo", "geo"])
def test_whoever_types_something_else_is_told_what_can_be_typed(staying: Staying, said: list[str], line: str) -> None:
    staying.obey(line)
    staying.obey("")
    assert said == [LIST]


def test_a_part_that_cannot_be_started_is_no_reason_to_end(staying: Staying, said: list[str]) -> None:
    staying.obey("stop kafka")
    staying.obey("start kafka")
    assert said == ["kafka is stopped.", "kafka did not start"]


def test_lines_are_whole_and_the_end_is_known() -> None:
    read, write = os.pipe()
    typed = Typed(read)
    assert typed.lines(0.01) == []
    os.write(write, b"stop ge")
    assert typed.lines(5) == []
    os.write(write, b"o\nstart geo\n")
    assert typed.lines(5) == ["stop geo", "start geo"]
    assert not typed.ended
    os.close(write)
    assert typed.lines(5) == []
    assert typed.ended
    os.close(read)


def test_a_terminal_that_is_gone_is_the_end() -> None:
    ours, theirs = pty.openpty()
    typed = Typed(theirs)
    os.write(ours, b"stop geo\n")
    assert typed.lines(5) == ["stop geo"]
    os.close(ours)
    assert typed.lines(5) == []
    assert typed.ended
    os.close(theirs)
