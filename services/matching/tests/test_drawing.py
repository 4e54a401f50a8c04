"""The picture of a pair's life in the documentation is the one that the table gives."""

from pathlib import Path

from services.matching.domain import LIVES
from services.matching.drawing import PLACES, picture

DRAWN = Path(__file__).parents[3] / "docs" / "pairs.svg"


def test_the_picture_is_drawn_from_the_table_as_it_is() -> None:
    told = "Draw it again: python -m services.matching.drawing > docs/pairs.svg"
    assert DRAWN.read_text(encoding="utf-8") == picture(), told


def test_every_state_has_its_place() -> None:
    assert {state for (before, _), (after, _) in LIVES.items() for state in (before, after)} == set(PLACES)
