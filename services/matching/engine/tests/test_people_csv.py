"""The people file and rules as the engine reads them: what is read, what is refused, and that the services agree."""

from pathlib import Path

import pytest

from services.matching.engine.parse import BadInputError
from services.matching.engine.people import Person, Rules, Weights
from services.matching.engine.people_csv import KNOWN, read, rules
from shared.schemas.people_file import COLUMNS, read_people

ROOT = Path(__file__).parents[4]
EXAMPLE = ROOT / "examples" / "ludwigsburg-2021.csv"
GOOD = dict.fromkeys(COLUMNS, "") | {
    "id": "p1", "name": "Ada", "email": "ada@example.org", "role": "local", "language": "de", "postcode": "71634",
    "place": "Ludwigsburg", "birth_year": "1980", "gender": "f", "wish": "any", "languages": "de:native;ar:little",
    "hobbies": "football;cooking",
}  # fmt: skip
MORE = {"lat": "", "lon": "", "waiting": ""}


def text_of(*rows: dict[str, str], columns: tuple[str, ...] = (*COLUMNS, *MORE)) -> bytes:
    lines = [",".join(columns), *(",".join((GOOD | MORE | row)[name] for name in columns) for row in rows)]
    return "\n".join([*lines, ""]).encode("utf-8", "surrogateescape")


def reading(folder: Path, content: bytes) -> tuple[tuple[Person, ...], list[str]]:
    path = folder / "people.csv"
    path.write_bytes(content)
    said: list[str] = []
    return read(path, said.append), said


def only_bad(folder: Path, **changes: str) -> str:
    """The row between two good ones is bad, and they go on."""
    found, said = reading(folder, text_of({"id": "a"}, {"id": "b"} | changes, {"id": "z"}))
    assert [person.id for person in found] == ["a", "z"]
    assert len(said) == 1
    assert said[0].isprintable()
    return said[0]


def test_a_person_is_read_whole(tmp_path: Path) -> None:
    row = {"max_km": "15", "max_age_gap": "20", "capacity": "2", "party": "p", "group": "g", "waiting": "3", "wish": "same"}
    found, said = reading(tmp_path, text_of(row | {"lat": "48.5", "lon": "9"}))
    languages = (("ar", "little"), ("de", "native"))
    hobbies = ("cooking", "football")
    assert found == (Person("p1", "local", 48.5, 9.0, 1980, "f", "same", languages, hobbies, 15, 20, 2, "p", "g", 3),)
    assert said == []


def test_empty_cells_and_columns_that_are_not_there_take_the_default(tmp_path: Path) -> None:
    columns = ("languages", "birth_year", "role", "id")
    found, said = reading(tmp_path, text_of({}, columns=columns))
    languages = (("ar", "little"), ("de", "native"))
    assert found == (Person("p1", "local", None, None, 1980, "", "any", languages, (), None, None, 1, None, None, 0),)
    empty = dict.fromkeys(set(COLUMNS) - set(columns), "")
    assert reading(tmp_path, text_of(empty)) == (found, said)


def test_a_postcode_gives_its_centre_unless_coordinates_stand_there(tmp_path: Path) -> None:
    rows = ({"id": "a"}, {"id": "b", "lat": "50", "lon": "8"}, {"id": "c", "postcode": "71699"}, {"id": "d", "postcode": ""})
    found, said = reading(tmp_path, text_of(*rows))
    assert said == []
    assert found[0].lat == pytest.approx(48.9, abs=0.1)
    assert found[0].lon == pytest.approx(9.2, abs=0.1)
    assert [(person.lat, person.lon) for person in found[1:]] == [(50, 8), (None, None), (None, None)]


def test_the_order_of_rows_and_columns_does_not_matter(tmp_path: Path) -> None:
    rows = [{"id": name, "waiting": name} for name in "31524"]
    once = reading(tmp_path, text_of(*rows))
    assert reading(tmp_path, text_of(*rows[::-1], columns=(*MORE, *COLUMNS[::-1]))) == once


@pytest.mark.parametrize("ending", [b"\n", b"\r\n"])
def test_byte_order_mark_line_ends_quotes_and_empty_lines_are_borne(tmp_path: Path, ending: bytes) -> None:
    content = text_of({"name": '"Lovelace, Ada"'}, {"id": "p2"}).replace(b"\n", 2 * ending)
    found, said = reading(tmp_path, b"\xef\xbb\xbf" + content)
    assert [person.id for person in found] == ["p1", "p2"]
    assert said == []


