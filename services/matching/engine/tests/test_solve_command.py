"""`solve`, `people` and `verify` as somebody calls them on files: exit codes, streams, and few words for bad input."""

import gzip
import json
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from services.matching.engine.tests.test_command import assert_bad, call

SMALL = {
    "newcomers": [{"id": f"n{k}", "waiting": k % 3} for k in range(8)],
    "locals": [{"id": f"l{k}", "capacity": 1 + k % 2} for k in range(5)],
    "edges": [[f"n{n}", f"l{m}", (37 * n + 101 * m) % 997] for n in range(8) for m in range(5) if (n + m) % 3],
    "parties": [["n0", "n1"]],
    "pins": [["n2", "l0"]],
    "bans": [["n3", "l2"]],
    "quotas": [{"name": "org 3", "members": ["n4", "n5", "n6"], "max": 2}],
    "quality_floor": 400,
}
PEOPLE = """id,role,lat,lon,birth_year,gender,wish,languages,hobbies,max_km,max_age_gap,capacity,party,group
n1,newcomer,48.9,9.2,1990,f,same,ar:native;de:little,cooking,10,,1,,
n2,newcomer,48.9,9.2,1990,m,any,uk:native,chess,10,,1,,
l1,local,48.91,9.2,1985,f,any,de:native,cooking,10,,1,,
"""
RULES = "min_age = 18\nmax_km = 40\nyear = 2026\n[weights]\nlanguages = 350\nhobbies = 250\ncloseness = 250\nage = 150\n"


def written(path: Path, value: Any) -> str:
    path.write_text(value if isinstance(value, str) else json.dumps(value), encoding="utf-8")
    return str(path)


def test_an_instance_is_solved_and_verified_whatever_its_order_or_wrapping(tmp_path: Path) -> None:
    plain = call("solve", written(tmp_path / "a.json", SMALL), "--threads", "1")
    shuffle = random.Random(1)
    turned = {name: shuffle.sample(v, len(v)) if isinstance(v, list) else v for name, v in SMALL.items()}
    (tmp_path / "b.json.gz").write_bytes(gzip.compress(json.dumps(turned).encode()))
    out = tmp_path / "result.json"
    packed = call("solve", str(tmp_path / "b.json.gz"), "--out", str(out), "--threads", "2")
    assert (plain.returncode, packed.returncode, plain.stderr, packed.stdout) == (0, 0, b"", b"")
    first, second = json.loads(plain.stdout), json.loads(out.read_text())
    assert first["status"] == "optimal"
    assert first["pairs"] == second["pairs"]
    assert ["n2", "l0"] in [pair[:2] for pair in first["pairs"]]
    assert call("verify", str(tmp_path / "a.json"), str(out)).returncode == 0
    second["pairs"][0][2] += 1
    out.write_text(json.dumps(second))
    assert call("verify", str(tmp_path / "a.json"), str(out)).returncode == 1


def test_what_cannot_hold_together_is_named_with_exit_1(tmp_path: Path) -> None:
    done = call("solve", written(tmp_path / "a.json", {**SMALL, "pins": [["n2", "l0"], ["n1", "l0"]]}))
    assert done.returncode == 1
    names = [conflict["names"] for conflict in json.loads(done.stdout)["conflicts"]]
    assert names == [["n1", "l0"], ["n2", "l0"]]


def test_progress_is_told_as_lines_of_json(tmp_path: Path) -> None:
    done = call("solve", written(tmp_path / "a.json", SMALL), "--progress", "json")
    steps = [json.loads(line) for line in done.stderr.splitlines()]
    assert {"people", "look", "level"} <= {step["step"] for step in steps}
    assert all(step["seconds"] >= 0 for step in steps)


def test_people_are_solved_from_their_file_and_a_bad_row_is_named(tmp_path: Path) -> None:
    people = written(tmp_path / "people.csv", PEOPLE + "n3,guest,48.9,9.2,1990,f,any,de:well,,10,,1,,\n")
    rules, out = written(tmp_path / "rules.toml", RULES), tmp_path / "result.json"
    done = call("people", people, "--rules", rules, "--out", str(out))
    assert done.returncode == 0
    assert b"line 5" in done.stderr
    assert b"role" in done.stderr
    result = json.loads(out.read_text())
    assert [(pair["newcomer"], pair["local"]) for pair in result["pairs"]] == [("n1", "l1")]
    assert result["unmatched"][0]["reason"] == "no_shared_language"
    assert call("verify", people, str(out), "--rules", rules).returncode == 0


def test_wishes_of_a_file_are_kept(tmp_path: Path) -> None:
    people, rules = written(tmp_path / "people.csv", PEOPLE), written(tmp_path / "rules.toml", RULES)
    wishes = written(tmp_path / "wishes.json", {"bans": [["n1", "l1"]], "levels": ["pairs"]})
    done = call("people", people, "--rules", rules, "--wishes", wishes)
    result = json.loads(done.stdout)
    assert (result["pairs"], list(result["levels"])) == ([], ["pairs"])


