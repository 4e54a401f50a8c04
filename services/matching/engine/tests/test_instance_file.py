"""The instance file: the same instance in whatever order it is written, and one sentence for whatever is wrong."""

import copy
import json
import random
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.matching.engine import instance_file
from services.matching.engine.instance import DEFAULT_LEVELS, Instance, Pin, Quota, order
from services.matching.engine.instance_file import WishFile, read, wishes
from services.matching.engine.parse import BadInputError
from services.matching.engine.record import digest

GOOD: dict[str, Any] = {
    "newcomers": [{"id": "n1"}, {"id": "n2", "waiting": 3}, {"id": "n3"}],
    "locals": [{"id": "l1", "waiting": 2, "capacity": 2}, {"id": "l2"}, {"id": "l3"}],
    "edges": [["n1", "l1", 628], ["n1", "l2", 0], ["n2", "l1", 5], ["n2", "l2", 1_000_000], ["n3", "l1", 7]],
    "parties": [["n2", "n1"], ["l3"]],
    "pins": [["n1", "l1"]],
    "bans": [["n2", "l2"], ["n1", "l1"], ["n9", "l1"]],
    "quotas": [{"name": "org 3", "members": ["n1", "l2"], "min": 0, "max": 228}, {"name": "a", "members": []}],
    "quality_floor": 400,
    "levels": ["fit", "pairs"],
}


def written(folder: Path, content: Any) -> Path:
    path = folder / "instance.json"
    path.write_bytes(content if isinstance(content, bytes) else json.dumps(content, ensure_ascii=False).encode())
    return path


def refused(folder: Path, content: Any) -> str:
    with pytest.raises(BadInputError) as caught:
        read(written(folder, content))
    said = str(caught.value)
    assert said.isprintable()
    assert len(said) < 400
    return re.sub(r" \(byte \d+\)$", "", said.removeprefix(f"{folder / 'instance.json'}: "))


def count(instance: Instance) -> int:
    pairs: Any = instance.pairs
    return int(pairs.count())


def plain(instance: Instance) -> list[Any]:
    pairs: Any = instance.pairs
    sides = [(side.ids, side.waiting.tolist(), side.capacity.tolist()) for side in (instance.newcomers, instance.locals)]
    columns = [column.tolist() for column in (pairs.newcomer, pairs.local, pairs.fit)]
    return [sides, columns, instance.parties, instance.pins, instance.quotas, instance.quality_floor, instance.levels]


def edges(instance: Instance) -> set[tuple[str, str, int]]:
    pairs: Any = instance.pairs
    ids = zip(pairs.newcomer, pairs.local, pairs.fit, strict=True)
    return {(instance.newcomers.ids[n], instance.locals.ids[m], int(fit)) for n, m, fit in ids}


def test_a_file_is_read_whole(tmp_path: Path) -> None:
    found = read(written(tmp_path, GOOD))
    assert found.newcomers.ids == tuple(order(["n1", "n2", "n3"]))
    assert dict(zip(found.newcomers.ids, found.newcomers.waiting.tolist(), strict=True)) == {"n1": 0, "n2": 3, "n3": 0}
    assert dict(zip(found.locals.ids, found.locals.capacity.tolist(), strict=True)) == {"l1": 2, "l2": 1, "l3": 1}
    assert found.parties == (("n1", "n2"),)
    assert found.pins == (Pin("n1", "l1"),)
    assert found.quotas == (Quota("a", ()), Quota("org 3", ("l2", "n1"), 0, 228))
    assert (found.quality_floor, found.levels) == (400, ("fit", "pairs"))


def test_a_banned_pair_is_not_acceptable_but_for_one_also_pinned(tmp_path: Path) -> None:
    found = edges(read(written(tmp_path, GOOD)))
    assert found == {("n1", "l1", 628), ("n1", "l2", 0), ("n2", "l1", 5), ("n3", "l1", 7)}


def test_all_after_edges_may_be_absent(tmp_path: Path) -> None:
    found = read(written(tmp_path, {name: GOOD[name] for name in ("newcomers", "locals", "edges")}))
    assert plain(found)[2:] == [(), (), (), 0, DEFAULT_LEVELS]


@pytest.mark.parametrize("side", ["newcomers", "locals", "both"])
def test_an_empty_side_is_valid(tmp_path: Path, side: str) -> None:
    empty: dict[str, Any] = {"newcomers": [], "locals": []} if side == "both" else {side: []}
    found = read(written(tmp_path, {"newcomers": [{"id": "n"}], "locals": [{"id": "l"}], "edges": []} | empty))
    assert count(found) == 0


def test_no_edges_are_valid(tmp_path: Path) -> None:
    text = b' {"edges" : [ \n ] , "locals":[{"id":"l"}],"newcomers":[{"id":"n"}]}\n'
    assert count(read(written(tmp_path, text))) == 0


