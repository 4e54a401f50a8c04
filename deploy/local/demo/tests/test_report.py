"""The report's equations hold for a round in which nobody was lost, and name whichever does not hold."""

from collections.abc import Sequence
from typing import Any

import pytest

from deploy.local.demo import report
from deploy.local.demo.door import Entered
from deploy.local.demo.report import sums
from shared.schemas.people_file import Row

FORMS = 20
ROW = Row("a", "", "", "local", "de", "71638", "", 1990, "", "any", (("de", "native"),), (), None, None, 1, "", "", "")
TURNED_BACK = [Entered(ROW, 422)] * 3
PEOPLE = "people = confirmed + withdrawn + unconfirmed + repeated + refused + left + turned back + erased after close + erased"
OUTCOMES = "outcomes = roster at close"
MAILS = "result mails = roster - gone"
PAIRS = "pairs asked = introduced + fell through"
NOW = {"matching": {"pairs": {"introduced": 6, "ended": 4}}}


def mails(kind: str, count: int, state: str = "sent", language: str | None = "de") -> dict[str, Any]:
    return {"kind": kind, "count": count, "state": state, "language": language}


def shown() -> dict[str, Any]:
    """Twenty forms, three turned back of which two were refused for good; twelve stood on the roster, two are gone."""
    people = {"confirmed": 10, "withdrawn": 1, "erased after close": 1, "unconfirmed": 2}
    people |= {"repeated": 1, "refused": 2, "left": 1, "erased": 1}
    return {
        "registration": {"people": people, "count": 12},
        "matching": {"gone": 2, "outcomes": {"matched": 8, "unmatched": 2, "withdrawn": 2}},
        "messages": [
            mails("confirm", 14),
            mails("introduced", 5),
            mails("introduced", 3, language="uk"),
            mails("unmatched", 2),
            mails("unmatched", 1, "dropped", None),
        ],
    }


def wrong(
    given: dict[str, Any], forms: int = FORMS, turned_back: Sequence[Entered] = TURNED_BACK, now: dict[str, Any] = NOW
) -> list[str]:
    found = sums(forms, turned_back, given, now)
    assert len(found.equations) == 4
    names = [name.partition(" ")[0] for name, (whole, parts) in found.equations.items() if whole != sum(parts)]
    assert found.right is not bool(names)
    return names


def test_the_sums_are_right_where_nobody_was_lost() -> None:
    assert sums(FORMS, TURNED_BACK, shown(), NOW).equations == {
        PEOPLE: (20, (10, 1, 2, 1, 2, 1, 1, 1, 1)),
        OUTCOMES: (12, (12,)),
        MAILS: (10, (12, -2)),
        PAIRS: (10, (6, 4)),
    }
    assert wrong(shown()) == []


def test_a_round_in_which_nobody_did_anything_unusual_is_right_too() -> None:
    plain = {
        "registration": {"people": {"confirmed": 2}, "count": 2},
        "matching": {"gone": 0, "outcomes": {"matched": 2}},
        "messages": [mails("introduced", 2)],
    }
    assert wrong(plain, forms=2, turned_back=[]) == []


@pytest.mark.parametrize(("forms", "turned_back"), [(21, 3), (19, 3), (20, 4), (20, 2)])
def test_a_form_too_many_or_too_few_is_named(forms: int, turned_back: int) -> None:
    assert wrong(shown(), forms, [Entered(ROW, 422)] * turned_back) == ["people"]


@pytest.mark.parametrize("status", [409, 500, 503])
def test_a_form_that_failed_by_our_fault_is_no_part_of_the_sum(status: int) -> None:
    assert wrong(shown(), FORMS, [*TURNED_BACK[1:], Entered(ROW, status)]) == ["people"]


def test_a_form_that_does_not_exist_in_a_language_is_a_part_of_the_sum() -> None:
    assert wrong(shown(), FORMS, [*TURNED_BACK[1:], Entered(ROW, 404)]) == []


def test_who_was_refused_by_the_office_or_not_checked_is_a_part_of_the_sum_of_their_own() -> None:
    given = shown()
    given["registration"]["people"] |= {"not_checked": 2, "refused by the office": 1}
    assert wrong(given, FORMS + 3) == []
    assert wrong(given, FORMS + 2) == wrong(given) == ["people"]


def test_an_equation_is_written_in_words_and_numbers() -> None:
    assert report._equation("a = b + c - d", 4, (3, 2, -1)) == "right: a = b + c - d: 4 = 3 + 2 - 1"
    assert report._equation("a = b - c", 4, (4, 0)) == "right: a = b - c: 4 = 4 - 0"
    assert report._equation("a = b", 4, (3,)) == "WRONG: a = b: 4 = 3"


@pytest.mark.parametrize("what", shown()["registration"]["people"])
def test_whoever_is_missing_from_the_counts_is_noticed(what: str) -> None:
    given = shown()
    given["registration"]["people"][what] -= 1
    # Who was turned back is known from outside: a refusal that registration forgot is found among them.
    assert wrong(given) == ([] if what == "refused" else ["people"])


def test_an_outcome_that_is_missing_is_noticed() -> None:
    given = shown()
    given["matching"]["outcomes"]["unmatched"] -= 1
    assert wrong(given) == ["outcomes"]


@pytest.mark.parametrize("state", ["queued", "failed", "bounced", "dropped", "superseded"])
def test_a_result_that_was_not_sent_is_noticed(state: str) -> None:
    given = shown()
    given["messages"][1]["state"] = state
    assert wrong(given) == ["result"]


def test_a_mail_sent_twice_or_to_somebody_gone_is_noticed() -> None:
    given = shown()
    given["messages"][1]["count"] += 1
    assert wrong(given) == ["result"]


def test_other_mails_are_not_results() -> None:
    given = shown()
    given["messages"] += [mails("pair_ended", 4), mails("welcome", 9), mails("link", 1)]
    assert wrong(given) == []


def test_mails_are_listed_by_kind_with_their_languages_and_what_was_not_sent() -> None:
    assert report._mails(shown()["messages"]) == [
        "Mails       confirm: 14 sent (de 14)",
        "Mails       introduced: 8 sent (de 5 uk 3)",
        "Mails       unmatched: 2 sent (de 2), 1 dropped",
    ]


def test_metrics_are_read_as_prometheus_writes_them() -> None:
    text = '# TYPE mybuddy_people_located_total counter\nmybuddy_people_located_total{result="located"} 115.0\n'
    text += 'mybuddy_people_located_total{result="no_place"} 1.0\nmybuddy_people_located_created{result="located"} 1.6e+09\n'
    assert report.METRIC.findall(text) == [("located", "115.0"), ("no_place", "1.0")]
    found = report.SOLVER.search("mybuddy_solver_peak_bytes 3.27155712e+08\n")
    assert found is not None
    assert found.group(1) == "3.27155712e+08"


def test_a_pair_that_nobody_answered_for_is_named() -> None:
    assert wrong(shown(), now={"matching": {"pairs": {"introduced": 6, "asked": 1}}}) == ["pairs"]
