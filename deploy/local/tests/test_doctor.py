"""What an operator is told about this machine."""

from pathlib import Path

import pytest

from deploy.local import doctor, kafka, parts, prometheus
from deploy.local.browser import find_browser
from deploy.local.errors import MissingPartError


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A machine without browsers and addresses."""
    for variable in ("MYBUDDY_BROWSER", "STACK_PROVIDER", "STACK_KAFKA", "STACK_POSTGRES"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("PLAYWRIGHT_BROWSERS_PATH", str(tmp_path / "playwright"))
    monkeypatch.setattr("shutil.which", lambda _name: None)
    monkeypatch.setattr(prometheus, "cache_folder", lambda: tmp_path)
    monkeypatch.setattr(parts, "docker_answer", lambda: (False, "no Docker engine answers"))
    return tmp_path


def program(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o755)
    return path


def test_the_order_of_browsers(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(MissingPartError, match="apt-get install chromium-headless-shell"):
        find_browser()
    own = program(bare / "playwright/chromium-1200/chrome-linux/chrome")
    assert find_browser().path == own
    monkeypatch.setattr("shutil.which", lambda name: "/usr/bin/c" if name == "chromium" else None)
    assert find_browser().path == Path("/usr/bin/c")
    named = program(bare / "mine")
    monkeypatch.setenv("MYBUDDY_BROWSER", str(named))
    assert find_browser().path == named
    monkeypatch.setenv("MYBUDDY_BROWSER", "/no/such/browser")
    with pytest.raises(MissingPartError, match="MYBUDDY_BROWSER names /no/such/browser, which cannot be run"):
        find_browser()


def test_what_is_missing_is_said_and_counts(bare: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert doctor.main() == 1
    said = capsys.readouterr().out
    assert "Kafka       4.3.1 on this machine" in said
    assert "because STACK_KAFKA is not set, and no Docker engine answers" in said
    assert "PostgreSQL  18.6 on this machine" in said
    assert "Java        25." in said
    assert "Docker      not used: no Docker engine answers" in said
    assert "Browser     MISSING. There is no browser here: install one with" in said
    assert "Prometheus  MISSING. There is no Prometheus here, and no apt-get to fetch it with. Install" in said


def test_all_there(bare: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    program(bare / "playwright/chromium_headless_shell-1200/chrome-headless-shell-linux64/chrome-headless-shell")
    program(bare / "prometheus" / "prometheus")
    monkeypatch.setattr(parts, "docker_answer", lambda: (True, "engine 29"))
    monkeypatch.setenv("STACK_POSTGRES", "postgresql://x")
    assert doctor.main() == 0
    said = capsys.readouterr().out
    assert "Kafka       from Docker, because STACK_KAFKA is not set, and Docker answers (engine 29)" in said
    assert "PostgreSQL  the server given in STACK_POSTGRES" in said
    assert "Docker      answers: engine 29" in said
    assert f"Prometheus  {bare / 'prometheus' / 'prometheus'}" in said


def test_a_first_download_is_announced(bare: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("STACK_CACHE", str(bare / "empty"))
    assert not kafka.is_fetched()
    doctor.main()
    assert "the first start downloads 45 MB from Maven" in capsys.readouterr().out
