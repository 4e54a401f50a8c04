"""A row of the people file as somebody who fills in the form."""

from shared.schemas.people_file import Row

LANGUAGE_ROWS = 4


def address(row: Row) -> str:
    """The address as its mails are known by: mail servers do not tell capitals apart."""
    return typed(row)["email"][0].casefold()


def typed(row: Row) -> dict[str, list[str]]:
    """What they type, by the form's field names."""
    form: dict[str, list[str]] = {
        "role": [row.role],
        "name": [row.name or row.id],
        "email": [row.email or f"{row.id}@example.org"],
        "place": [row.postcode or row.place],
        "birth_year": [str(row.birth_year)],
        "gender": [row.gender],
        "wish": [row.wish],
        "hobbies": list(row.hobbies),
        "capacity": [str(row.capacity)],
        "party": [row.party],
        "release_email": ["yes"],
        "consent": ["yes"],
    }
    if row.max_km is not None:
        form["max_km"] = [str(row.max_km)]
    if row.max_age_gap is not None:
        form["max_age_gap"] = [str(row.max_age_gap)]
    for number, (language, level) in enumerate(row.languages[:LANGUAGE_ROWS], 1):
        form |= {f"language_{number}": [language], f"level_{number}": [level]}
    return form
