"""The line of every key and element of a TOML text. In these texts each number says on which line it stands."""

import tomllib
from typing import Any

import pytest
from hypothesis import given, reject
from hypothesis import strategies as st

from services.registration.regions.lines import lines
from services.registration.regions.values import Way
from services.registration.tests.made import REGIONS_DIR

TRICKY = '''
# [not a table] = @
a = @   # b = "
"quoted # key" = @
'literal = key'=@
"with \\"quotes\\" and \\u00e4" = @
dotted . "with.dot" .c = @
1.2 = @
text = "[x] # = \\\\"
after_text = @
long = """
x = 1 # \\"""
[y]
two quotes: "" end"""""
after_long = @
literal = \'\'\'
\\
'x' = 1\'\'\'
after_literal = @
empty = ""
empty_long = """"""
empty_list = []
dates = [ 2021-10-15T00:00:00, 2021-10-15 00:00:00Z, 1.5, -1e3, true ]
after_dates = @
list = [ @, @, # ] , 5
  @,

  [ @, "]", [
  @ ] ], { k = @, "l m" = { n.o = @ } },
  """
""", @,
]
after_list = @
inline = { x = @, y.z = [ @ ], e = {} }

[table]  # comment [x]
a = @
[ table . "sub table" ]
a = @
[[ blocks ]]
a = @
[blocks.inner]
b = @
[[blocks.more]]
c = @
[[blocks.more]]
c = @
d.e = @
[[blocks]]
[[blocks.more]]
c = @
[blocks.more.deep]
f = @
[late.before]
x = @
[late]
y = @'''


def numbered(text: str) -> str:
    return "\n".join(row.replace("@", str(number)) for number, row in enumerate(text.split("\n"), 1))


def leaves(value: Any, way: Way = ()) -> list[tuple[Way, Any]]:
    if isinstance(value, dict):
        return [leaf for key, inner in value.items() for leaf in leaves(inner, (*way, key))]
    if isinstance(value, list):
        return [leaf for number, inner in enumerate(value) for leaf in leaves(inner, (*way, number))]
    return [(way, value)]


def assert_right(text: str) -> None:
    text = numbered(text)
    found = lines(text)
    for way, value in leaves(tomllib.loads(text)):
        assert all(way[:length] in found for length in range(len(way) + 1))
        if type(value) is int:
            assert found[way] == value, way


def test_whatever_toml_allows_is_followed() -> None:
    assert_right(TRICKY)


def test_blocks_and_tables_stand_where_they_begin() -> None:
    found = lines("a = 1\n\n[t.u]\n[[b]]\n\n[[b]]\nx = [\n 1,\n 2]")
    assert (found[()], found["t",], found["t", "u"], found["b",], found["b", 0], found["b", 1]) == (1, 3, 3, 4, 4, 6)
    assert (found["b", 1, "x"], found["b", 1, "x", 1]) == (7, 9)


@pytest.mark.parametrize("name", ["hannover.toml", "ludwigsburg.toml", "template.toml.example"])
def test_every_setting_of_our_own_files_is_found_on_its_line(name: str) -> None:
    text = (REGIONS_DIR / name).read_text(encoding="utf-8")
    rows, found = text.split("\n"), lines(text)
    for way, value in leaves(tomllib.loads(text)):
        shown = str(value) if isinstance(way[-1], int) else f"{way[-1]} = "
        assert shown in rows[found[way] - 1]


KEYS = st.sampled_from(["a", "b-1", '"c d"', "'e.f'", '"g\\"#="', "2021"])
VALUES = st.recursive(
    st.sampled_from(["@", "@ # [", '"""\n"x" = 1\n"""', "'''\n[x]\n'''", '"#"', "1979-05-27 07:32:00", "[]", "{}"]),
    lambda inner: st.lists(inner, max_size=4).map(lambda values: "[\n" + "".join(f" {v}\n,\n" for v in values) + "]"),
    max_leaves=6,
)
PAIRS = st.dictionaries(KEYS, VALUES, max_size=4).map(lambda pairs: "".join(f"{key} = {value}\n" for key, value in pairs.items()))
BLOCKS = st.lists(
    st.tuples(st.lists(KEYS, min_size=1, max_size=3, unique=True), PAIRS).map(
        lambda block: f"[[{' . '.join(block[0])}]]\n{block[1]}"
    ),
    max_size=5,
).map("\n".join)


@given(PAIRS, BLOCKS)
def test_any_mixture_of_keys_values_and_blocks_is_followed(pairs: str, blocks: str) -> None:
    text = f"{pairs}{blocks}"
    try:
        tomllib.loads(numbered(text))
    except tomllib.TOMLDecodeError:
        reject()  # a name that is a value and a block too
    assert_right(text)
