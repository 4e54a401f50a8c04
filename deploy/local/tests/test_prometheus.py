"""Where Prometheus and promtool come from. apt-get is a stand-in here: what it does depends on the network and on who asks."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from deploy.local import prometheus
from deploy.local.errors import MissingPartError

# Gives the package out once there are lists of packages, as on a new Debian.
APT = """#!/bin/sh
case "$*" in
  *update) [ ! -e {here}/away ] && touch {here}/lists ;;
  *download*) [ -e {here}/lists ] || {{ echo "E: Unable to locate package prometheus" >&2; exit 100; }}
     cp {here}/package.deb prometheus_1_all.deb ;;
esac
"""


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine without Prometheus whose apt-get has a package, and no lists yet."""
    programs = tmp_path / "programs"
    programs.mkdir()
    (programs / "apt-get").write_text(APT.format(here=tmp_path))
    (programs / "apt-get").chmod(0o755)
    _package(tmp_path)
    monkeypatch.setenv("STACK_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("PATH", f"{programs}:{os.environ['PATH']}")
    elsewhere = shutil.which
    monkeypatch.setattr("shutil.which", lambda name: None if name in {"prometheus", "promtool"} else elsewhere(name))
    monkeypatch.setattr("os.geteuid", lambda: 0)
    return tmp_path


def _package(folder: Path) -> None:
    content = folder / "content"
    for path in ("DEBIAN/control", "usr/bin/prometheus", "usr/bin/promtool"):
        (content / path).parent.mkdir(parents=True, exist_ok=True)
        (content / path).write_text("#!/bin/sh\necho stand-in\n")
        (content / path).chmod(0o755)
    (content / "DEBIAN/control").write_text(
        "Package: prometheus\nVersion: 1\nArchitecture: all\nMaintainer: nobody\nDescription: a stand-in\n"
    )
    subprocess.run(["dpkg-deb", "--build", str(content), str(folder / "package.deb")], check=True, capture_output=True)


def test_on_a_new_debian_both_programs_are_taken_out_of_the_package(here: Path) -> None:
    found = [prometheus.tool("promtool"), prometheus.tool("prometheus")]
    assert found == [here / "cache/prometheus/promtool", here / "cache/prometheus/prometheus"]
    assert subprocess.run([found[0]], capture_output=True, text=True, check=True).stdout == "stand-in\n"
    assert {path.name for path in (here / "cache/prometheus").iterdir()} == {".lock", "prometheus", "promtool"}


def test_who_is_not_root_is_told_what_to_do(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    with pytest.raises(MissingPartError, match=r"Unable to locate package.*Install the package prometheus, or.*`apt-get update`"):
        prometheus.tool("prometheus")
    assert not (here / "lists").exists()


def test_without_a_network_it_says_what_to_do(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "away").touch()
    assert prometheus.main() == 1
    assert "`apt-get -qq update` failed (exit code 1). Install the package prometheus" in capsys.readouterr().err


def test_what_an_interrupted_one_left_is_no_hindrance(here: Path) -> None:
    (here / "cache/prometheus/unpacking/usr").mkdir(parents=True)
    assert prometheus.main() == 0
    assert not (here / "cache/prometheus/unpacking").exists()


def test_what_is_installed_is_used(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda name: f"/usr/bin/{name}")
    assert prometheus.tool("promtool") == Path("/usr/bin/promtool")
