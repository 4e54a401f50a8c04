"""A plan again after something has changed: what may stay stays, and as few pairs as possible move.

The same solver with one level more, `kept`: how many pairs of the plan before are in the new one. It stands first, so
nobody is moved who need not be; where `levels` name it themselves, it stands where they say.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace

import numpy as np

from services.matching.engine.instance import Instance, PairIds, Pin, Side, numbers, pair_numbers


@dataclass(frozen=True)
class Changes:
    """What is different from the round that was solved. `fixed` pairs must stay, as pins do; new people are in the
    instance already.
    """

    gone: frozenset[str] = frozenset()
    bans: tuple[PairIds, ...] = ()
    pins: tuple[PairIds, ...] = ()
    fixed: tuple[PairIds, ...] = ()


def changed(instance: Instance, before: Iterable[PairIds], changes: Changes) -> Instance:
    """The instance whose best plan is the re-plan of the plan `before`. Whoever is gone keeps their place with capacity 0."""
    rows, columns = numbers(instance.newcomers.ids), numbers(instance.locals.ids)
    banned = pair_numbers(sorted(set(changes.bans) - set(changes.pins)), rows, columns)
    wanted = {pin.newcomer + "\n" + pin.local: pin for pin in instance.pins}
    for kind, pairs in (("keep", changes.fixed), ("pin", changes.pins)):
        wanted |= {newcomer + "\n" + local: Pin(newcomer, local, kind) for newcomer, local in pairs}
    parties = (tuple(name for name in party if name not in changes.gone) for party in instance.parties)
    return replace(
        instance,
        newcomers=_without(instance.newcomers, changes.gone),
        locals=_without(instance.locals, changes.gone),
        pairs=instance.pairs.without(*banned),
        parties=tuple(party for party in parties if len(party) > 1),
        pins=tuple(pin for _, pin in sorted(wanted.items()) if not changes.gone.intersection((pin.newcomer, pin.local))),
        levels=instance.levels if "kept" in instance.levels else ("kept", *instance.levels),
        former=tuple(sorted(pair for pair in before if not changes.gone.intersection(pair))),
    )


def _without(side: Side, gone: Collection[str]) -> Side:
    here = np.array([name not in gone for name in side.ids], dtype=np.int64)
    return replace(side, capacity=side.capacity * here)
