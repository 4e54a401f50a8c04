"""What the people of the benchmarks type. Only Python itself is used here: Locust's environment knows nothing of ours."""

import secrets

ANSWERS = {
    "role": "newcomer", "place": "71638", "birth_year": "1990", "gender": "f", "wish": "any", "language_1": "ar",
    "level_1": "native", "language_2": "de", "level_2": "little", "hobbies": "cooking", "max_km": "10", "max_age_gap": "",
    "capacity": "1", "party": "", "release_email": "yes", "consent": "yes",
}  # fmt: skip


def typed_by(name: str) -> dict[str, str]:
    """The same name is the same person, each time with a form opened anew."""
    return ANSWERS | {"name": name, "email": f"{name.replace(' ', '.')}@example.org", "form_token": secrets.token_urlsafe(18)}


def typed_by_somebody() -> dict[str, str]:
    """Answers nobody else gave."""
    return typed_by(f"Person {secrets.token_hex(8)}")
