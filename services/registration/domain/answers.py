"""The answers of the sign-up form: what was typed becomes plain data, or a list of what is wrong with which field."""

import dataclasses
import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID, uuid5

from services.registration.domain.text import clean, dialled, folded, is_a_name, western_digits

ROLES = ("local", "newcomer")
GENDERS = ("f", "m", "d", "")
WISHES = ("any", "same")
LEVELS = ("little", "well", "native")
MESSENGERS = {"whatsapp": "WhatsApp", "signal": "Signal", "telegram": "Telegram", "viber": "Viber"}
LANGUAGE_ROWS = 4
MOST_HOBBIES = 24
NAME_LENGTH = 80
# As they stand on the page: faults are told in this order.
FIELDS = (
    *("form_token", "role", "name", "birth_year", "place", "place_id"),
    *(f"{part}_{row}" for row in range(1, LANGUAGE_ROWS + 1) for part in ("language", "level")),
    *("max_km", "hobbies", "gender", "wish", "max_age_gap", "capacity", "party_own", "party", "email", "phone"),
    *("messenger_kind", "messenger", "release_email", "release_phone", "release_messenger", "consent"),
)
PARTY_CODE_LENGTH = 6

Form = Mapping[str, Sequence[str]]


def first(form: Form, name: str) -> str:
    """What stands in a field that is there once; empty where it is not."""
    return (form.get(name) or [""])[0]


@dataclass(frozen=True)
class FieldError:
    """One thing that is wrong: the field, a code with a sentence in every language, and the sentence's numbers."""

    field: str
    code: str
    params: Mapping[str, object] = dataclasses.field(default_factory=dict)


@dataclass(frozen=True)
class Limits:
    """What a round asks of the people in it."""

    year: int
    min_age: int
    hobbies: frozenset[str]
    round_id: UUID
    default_km: int
    helped: bool = False  # somebody stands beside: no address is needed, and they can bring two people together


@dataclass(frozen=True)
class Answers:
    """A form without a fault, but for the place, which geo has to look up."""

    role: str
    name: str
    email: str
    phone: str
    messenger: str  # as people read it: "Signal: +49 …"
    release_email: bool
    release_phone: bool
    release_messenger: bool
    birth_year: int
    gender: str
    wish: str
    languages: dict[str, str]
    hobbies: list[str]
    max_km: int
    max_age_gap: int | None
    capacity: int
    party: UUID | None


class Known(Protocol):
    """By what the same human is known again."""

    @property
    def email(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def birth_year(self) -> int: ...
    @property
    def role(self) -> str: ...


class _Reader:
    """Reads fields one by one and remembers every fault, so that people see all of them at once."""

    def __init__(self, form: Form) -> None:
        self._form = form
        self.errors: list[FieldError] = []

    def one(self, name: str) -> str:
        return clean(first(self._form, name))

    def wrong(self, name: str, code: str, **params: object) -> None:
        self.errors.append(FieldError(name, code, params))

    def choice(self, name: str, allowed: Sequence[str], code: str, default: str = "") -> str:
        value = self.one(name) or default
        if value not in allowed:
            self.wrong(name, code)
        return value

    def number(self, name: str, low: int, high: int, code: str, default: int) -> int:
        value = western_digits(self.one(name)) or str(default)
        if not re.fullmatch(r"[0-9]{1,4}", value) or not low <= int(value) <= high:
            self.wrong(name, code)
            return default
        return int(value)


def read(form: Form, limits: Limits) -> Answers | list[FieldError]:
    """The answers, or everything that is wrong with them in the order of the form."""
    reader = _Reader(form)
    role = reader.choice("role", ROLES, "role_missing")
    name = _name(reader)
    email = _email(reader, limits)
    birth_year = _birth_year(reader, limits)
    gender = reader.choice("gender", GENDERS, "gender_invalid")
    wish = _wish(reader, gender)
    languages = _languages(reader)
    hobbies = _hobbies(reader, form, limits)
    max_km = reader.number("max_km", 1, 200, "max_km_invalid", default=limits.default_km)
    gap = reader.one("max_age_gap")
    max_age_gap = reader.number("max_age_gap", 1, 99, "max_age_gap_invalid", default=99) if gap else None
    capacity = reader.number("capacity", 1, 3, "capacity_invalid", default=1)
    party = _party(reader, role, limits)
    phone, messenger = _phone(reader), _messenger(reader)
    released = _released(reader, limits, email, phone, messenger)
    if not reader.one("consent"):
        reader.wrong("consent", "consent_missing")
    if reader.errors:
        return in_form_order(reader.errors)
    return Answers(
        role=role,
        name=name,
        email=email,
        phone=phone,
        messenger=messenger,
        release_email="email" in released,
        release_phone="phone" in released,
        release_messenger="messenger" in released,
        birth_year=birth_year,
        gender=gender,
        wish=wish,
        languages=languages,
        hobbies=hobbies,
        max_km=max_km,
        max_age_gap=max_age_gap,
        # A party member gets a buddy of their own, and only a local can take more than one.
        capacity=1 if party or role == "newcomer" else capacity,
        party=party,
    )


def in_form_order(errors: Sequence[FieldError]) -> list[FieldError]:
    return sorted(errors, key=lambda error: FIELDS.index(error.field))


def _name(reader: _Reader) -> str:
    name = reader.one("name")
    if not name:
        reader.wrong("name", "name_missing")
    elif len(name) > NAME_LENGTH:
        reader.wrong("name", "name_too_long", max=NAME_LENGTH)
    elif not is_a_name(name):
        reader.wrong("name", "name_not_allowed")
    return name


def _email(reader: _Reader, limits: Limits) -> str:
    """Form only; the adapter checks the address itself with a library."""
    email = reader.one("email")
    if not email and not limits.helped:
        reader.wrong("email", "email_missing")
    return email


def _birth_year(reader: _Reader, limits: Limits) -> int:
    typed = reader.one("birth_year")
    if not typed:
        reader.wrong("birth_year", "birth_year_missing")
        return 0
    year = reader.number("birth_year", limits.year - 115, limits.year, "birth_year_invalid", default=0)
    # The year alone is asked, so whoever has their birthday this year counts as having had it.
    if year and limits.year - year < limits.min_age:
        reader.wrong("birth_year", "under_age", min_age=limits.min_age)
    return year


def _wish(reader: _Reader, gender: str) -> str:
    wish = reader.choice("wish", WISHES, "wish_invalid", default="any")
    if wish == "same" and not gender:
        reader.wrong("wish", "wish_needs_gender")
    return wish


def _languages(reader: _Reader) -> dict[str, str]:
    found: dict[str, str] = {}
    for row in range(1, LANGUAGE_ROWS + 1):
        language, level = reader.one(f"language_{row}"), reader.one(f"level_{row}")
        if not language:
            continue
        if not re.fullmatch(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8}){0,3}", language):
            reader.wrong(f"language_{row}", "language_invalid")
        elif level not in LEVELS:
            reader.wrong(f"level_{row}", "level_missing")
        else:
            found[language] = level
    if not found and not any(error.field.startswith(("language", "level")) for error in reader.errors):
        reader.wrong("language_1", "languages_missing")
    return found