BAD: list[tuple[dict[str, str], str]] = [
    ({"id": ""}, "id: is missing"),
    ({"id": "a b"}, "id: must be letters, digits, dots and dashes"),
    ({"id": "a"}, "id: stands in an earlier row already"),
    ({"role": ""}, "role: is missing"),
    ({"role": "guest"}, "role: must be one of local, newcomer"),
    ({"postcode": "7163"}, "postcode: must be five digits"),
    ({"birth_year": ""}, "birth_year: is missing"),
    ({"birth_year": "1980.0"}, "birth_year: must be a whole number from 1900 to 2100"),
    ({"birth_year": "1899"}, "birth_year: must be a whole number from 1900 to 2100"),
    ({"birth_year": "١٩٨٠"}, "birth_year: must be a whole number from 1900 to 2100"),
    ({"gender": "x"}, 'gender: must be one of "", f, m, d'),
    ({"wish": "other"}, "wish: must be one of any, same"),
    ({"languages": ""}, "languages: is missing"),
    ({"languages": "de"}, "languages: must be codes, each with little, well or native, as in de:well;ar:native"),
    ({"languages": "de:well;DE:little"}, "languages: names something twice"),
    ({"languages": "de:well;"}, "languages: must be codes, each with little, well or native, as in de:well;ar:native"),
    ({"hobbies": "Cooking"}, "hobbies: must be codes, as in cooking;football"),
    ({"hobbies": "a;a"}, "hobbies: names something twice"),
    ({"max_km": "0"}, "max_km: must be a whole number from 1 to 200"),
    ({"max_age_gap": "100"}, "max_age_gap: must be a whole number from 1 to 99"),
    ({"capacity": "0"}, "capacity: must be a whole number from 1 to 3"),
    ({"capacity": "2", "role": "newcomer"}, "capacity: must be 1 for a newcomer"),
    ({"party": "A"}, "party: must be a word of small letters and digits"),
    ({"group": "a b"}, "group: must be a word of small letters and digits"),
    ({"name": "Ada, Countess"}, "row: has 22 fields instead of 21"),
    ({"name": '"Ada'}, "row: a quotation mark is not closed or stands in the wrong place"),
    ({"name": "\udcff"}, "row: holds a control character or is not UTF-8"),
    ({"name": "\0"}, "row: holds a control character or is not UTF-8"),
    ({"name": "x" * 501}, "row: a cell is longer than 500 characters"),
    ({"name": "x" * 300_000}, "row: a cell is longer than 500 characters"),
]
BAD_HERE: list[tuple[dict[str, str], str]] = [
    ({"waiting": "-1"}, "waiting: must be a whole number from 0 to 1000"),
    ({"waiting": "1001"}, "waiting: must be a whole number from 0 to 1000"),
    ({"lat": "48.9"}, "lat: must be given together with lon"),
    ({"lon": "9"}, "lat: must be given together with lon"),
    ({"lat": "91", "lon": "9"}, "lat: must be a number from -90 to 90"),
    ({"lat": "nan", "lon": "9"}, "lat: must be a number from -90 to 90"),
    ({"lat": "48", "lon": "1_0"}, "lon: must be a number from -180 to 180"),
]


@pytest.mark.parametrize(("changes", "said"), BAD + BAD_HERE)
def test_a_bad_row_is_named_and_the_others_go_on(tmp_path: Path, changes: dict[str, str], said: str) -> None:
    assert only_bad(tmp_path, **changes) == f"line 3, {said}"


@pytest.mark.parametrize("changes", [changes for changes, _ in BAD])
def test_a_row_bad_here_is_bad_for_the_services_too(tmp_path: Path, changes: dict[str, str]) -> None:
    (tmp_path / "people.csv").write_bytes(text_of({"id": "a"}, {"id": "b"} | changes, columns=COLUMNS))
    assert [bad.line for bad in read_people(tmp_path / "people.csv")[1]] == [3]


def test_the_services_read_the_same_people() -> None:
    rows, _ = read_people(EXAMPLE)
    said: list[str] = []
    found = read(EXAMPLE, said.append)
    assert said == []
    theirs = [(row.id, row.role, row.birth_year, row.gender, row.wish, row.max_km, row.capacity, row.party) for row in rows]
    ours = [(one.id, one.role, one.birth_year, one.gender, one.wish, one.max_km, one.capacity, one.party or "") for one in found]
    assert ours == sorted(theirs)
    assert [one.languages for one in found] == [tuple(sorted(row.languages)) for row in sorted(rows, key=lambda row: row.id)]


