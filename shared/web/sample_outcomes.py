"""How a round ended for the invented people of the samples."""

from types import SimpleNamespace as Some


def partner(name: str, band: str = "under_5", *, first: bool = True, hobbies: tuple[str, ...] = ("cooking", "chess")) -> Some:
    return Some(
        pair="x",
        first_name=name,
        contacts=[
            Some(kind="email", value="a.b@mail.example"),
            Some(kind="phone", value="+49 171 1234567"),
            Some(kind="messenger", value="Signal: anna.01"),
        ],
        languages=["de", "en", "ckb"],
        hobbies=list(hobbies),
        band=band,
        writes_first=first,
    )


def outcomes(name: str) -> list[dict[str, object]]:
    """One partner, several, and none: with what a yes would change, changed already, and in a later round."""
    none: dict[str, object] = {"partners": [], "reason": None, "suggestion": None, "offer": None, "back": False}
    several = [partner(name, "over_20", first=False, hobbies=()), partner("Ali", "under_2")]
    why: dict[str, object] = {"reason": "too_few_locals", "suggestion": Some(change="max_km", to="30", opens=4)}
    found = [none | {"partners": [partner(name)]}, none | {"partners": several}]
    offers = [Some(wish="max_km", taken=False), Some(wish="wish", taken=False), Some(wish="max_km", taken=True)]
    return [*found, none | why, *[none | why | {"offer": one} for one in offers], none | why | {"back": True}]
