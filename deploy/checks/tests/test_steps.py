"""What `make check` prints, and what is said where there is no browser."""

import os
import sys

import pytest

from deploy.checks import browser
from deploy.checks.__main__ import run
from deploy.local.errors import MissingPartError


def test_a_failing_step_shows_what_it_said_and_the_next_still_runs(capsys: pytest.CaptureFixture[str]) -> None:
    fails = [sys.executable, "-c", "print('line 3 is wrong'); raise SystemExit(1)"]
    assert run({"first": fails, "second": [sys.executable, "-c", "print('quiet')"]}) == ["first"]
    shown = capsys.readouterr().out
    assert "first         FAILED" in shown
    assert "    line 3 is wrong\n" in shown
    assert "second        ok" in shown
    assert "quiet" not in shown


def test_without_root_a_missing_browser_is_explained(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def none_here() -> None:
        raise MissingPartError("There is no browser here.")

    monkeypatch.delenv("MYBUDDY_BROWSER", raising=False)
    monkeypatch.setattr(browser, "find_browser", none_here)
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert browser.main() == 1
    assert "There is no browser here. `.venv/bin/playwright install" in capsys.readouterr().err
