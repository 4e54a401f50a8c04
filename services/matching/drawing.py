"""Draws the life of a pair from the table in domain.py: `python -m services.matching.drawing > docs/pairs.svg`."""

import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence

from services.matching.domain import LIVES, Effect, PairEvent, PairState

WIDTH, HEIGHT, BOX, TALL, LINE = 1000, 480, 170, 54, 15
PLACES: dict[PairState, tuple[int, int]] = {
    "asked": (310, 60),
    "newcomer_agreed": (130, 230),
    "local_agreed": (490, 230),
    "introduced": (310, 420),
    "ended": (900, 230),
}
BENDS: dict[tuple[PairState, PairState], tuple[int, int]] = {
    ("asked", "ended"): (840, 40),
    ("newcomer_agreed", "ended"): (500, 350),
    ("introduced", "ended"): (850, 430),
}
"""Through which point an arrow is drawn that would else run through a box."""
LABELS: dict[tuple[PairState, PairState], tuple[int, int]] = {
    ("newcomer_agreed", "ended"): (640, 296),
}
COLOURS = {
    "asked": "#fdf1d0",
    "newcomer_agreed": "#fdf1d0",
    "local_agreed": "#fdf1d0",
    "introduced": "#d8efdc",
    "ended": "#e8e8e8",
}


def picture() -> str:
    """The table as an SVG: a box for each state, an arrow for each pair of states with what leads there and what follows."""
    arrows: dict[tuple[PairState, PairState], dict[Effect, list[PairEvent]]] = defaultdict(lambda: defaultdict(list))
    for (before, event), (after, effect) in LIVES.items():
        arrows[before, after][effect].append(event)
    parts = [part for (before, after), why in arrows.items() for part in _arrow(before, after, why)]
    boxes = [part for state, place in PLACES.items() for part in _box(state, *place)]
    return "\n".join([HEAD, *boxes, *parts, "</svg>"]) + "\n"


HEAD = f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="12">
<title>The life of a pair</title>
<defs><marker id="tip" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="8" markerHeight="8" orient="auto-start-reverse">\
<path d="M0 0 10 5 0 10z" fill="#555"/></marker></defs>
<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>"""


def _box(state: PairState, x: int, y: int) -> Iterator[str]:
    yield (
        f'<rect x="{x - BOX // 2}" y="{y - TALL // 2}" width="{BOX}" height="{TALL}" rx="8"'
        f' fill="{COLOURS[state]}" stroke="#555"/>'
    )
    yield f'<text x="{x}" y="{y + 1}" text-anchor="middle" font-size="15">{_plain(state)}</text>'


def _arrow(before: PairState, after: PairState, why: dict[Effect, list[PairEvent]]) -> Iterator[str]:
    named = {effect: ", ".join(_together(events)) for effect, events in why.items()}
    if before == after:
        stays = [f"⟲ {events} → {_plain(effect)}" for effect, events in named.items()]
        yield from _words(PLACES[before][0], PLACES[before][1] + LINE + 4, stays)
        return
    lines = [line for effect, events in named.items() for line in (events, f"→ {_plain(effect)}")]
    start, end = _edge(PLACES[before], PLACES[after]), _edge(PLACES[after], PLACES[before])
    middle = BENDS.get((before, after), ((start[0] + end[0]) // 2, (start[1] + end[1]) // 2))
    if (before, after) in BENDS:
        start, end = _edge(PLACES[before], middle), _edge(PLACES[after], middle)
    yield (
        f'<path d="M{start[0]} {start[1]} Q{middle[0]} {middle[1]} {end[0]} {end[1]}" fill="none" stroke="#555"'
        ' marker-end="url(#tip)"/>'
    )
    half = tuple((a + 2 * b + c) // 4 for a, b, c in zip(start, middle, end, strict=True))
    across, down = LABELS.get((before, after), half)
    yield from _words(across, down - 4 - LINE * (len(lines) // 2 - 1), lines)


def _edge(box: tuple[int, int], towards: tuple[int, int]) -> tuple[int, int]:
    """Where the line from the middle of a box to a point leaves it."""
    across, down = towards[0] - box[0], towards[1] - box[1]
    part = min(BOX / 2 / abs(across) if across else 9, TALL / 2 / abs(down) if down else 9)
    return round(box[0] + across * part), round(box[1] + down * part)


def _together(events: Sequence[PairEvent]) -> list[str]:
    """What either of the two may do is said once."""
    found = list[str]()
    for event in events:
        who, _, what = event.partition("_")
        other = f"{'local' if who == 'newcomer' else 'newcomer'}_{what}"
        either = other in events and who in {"newcomer", "local"}
        found.append(f"either {_plain(what)}" if either else _plain(event))
    return list(dict.fromkeys(found))


def _words(x: int, y: int, lines: Sequence[str]) -> Iterator[str]:
    for number, line in enumerate(lines):
        halo = 'stroke="#fff" stroke-width="4" paint-order="stroke"'
        yield f'<text x="{x}" y="{y + number * LINE}" text-anchor="middle" {halo}>{line}</text>'


def _plain(name: str) -> str:
    return name.replace("_", " ")


if __name__ == "__main__":
    sys.stdout.write(picture())
