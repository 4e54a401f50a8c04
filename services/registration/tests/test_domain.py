"""What people type: cleaned, read, or refused with every fault at once; personal links that nobody can make."""

import unicodedata
from dataclasses import replace
from typing import Any, get_args
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.registration.domain import answers as domain
from services.registration.domain import life, links
from services.registration.domain.answers import Answers, FieldError, Limits, read
from services.registration.domain.text import clean, folded, is_a_name, one_line
from services.registration.tests.made import HOSTILE_NAMES, REAL_NAMES, REFUSED_NAMES, answers, form
from shared.web.hobbies import HOBBIES

LIMITS = Limits(2021, 18, frozenset(HOBBIES), UUID(int=1), 15)
FIELDS = [field for field in domain.FIELDS if field not in {"place", "place_id", "form_token"}]
anything = st.text(st.characters(), max_size=60)


def short(value: object) -> str:
    return ascii(value)[:40]


def faults(**other: Any) -> list[tuple[str, str]]:
    found = read(form(**other), LIMITS)
    return [(error.field, error.code) for error in found] if isinstance(found, list) else []


@pytest.mark.parametrize("name", REAL_NAMES)
def test_real_names_pass_unchanged(name: str) -> None:
    assert clean(name) == name
    assert is_a_name(name)


@pytest.mark.parametrize("name", HOSTILE_NAMES, ids=short)
def test_what_looks_like_code_is_only_text_and_is_taken_literally(name: str) -> None:
    assert faults(name=name) == []


@pytest.mark.parametrize("name", REFUSED_NAMES, ids=short)
def test_names_that_could_break_a_line_or_turn_it_are_refused(name: str) -> None:
    assert faults(name=name) == [("name", "name_not_allowed")]


def test_what_phones_add_invisibly_goes_and_joiners_inside_words_stay() -> None:
    assert clean("\u200e Anna\u200b\u00a0 \u00ad Maria\ufeff\u200c ") == "Anna Maria"
    assert clean("e\u200b\u0301") == "é"
    assert folded("  ANNA  Maria ") == "anna maria"


@given(anything)
def test_cleaning_twice_changes_nothing_more(typed: str) -> None:
    assert clean(clean(typed)) == clean(typed)
    assert unicodedata.is_normalized("NFC", clean(typed))


@given(anything)
def test_words_for_people_hold_nothing_that_breaks_or_turns_a_line(typed: str) -> None:
    words = one_line(typed)
    assert one_line(words) == words
    assert not any(unicodedata.category(sign) in {"Cc", "Zl", "Zp", "Cs"} or sign in "\u202e\u2066" for sign in words)


def test_a_whole_form_becomes_answers() -> None:
    found = read(form(name=" Anna  Beispiel ", party="Die  Zwei"), LIMITS)
    assert isinstance(found, Answers)
    assert found == answers(party=found.party)
    assert found.party is not None


TYPED: dict[str, dict[str, object]] = {
    "birth_year": {"١٩٩٠": 1990, "۱۹۹۰": 1990},
    "phone": {
        "٠١٧١ ١٢٣٤٥٦٧": "0171 1234567",
        "\u202a+49 171 1234567\u202c": "+49 171 1234567",
        "0171–1234567": "0171-1234567",
        "(0171) 1234567": "(0171) 1234567",
    },
}


@pytest.mark.parametrize(
    ("field", "typed", "meant"), [(f, t, m) for f, all_ in TYPED.items() for t, m in all_.items()], ids=ascii
)
def test_numbers_are_taken_as_they_are_meant(field: str, typed: str, meant: object) -> None:
    """Typed on an Arabic or Persian keyboard, or copied from where people keep their contacts."""
    found = read(form(**{field: typed}), LIMITS)
    assert isinstance(found, Answers), found
    assert getattr(found, field) == meant
    handle = read(form(messenger_kind="whatsapp", messenger="\u2066٠١٧١ 1234567\u2069"), LIMITS)
    assert isinstance(handle, Answers)
    assert handle.messenger == "WhatsApp: 0171 1234567"


def test_a_name_of_which_nothing_is_to_be_seen_is_none() -> None:
    assert not is_a_name("\u3164")
    assert is_a_name("김\u3164")


