"""The people everything must cope with: each kind of trouble a real round has, a few times."""

from collections.abc import Callable
from dataclasses import replace

from examples.draw import TINY, YEAR, Draw
from examples.names import FAMILIES, MEN, WOMEN
from shared.schemas.people_file import Row

UNKNOWN_POSTCODE = "71699"
"""Five digits in the county's range that no place has."""

Change = Callable[[Row], Row]


def alter(draw: Draw, people: list[Row]) -> list[Row]:
    """The ordinary people with the awkward ones among them; who repeats comes after whom they repeat."""
    untouched = Untouched(draw, people)
    _places(untouched)
    _languages(untouched)
    _ages(untouched)
    _wishes(untouched)
    _capacities(untouched)
    _together(draw, untouched)
    _tiny_distances(untouched)
    _behaviour(untouched)
    repeats = _repeats(untouched)
    _answers(untouched)
    return untouched.people + repeats


class Untouched:
    """Gives out people who are still ordinary, each once, and puts their changed rows back."""

    def __init__(self, draw: Draw, people: list[Row]) -> None:
        self.people = people
        self._free = list(range(len(people)))
        draw.random.shuffle(self._free)

    def take(self, count: int, wanted: Callable[[Row], bool]) -> list[int]:
        """Their places in the list. Raises LookupError where there are not enough."""
        found = [i for i in self._free if wanted(self.people[i])][:count]
        if len(found) < count:
            raise LookupError("too few ordinary people of this kind: choose another seed")
        self._free = [i for i in self._free if i not in found]
        return found

    def change(self, count: int, wanted: Callable[[Row], bool], change: Change) -> None:
        for i in self.take(count, wanted):
            self.people[i] = change(self.people[i])


def newcomer(row: Row) -> bool:
    return row.role == "newcomer" and row.place not in TINY


def local(row: Row) -> bool:
    return row.role == "local"


def easy(row: Row) -> bool:
    """Somebody who will be matched for sure: speaks German, goes far, wants nothing special."""
    return "de" in dict(row.languages) and row.wish == "any" and row.place not in TINY


def _places(people: Untouched) -> None:
    people.change(2, newcomer, lambda row: replace(row, postcode="", place="Hemmingen"))
    people.change(1, local, lambda row: replace(row, postcode="", place="Hemmingen"))
    people.change(1, newcomer, lambda row: replace(row, postcode=UNKNOWN_POSTCODE, place=""))
    people.change(1, newcomer, lambda row: replace(row, postcode="", place="Ганновер"))
    people.change(1, newcomer, lambda row: replace(row, postcode="", place="beim Bahnhof links"))
    people.change(3, local, lambda row: replace(row, place=""))


def _languages(people: Untouched) -> None:
    """Three newcomers who speak one language only, which no local has.

    One of them signed up with a friend, who has to go without as well: a party is matched as a whole.
    """
    for culture, tag in (("amharic", "am"), ("tamil", "ta"), ("mongolian", "mn")):
        given, family = WOMEN[culture][0], FAMILIES[culture][0]
        people.change(
            1,
            lambda row: newcomer(row) and row.gender == "f",
            lambda row, given=given, family=family, tag=tag: replace(  # type: ignore[misc]
                row,
                name=f"{given.own} {family.own}",
                email=f"{given.latin}.{family.latin}@example.org",
                language="en",
                languages=((tag, "native"),),
                party="neighbours" if tag == "ta" else "",
            ),
        )
    people.change(1, lambda row: newcomer(row) and easy(row), lambda row: replace(row, party="neighbours"))


def _ages(people: Untouched) -> None:
    """Three below 18: the form lets them in, the rules keep them out."""
    for year, kind in ((2005, newcomer), (2008, newcomer), (2006, local)):
        people.change(1, kind, lambda row, year=year: replace(row, birth_year=year))  # type: ignore[misc]


def _wishes(people: Untouched) -> None:
    """One who wants somebody of the same gender where nobody is: at the county's edge, and going nowhere."""
    change = {"gender": "d", "wish": "same", "max_km": 5, "birth_year": 1991, "max_age_gap": None}
    people.change(1, lambda row: newcomer(row) and row.place == "Eberdingen", lambda row: replace(row, **change))  # type: ignore[arg-type]


def _capacities(people: Untouched) -> None:
    people.change(11, lambda row: local(row) and easy(row), lambda row: replace(row, capacity=2))
    people.change(1, lambda row: local(row) and easy(row), lambda row: replace(row, capacity=3, max_km=30))


def _together(draw: Draw, people: Untouched) -> None:
    """Two friends as a party, and a family of four who share one address and are no party."""
    people.change(2, lambda row: newcomer(row) and row.place == "Ludwigsburg", lambda row: replace(row, party="friends"))
    family = FAMILIES["arabic"][1]
    address = draw.address(family, FAMILIES["arabic"][0])
    members = ((WOMEN, 0, 1975), (MEN, 1, 1972), (MEN, 3, 2000), (WOMEN, 4, 2003))
    taken = people.take(4, lambda row: newcomer(row) and row.place == "Bietigheim-Bissingen")
    for i, (names, which, year) in zip(taken, members, strict=True):
        row = people.people[i]
        people.people[i] = replace(
            row,
            name=f"{names['arabic'][which].own} {family.own}",
            email=address,
            gender="f" if names is WOMEN else "m",
            birth_year=year,
            language="ar",
            languages=(("ar", "native"), ("de", "well" if year > 1999 else "little")),
        )


def _tiny_distances(people: Untouched) -> None:
    people.change(3, lambda row: row.place in TINY, lambda row: replace(row, max_km=1))


def _behaviour(people: Untouched) -> None:
    people.change(12, lambda row: row.place not in TINY, lambda row: replace(row, demo="unconfirmed"))
    people.change(8, lambda row: row.place not in TINY, lambda row: replace(row, demo="leaves"))
    for kind in (newcomer, local):
        people.change(
            3,
            lambda row, kind=kind: kind(row) and easy(row) and YEAR - row.birth_year < 60,  # type: ignore[misc]
            lambda row: replace(row, demo="withdraws", max_km=30, max_age_gap=None),
        )


def _repeats(people: Untouched) -> list[Row]:
    """Five who fill in the form a second time, with another hobby."""
    taken = people.take(5, lambda row: row.place not in TINY)
    return [replace(people.people[i], demo="repeats", hobbies=_with_another(people.people[i].hobbies)) for i in taken]


def _answers(people: Untouched) -> None:
    """What they say when they are asked about somebody; all others say yes."""
    people.change(14, easy, lambda row: replace(row, demo="declines"))
    people.change(10, easy, lambda row: replace(row, demo="silent"))


def _with_another(hobbies: tuple[str, ...]) -> tuple[str, ...]:
    return (*hobbies, next(one for one in ("walking", "music", "film", "baking", "games", "art", "chess") if one not in hobbies))
