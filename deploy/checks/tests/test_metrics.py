"""Every service's metrics are what Prometheus wants, what others ask for is there, and the page says what is."""

import sys
from pathlib import Path

import pytest

from deploy.checks import metrics, metrics_page
from deploy.checks.environment import SETTINGS

FINE = "# HELP mybuddy_a_total What it is.\n# TYPE mybuddy_a_total counter\nmybuddy_a_total 1\n"


@pytest.fixture(scope="module")
def shown() -> dict[str, str]:
    return metrics.shown()


def test_the_metrics_of_every_service_are_without_a_fault(shown: dict[str, str]) -> None:
    assert list(shown) == list(SETTINGS)
    assert {service: metrics.faults(text) for service, text in shown.items()} == {name: [] for name in SETTINGS}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (FINE.replace("mybuddy_a_total", "mybuddy_a"), 'mybuddy_a counter metrics should have "_total" suffix'),
        (FINE.replace("# HELP mybuddy_a_total What it is.\n", ""), "mybuddy_a_total no help text"),
        (FINE.replace("mybuddy_a_total", "mybuddy_a_minutes_total"), 'use base unit "seconds" instead of "minutes"'),
        (FINE.replace("mybuddy_", "buddy_"), "buddy_a_total does not begin with mybuddy_"),
        (FINE.replace("counter", "countr"), 'unknown metric type "countr"'),
    ],
)
def test_each_fault_is_said_in_a_sentence(text: str, said: str) -> None:
    assert metrics.faults(FINE) == []
    (fault,) = metrics.faults(text)
    assert said in fault


def test_what_can_be_asked_for_is_known_with_its_labels(shown: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metrics, "shown", lambda: shown)
    found = metrics.exported()
    assert set(found) == set(SETTINGS)
    assert found["registration"]["mybuddy_signup_steps_total"] == {"region", "role", "language", "step"}
    assert found["matching"]["mybuddy_solve_duration_seconds_bucket"] == {"kind", "le"}
    assert found["matching"]["mybuddy_solve_duration_seconds_count"] == {"kind"}
    assert found["notification"]["mybuddy_messages_unsent"] == set()
    assert found["geo"]["process_resident_memory_bytes"] == set()
    assert "mybuddy_signup_steps_total" not in found["geo"]
    for samples in found.values():
        assert {"mybuddy_outbox_backlog_events", "mybuddy_loop_last_turn_timestamp_seconds"} <= set(samples)


def test_the_page_is_up_to_date(shown: dict[str, str]) -> None:
    assert metrics_page.page({service: metrics.read(text) for service, text in shown.items()}) == metrics_page.PAGE.read_text()


def test_a_page_that_says_something_else_is_named_with_what_to_do(
    shown: dict[str, str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(metrics_page, "shown", lambda: shown)
    other = tmp_path / "metrics.md"
    for text in (None, metrics_page.PAGE.read_text() + "more"):
        other.write_text(text) if text else None
        monkeypatch.setattr(sys, "argv", ["metrics_page", "--check", "--file", str(other)])
        with pytest.raises(SystemExit, match=r"metrics\.md is not up to date: run python -m deploy\.checks\.metrics_page"):
            metrics_page.main()
    monkeypatch.setattr(sys, "argv", ["metrics_page", "--file", str(other)])
    assert (metrics_page.main(), other.read_text()) == (0, metrics_page.PAGE.read_text())


def test_a_service_that_cannot_be_loaded_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metrics, "SETTINGS", {"nobody": None})
    with pytest.raises(RuntimeError, match=r"^nobody cannot be loaded: .*invalid choice"):
        metrics.asked()


def test_the_command_names_the_service_with_each_fault_and_is_quiet_without(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["metrics"])
    for text, result, said in ((FINE, 0, ""), (FINE.replace("mybuddy_", "buddy_"), 1, "geo: buddy_a_total does not begin with")):
        monkeypatch.setattr(metrics, "shown", lambda text=text: {"geo": text})
        assert metrics.main() == result
        assert capsys.readouterr().err.startswith(said)