def test_an_empty_form_names_everything_that_is_missing_in_the_order_of_the_page() -> None:
    found = read({}, LIMITS)
    assert isinstance(found, list)
    assert [(error.field, error.code) for error in found] == [
        ("role", "role_missing"),
        ("name", "name_missing"),
        ("birth_year", "birth_year_missing"),
        ("language_1", "languages_missing"),
        ("email", "email_missing"),
        ("release_email", "release_missing"),
        ("consent", "consent_missing"),
    ]


WRONG = [
    ({"role": "king"}, ("role", "role_missing")),
    ({"name": " \u200b "}, ("name", "name_missing")),
    ({"name": "x" * 81}, ("name", "name_too_long")),
    ({"birth_year": "ninety"}, ("birth_year", "birth_year_invalid")),
    ({"birth_year": "1905"}, ("birth_year", "birth_year_invalid")),
    ({"birth_year": "2022"}, ("birth_year", "birth_year_invalid")),
    ({"birth_year": "19900"}, ("birth_year", "birth_year_invalid")),
    ({"birth_year": "2004"}, ("birth_year", "under_age")),
    ({"gender": "x"}, ("gender", "gender_invalid")),
    ({"wish": "rich"}, ("wish", "wish_invalid")),
    ({"wish": "same", "gender": ""}, ("wish", "wish_needs_gender")),
    ({"language_1": "<b>"}, ("language_1", "language_invalid")),
    ({"level_1": ""}, ("level_1", "level_missing")),
    ({"level_1": "perfect"}, ("level_1", "level_missing")),
    ({"hobbies": ["cooking", "hacking"]}, ("hobbies", "hobbies_invalid")),
    ({"hobbies": [f"hobby{n}" for n in range(51)]}, ("hobbies", "hobbies_invalid")),
    ({"max_km": "0"}, ("max_km", "max_km_invalid")),
    ({"max_km": "201"}, ("max_km", "max_km_invalid")),
    ({"max_km": "-5"}, ("max_km", "max_km_invalid")),
    ({"max_km": "1e3"}, ("max_km", "max_km_invalid")),
    ({"max_age_gap": "0"}, ("max_age_gap", "max_age_gap_invalid")),
    ({"max_age_gap": "100"}, ("max_age_gap", "max_age_gap_invalid")),
    ({"capacity": "4"}, ("capacity", "capacity_invalid")),
    ({"party": "x"}, ("party", "party_invalid")),
    ({"party": "x" * 41}, ("party", "party_invalid")),
    ({"party": "a\u202eb"}, ("party", "party_invalid")),
    ({"phone": "call me"}, ("phone", "phone_invalid")),
    ({"release_phone": "1"}, ("phone", "phone_missing")),
    ({"release_email": None}, ("release_email", "release_missing")),
    ({"consent": ""}, ("consent", "consent_missing")),
]


@pytest.mark.parametrize(("typed", "fault"), WRONG, ids=short)
def test_each_wrong_value_is_named_with_its_field(typed: dict[str, Any], fault: tuple[str, str]) -> None:
    assert faults(**typed) == [fault]


def test_several_faults_are_told_at_once_in_the_order_of_the_page() -> None:
    wrong = {"consent": "", "phone": "x", "capacity": "9", "gender": "x", "level_1": "", "birth_year": "1", "name": ""}
    found = [field for field, _ in faults(**wrong)]
    assert found == ["name", "birth_year", "level_1", "gender", "capacity", "phone", "consent"]


@given(st.dictionaries(st.sampled_from([*domain.FIELDS, "other"]), st.lists(anything, max_size=3)))
def test_no_form_is_so_strange_that_reading_it_fails(typed: dict[str, list[str]]) -> None:
    found = read(typed, LIMITS)
    assert isinstance(found, Answers) or all(error.field in FIELDS for error in found)


@given(st.fixed_dictionaries({}, optional=dict.fromkeys(FIELDS, anything)))
def test_answers_never_hold_a_value_outside_its_limits(typed: dict[str, str]) -> None:
    found = read(form(**{name: value for name, value in typed.items() if name != "hobbies"}), LIMITS)
    if isinstance(found, Answers):
        assert found.role in domain.ROLES
        assert 18 <= 2021 - found.birth_year <= 115
        assert 1 <= found.max_km <= 200
        assert found.languages
        assert is_a_name(found.name)
        assert found.capacity == 1 or found.role == "local"


