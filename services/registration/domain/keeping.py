"""How long a region keeps what; after that it goes by itself."""

from dataclasses import dataclass, fields


@dataclass(frozen=True)
class Keeping:
    """`unconfirmed_days`: a sign-up that is not confirmed. `after_round_months`: people, after the end of their last round.
    `audit_months`: what coordinators did, and the proof that somebody was erased.
    """

    unconfirmed_days: int = 7
    after_round_months: int = 6
    audit_months: int = 24


def keeping_of(region: object) -> Keeping:
    """What the region decided. The usual times where it decided nothing, or is no region of this installation any more."""
    given = getattr(region, "keeping", None)
    return Keeping(**{field.name: getattr(given, field.name) for field in fields(Keeping)}) if given else Keeping()
