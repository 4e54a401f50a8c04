"""The region files name the municipalities that the map knows, all of them, and say whom to ask."""

import tomllib
from pathlib import Path

import pytest

from services.geo.gazetteer.sources import read_municipalities

FOLDER = Path(__file__).parents[2] / "deploy/regions"
LANGUAGES = ["de", "en", "ar", "fa", "tr", "uk"]


@pytest.mark.parametrize("slug", ["ludwigsburg", "hannover"])
def test_a_region_file(slug: str) -> None:
    region = tomllib.loads((FOLDER / f"{slug}.toml").read_text(encoding="utf-8"))
    assert region["slug"] == slug
    assert set(region["municipalities"]) == {m.name for m in read_municipalities() if m.region == slug}
    assert region["languages"] == list(region["name"]) == LANGUAGES
    assert sum(region["rules"]["weights"].values()) == 1000
    assert region["sender"]["email"] == f"mybuddy@{slug}.example"
    (autumn,) = region["rounds"]
    assert [autumn[at].isoformat() for at in ("opens", "closes")] == ["2021-10-15T00:00:00", "2021-10-31T23:59:00"]
    assert list(autumn["name"]) == LANGUAGES