def _hobbies(reader: _Reader, form: Form, limits: Limits) -> list[str]:
    chosen = sorted({clean(hobby) for hobby in form.get("hobbies", ()) if hobby})
    if len(chosen) > MOST_HOBBIES or not limits.hobbies.issuperset(chosen):
        reader.wrong("hobbies", "hobbies_invalid")
    return chosen


def _party(reader: _Reader, role: str, limits: Limits) -> UUID | None:
    """Who types the same code, in the same round and role, is one party; the code itself is not kept. Somebody else's
    code counts before one's own, which is of use only when a friend types it.
    """
    code = folded(reader.one("party")) or (party_code(reader.one("form_token")) if reader.one("party_own") else "")
    if not code:
        return None
    if not 2 <= len(code) <= 40 or not is_a_name(code):
        reader.wrong("party", "party_invalid")
    return uuid5(limits.round_id, f"party:{role}:{code}")


def party_code(form_token: str) -> str:
    """The code of a form for friends to type: short, without letters that look alike, and the same whenever it is shown."""
    number = int.from_bytes(hashlib.sha256(f"party code of {form_token}".encode()).digest()[:8])
    letters = "abcdefghjkmnpqrstuvwxyz23456789"
    return "".join(letters[number // len(letters) ** place % len(letters)] for place in range(PARTY_CODE_LENGTH))


def _phone(reader: _Reader) -> str:
    phone = dialled(reader.one("phone"))
    if phone and not re.fullmatch(r"\+?\(?[0-9][0-9 ()/.-]{5,24}", phone):
        reader.wrong("phone", "phone_invalid")
    return phone


def _messenger(reader: _Reader) -> str:
    kind, address = reader.one("messenger_kind"), dialled(reader.one("messenger"))
    if not kind and not address:
        return ""
    if kind not in MESSENGERS:
        reader.wrong("messenger_kind", "messenger_kind_missing")
    elif not re.fullmatch(r"[@+]?\(?[A-Za-z0-9][A-Za-z0-9_ ()/.-]{2,40}", address):
        reader.wrong("messenger", "messenger_invalid")
    return f"{MESSENGERS.get(kind, '')}: {address}"


def _released(reader: _Reader, limits: Limits, email: str, phone: str, messenger: str) -> set[str]:
    """The ways that the buddy may see: at least one where nobody else brings the two together, and only what is there."""
    ticked = {way for way in ("email", "phone", "messenger") if reader.one(f"release_{way}")}
    if "email" in ticked and not email and limits.helped:
        reader.wrong("email", "email_missing")
    if "phone" in ticked and not phone:
        reader.wrong("phone", "phone_missing")
    if "messenger" in ticked and not messenger:
        reader.wrong("messenger", "messenger_missing")
    if not ticked and not limits.helped:
        reader.wrong("release_email", "release_missing")
    return ticked


def repeat_key(answers: Known, person: UUID) -> bytes:
    """The same for the same address, name, year of birth and role; 32 bytes that name nobody. Without an address it is the
    person's own: many share a first name and a year.
    """
    parts = (answers.email.casefold() or str(person), folded(answers.name), str(answers.birth_year), answers.role)
    return hashlib.sha256("\x1f".join(parts).encode()).digest()


def refusal(errors: Sequence[FieldError]) -> str | None:
    """The one fault that cannot be mended by typing again; None where people should simply correct the form."""
    return next((error.code for error in errors if error.code == "under_age"), None)