def test_a_plan_is_made_again_with_as_few_moves_as_possible(tmp_path: Path) -> None:
    instance, before = written(tmp_path / "a.json", SMALL), tmp_path / "before.json"
    assert call("solve", instance, "--out", str(before)).returncode == 0
    old = {tuple(pair[:2]) for pair in json.loads(before.read_text())["pairs"]}
    gone = next(local for newcomer, local in sorted(old) if newcomer != "n2")
    changes = written(tmp_path / "changes.json", {"gone": [gone], "bans": [["n7", "l1"]]})
    after = tmp_path / "after.json"
    assert call("replan", instance, str(before), "--changes", changes, "--out", str(after)).returncode == 0
    result = json.loads(after.read_text())
    new = {tuple(pair[:2]) for pair in result["pairs"]}
    assert result["status"] == "optimal"
    assert list(result["levels"]) == ["kept", "pairs", "waiting", "below_floor", "fit"]
    assert {pair for pair in old if gone not in pair and pair != ("n7", "l1")} <= new
    assert not any(gone in pair for pair in new)
    checked = call("verify", instance, str(after), "--before", str(before), "--changes", changes)
    assert (checked.returncode, checked.stdout) == (0, b"")


def test_changes_to_nobody_are_refused(tmp_path: Path) -> None:
    instance, before = written(tmp_path / "a.json", SMALL), tmp_path / "before.json"
    call("solve", instance, "--out", str(before))
    wrongs: list[dict[str, Any]] = [
        {"gone": ["x"]},
        {"fixed": [["n2", "l4"]]},
        {"pins": [["n2", "x"]]},
        {"moved": []},
        {"gone": 1},
    ]
    for wrong in wrongs:
        assert_bad(call("replan", instance, str(before), "--changes", written(tmp_path / "c.json", wrong)))


@pytest.mark.parametrize(
    "arguments",
    [
        ("solve",),
        ("solve", "nowhere.json"),
        ("solve", "."),
        ("solve", "README.md"),
        ("solve", "nowhere.json", "--time-limit", "-1"),
        ("solve", "nowhere.json", "--time-limit", "nan"),
        ("solve", "nowhere.json", "--threads", "0"),
        ("people", "nowhere.csv"),
        ("people", "nowhere.csv", "--rules", "nowhere.toml"),
        ("people", "README.md", "--rules", "deploy/regions/ludwigsburg.toml"),
        ("verify", "nowhere.json", "nowhere.json"),
        ("verify", "examples/ludwigsburg-2021.csv", "README.md"),
    ],
)
def test_bad_arguments_and_files_end_with_2_and_few_words(arguments: tuple[str, ...]) -> None:
    assert_bad(call(*arguments))


def test_a_result_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    assert_bad(call("solve", written(tmp_path / "a.json", SMALL), "--out", str(tmp_path / "no" / "where.json")))


def test_verify_says_what_rests_on_the_solver_alone(tmp_path: Path) -> None:
    pair = {"newcomers": [{"id": "n"}], "locals": [{"id": "l"}], "edges": [["n", "l", 5]], "levels": ["fit"]}
    given, out = written(tmp_path / "a.json", pair), tmp_path / "result.json"
    assert call("solve", given, "--out", str(out)).returncode == 0
    assert call("verify", given, str(out)).stdout == b""
    told = json.loads(out.read_text())
    told |= {"pairs": [], "unmatched": [{"id": "n"}, {"id": "l"}]}
    told["levels"]["fit"] |= {"value": 0, "bound": 0}
    lazy = call("verify", given, written(tmp_path / "lazy.json", told))
    assert (lazy.returncode, json.loads(lazy.stdout)) == (
        0,
        {"open": "level fit: the bound 0 rests on the solver, the prices prove 5"},
    )


def test_a_place_that_cannot_be_written_is_told_before_the_work(tmp_path: Path) -> None:
    given = written(tmp_path / "a.json", "{ not read at all")
    assert "nowhere" in assert_bad(call("solve", given, "--out", str(tmp_path / "nowhere" / "result.json")))


def test_that_nobody_listens_to_progress_ends_no_run(tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "services.matching.engine",
        "solve",
        written(tmp_path / "a.json", SMALL),
        "--progress",
        "json",
    ]
    with Path("/dev/full").open("wb") as full:
        ended = subprocess.run(command, stdout=subprocess.PIPE, stderr=full, timeout=120, check=False)
    assert (ended.returncode, json.loads(ended.stdout)["status"]) == (0, "optimal")


def test_a_plan_before_with_ids_that_are_none_is_refused(tmp_path: Path) -> None:
    given, changes = written(tmp_path / "a.json", SMALL), written(tmp_path / "c.json", {})
    before = written(tmp_path / "b.json", {"pairs": [{"newcomer": 5, "local": [1]}]})
    assert "pairs[0]: needs the ids" in assert_bad(call("replan", given, before, "--changes", changes))