def test_a_party_has_one_role_and_at_most_four_people(tmp_path: Path) -> None:
    members = [{"id": name, "party": "p"} for name in "abcdef"]
    members[1]["role"] = "newcomer"
    found, said = reading(tmp_path, text_of(*members))
    assert [person.id for person in found] == ["a", "c", "d", "e"]
    assert said == ["line 3, party: mixes locals and newcomers", "line 7, party: has more than 4 people"]


NO_TABLE: list[tuple[bytes, str]] = [
    (b"", "'id' is missing"),
    (b"\n" + text_of({}), "'id' is missing"),
    (text_of({}).replace(b",", b";"), "'id' is missing"),
    (text_of({}).replace(b"birth_year", b"year"), "'birth_year' is missing"),
    (text_of({}).replace(b"role", b"Role"), "'role' is missing"),
    (text_of({}).replace(b"languages", b"language"), "'languages' is missing"),
    (text_of({}).replace(b"max_km", b"maxkm"), "'maxkm' is not known"),
    (text_of({}, columns=(*COLUMNS, "id")), "'id' stands twice"),
    (text_of({}).decode().encode("utf-16"), "row: holds a control character or is not UTF-8"),
    (b"\0" * 20_000_000, "row: a cell is longer than 500 characters"),
]


@pytest.mark.parametrize(("content", "said"), NO_TABLE)
def test_what_is_no_table_of_people_is_refused(tmp_path: Path, content: bytes, said: str) -> None:
    with pytest.raises(BadInputError) as caught:
        reading(tmp_path, content)
    assert str(caught.value).startswith(f"{tmp_path / 'people.csv'}: line 1 must name the columns")
    assert str(caught.value).endswith(said)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "none"):
        for reader in (lambda one: read(one, print), rules):
            with pytest.raises(BadInputError, match=str(path)):
                reader(path)


def test_all_columns_of_the_file_are_known() -> None:
    assert set(KNOWN) == {*COLUMNS, *MORE}


@pytest.mark.parametrize("region", sorted((ROOT / "deploy" / "regions").glob("*.toml")), ids=lambda path: path.stem)
def test_rules_are_read_from_a_region_file(region: Path) -> None:
    found = rules(region, 2021)
    assert found == Rules(2021, 40, 18, None, 400)


def toml(folder: Path, text: str) -> Path:
    path = folder / "rules.toml"
    path.write_text(text, encoding="utf-8")
    return path


WEIGHTS = "weights = {languages = 1000, hobbies = 0, closeness = 0, age = 0}"


def test_rules_may_stand_alone(tmp_path: Path) -> None:
    path = toml(
        tmp_path, f'max_km = 7\nmin_age = 16\nmax_age_gap = 9\nquality_floor = 3\nlevels = ["fit"]\nyear = 2020\n{WEIGHTS}'
    )
    assert rules(path) == Rules(2020, 7, 16, 9, 3, ("fit",), Weights(1000, 0, 0, 0))
    assert rules(path, 2021).year == 2021


def test_the_present_year_counts_where_none_is_named(tmp_path: Path) -> None:
    assert rules(toml(tmp_path, "max_km = 7")).year >= 2025


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("max_km = 7\nspeed = 1", "field 'speed' is unknown"),
        ("rules = 7", "field 'rules' must be a table"),
        ("[rules]\nmin_age = 7", "field 'max_km' is missing"),
        ("max_km = nan", "field 'max_km' must be a whole number from 0 to 20100"),
        ("max_km = true", "field 'max_km' must be a whole number from 0 to 20100"),
        ("max_km = 2021-01-01", "field 'max_km' must be a whole number from 0 to 20100"),
        ('max_km = 7\nlevels = ["fit", "fit"]', "field 'levels' names something twice"),
        ("max_km = 7\nweights = {languages = 1000}", "field 'weights' weights: field 'hobbies' is missing"),
        ("max_km =", "not valid TOML in UTF-8: Invalid value (at end of document)"),
        ("max_km = " + "[" * 100_000, "not valid TOML in UTF-8"),
        ("#" * 2_000_000, "larger than 1 MB"),
    ],
)
def test_wrong_rules_are_named(tmp_path: Path, text: str, said: str) -> None:
    path = toml(tmp_path, text)
    with pytest.raises(BadInputError) as caught:
        rules(path)
    assert str(caught.value).removeprefix(f"{path}: ") == said
