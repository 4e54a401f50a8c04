"""How an audit line is hashed never changes: old chains must be proved by every release."""

from shared.runtime.audit import BEGINNING, first_fault, hash_of

LINE = {
    "id": 1,
    "region": "ludwigsburg",
    "at": "2021-10-16T08:00:00.000000+00:00",
    "name": "Jörg Ω",
    "role": "coordinator",
    "action": "place.answer",
    "person": "00000000-0000-0000-0000-000000000001",
    "detail": {"b": 1, "a": "x"},
    "previous": BEGINNING,
}
HASH = "0404f9f4fbfa2f0a8fb578e89dc2e9350f4ec9b64c71f8141d7bf25a6fe9a41f"


def test_the_hash_of_a_line_is_the_same_in_every_release() -> None:
    assert hash_of(LINE) == HASH


def test_everything_but_the_number_counts_and_the_order_of_keys_does_not() -> None:
    assert hash_of(LINE | {"id": 2, "detail": {"a": "x", "b": 1}}) == HASH
    for name in LINE.keys() - {"id"}:
        assert hash_of(LINE | {name: "other"}) != HASH


def test_the_oldest_line_may_follow_one_that_is_gone() -> None:
    kept = LINE | {"previous": "of a line that is gone"}
    assert first_fault([kept | {"hash": hash_of(kept)}]) is None