IDS = st.lists(st.text(st.sampled_from('a],["\\é🦊 1'), min_size=1, max_size=6), unique=True, max_size=8)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(IDS, st.randoms(use_true_random=False), st.sampled_from([None, 1, " "]))
def test_neither_order_nor_cuts_nor_spaces_matter(tmp_path: Path, ids: list[str], draw: random.Random, indent: Any) -> None:
    people = [{"id": name, "waiting": draw.randrange(3)} for name in ids]
    middle = len(ids) // 2
    given: dict[str, Any] = {"newcomers": people[:middle], "locals": people[middle:]}
    given["edges"] = [[n, m, draw.randrange(9)] for n in ids[:middle] for m in ids[middle:] if draw.random() < 0.8]
    given["bans"] = [edge[:2] for edge in given["edges"] if draw.random() < 0.3]
    first = read(written(tmp_path, given))
    once, known = plain(first), digest(first)
    for value in given.values():
        draw.shuffle(value)
    text = json.dumps(given, indent=indent, ensure_ascii=draw.random() < 0.5).encode()
    for piece_bytes in (1, 7, 40):
        assert plain(read(written(tmp_path, text), piece_bytes)) == once
    assert digest(read(written(tmp_path, text))) == known


@pytest.mark.parametrize(
    ("where", "value"),
    [("edges.0.2", 629), ("newcomers.0.waiting", 1), ("locals.1.capacity", 2), ("quality_floor", 401), ("levels", ["fit"]),
     ("pins", []), ("bans", []), ("parties", []), ("quotas.0.max", 3), ("edges.4.1", "l3"), ("newcomers.3", {"id": "n4"})],
)  # fmt: skip
def test_whatever_may_change_the_plan_changes_the_digest(tmp_path: Path, where: str, value: Any) -> None:
    assert digest(read(written(tmp_path, put(where, value)))) != digest(read(written(tmp_path, GOOD)))


def put(where: str, value: Any) -> dict[str, Any]:
    """GOOD with one thing changed, as `edges.0.2`; a field that is not there is added."""
    changed = copy.deepcopy(GOOD)
    *path, last = [int(part) if part.isdigit() else part for part in where.split(".")]
    place: Any = changed
    for part in path:
        place = place[part]
    if isinstance(place, list) and last == len(place):
        place.append(value)
    else:
        place[last] = value
    return changed


BAD: list[tuple[str, Any, str]] = [
    ("speed", 1, "object contains unknown field `speed`"),
    ("newcomers.0.capacity", 1, "newcomers[0]: object contains unknown field `capacity`"),
    ("newcomers.1.id", 7, "newcomers[1].id: expected a text, got a whole number"),
    ("newcomers.1.id", None, "newcomers[1].id: expected a text, got `null`"),
    ("newcomers.1", {}, "newcomers[1]: object missing required field `id`"),
    ("newcomers.1", "n2", "newcomers[1]: expected an object, got a text"),
    ("newcomers.1.id", "n1", "newcomers[1].id: 'n1' stands twice"),
    ("locals.2.id", "l1", "locals[2].id: 'l1' stands twice"),
    ("locals.2.id", "n1", "locals[2].id: 'n1' stands on both sides"),
    ("newcomers.0.waiting", -1, "newcomers[0].waiting: expected a whole number >= 0"),
    ("newcomers.0.waiting", 1001, "newcomers[0].waiting: expected a whole number <= 1000"),
    ("newcomers.0.waiting", 1.0, "newcomers[0].waiting: expected a whole number, got `float`"),
    ("newcomers.0.waiting", True, "newcomers[0].waiting: expected a whole number, got `bool`"),
    ("newcomers.0.waiting", "1", "newcomers[0].waiting: expected a whole number, got a text"),
    ("newcomers.0.waiting", 10**400, "newcomers[0].waiting: expected a whole number <= 1000"),
    ("newcomers.0.waiting", float("nan"), "not valid JSON: invalid character"),
    ("locals.0.capacity", 0, "locals[0].capacity: expected a whole number >= 1"),
    ("locals.0.capacity", 1001, "locals[0].capacity: expected a whole number <= 1000"),
    ("edges", {}, "edges: expected a list"),
    ("edges", None, "edges: expected a list"),
    ("edges.5", ["n1", "nobody", 1], "edges[5]: 'nobody' is nobody's id"),
    ("edges.5", ["nobody", "l1", 1], "edges[5]: 'nobody' is nobody's id"),
    ("edges.5", ["l1", "n1", 1], "edges[5]: the wrong way round: a newcomer's id comes first, then a local's"),
    ("edges.5", ["n1", "l1"], "edges[5]: expected a list of length 3"),
    ("edges.5", ["n1", "l1", 1, 2], "edges[5]: expected a list of length 3"),
    ("edges.5", "n1", "edges[5]: expected a list, got a text"),
    ("edges.5", ["n1", "l1", 1], "edges[5]: the pair stands twice"),
    ("edges.0.0", 1, "edges[0].newcomer: expected a text, got a whole number"),
    ("edges.4.1", ["l1"], "edges[4].local: expected a text, got a list"),
    ("edges.4.2", -1, "edges[4].fit: expected a whole number >= 0"),
    ("edges.4.2", 1_000_001, "edges[4].fit: expected a whole number <= 1000000"),
    ("edges.4.2", 0.5, "edges[4].fit: expected a whole number, got `float`"),
    ("edges.4.2", False, "edges[4].fit: expected a whole number, got `bool`"),
    ("edges.4.2", None, "edges[4].fit: expected a whole number, got `null`"),
    ("parties.0", ["n1", "n8"], "parties[0]: 'n8' is nobody's id"),
    ("parties.0", ["n1", "l2"], "parties[0]: members of both sides"),
    ("parties.0", ["l1", "l2"], "parties[0]: 'l1' has a capacity above 1"),
    ("parties.2", ["n3", "n1"], "parties[2]: 'n1' stands in two parties or twice"),
    ("pins.1", ["n3", "l2"], "pins[1]: there is no edge 'n3', 'l2'"),
    ("pins.1", ["n8", "l2"], "pins[1]: 'n8' is nobody's id"),
    ("pins.1", ["l2", "n1"], "pins[1]: the wrong way round: a newcomer's id comes first, then a local's"),
    ("pins.1", ["n1"], "pins[1]: expected a list of length 2"),
    ("bans.1", ["l2", "n1"], "bans[1]: the wrong way round: a newcomer's id comes first, then a local's"),
    ("quotas.0.min", 229, "quotas[0] 'org 3': min is greater than max"),
    ("quotas.0.min", -1, "quotas[0].min: expected a whole number >= 0"),
    ("quotas.0.members", ["n8"], "quotas[0] 'org 3': 'n8' is nobody's id"),
    ("quotas.1.name", "org 3", "quotas[1] 'org 3': the name stands twice"),
    ("quality_floor", -1, "quality_floor: expected a whole number >= 0"),
    ("quality_floor", None, "quality_floor: expected a whole number, got `null`"),
    ("levels", ["speed"], "levels[0]: 'speed' is no level; levels are pairs, waiting, below_floor, fit"),
    ("levels", ["fit", "fit"], "levels: a level stands twice"),
]


