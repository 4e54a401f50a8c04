"""Stamps, networks and what gives robots away: plain rules."""

import re
from datetime import UTC, date, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.registration.domain import links, mailbox, network, robots, stamp
from services.registration.tests.made import form

NOW = datetime(2021, 10, 16, 8, 0, tzinfo=UTC)
KEYS = ("new key", "old key")
PROXIES = network.proxies("10.0.0.0/8, 2001:db8:ffff::/48")


@given(st.floats(0, 10_000_000))
def test_a_stamp_tells_how_long_ago_the_form_was_shown(seconds: float) -> None:
    made = stamp.make(NOW, KEYS)
    assert re.fullmatch(r"[A-Za-z0-9_-]{1,60}", made)
    told = stamp.age(made, NOW.timestamp() + seconds, KEYS)
    assert told is not None
    assert abs(told - seconds) < 0.002


def test_both_keys_count_while_they_are_rotated_and_no_other_does() -> None:
    made = stamp.make(NOW, ["old key"])
    assert stamp.age(made, NOW, KEYS) == 0
    assert stamp.age(made, NOW, ["new key"]) is None


@pytest.mark.parametrize("forged", ["", "x", "A" * 30, "ä" * 30, "=", "A" * 1000, "\0", links.make(UUID(int=7), "me", 1, KEYS)])
def test_what_is_no_stamp_of_ours_tells_nothing(forged: str) -> None:
    assert stamp.age(forged, NOW, KEYS) is None


def test_a_stamp_with_another_time_put_in_is_forged() -> None:
    first, second = stamp.make(NOW, KEYS), stamp.make(NOW.timestamp() - 10_000, KEYS)
    assert stamp.age(second[:8] + first[8:], NOW, KEYS) is None


def test_a_stamp_from_the_future_tells_nothing() -> None:
    assert stamp.age(stamp.make(NOW.timestamp() + 60, KEYS), NOW, KEYS) is None


@pytest.mark.parametrize(
    ("peer", "forwarded", "found"),
    [
        ("192.0.2.1", [], "192.0.2.1/32"),
        ("::ffff:192.0.2.1", [], "192.0.2.1/32"),
        ("2001:db8:1:2:3::4", [], "2001:db8:1:2::/64"),
        ("fe80::1%eth0", [], "fe80::/64"),
        ("192.0.2.1", ["198.51.100.1"], "192.0.2.1/32"),
        ("10.0.0.1", ["198.51.100.1"], "198.51.100.1/32"),
        ("10.0.0.1", ["203.0.113.9, 198.51.100.1"], "198.51.100.1/32"),
        ("10.0.0.1", ["203.0.113.9", "198.51.100.1"], "198.51.100.1/32"),
        ("10.0.0.1", ["203.0.113.9, 198.51.100.1, 10.2.3.4"], "198.51.100.1/32"),
        ("::ffff:10.0.0.1", ["198.51.100.1:4711"], "198.51.100.1/32"),
        ("2001:db8:ffff::1", ["[2001:db8:1:2::7]:443"], "2001:db8:1:2::/64"),
        ("10.0.0.1", ["203.0.113.9, unknown"], "10.0.0.1/32"),
        ("10.0.0.1", [""], "10.0.0.1/32"),
        ("10.0.0.1", ["10.0.0.2"], "10.0.0.2/32"),
        (None, ["198.51.100.1"], "unknown"),
        ("", [], "unknown"),
        ("/run/socket", [], "unknown"),
    ],
)
def test_the_network_is_the_peers_or_what_a_trusted_proxy_says(peer: str | None, forwarded: list[str], found: str) -> None:
    assert network.client_network(peer, forwarded, PROXIES) == found


@given(st.text(), st.lists(st.text()))
def test_no_header_breaks_it(peer: str, forwarded: list[str]) -> None:
    assert network.client_network(peer, forwarded, PROXIES)
    assert network.client_network("10.0.0.1", forwarded, PROXIES)


def test_a_list_of_proxies_that_is_none_is_refused() -> None:
    assert network.proxies(" , ") == ()
    for wrong in ("10.0.0.1/8", "proxy", "10.0.0.0/8;192.0.2.0/24"):
        with pytest.raises(ValueError, match=r"network|address|host bits"):
            network.proxies(wrong)


@pytest.mark.parametrize("everybody", ["0.0.0.0/0", "::/0"])
def test_proxies_that_are_everybody_are_refused(everybody: str) -> None:
    with pytest.raises(ValueError, match=f"the network {everybody} is everybody: name the networks of the proxies alone"):
        network.proxies(f"10.0.0.0/8, {everybody}")
    assert network.proxies("0.0.0.0/1, 2000::/3")


def test_a_networks_name_says_nothing_and_is_another_tomorrow() -> None:
    names = {
        network.hashed(one, day, key)
        for one in ("192.0.2.1/32", "192.0.2.2/32")
        for day in (date(2021, 10, 16), date(2021, 10, 17))
        for key in KEYS
    }
    assert len(names) == 8
    assert {len(name) for name in names} == {16}


def test_spellings_of_one_mailbox_have_one_name() -> None:
    same = ["ann.b@example.org", "annb+x@example.org", "ANNB@EXAMPLE.ORG"]
    assert len({mailbox.hashed(one, "key") for one in same}) == 1
    assert len({mailbox.hashed(one, key) for one in ("a@x.org", "a@y.org", "b@x.org") for key in KEYS}) == 6


@pytest.mark.parametrize("age", [None, 3.0, 40.0, 86_400 * 5.0])
def test_a_persons_form_is_a_persons_however_long_it_lay(age: float | None) -> None:
    assert not robots.looks_automatic(form(), age)
    assert not robots.looks_automatic(form(website=""), age)
    assert not robots.looks_automatic(form(website=" "), age)


@pytest.mark.parametrize("filled", ["anna@example.org", "Anna Beispiel", "ANNA beispiel "])
def test_a_program_that_fills_in_what_people_keep_there_is_a_person(filled: str) -> None:
    assert not robots.looks_automatic(form(website=filled), 10)


@pytest.mark.parametrize("age", [None, 60.0])
def test_who_fills_in_what_nobody_sees_is_a_robot(age: float | None) -> None:
    assert robots.looks_automatic(form(website="https://casino.example"), age)
    assert robots.looks_automatic(form(website=["", "https://casino.example"]), age)


def test_who_is_faster_than_anybody_can_be_is_a_robot() -> None:
    assert robots.looks_automatic(form(), 2.9)
    assert not robots.looks_automatic(form(), 0.0, fastest=0.0)
