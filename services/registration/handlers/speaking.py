"""How a person's row becomes the events that others hear."""

from typing import Any
from uuid import UUID

from services.registration.store.people import Person
from shared.schemas import participants


def attributes(person: Person, version: int) -> dict[str, Any]:
    """All that may be said of a person, for Confirmed and Changed. Their name and address are not among it."""
    return {
        "person": person.id,
        "version": version,
        "region": person.region,
        "round": person.round_id,
        "role": person.role,
        "postcode": person.postcode,
        "place_id": person.place_id,
        "birth_year": person.birth_year,
        "gender": person.gender,
        "wish": person.wish,
        "languages": person.languages,
        "hobbies": person.hobbies,
        "max_km": person.max_km,
        "max_age_gap": person.max_age_gap,
        "capacity": person.capacity,
        "party": person.party,
        "group": person.group,
    }


def as_frozen(round_id: UUID, person: UUID, version: int, frozen: dict[str, Any]) -> participants.Changed:
    """What the roster holds of a person, said again."""
    return participants.Changed(person=person, version=version, round=round_id, **frozen)


def signed_up(person: UUID, region: str, round_id: UUID, language: str) -> participants.SignedUp:
    return participants.SignedUp(person=person, region=region, round=round_id, language=language)
