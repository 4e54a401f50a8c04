"""Where Prometheus, Alertmanager and their tools come from. apt-get is a stand-in here: what it does depends on the network
and on who asks.
"""

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
     for package; do :; done; cp {here}/$package.deb ${{package}}_1_all.deb ;;
esac
"""

STAND_IN = "#!/bin/sh\necho stand-in\n"
# Debian's reads its templates from where it would be installed.
ALERTMANAGER = {
    "usr/bin/prometheus-alertmanager": "#!/bin/sh\ncat /usr/share/prometheus/alertmanager/default.tmpl\n",
    "usr/bin/amtool": STAND_IN,
    "usr/share/prometheus/alertmanager/default.tmpl": "a template\n",
}
NOT_HERE = {"prometheus", "promtool", "alertmanager", "prometheus-alertmanager", "amtool"}


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine without Prometheus and Alertmanager whose apt-get has the packages, and no lists yet."""
    programs = tmp_path / "programs"
    programs.mkdir()
    (programs / "apt-get").write_text(APT.format(here=tmp_path))
    (programs / "apt-get").chmod(0o755)
    _package(tmp_path, "prometheus", {"usr/bin/prometheus": STAND_IN, "usr/bin/promtool": STAND_IN})
    _package(tmp_path, "prometheus-alertmanager", ALERTMANAGER)
    monkeypatch.setenv("STACK_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("PATH", f"{programs}:{os.environ['PATH']}")
    elsewhere = shutil.which
    monkeypatch.setattr("shutil.which", lambda name: None if name in NOT_HERE else elsewhere(name))
    monkeypatch.setattr("os.geteuid", lambda: 0)
    return tmp_path


def _package(folder: Path, name: str, files: dict[str, str]) -> None:
    content = folder / f"content-{name}"
    control = f"Package: {name}\nVersion: 1\nArchitecture: all\nMaintainer: nobody\nDescription: a stand-in\n"
    for path, text in {**files, "DEBIAN/control": control}.items():
        (content / path).parent.mkdir(parents=True, exist_ok=True)
        (content / path).write_text(text)
        (content / path).chmod(0o755)
    subprocess.run(["dpkg-deb", "--build", str(content), str(folder / f"{name}.deb")], check=True, capture_output=True)


def test_on_a_new_debian_both_programs_are_taken_out_of_the_package(here: Path) -> None:
    found = [prometheus.tool("promtool"), prometheus.tool("prometheus")]
    assert found == [here / "cache/prometheus/promtool", here / "cache/prometheus/prometheus"]
    assert subprocess.run([found[0]], capture_output=True, text=True, check=True).stdout == "stand-in\n"
    assert {path.name for path in (here / "cache/prometheus").iterdir()} == {".lock", "prometheus", "promtool"}


def test_alertmanager_has_its_own_name_and_finds_its_templates_where_it_is_started(here: Path) -> None:
    found = prometheus.tool("alertmanager")
    assert found == here / "cache/prometheus-alertmanager/alertmanager"
    assert subprocess.run([found], cwd=found.parent, capture_output=True, text=True, check=True).stdout == "a template\n"
    assert {path.name for path in found.parent.iterdir()} == {".lock", "alertmanager", "amtool", "default.tmpl"}
    assert found.stat().st_size == len(ALERTMANAGER["usr/bin/prometheus-alertmanager"])


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("promtool", "no Prometheus here.* Install the package prometheus, .* of the image prom/prometheus"),
        ("amtool", "no Alertmanager here.* Install the package prometheus-alertmanager, .* of the image prom/alertmanager"),
    ],
)
def test_without_apt_it_says_which_package_and_which_image(
    name: prometheus.Tool, said: str, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shutil.which", lambda _name: None)
    with pytest.raises(MissingPartError, match=said):
        prometheus.tool(name)


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
    monkeypatch.setattr("shutil.which", lambda name: f"/usr/bin/{name}" if name != "alertmanager" else None)
    assert prometheus.tool("promtool") == Path("/usr/bin/promtool")
    assert prometheus.tool("alertmanager") == Path("/usr/bin/prometheus-alertmanager")
