"""The command line as the service sees it: exit codes, streams, and an end at once when asked."""

import copy
import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from services.matching.engine import parse
from services.matching.engine.tests.county import county

COMMAND = [sys.executable, "-m", "services.matching.engine"]
ROOT = Path(__file__).parents[4]
SMALL = county(5, 20, 15, 2)


def call(*arguments: str, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([*COMMAND, *arguments], input=given, capture_output=True, cwd=ROOT, check=False, timeout=60)


def encoded(job: Any) -> bytes:
    return json.dumps(job).encode()


def test_a_job_is_solved_twice_alike_and_verified(tmp_path: Path) -> None:
    first, second = call("job", given=encoded(SMALL)), call("job", given=encoded(SMALL))
    assert first.returncode == 0
    results = [json.loads(done.stdout) for done in (first, second)]
    for result in results:
        assert result.pop("seconds") >= 0
        assert 20 < result.pop("peak_mb") < 300
    assert results[0] == results[1]
    steps = [json.loads(line) for line in first.stderr.splitlines()]
    assert steps[0] | {"seconds": 0} == {"step": "people", "newcomers": 20, "locals": 15, "seconds": 0}
    assert [step["level"] for step in steps if step["step"] == "level"] == ["pairs", "waiting", "below_floor", "fit"]
    (tmp_path / "job").write_bytes(encoded(SMALL))
    (tmp_path / "result").write_bytes(first.stdout)
    assert call("verify", "--job", str(tmp_path / "job"), str(tmp_path / "result")).returncode == 0
    results[0]["pairs"].pop()
    (tmp_path / "result").write_bytes(encoded(results[0]))
    assert call("verify", "--job", str(tmp_path / "job"), str(tmp_path / "result")).returncode == 1
    (tmp_path / "result").write_bytes(b"{}")
    assert_bad(call("verify", "--job", str(tmp_path / "job"), str(tmp_path / "result")))
    assert_bad(call("verify", "--job", str(tmp_path / "job"), str(tmp_path / "none")))


def test_infeasible_wishes_are_a_result_with_exit_1() -> None:
    job = copy.deepcopy(SMALL)
    job["wishes"]["pins"] = [["n0001", "nobody"]]
    done = call("job", given=encoded(job))
    assert done.returncode == 1
    result = json.loads(done.stdout)
    assert result["status"] == "infeasible"
    assert result["conflicts"] == [{"kind": "pin", "names": ["n0001", "nobody"], "why": "not_here"}]


def assert_bad(done: subprocess.CompletedProcess[bytes]) -> str:
    """What it says."""
    assert done.returncode == 2
    assert done.stdout == b""
    assert 1 <= len(done.stderr.splitlines()) <= 3
    assert b"Traceback" not in done.stderr
    return done.stderr.decode()


@pytest.mark.parametrize("given", [b"", b"\xff", b"[" * 100_000])
def test_bad_input_ends_with_2_and_few_words(given: bytes) -> None:
    assert_bad(call("job", given=given))


def test_unknown_command_ends_with_2() -> None:
    assert_bad(call("jobs"))


BAD: list[tuple[Any, str]] = [
    ({"people[0]": {"id": 7}}, "people[0]: field 'id'"),
    ({"people[0]": {"id": "n0001"}}, "people[1] 'n0001': field 'id' stands twice"),
    ({"people[0]": {"role": "guest"}}, "field 'role' must be one of local, newcomer"),
    ({"people[0]": {"lat": 48.9, "lon": None}}, "'lat' and 'lon' must be given together"),
    ({"people[0]": {"lat": 91, "lon": 9}}, "field 'lat' must be a number"),
    ({"people[0]": {"birth_year": True}}, "field 'birth_year' must be a whole number"),
    ({"people[0]": {"birth_year": 1990.0}}, "field 'birth_year' must be a whole number"),
    ({"people[0]": {"languages": {"de": "fluent"}}}, "field 'languages' must be one of little, well, native"),
    ({"people[0]": {"languages": ["de"]}}, "field 'languages' must be an object"),
    ({"people[0]": {"hobbies": ["chess", "chess"]}}, "field 'hobbies' names something twice"),
    ({"people[0]": {"waiting": -1}}, "field 'waiting' must be a whole number"),
    ({"people[0]": {"capacity": 0}}, "field 'capacity' must be a whole number"),
    ({"people[0]": {"shoe": 43}}, "field 'shoe' is unknown"),
    ({"people[0]": {"party": "p", "role": "local"}, "people[1]": {"party": "p"}}, "members of both sides"),
    ({"rules": {"year": None}}, "rules: field 'year' must be a whole number"),
    ({"rules": {"levels": ["pairs", "pairs"]}}, "field 'levels' names something twice"),
    ({"rules": {"levels": ["speed"]}}, "field 'levels' must be one of"),
    ({"rules": {"weights": {"languages": 1, "hobbies": 1, "closeness": 1, "age": 1}}}, "must add up to 1000"),
    ({"rules": {"weights": {"languages": 1000}}}, "field 'hobbies' is missing"),
    ({"wishes": {"pins": [["n0001"]]}}, "field 'pins' must be pairs"),
    ({"wishes": {"keep": [["l0001", "n0001"]]}}, "field 'keep' has a pair the wrong way round"),
    ({"wishes": {"quotas": [{"name": "q", "members": [], "min": 2, "max": 1}]}}, "'min' is greater than 'max'"),
    ({"wishes": {"quotas": [{"name": "q", "members": []}] * 2}}, "names one quota twice"),
    ({"time_limit": -1}, "field 'time_limit' must be a number"),
    ({"time_limit": "1"}, "field 'time_limit' must be a number"),
    ({"speed": 1}, "job: field 'speed' is unknown"),
]


@pytest.mark.parametrize(("change", "words"), BAD)
def test_bad_fields_are_named(change: dict[str, Any], words: str) -> None:
    job = copy.deepcopy(SMALL)
    for where, value in change.items():
        if where.startswith("people"):
            job["people"][int(where[7:-1])] |= value
        else:
            job[where] = job[where] | value if isinstance(value, dict) else value
    with pytest.raises(parse.BadInputError) as caught:
        parse.job(json.loads(json.dumps(job)))
    assert words in str(caught.value)
    assert len(str(caught.value).splitlines()) <= 3


@pytest.mark.parametrize("text", ['{"a": NaN}', '{"a": Infinity}', "{", "[1,]", '{"a": 1e999999'])
def test_what_is_no_json_is_refused(text: str) -> None:
    with pytest.raises(parse.BadInputError):
        parse.load(text.encode(), "job")


@pytest.mark.parametrize("value", [None, [], 1, "job", {"people": {}}, {"people": [1], "rules": {}}, {"people": []}])
def test_a_job_of_another_shape_is_refused(value: Any) -> None:
    with pytest.raises(parse.BadInputError):
        parse.job(value)


def test_many_mistakes_are_told_in_three_lines() -> None:
    job = copy.deepcopy(SMALL)
    for one in job["people"]:
        one["role"] = "guest"
    done = call("job", given=encoded(job))
    assert_bad(done)
    assert len(done.stderr.splitlines()) == 3


def start(command: list[str]) -> subprocess.Popen[bytes]:
    """An engine that has begun: it has told how many people there are and is at work on the levels."""
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, cwd=ROOT)
    assert process.stdin is not None
    assert process.stderr is not None
    process.stdin.write(encoded(county(1, 500, 400)))
    process.stdin.close()
    assert b"people" in process.stderr.readline()
    return process


def test_sigterm_ends_it_at_once() -> None:
    with start([*COMMAND, "job"]) as process:
        process.terminate()
        assert process.wait(timeout=5) == -signal.SIGTERM


def test_it_dies_with_its_parent() -> None:
    """The parent only starts the engine; once it is killed, the pipe they share closes and no level is told."""
    parent = f"import subprocess; subprocess.run({[*COMMAND, 'job']!r})"
    with start([sys.executable, "-c", parent]) as process:
        process.kill()
        assert process.stderr is not None
        assert process.stderr.read() == b""