def test_only_a_local_without_a_party_takes_more_than_one() -> None:
    def capacity(**other: str) -> int:
        found = read(form(capacity="3", **other), LIMITS)
        assert isinstance(found, Answers)
        return found.capacity

    assert capacity(role="local") == 3
    assert capacity(role="newcomer") == 1
    assert capacity(role="local", party="friends") == 1


def test_the_same_word_is_the_same_party_in_one_round_and_role_only() -> None:
    def party(limits: Limits = LIMITS, **other: str) -> UUID | None:
        found = read(form(**other), limits)
        assert isinstance(found, Answers)
        return found.party

    same = party(party="Die Zwei")
    assert party(party=" die  ZWEI ") == same
    assert party(party="") is None
    assert party(party="die zwei", role="local") != same
    assert party(replace(LIMITS, round_id=UUID(int=2)), party="die zwei") != same


@pytest.mark.parametrize(
    ("other", "same"),
    [
        ({"name": "ANNA  beispiel", "email": "ANNA@example.org"}, True),
        ({"hobbies": []}, True),
        ({"name": "Ben Beispiel"}, False),
        ({"email": "ben@example.org"}, False),
        ({"birth_year": 1991}, False),
        ({"role": "local"}, False),
    ],
    ids=str,
)
def test_a_repeat_is_the_same_name_address_year_and_role(other: dict[str, Any], same: bool) -> None:
    assert (domain.repeat_key(answers(**other), uuid4()) == domain.repeat_key(answers(), uuid4())) is same


def test_being_under_age_is_the_one_fault_that_refuses() -> None:
    assert domain.refusal([FieldError("name", "name_missing"), FieldError("birth_year", "under_age")]) == "under_age"
    assert domain.refusal([FieldError("name", "name_missing")]) is None


PERSON, KEYS = uuid4(), ("first key", "second key")


@given(st.uuids(), st.sampled_from(get_args(links.Purpose)), st.integers(0, 2**32 - 1))
def test_a_link_names_its_person_and_holds_for_one_purpose_and_generation(
    person: UUID, purpose: links.Purpose, generation: int
) -> None:
    token = links.make(person, purpose, generation, KEYS)
    other: links.Purpose = "me" if purpose == "confirm" else "confirm"
    assert links.person_of(token) == person
    assert links.is_valid(token, person, purpose, generation, KEYS)
    assert not links.is_valid(token, person, other, generation, KEYS)
    assert not links.is_valid(token, person, purpose, (generation + 1) % 2**32, KEYS)
    assert not links.is_valid(token, PERSON, purpose, generation, KEYS)


def test_both_keys_count_while_they_are_rotated_and_no_other() -> None:
    token = links.make(PERSON, "me", 1, ("old key",))
    assert links.is_valid(token, PERSON, "me", 1, ("new key", "old key"))
    assert not links.is_valid(token, PERSON, "me", 1, ("new key",))


@given(st.one_of(anything, st.text("ABCabc019-_+/=", max_size=60)))
def test_garbage_is_no_link_and_never_fails(token: str) -> None:
    claimed = links.person_of(token)
    assert claimed is None or not links.is_valid(token, claimed, "me", 1, KEYS)


@pytest.mark.parametrize("change", [lambda t: t[:-1], lambda t: t + "A", lambda t: t.swapcase(), lambda t: t + "="])
def test_a_link_that_was_altered_is_no_link(change: Any) -> None:
    token = change(links.make(PERSON, "me", 1, KEYS))
    claimed = links.person_of(token)
    assert claimed is None or not links.is_valid(token, claimed, "me", 1, KEYS)


@pytest.mark.parametrize("state", get_args(life.State))
@pytest.mark.parametrize("phase", get_args(life.Phase))
def test_erasing_is_always_offered_leaving_and_withdrawing_at_their_time(state: life.State, phase: life.Phase) -> None:
    found = life.actions(state, phase, can_return=False)
    assert found[-1] == "erase"
    assert ("leave" in found) == (phase == "open" and state in {"unconfirmed", "in_doubt", "confirmed", "paused"})
    assert ("pause" in found) == (phase == "open" and state == "confirmed")
    assert life.actions(state, phase, can_return=True) == ["return", *found]
    assert ("withdraw" in found) == (phase == "closed" and state == "confirmed")