@pytest.mark.parametrize(("where", "value", "said"), BAD)
def test_what_is_wrong_is_named(tmp_path: Path, where: str, value: Any, said: str) -> None:
    assert refused(tmp_path, put(where, value)) == said


def test_names_that_spoil_the_terminal_are_escaped(tmp_path: Path) -> None:
    assert refused(tmp_path, put("a\nb\x1b", 1)) == r"object contains unknown field `a\nb\x1b`"
    assert len(refused(tmp_path, put("x" * 5_000, 1))) < 150
    assert refused(tmp_path, put("pins.0", ["\n", "l1"])) == r"pins[0]: '\n' is nobody's id"


def test_an_edge_is_numbered_in_the_file_not_in_its_piece(tmp_path: Path) -> None:
    for where, said in (("edges.4.2", "edges[4].fit"), ("edges.3.0", "edges[3].newcomer")):
        path = written(tmp_path, put(where, []))
        with pytest.raises(BadInputError, match=said.replace("[", r"\[")):
            read(path, 1)


def test_an_id_that_looks_like_many_edges_takes_no_longer(tmp_path: Path) -> None:
    name = "],[" * 300_000
    given = {"newcomers": [{"id": name}], "locals": [{"id": "l"}], "edges": [[name, "l", 1]]}
    assert count(read(written(tmp_path, given), 1)) == 1


def test_wishes_are_read_for_known_people(tmp_path: Path) -> None:
    given = {name: GOOD[name] for name in ("parties", "pins", "bans", "quotas", "quality_floor", "levels")}
    found = wishes(written(tmp_path, given), {"n1", "n2"}, {"l1": 2, "l2": 1, "l3": 1})
    assert found == WishFile(
        (("n1", "n2"),),
        (("n1", "l1"),),
        (("n2", "l2"), ("n9", "l1")),
        (Quota("a", ()), Quota("org 3", ("l2", "n1"), 0, 228)),
        400,
        ("fit", "pairs"),
    )


def test_no_wishes_are_valid(tmp_path: Path) -> None:
    assert wishes(written(tmp_path, {}), set(), {}) == WishFile()


@pytest.mark.parametrize(
    ("where", "value", "said"), [bad for bad in BAD if bad[0].split(".")[0] in instance_file.WishFile.__dataclass_fields__]
)
def test_wrong_wishes_are_told_in_the_same_words(tmp_path: Path, where: str, value: Any, said: str) -> None:
    changed = put(where, value)
    path = written(tmp_path, {name: changed[name] for name in changed if name not in ("newcomers", "locals", "edges")})
    capacities = {one["id"]: one.get("capacity", 1) for one in GOOD["locals"]}
    if "no edge" in said:  # whether people suit each other is for the rules to say
        assert ("n3", "l2") in wishes(path, {"n1", "n2", "n3"}, capacities).pins
        return
    with pytest.raises(BadInputError) as caught:
        wishes(path, {"n1", "n2", "n3"}, capacities)
    assert str(caught.value) == f"{path}: {said}"
